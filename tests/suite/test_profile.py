"""Where the suite profile exists, what its issuers refuse, and that it is nowhere else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.suite.conftest import Members, Profile
from tests.world import PUBLIC_URL, World
from verify.__main__ import main
from verify.settings import SettingRefused, Settings


async def test_without_the_setting_there_is_nothing(sqlite_world: World) -> None:
    for mechanism in ("rdfc", "jcs", "ed2020", "status", "jwt"):
        given = await sqlite_world.http.post(f"/suite/{mechanism}/credentials/issue", json={})
        assert given.status_code == 404
    for path in ("/suite/credentials/verify", "/suite/presentations/verify"):
        assert (await sqlite_world.http.post(path, json={})).status_code == 404
    assert (await sqlite_world.http.get("/suite/status-lists/1")).status_code == 404


@pytest.mark.parametrize(
    "public_url",
    [
        PUBLIC_URL,
        "https://localhost.example",
        "https://127.0.0.1:8443",
        "https://localhost.:8443",
        "http://x.localhost",
    ],
)
def test_on_any_other_host_it_does_not_start(public_url: str) -> None:
    with pytest.raises(SettingRefused, match="sign whatever they are sent"):
        Settings(public_url=public_url, suite=True)
    with pytest.raises(SettingRefused, match="REFOLIO_"):
        Settings.from_environ({"REFOLIO_PUBLIC_URL": public_url, "REFOLIO_SUITE": "on"})


def test_the_operator_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REFOLIO_PUBLIC_URL", PUBLIC_URL)
    monkeypatch.setenv("REFOLIO_SUITE", "on")
    assert main(["serve"]) == 1
    assert "REFOLIO_SUITE is for conformance tests on this machine" in capsys.readouterr().err


def test_the_setting_is_on_or_off() -> None:
    assert Settings.from_environ({"REFOLIO_SUITE": "on"}).suite
    assert not Settings.from_environ({"REFOLIO_SUITE": "off"}).suite
    assert not Settings.from_environ({}).suite
    with pytest.raises(SettingRefused, match="Give on or off"):
        Settings.from_environ({"REFOLIO_SUITE": "yes"})


def credential(profile: Profile, mechanism: str = "rdfc", **changes: Any) -> Members:
    made = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": profile.issuer(mechanism)["id"],
        "credentialSubject": {"id": "did:example:maya"},
        **changes,
    }
    return {name: value for name, value in made.items() if value != "absent"}


MALFORMED: list[Members] = [
    *({"@context": "absent"}, {"@context": 4}, {"@context": []}, {"@context": [4]}, {"@context": {}}),
    {"@context": ["https://www.w3.org/ns/credentials/v2", "https://example.org/unknown/v1"]},
    {"@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/undefined-terms/v2"]},
    {"@context": ["https://www.w3.org/ns/credentials/v2", {"@vocab": "https://example.org/"}]},
    {"@context": ["https://www.w3.org/ns/credentials/v2", {"issuer": "https://example.org/issuer"}]},
    {"@context": ["https://www.w3.org/ns/credentials/v2", {"memberName": "https://example.org/m"}], "memberName": "x"},
    *({"type": "absent"}, {"type": 4}, {"type": ["Other"]}, {"type": ["VerifiableCredential", "Unknown"]}),
    *({"issuer": "absent"}, {"issuer": None}, {"issuer": 4}, {"issuer": []}, {"issuer": "did:example:other"}),
    *(
        {"credentialSubject": "absent"},
        {"credentialSubject": {}},
        {"credentialSubject": []},
        {"credentialSubject": "x"},
    ),
    *({"validFrom": "yesterday"}, {"validFrom": 4}, {"validUntil": "2026-13-01T00:00:00Z"}, {"id": "x"}, {"id": []}),
    {"validFrom": "2026-02-01T00:00:00"},
    *({"unknownMember": "x"}, {"credentialSubject": {"unknownMember": "x"}}, {"statusEntry": {"type": "x"}}),
    *({"proof": {"type": "DataIntegrityProof"}}, {"credentialSchema": {"id": "https://example.org/s"}}),
]


@pytest.mark.parametrize("changes", MALFORMED, ids=str)
def test_a_malformed_member_is_400_and_named(profile: Profile, changes: Members) -> None:
    given = profile.issue("rdfc", credential(profile, **changes))
    assert (given.status_code, given.headers["content-type"]) == (400, "application/problem+json"), given.text
    assert given.json()["faults"][0]["field"].startswith("credential")


def test_the_request_itself(profile: Profile) -> None:
    endpoint = profile.issuer("rdfc")["endpoint"]
    for body in ({}, {"verifiableCredential": {}}, {"credential": {}, "more": 1}, {"credential": {}, "options": 1}):
        assert profile.http.post(endpoint, json=body).status_code == 400
    assert profile.http.post(endpoint, content=b"{}", headers={"Content-Type": "text/plain"}).status_code == 415
    assert profile.http.post(endpoint.replace("rdfc", "rsa"), json={}).status_code == 404
    assert profile.http.post(f"{profile.origin}/suite/presentations/verify", json={}).status_code == 400


def test_a_status_that_somebody_brings_along_is_refused(profile: Profile) -> None:
    entry = {"type": "BitstringStatusListEntry", "statusPurpose": "revocation"}
    assert profile.issue("status", credential(profile, "status", credentialStatus=entry)).status_code == 400


def test_a_proof_must_say_when_it_was_made(profile: Profile) -> None:
    made = profile.issued("rdfc", credential(profile))
    del made["proof"]["created"]
    assert profile.verify(made).status_code == 400


def test_what_the_profile_issues_means_nothing_to_the_product(profile: Profile) -> None:
    made = profile.issued("rdfc", credential(profile, **{"@context": _with_examples(), "type": _alumni()}))
    body = {"verifiableCredential": made}
    given = profile.http.post(f"{profile.origin}/credentials/verify", json=body)
    assert (given.status_code, given.json()["report"]["verdict"]) == (400, "inconclusive")
    plain = profile.http.post(
        f"{profile.origin}/credentials/verify",
        json={"verifiableCredential": profile.issued("rdfc", credential(profile))},
    )
    assert plain.json()["report"]["checks"][7]["code"] == "unknown-issuer"


def _with_examples() -> list[str]:
    return ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"]


def _alumni() -> list[str]:
    return ["VerifiableCredential", "ExampleAlumniCredential"]
