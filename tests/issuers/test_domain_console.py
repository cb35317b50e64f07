"""The pages on which an admin proves the domain, and everybody else only sees how it stands."""

from __future__ import annotations

from tests.issuers.conftest import Internet
from tests.web.reading import Reader
from verify.trail.reading import entries

ACME = "acme.example"


async def test_an_admin_proves_the_domain_in_the_console_and_others_only_see_it(internet: Internet) -> None:
    async with internet.world.signed_in("ann@acme.example") as ann, internet.world.signed_in("vic@acme.example") as vic:
        page = (await ann.get("/console/acme/domain")).text
        csrf = next(e["value"] for tag, e in Reader(page).elements if e.get("name") == "csrf")
        wrong = await ann.post("/console/acme/domain", data={"csrf": csrf, "domain": "gmail.com"})
        assert (wrong.status_code, "Anybody can have mail there." in wrong.text) == (422, True)
        made = await ann.post("/console/acme/domain", data={"csrf": csrf, "domain": ACME})
        assert (made.status_code, made.headers["location"]) == (303, "/console/acme/domain")
        proof = await internet.proof("acme", ACME)
        text = Reader((await ann.get("/console/acme/domain")).text).text
        assert proof.wanted.line in text
        address = f"/console/acme/domain/{proof.id}"
        checked = await ann.post(f"{address}/check", data={"csrf": csrf})
        assert "Not found yet." in checked.text
        assert "The line is not there yet." in checked.text
        internet.publish(proof)
        internet.clock.move(seconds=11)
        assert (await ann.post(f"{address}/check", data={"csrf": csrf})).status_code == 303
        seen = (await vic.get("/console/acme/domain")).text
        assert "Proven since 23 Nov 2026" in seen
        assert "<form" not in seen
        assert (await vic.post(f"{address}/give-up", data={"csrf": csrf})).status_code == 404
        assert (await ann.post(f"{address}/give-up", data={"csrf": csrf})).status_code == 303
    assert (await internet.proof("acme", ACME)).why_ended == "given-up"
    assert [entry.actor[:7] for entry in await entries("acme", most=1)] == ["person:"]
