"""SEC-172: no form about issuers and members takes a column that it does not show."""

from __future__ import annotations

from tests.access.rows import ROWS
from tests.access.things import things_of
from tests.forms import csrf
from tests.world import World
from verify.issuers import members
from verify.issuers.tables import Invitation, Issuer, IssuerKey, Membership, Proposal

FIELDS = {"/console/new": {"name", "url", "slug"}, "/console/{slug}/members": {"email", "role"}}
FORMS = [
    path
    for (method, path), row in ROWS.items()
    if (
        method == "POST"
        and (path in FIELDS or path.startswith(("/join/", "/console/{slug}/members/", "/console/{slug}/invitations/")))
    )
    or path in ("/console/{slug}/leave", "/console/{slug}/proposals/{proposal}/refuse")
]
COLUMNS = sorted(
    {
        column._meta.name
        for table in (Issuer, IssuerKey, Membership, Invitation, Proposal)
        for column in table._meta.columns
    }
    | {"verified", "admin", "person_id", "issuer_id", "_method"}
)


async def test_sec_172_every_column_is_refused_by_every_form_that_does_not_show_it(sqlite_world: World) -> None:
    acme = await things_of(sqlite_world, "acme")
    before = await members.team("acme")
    asked = 0
    async with sqlite_world.signed_in("ann@acme.example") as ann:
        hidden = await csrf(ann, "/console/acme/members")
        for path in FORMS:
            shown = FIELDS.get(path, {"role"} if path.endswith("/role") else set())
            for name in COLUMNS:
                if name not in shown:
                    asked += 1
                    refused = await ann.post(acme.fill(path), data={**hidden, name: "admin"})
                    assert (refused.status_code, name in refused.text) == (400, True), (path, name)
    print(f"\n{len(FORMS)} forms, {asked} columns refused.")  # noqa: T201
    assert await members.team("acme") == before
