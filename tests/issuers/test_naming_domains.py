"""What can be a company's own domain, and what is typed instead of one."""

from __future__ import annotations

import pytest

from tests.issuers.conftest import Internet
from verify.http.access import OPERATOR
from verify.http.refusals import Refused
from verify.issuers import domains


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("gmail.com", "Anybody can have mail there."),
        ("mallory.googlemail.com", "Anybody can have mail there."),
        ("yahoo.co.uk", "Anybody can have mail there."),
        ("co.uk", "Many organisations have names under it"),
        ("github.io", "Many organisations have names under it"),
        ("127.0.0.1", "It is an IP address"),
        ("0x7f.0x1", "It is an IP address"),
        ("[::1]", "It holds more than a domain"),
        ("localhost", "It is no name of the public Internet."),
        ("acme", "It is no name of the public Internet."),
        ("db.internal", "It is no name of the public Internet."),
        ("https://acme.example/", "It holds more than a domain"),
        ("acme.example:8443", "It holds more than a domain"),
        ("mallory@acme.example", "It holds more than a domain"),
        ("acme.example/..", "It holds more than a domain"),
        ("acme..example", "It is not the name of a domain."),
        ("-acme.example", "It is not the name of a domain."),
        ("acme_.example", "It is not the name of a domain."),
        (".".join(["a" * 60] * 5), "It is not the name of a domain."),
        ("refolio.example", "It is the address of this site."),
        ("", "It is not the name of a domain."),
        ("①②⑦.0.0.1", "It is an IP address"),
    ],
    ids=ascii,
)
async def test_sec_173_what_is_nobodys_own_domain_is_refused(
    sqlite_internet: Internet, typed: str, reason: str
) -> None:
    with pytest.raises(Refused) as refused:
        await domains.ask(sqlite_internet.world.runtime, OPERATOR, "acme", typed)
    assert reason in refused.value.detail
    assert [fault.field for fault in refused.value.faults] == ["domain"]


async def test_other_letters_become_a_labels_and_are_said(sqlite_internet: Internet) -> None:
    await domains.ask(sqlite_internet.world.runtime, OPERATOR, "acme", "Аcme.example")  # the first letter is Cyrillic
    (proof,) = await domains.history("acme")
    assert (proof.domain, proof.spelled) == ("xn--cme-5cd.example", "аcme.example")
    await sqlite_internet.prove("acme", "xn--cme-5cd.example")
    page = await sqlite_internet.world.page("/issuers/acme")
    assert "xn--cme-5cd.example" in page
    assert "in other letters: <bdi>аcme.example</bdi>" in page
