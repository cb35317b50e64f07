"""SEC-158: no form of the console and of accounts counts from another page, or with another session's value.

Made from the rows of the matrix, so that a new form is tried here without anybody thinking of it.
"""

from __future__ import annotations

from tests.access.rows import ROWS
from tests.access.things import things_of
from tests.forms import csrf
from tests.people.test_sessions import FOREIGN
from tests.world import World
from verify.http.access import Action

FORMS = [
    (path, row)
    for (method, path), row in ROWS.items()
    if method == "POST" and row.door == "session" and row.action is not Action.SIGN_IN
]


async def test_sec_158_what_the_admin_herself_could_send_is_refused_from_elsewhere(sqlite_world: World) -> None:
    acme = await things_of(sqlite_world, "acme")
    async with sqlite_world.signed_in("ann@acme.example") as ann:
        hidden = await csrf(ann, "/console/acme/members")
        before = await sqlite_world.rows()
        own = {name: ann.headers.pop(name) for name in ("Origin", "Sec-Fetch-Site")}
        for headers in FOREIGN.values():
            said = {name: value for name, value in headers.items() if value}
            for path, row in FORMS:
                answer = await ann.post(acme.fill(path), data={**row.good, **hidden}, headers=said)
                assert answer.status_code in (403, 404), (path, said)
                assert answer.status_code == 403 or row.whose, path
        assert await sqlite_world.rows() == before
        async with sqlite_world.signed_in("sam@acme.example") as sam:
            foreign = await csrf(sam, "/console/acme/members")
        before = await sqlite_world.rows()
        for path, row in FORMS:
            if "passkeys" in path and "remove" not in path:
                continue  # these take JSON: tests/people
            if row.action is Action.ANSWER_AS_REFEREE:
                continue  # a referee has no session: what only she knows is the address itself
            for value in (foreign["csrf"], "", "x" * 32):
                answer = await ann.post(acme.fill(path), data={**row.good, "csrf": value}, headers=own)
                assert answer.status_code in (403, 404, 415), path
        assert await sqlite_world.rows() == before
    print(f"\n{len(FORMS)} forms, {len(FOREIGN)} places elsewhere.")  # noqa: T201
