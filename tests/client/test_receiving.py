"""What a receiver believes: the vectors of Standard Webhooks, every way to forge one, and the tolerance (SEC-183)."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import refolio
from refolio.client.receiving import require_genuine
from refolio.client.webhooks import parse, sign

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
SECRET, OTHER = ("whsec_" + base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2))
EVENT = {
    "id": "evt_abc",
    "type": "credential.issued",
    "timestamp": "2026-11-23T09:59:00Z",
    "mode": "live",
    "issuer": "acme",
    "data": {
        "id": "https://refolio.example/credentials/0b9d3c52-6f0e-4c0b-9a55-2f1d7a1e8c41",
        "uuid": "0b9d3c52-6f0e-4c0b-9a55-2f1d7a1e8c41",
        "record": "NF-1",
        "issuer": "acme",
        "state": "current",
        "issued_at": "2026-11-23T09:59:00Z",
        "code": "7Q4K-9XBD-2MTR-6WFH",
        "links": {"credential": "https://x", "verify": "https://x", "qr": "https://x", "portfolio": None},
        "more": "that came later",
    },
}
BODY = json.dumps(EVENT).encode()


def refused(body: bytes, headers: dict[str, str], secrets: Any = SECRET, **arguments: Any) -> str:
    with pytest.raises(refolio.WebhookRefused) as caught:
        parse(body, headers, secrets, **{"now": NOW, **arguments})
    return caught.value.code


def headers(secrets: str | list[str] = SECRET, body: bytes = BODY, at: datetime = NOW) -> dict[str, str]:
    return sign(body, "evt_abc", secrets, now=at)


def test_the_vectors_of_standard_webhooks(standards: Path, counted: Callable[[str, int], None]) -> None:
    vectors = json.loads((standards / "vectors" / "standard-webhooks" / "vectors.json").read_text())
    for vector in vectors["symmetric"]:
        body, secret = vector["payload"].encode(), vector["secret"]
        at = datetime.fromtimestamp(int(vector["timestamp"]), UTC)
        genuine = {
            "webhook-id": vector["id"],
            "webhook-timestamp": vector["timestamp"],
            "webhook-signature": vector["expected_signature"],
        }
        assert sign(body, vector["id"], secret, now=at)["webhook-signature"] == vector["expected_signature"]
        assert require_genuine(body, genuine, secret, now=at) == vector["id"]
        for accepted in vectors["accept_any_of"]:
            assert require_genuine(body, genuine | {"webhook-signature": accepted}, secret, now=at)
        for negative in vectors["negative"]:
            with pytest.raises(refolio.WebhookRefused):
                require_genuine(body, genuine | {"webhook-signature": negative["signature"]}, secret, now=at)
        for seconds in (300, -300):
            assert require_genuine(body, genuine, secret, now=at + timedelta(seconds=seconds))
        for seconds, code in ((301, "too-old"), (-301, "too-new")):
            with pytest.raises(refolio.WebhookRefused) as caught:
                require_genuine(body, genuine, secret, now=at + timedelta(seconds=seconds))
            assert caught.value.code == code
    counted("standard-webhooks", len(vectors["symmetric"]) + len(vectors["negative"]) + len(vectors["accept_any_of"]))


def test_an_event_is_read_with_its_credential() -> None:
    event = parse(BODY, headers(), SECRET, now=NOW)
    assert (event.id, event.type, event.mode, event.issuer) == ("evt_abc", "credential.issued", "live", "acme")
    assert event.timestamp == NOW - timedelta(minutes=1)
    assert event.credential
    assert (event.credential.record, event.credential.reason) == ("NF-1", None)
    other = json.dumps(EVENT | {"type": "grant.allowed", "data": {"grant": 1}}).encode()
    assert parse(other, headers(body=other), SECRET, now=NOW).credential is None


def test_an_event_that_comes_in_a_later_year_is_passed_over_and_breaks_nothing() -> None:
    later = EVENT | {"type": "credential.looked_at", "data": {"times": 3}, "seal": {"of": [1]}}
    body = json.dumps(later).encode()
    event = parse(body, headers(body=body), SECRET, now=NOW)
    assert (event.type, event.credential) == ("credential.looked_at", None)


def test_a_body_that_was_decoded_and_a_time_without_zone_are_the_callers_mistakes() -> None:
    for body in (BODY.decode(), json.loads(BODY), 5):
        with pytest.raises(TypeError, match="in bytes"):
            parse(body, headers(), SECRET, now=NOW)
    with pytest.raises(ValueError, match="aware"):
        parse(BODY, headers(), SECRET, now=NOW.replace(tzinfo=None))
    assert parse(memoryview(BODY), headers(), SECRET, now=NOW).id == "evt_abc"  # type: ignore[arg-type]


def test_a_signed_body_nested_without_end_is_no_event() -> None:
    body = b'{"data":' + b"[" * 100_000
    assert refused(body, headers(body=body)) == "not-an-event"


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_header_that_is_not_there_once_is_no_webhook(name: str) -> None:
    assert refused(BODY, {k: v for k, v in headers().items() if k != name}) == "header-missing"
    assert refused(BODY, headers() | {name: " "}) == "header-missing"
    assert refused(BODY, headers() | {name.title(): headers()[name]}) == "header-missing"


def test_header_names_in_any_case() -> None:
    assert parse(BODY, {name.title(): value for name, value in headers().items()}, SECRET, now=NOW).id == "evt_abc"


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": "evt_other"},
        {"webhook-timestamp": str(int(NOW.timestamp()) + 1)},
        {"webhook-timestamp": f"0{int(NOW.timestamp())}"},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1"},
        {"webhook-signature": "v1a," + headers()["webhook-signature"][3:]},
        {"webhook-signature": "v2," + headers()["webhook-signature"][3:]},
        {"webhook-signature": headers()["webhook-signature"].upper()},
        {"webhook-signature": headers()["webhook-signature"].rstrip("=")},
        {"webhook-signature": headers()["webhook-signature"] + "\n="},
        {"webhook-signature": headers()["webhook-signature"].replace("v1,", "v1, ")},
        {"webhook-signature": "v1,\udcff\u00e9"},
        {"webhook-signature": headers(OTHER)["webhook-signature"]},
    ],
)
def test_sec_183_what_was_changed_or_signed_by_others_is_forged(change: dict[str, str]) -> None:
    assert refused(BODY, headers() | change) == "forged"


def test_sec_183_a_changed_body_is_forged() -> None:
    assert refused(BODY + b" ", headers()) == "forged"
    assert refused(BODY.replace(b"acme", b"evil"), headers()) == "forged"
    # The dots that divide what is signed cannot be moved.
    assert refused(b"1." + BODY, headers() | {"webhook-timestamp": headers()["webhook-timestamp"][:-1]}) == "forged"


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": "evt.abc"},
        {"webhook-id": "evt abc"},
        {"webhook-id": "x" * 256},
        {"webhook-timestamp": "now"},
        {"webhook-timestamp": "-1"},
        {"webhook-timestamp": "1764000000.0"},
        {"webhook-timestamp": "١٢٣"},
        {"webhook-timestamp": "1" * 13},
        {"webhook-signature": " ".join(["v1,x"] * 17)},
    ],
)
def test_headers_that_cannot_be_read(change: dict[str, str]) -> None:
    assert refused(BODY, headers() | change) == "malformed"


def test_sec_183_one_of_several_signatures_and_one_of_several_secrets_is_enough() -> None:
    both = headers([OTHER, SECRET])
    assert len(both["webhook-signature"].split(" ")) == 2
    for secrets in (SECRET, OTHER, [OTHER, SECRET], (SECRET,)):
        assert parse(BODY, both, secrets, now=NOW).id == "evt_abc"
    noise = " ".join(["v1,AAAA", "v1a,BBBB", "", headers()["webhook-signature"], "junk"])
    assert parse(BODY, headers() | {"webhook-signature": noise}, [OTHER, SECRET], now=NOW).id == "evt_abc"
    assert refused(BODY, headers(), [OTHER]) == "forged"


def test_sec_183_an_old_one_and_one_from_the_future_are_refused_whatever_their_signature() -> None:
    assert refused(BODY, headers(at=NOW - timedelta(seconds=301))) == "too-old"
    assert refused(BODY, headers(at=NOW + timedelta(seconds=301))) == "too-new"
    assert refused(BODY, headers(at=NOW - timedelta(seconds=11)), tolerance=10) == "too-old"
    assert parse(BODY, headers(at=NOW - timedelta(days=1)), SECRET, now=NOW, tolerance=86400).id == "evt_abc"
    assert refused(BODY, headers(), now=None) in ("too-old", "too-new"), "by the clock of this machine"


def test_what_is_signed_and_no_event_is_refused_too() -> None:
    for body in (b"{}", b"[]", b"not json", b"\xff", json.dumps(EVENT | {"id": "evt_other"}).encode()):
        assert refused(body, headers(body=body)) == "not-an-event"


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "whsec_AAAA", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_!!!", "whsec_" + "A" * 100]
)
def test_a_secret_that_cannot_be_one_is_the_receivers_own_mistake_and_never_repeated(secret: str) -> None:
    with pytest.raises(ValueError, match="whsec_") as caught:
        parse(BODY, headers(), secret, now=NOW)
    assert not secret or len(secret) < 7 or secret not in str(caught.value)
    with pytest.raises(ValueError, match="At least one"):
        parse(BODY, headers(), [], now=NOW)
