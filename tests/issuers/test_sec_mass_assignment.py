"""SEC-172: no form about issuers and members takes a column that it does not show."""

from __future__ import annotations

from tests.access.rows import ROWS
from tests.access.things import things_of
from tests.forms import csrf
from tests.world import World
from verify.credentials.tables import Credential
from verify.issuers import members
from verify.issuers.tables import DomainProof, Invitation, Issuer, IssuerKey, Membership, Proposal
from verify.people.tables import Mailbox, Passkey, Person

# Of the forms of credentials (their own tests) and of files the fields are many.
ELSEWHERE = ("/issue", "/replace", "/import")
FORMS = [
    path
    for (method, path), row in ROWS.items()
    if method == "POST"
    and row.door == "session"
    and path.startswith(("/console", "/join", "/account"))
    and not path.endswith((*ELSEWHERE, "/account/passkeys", "/passkeys/options"))
    and row.whose == ""
]
FIELDS = {
    "/console/new": {"name", "url", "slug", "key"},
    "/console/{slug}/keys": {"act", "purpose", "when", "key"},
    "/console/{slug}/webhooks": {"url", "description"},
    "/console/{slug}/api-keys/live": {"name", "issuers", "addresses", "days"},
    "/console/new/own-key": {"name", "url", "slug", "key", "where", "domain"},
    "/account/name": {"name"},
    "/account/mailboxes": {"email"},
    "/account/mailboxes/remove": {"address"},
}


def shown(path: str) -> set[str]:
    """The fields that the form of a page has."""
    return FIELDS.get(path) or set(ROWS["POST", path].good)


TABLES = (Issuer, IssuerKey, Membership, Invitation, Proposal, DomainProof, Credential, Person, Mailbox, Passkey)
COLUMNS = sorted(
    {column._meta.name for table in TABLES for column in table._meta.columns}
    | {"verified", "admin", "person_id", "issuer_id", "_method"}
)


async def test_sec_172_every_column_is_refused_by_every_form_that_does_not_show_it(sqlite_world: World) -> None:
    acme = await things_of(sqlite_world, "acme")
    before = await members.team("acme")
    asked = 0
    async with sqlite_world.signed_in("ann@acme.example") as ann:
        hidden = await csrf(ann, "/console/acme/members")
        for path in FORMS:
            for name in COLUMNS:
                if name not in shown(path):
                    asked += 1
                    refused = await ann.post(acme.fill(path), data={**hidden, name: "admin"})
                    assert (refused.status_code, name in refused.text) == (400, True), (path, name)
    print(f"\n{len(FORMS)} forms, {asked} columns refused.")  # noqa: T201
    assert await members.team("acme") == before
