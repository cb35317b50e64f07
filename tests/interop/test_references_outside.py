"""A reference before verifiers that others wrote: accepted while it stands, refused when changed or taken back."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema

from tests.interop.test_outside_verifiers import OUTSIDERS, verdicts
from tests.references.referee import press, shown, work
from tests.world import stage


async def test_both_accept_it_and_refuse_it_changed_or_taken_back(
    node: str, interop: Path, standards: Path, sqlite_url: str
) -> None:
    async with stage(sqlite_url) as world:
        reference, link = await shown(world, await work(world))
        signed = json.loads((await world.http.get(f"/references/{reference.id}")).content)
        list_url = signed["credentialStatus"]["statusListCredential"]
        subject = {**signed["credentialSubject"], "endorsementComment": "She is the best intern we ever had."}

        async def judged() -> dict[str, list[bool]]:
            documents = {
                list_url: (await world.http.get(list_url)).json(),
                signed["issuer"]["id"]: (await world.http.get("/issuers/acme/did.json")).json(),
            }
            moment = world.clock().isoformat().replace("+00:00", "Z")
            presented = {"as signed": signed, "changed": {**signed, "credentialSubject": subject}}
            found = verdicts(node, interop, presented, documents, moment)
            return {what: [found[what][name]["pass"] for name in OUTSIDERS] for what in presented}

        assert await judged() == {"as signed": [True, True], "changed": [False, False]}
        world.clock.move(seconds=2)
        async with world.browser() as sam:
            assert (await press(sam, f"{link}/take-back")).status_code == 303
        assert (await judged())["as signed"] == [False, False]
    schema = json.loads((standards / "schemas/ob-v3p0/ob_v3p0_endorsementcredential_schema.json").read_text())
    assert [error.message for error in jsonschema.Draft201909Validator(schema).iter_errors(signed)] == []
