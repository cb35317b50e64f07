"""A platform takes a question back that nobody has answered: its links lead to nothing any more."""

from __future__ import annotations

from verify.credentials.tables import Credential
from verify.database import tx
from verify.http.access import Action, Actor
from verify.http.refusals import Refused
from verify.references.reading import own, told
from verify.references.tables import Reference
from verify.runtime import Runtime
from verify.trail.recording import record


async def cancel(runtime: Runtime, actor: Actor, reference: str) -> dict[str, object]:
    """Take it back and return what is told of it; one that is over already stays as it is.

    Raises Refused: 404 for another platform's, 409 ``reference-answered``.
    """
    row = await own(actor, Action.ASK_FOR_REFERENCE, reference)
    credential = await Credential.select(Credential.issuer).where(Credential.id == row["credential"]).first()
    assert credential, "a foreign key keeps the credential"
    async with tx():
        done = (
            await Reference.update({Reference.state: "cancelled", Reference.email: None})
            .where(Reference.id == reference, Reference.state == "asked")
            .returning(Reference.id)
        )
        if done:
            rows = [(Reference, reference)]
            await record(runtime, actor.name, "reference-cancelled", credential["issuer"], about=reference, rows=rows)
    row = await own(actor, Action.ASK_FOR_REFERENCE, reference)
    if row["state"] not in ("cancelled", "expired"):
        raise Refused("reference-answered", "The referee has answered.")
    return (await told(runtime, [row]))[0]
