"""Nobody sees or does what is not theirs: every route × every role × own, other and absent things.

SEC-171, SEC-178. Made from the route table: a new route without a row in ``rows.py`` fails, and so does a row that has
no route any more. Who may not, sends what would be accepted from the owner; who may, sends what nobody can mean.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar

from tests.access.rows import ROWS, Row
from tests.access.things import ABSENT, things_of
from tests.records.hosting import hosting, install
from tests.world import MALLORY_KEY, NORTHFIELD_KEY, World, a_runtime
from verify.app import create_app
from verify.http.access import Action, Mode
from verify.platforms import keying

PEOPLE = {
    "ann": "ann@acme.example",
    "sam": "sam@acme.example",
    "vic": "vic@acme.example",
    "mallory": "mallory@mallory.example",
    "maya": "maya@northfield.example",
}
KEYS = {"northfield": NORTHFIELD_KEY, "mallory-talent": MALLORY_KEY}
# Northfield's lesser keys: what each of them lacks is all that is live, a scope, or the issuer.
LESSER_KEYS: dict[str, dict[str, Any]] = {
    "northfield-test": {"mode": Mode.TEST},
    "northfield-reads": {"scopes": ["credentials:read"]},
    "northfield-writes": {"scopes": ["credentials:write"]},
    "northfield-other-scopes": {"scopes": ["webhooks:read", "grants:write"]},
    "northfield-brightline": {"issuers": ["brightline"]},
}
# Which of those with few scopes has that of an action; for the others none of them has it.
WITH_SCOPE = {
    Action.READ_ISSUED: "northfield-reads",
    **dict.fromkeys((Action.ISSUE, Action.WITHDRAW, Action.REPLACE, Action.VOUCH), "northfield-writes"),
    **dict.fromkeys((Action.READ_EVENTS, Action.READ_WEBHOOKS, Action.ASK_FOR_GRANT), "northfield-other-scopes"),
}
# A grant is given to the platform, so its keys for a part of its issuers see it too.
ABOUT_NO_ISSUER = {Action.ASK_FOR_GRANT, Action.READ_GRANTS}
EVERYBODY = ("oscar", *KEYS, *LESSER_KEYS, *PEOPLE)

_SEES, _ISSUES, _DECIDES = {"ann", "sam", "vic"}, {"ann", "sam"}, {"ann"}
OF_ACME = {
    Action.READ_ISSUED: _SEES,
    Action.SEE_ISSUER: _SEES,
    Action.ISSUE: _ISSUES,
    Action.WITHDRAW: _ISSUES,
    Action.REPLACE: _ISSUES,
    Action.IMPORT: _ISSUES,
    Action.MANAGE_ISSUER: _DECIDES,
    Action.MANAGE_MEMBERS: _DECIDES,
    Action.MANAGE_KEYS: _DECIDES,
    Action.MANAGE_API_KEYS: _DECIDES,
    Action.MAKE_LIVE_KEY: _DECIDES,
    Action.MANAGE_PLATFORMS: _DECIDES,
    Action.GIVE_MANDATE: _DECIDES,
    Action.DECIDE: _DECIDES,
    Action.READ_WEBHOOKS: _DECIDES,
    Action.MANAGE_WEBHOOKS: _DECIDES,
}
FOR_ALL = {Action.READ_PUBLIC, Action.SIGN_IN, Action.ANSWER_AS_REFEREE}


def may(who: str, row: Row, issuer: str) -> bool:
    """What the house rules say, written down a second time: may ``who`` pass this door about things of ``issuer``?"""
    if row.action in FOR_ALL:
        return True
    if row.door == "key" and who in LESSER_KEYS:
        if row.action is Action.SHOW_KEY:
            return True
        if who == "northfield-test" and issuer == "acme" and row.by_name:
            return True
        if who == "northfield-brightline" and row.action in ABOUT_NO_ISSUER:
            return issuer == "acme" or not row.issuer_bound
        has_scope = who == WITH_SCOPE.get(row.action) or who in ("northfield-test", "northfield-brightline")
        return has_scope and (not row.issuer_bound or (issuer == "acme" and who == WITH_SCOPE.get(row.action)))
    if row.door == "key":
        return (who, issuer) in {("northfield", "acme"), ("mallory-talent", "mallory-inc")} or (
            who in KEYS and not row.issuer_bound
        )
    if row.action is Action.USE_ACCOUNT:
        return who in PEOPLE and row.whose in ("", who)
    if issuer == "mallory-inc":
        return who == "mallory"
    return issuer == "acme" and who in OF_ACME[row.action]


def routes(app: Litestar) -> dict[tuple[str, str], Any]:
    """(method, path) → handler, for all that answers more than OPTIONS; HEAD goes with GET."""
    return {
        (method, route.path_format): handler
        for route in app.routes
        for handler in route.route_handlers  # type: ignore[union-attr]
        for method in handler.http_methods - {"OPTIONS", "HEAD"}
    }


@pytest.fixture
def table(tmp_path: Path) -> dict[tuple[str, str], Any]:
    return routes(create_app(a_runtime(f"sqlite:///{tmp_path}/never-opened.db")))


def test_every_route_has_a_row_and_every_row_a_route(table: dict[tuple[str, str], Any]) -> None:
    assert sorted(set(table) - set(ROWS)) == [], "add a row to tests/access/rows.py"
    assert sorted(set(ROWS) - set(table)) == [], "the route is gone"


def test_every_route_declares_the_action_of_its_row(table: dict[tuple[str, str], Any]) -> None:
    declared = {key: handler.opt.get("action", Action.READ_PUBLIC) for key, handler in table.items()}
    assert declared == {key: row.action for key, row in ROWS.items()}


@pytest.fixture
async def world(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """The service with a plugin for each issuer whose things are asked for."""
    install(monkeypatch)
    own = {"sound_acme": {"plugin": "sound"}}
    mallorys = {"plugin": "sound", "platform": "mallory", "issuers": ["mallory-inc"]}
    async with hosting(database_url, tmp_path, **own, sound_mallory_inc=mallorys) as world:
        yield world


@asynccontextmanager
async def callers(world: World) -> AsyncIterator[dict[str, httpx.AsyncClient]]:
    """Everybody's own client: Oscar's has nothing, a platform's its key, a person's a session of a moment ago."""
    async with AsyncExitStack() as stack:
        clients = {"oscar": world.http}
        lesser = {
            name: await keying.new_api_key(world.runtime, "northfield", keying.Wanted(**wanted))
            for name, wanted in LESSER_KEYS.items()
        }
        for name, key in {**KEYS, **lesser}.items():
            transport = httpx.ASGITransport(app=world.app)  # type: ignore[arg-type]
            headers = {"Authorization": f"Bearer {key}"}
            client = httpx.AsyncClient(transport=transport, base_url=world.runtime.settings.public_url, headers=headers)
            clients[name] = await stack.enter_async_context(client)
        for name, email in PEOPLE.items():
            clients[name] = await stack.enter_async_context(world.signed_in(email))
        yield clients


async def ask(client: httpx.AsyncClient, method: str, path: str, row: Row, *, in_earnest: bool) -> httpx.Response:
    """One request, in earnest or with a body that nobody can mean."""
    if method == "GET":
        return await client.get(path)
    body = row.good if in_earnest else {"no-such-member": "x"}
    if row.door == "session":
        return await client.request(method, path, data=body)
    return await client.request(method, path, json=body, headers={"Idempotency-Key": "k"})


def is_denied(answer: httpx.Response) -> bool:
    to_sign_in = answer.status_code == 303 and answer.headers["location"].startswith("/sign-in?")
    wrong_csrf = answer.status_code == 403 and "sent from here" in answer.text
    return to_sign_in or (answer.status_code in (401, 403, 404) and not wrong_csrf)


def is_right(answer: httpx.Response, row: Row, allowed: bool) -> bool:
    if row.door == "public":
        return answer.status_code not in (401, 403)
    return allowed is not is_denied(answer)


async def test_sec_171_and_178_nobody_gets_past_a_door_that_is_not_theirs(world: World) -> None:
    acme, mallory = await things_of(world, "acme"), await things_of(world, "mallory-inc")
    leaks: list[str] = []
    cells: Counter[str] = Counter()
    async with callers(world) as clients:
        for (method, path), row in ROWS.items():
            for things in (acme, mallory, ABSENT) if "{" in path else (ABSENT,):
                for who in EVERYBODY:
                    cells[row.door] += 1
                    allowed = may(who, row, things.issuer)
                    answer = await ask(clients[who], method, things.fill(path), row, in_earnest=not allowed)
                    place = f"{who}: {method} {things.fill(path)} → {answer.status_code}"
                    if answer.status_code >= 500:
                        leaks.append(f"{place}, broken")
                    elif "{" in path and things is ABSENT:
                        continue  # what is not there is for the comparison below
                    elif not is_right(answer, row, allowed):
                        leaks.append(place)
                    elif "{plugin}" in path and who == "northfield-brightline":
                        continue  # the plugin is its own platform's, only the issuer is not the key's
                    elif is_denied(answer) and row.issuer_bound and "{" in path:
                        absent = await ask(clients[who], method, ABSENT.fill(path), row, in_earnest=True)
                        if things.blanked(answer) != ABSENT.blanked(absent):
                            leaks.append(f"{place}, and not like what is absent")
    print(f"\n{sum(cells.values())} cells ({dict(cells)}), {len(leaks)} leaks.")  # noqa: T201
    assert leaks == [], "\n".join(leaks)
