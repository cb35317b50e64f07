"""A web domain is an issuer's because the domain says so, for as long as it says so. Real DNS, real HTTPS."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tests.client.loopback import answer
from tests.issuers.conftest import Internet
from tests.web.reading import Reader
from tests.world import maya, stage
from verify.audit.reporting import report
from verify.http.access import OPERATOR
from verify.http.refusals import Refused
from verify.issuers import domains, publishing
from verify.issuers.proofs import Wanted, look
from verify.issuers.rechecking import recheck
from verify.trail.reading import entries

FILE, DOCUMENT = "/.well-known/refolio-issuer.txt", "/.well-known/did.json"
ACME = "acme.example"


async def how(internet: Internet, slug: str = "acme") -> str:
    profile = await publishing.profile(slug=slug)
    assert profile
    return profile.how


async def acts(slug: str = "acme") -> list[str]:
    return [entry.act for entry in reversed(await entries(slug, most=50)) if entry.act.startswith("domain")]


async def key_of(internet: Internet, slug: str = "acme") -> str:
    document = (await internet.world.http.get(f"/issuers/{slug}/did.json")).json()
    return str(document["verificationMethod"][0]["publicKeyMultibase"])


async def test_sec_173_a_domain_is_shown_once_it_says_so_itself_and_not_before(internet: Internet) -> None:
    issued = await internet.world.issued()
    unproven = "Northfield Careers Service vouches for this issuer; its web domain is not proven."
    assert await how(internet) == unproven
    proof = await internet.ask("acme", ACME)
    assert (await internet.check("acme", ACME)).method is None
    assert await how(internet) == unproven
    page = await internet.world.page(f"/v/{issued['code']}")
    assert '<span class="domain">' not in page
    internet.publish(proof)
    assert (await internet.check("acme", ACME)).method == "dns"
    assert await how(internet) == "acme.example is this issuer’s domain, confirmed on 23 Nov 2026."
    page = await internet.world.page(f"/v/{issued['code']}")
    assert '<span class="domain">acme.example</span>' in page
    said = (await internet.world.report(await internet.world.document(issued["uuid"]))).checks[7].says
    assert "acme.example" not in said, "what an outsider's own software finds depends on nobody's word but its own"
    assert await acts() == ["domain-asked", "domain-check-failed", "domain-proven"]
    assert (await report(internet.world.runtime)).is_clean


async def test_a_file_or_a_key_document_proves_it_too(sqlite_internet: Internet) -> None:
    internet = sqlite_internet
    proof = await internet.ask("acme", ACME)
    internet.web.pages[FILE] = answer(200, f"# ours\r\n{proof.wanted.line}\r\n".encode())
    assert (await internet.check("acme", ACME)).method == "file"
    del internet.web.pages[FILE]
    document: dict[str, Any] = {"id": "did:web:acme.example", "alsoKnownAs": [proof.wanted.did]}
    internet.web.pages[DOCUMENT] = answer(200, document)
    assert (await internet.check("acme", ACME)).method == "did-json"
    assert await how(internet) == "acme.example is this issuer’s domain, confirmed on 23 Nov 2026."
    document["verificationMethod"] = [{"type": "Multikey", "publicKeyMultibase": await key_of(internet)}]
    internet.web.pages[DOCUMENT] = answer(200, document)
    assert (await internet.check("acme", ACME)).method == "key"
    assert await how(internet) == "Key published on acme.example, confirmed on 23 Nov 2026."


@pytest.mark.parametrize(
    "document",
    [
        b"not json",
        b'{"id": "did:web:mallory.example"}',
        b'{"id": "did:web:acme.example", "alsoKnownAs": "did:web:refolio.example:issuers:acme"}',
        b'{"id": "did:web:acme.example", "alsoKnownAs": ["did:web:refolio.example:issuers:acme-2"]}',
        b'{"id": "did:web:acme.example", "verificationMethod": [{"publicKeyMultibase": ["z6Mk"]}, 7, null]}',
        b'{"id": "did:web:acme.example", "verificationMethod": {}}',
        b'{"id": "did:web:acme.example", "pad": "' + b"x" * 70_000 + b'"}',
    ],
    ids=["text", "other", "string", "longer", "odd", "object", "large"],
)
async def test_a_key_document_that_does_not_name_the_issuer_proves_nothing(
    sqlite_internet: Internet, document: bytes
) -> None:
    await sqlite_internet.ask("acme", ACME)
    sqlite_internet.web.pages[DOCUMENT] = answer(200, document)
    evidence = await sqlite_internet.check("acme", ACME)
    assert (evidence.method, evidence.contradicts("key")) == (None, False)


async def test_sec_173_a_line_proves_one_issuer_one_domain_and_one_challenge(sqlite_internet: Internet) -> None:
    """Mallory cannot use the line of Acme, of another domain, or one of her own on a domain that is not hers."""
    internet = sqlite_internet
    acme, mallory = await internet.prove("acme", ACME), await internet.ask("mallory-inc", ACME)
    evidence = await internet.check("mallory-inc", ACME)
    assert (evidence.method, evidence.seen[1].says) == (None, "The line there names another issuer.")
    for line in (acme.wanted.line, mallory.wanted.line + "x", mallory.wanted.line.replace(" challenge", "  challenge")):
        internet.dns.records[mallory.wanted.record_name] = [line]
        assert (await internet.check("mallory-inc", ACME)).method is None, line


async def test_sec_173_a_lost_proof_still_counts_for_seven_days_and_then_ends(internet: Internet) -> None:
    proof = await internet.prove("acme", ACME)
    assert await internet.recheck(days=29, hours=23) == []
    assert await internet.recheck(hours=2) == [("acme", ACME, "dns")]
    internet.dns.broken = True
    assert await internet.recheck(days=30) == [("acme", ACME, None)]
    for _ in range(6):
        assert await internet.recheck(days=1) == [("acme", ACME, None)]
        assert await how(internet) == "acme.example is this issuer’s domain, confirmed on 23 Dec 2026."
    internet.dns.broken = False
    assert await internet.recheck(days=1) == [("acme", ACME, "dns")], "in time"
    internet.dns.records.clear()
    await internet.recheck(days=30)
    for _ in range(7):
        await internet.recheck(days=1)
    assert await internet.recheck(days=1) == [], "it is over"
    assert (await internet.proof("acme", ACME)).why_ended == "failed"
    assert await how(internet) == (
        "Northfield Careers Service vouches for this issuer; its web domain acme.example was proven from 23 Nov 2026 "
        "to 29 Jan 2027, and is not proven now."
    )
    again = await internet.ask("acme", ACME)
    assert again.wanted.challenge != proof.wanted.challenge
    internet.publish(proof)
    assert (await internet.check("acme", ACME)).method is None, "an old line proves nothing anew"
    assert (await report(internet.world.runtime)).is_clean


async def test_sec_174_a_domain_that_somebody_else_has_registered_anew_is_no_longer_the_issuers(
    internet: Internet,
) -> None:
    """At once, because the domain itself says so; what was signed before shows when the domain was Acme's."""
    issued = await internet.world.issued()
    await internet.prove("acme", ACME)
    internet.clock.move(days=31)
    theirs = await internet.ask("mallory-inc", ACME)
    internet.publish(theirs)
    assert (await internet.check("mallory-inc", ACME)).method == "dns"
    assert await internet.recheck() == [("acme", ACME, None)]
    assert (await internet.proof("acme", ACME)).why_ended == "other-issuer"
    text = Reader(await internet.world.page(f"/v/{issued['code']}")).text
    assert "its web domain acme.example was proven on 23 Nov 2026, and is not proven now." in text
    assert "Genuine and current" in text
    assert "acme.example" in Reader(await internet.world.page("/issuers/acme")).text
    assert (await how(internet, "mallory-inc")).startswith("acme.example is this issuer’s domain")


async def test_sec_174_a_domain_whose_own_document_lists_other_keys_speaks_for_somebody_else(
    sqlite_internet: Internet,
) -> None:
    """For an issuer whose DID is on its own domain, the document there is the last word."""
    world, key = sqlite_internet.world, await key_of(sqlite_internet)
    wanted = Wanted(ACME, "did:web:acme.example", frozenset({key}), "c")
    for listed, method, contradicts in ((key, "key", False), ("z6MkOther", None, True)):
        document = {"id": "did:web:acme.example", "verificationMethod": [{"publicKeyMultibase": listed}]}
        sqlite_internet.web.pages[DOCUMENT] = answer(200, document)
        sqlite_internet.clock.move(minutes=2)
        evidence = await look(world.runtime, world.app.state.fetcher, wanted)
        assert (evidence.method, evidence.contradicts("key")) == (method, contradicts)


async def test_sec_175_neither_redirects_nor_other_paths_lead_to_a_proof(sqlite_internet: Internet) -> None:
    """Whoever may put files somewhere on the domain, or answer for a name it once pointed to, proves nothing."""
    internet = sqlite_internet
    proof = await internet.ask("acme", ACME)
    line = answer(200, proof.wanted.line.encode())
    internet.web.pages["/uploads/refolio-issuer.txt"] = line
    internet.web.pages["/refolio-issuer.txt"] = line
    for target in ("/uploads/refolio-issuer.txt", "https://mallory.example/refolio-issuer.txt"):
        for status in (301, 302, 303, 307, 308):
            internet.web.pages[FILE] = answer(status, Location=target)
            evidence = await internet.check("acme", ACME)
            assert evidence.method is None
            assert "sends us on to another address" in evidence.seen[2].says
    internet.web.pages[FILE] = answer(200, b"<p>" + proof.wanted.line.encode() + b"</p>")
    assert (await internet.check("acme", ACME)).method is None
    internet.web.pages[FILE] = answer(200, proof.wanted.line.encode() + b"\n" + b"x" * 5000)
    assert (await internet.check("acme", ACME)).method is None
    internet.dns.records["page.host.example"] = [proof.wanted.line]
    internet.dns.aliases[proof.wanted.record_name] = "page.host.example"
    evidence = await internet.check("acme", ACME)
    assert (evidence.method, "alias" in evidence.seen[1].says) == (None, True)


async def test_two_issuers_of_one_domain_are_both_told(sqlite_internet: Internet) -> None:
    internet = sqlite_internet
    first = await internet.prove("acme", ACME)
    second = await internet.ask("brightline", ACME)
    internet.dns.records[first.wanted.record_name] = [first.wanted.line, second.wanted.line]
    assert (await internet.check("brightline", ACME)).method == "dns"
    assert "; it is also that of Acme Textiles." in await how(internet, "brightline")
    assert "; it is also that of Brightline Studio." in await how(internet)


async def test_another_issuer_in_another_place_takes_nothing_away(sqlite_internet: Internet) -> None:
    """The record of one issuer of a group is out of reach for a day, the file of the other is not."""
    internet = sqlite_internet
    await internet.prove("acme", ACME)
    other = await internet.ask("brightline", ACME)
    internet.web.pages[FILE] = answer(200, other.wanted.line.encode())
    assert (await internet.check("brightline", ACME)).method == "file"
    internet.dns.broken = True
    assert ("acme", ACME, None) in await internet.recheck(days=31)
    assert (await internet.proof("acme", ACME)).holds
    internet.dns.broken = False
    assert await internet.recheck(days=1) == [("acme", ACME, "dns")]


async def test_one_challenge_is_made_however_often_it_is_asked_for(internet: Internet) -> None:
    runtime = internet.world.runtime
    made = await asyncio.gather(*(domains.ask(runtime, OPERATOR, "acme", ACME) for _ in range(8)))
    assert len(set(made)) == 1
    assert await acts() == ["domain-asked"]


async def test_what_is_due_is_checked_once_by_many_processes(internet: Internet) -> None:
    await internet.prove("acme", ACME)
    internet.clock.move(days=31)
    internet.dns.asked.clear()
    fetcher = internet.world.app.state.fetcher
    done = await asyncio.gather(*(recheck(internet.world.runtime, fetcher) for _ in range(8)))
    assert sorted(map(len, done)) == [0] * 7 + [1]
    assert len(internet.dns.asked) == 1


async def test_a_service_that_starts_looks_at_once_for_what_is_due(internet: Internet) -> None:
    await internet.prove("acme", ACME)
    internet.clock.move(days=31)
    internet.dns.heard.clear()
    async with stage(internet.world.runtime.settings.database_url, runtime=internet.world.runtime):
        assert await asyncio.to_thread(internet.dns.heard.wait, 30)


async def test_an_issuer_that_gives_a_domain_up_keeps_its_history(sqlite_internet: Internet) -> None:
    internet = sqlite_internet
    proof = await internet.prove("acme", ACME)
    await domains.give_up(internet.world.runtime, OPERATOR, "acme", proof.id)
    assert "was proven on 23 Nov 2026" in await how(internet)
    with pytest.raises(Refused):
        await domains.give_up(internet.world.runtime, OPERATOR, "acme", proof.id)
    with pytest.raises(Refused):
        await domains.check(internet.world.runtime, internet.world.app.state.fetcher, OPERATOR, "mallory-inc", proof.id)


async def test_nobody_asks_for_more_than_five_domains_or_checks_twice_in_a_moment(sqlite_internet: Internet) -> None:
    internet = sqlite_internet
    for number in range(5):
        await internet.ask("acme", f"acme-{number}.example")
    with pytest.raises(Refused, match="There are 5 domains already"):
        await internet.ask("acme", ACME)
    await internet.ask("brightline", "brightline.example")
    await internet.check("brightline", "brightline.example")
    runtime, fetcher = internet.world.runtime, internet.world.app.state.fetcher
    assert await domains.prove(runtime, fetcher, OPERATOR, "brightline", "brightline.example") is None


async def test_sec_201_five_domains_are_enough_however_many_are_asked_for_at_once(internet: Internet) -> None:
    asked = (internet.ask("acme", f"acme-{number}.example") for number in range(15))
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(not isinstance(answer, Refused) for answer in answers) == 5


async def test_verify_anything_says_how_the_issuer_is_known(sqlite_internet: Internet) -> None:
    internet = sqlite_internet
    issued = await internet.world.issued(maya())
    await internet.prove("acme", ACME)
    body = {"verifiableCredential": json.loads(await internet.world.document(issued["uuid"]))}
    answered = (await internet.world.http.post("/credentials/verify", json=body)).json()
    assert "acme.example is this issuer’s domain, confirmed on 23 Nov 2026." in json.dumps(answered, ensure_ascii=False)
