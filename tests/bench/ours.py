"""Our rows. Every verification is the full gate from raw bytes, and nothing is kept but the compiled contexts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from nacl.bindings import crypto_sign_open

from refolio.credential.policy import Policy
from refolio.credential.proof import eddsa_jcs_2022, eddsa_rdfc_2022, jwt
from refolio.credential.report import Outcome, VerificationReport
from refolio.credential.verification import examine
from refolio.credential.walk import walk
from tests.bench.documents import EC_KEY, EC_METHOD, NOW, Documents, composed, signed
from tests.bench.rounds import Row, timed

OURS = "refolio"
# The bar is set by the rate of OpenSSL, with which ours signs; it verifies with libsodium, whose rate is the limit.
OPENSSL, LIBSODIUM = "cryptography", "pynacl"
LIMITS = (OPENSSL, LIBSODIUM)
POLICY = Policy()

Act = Callable[[int], object]


class Refusal(SystemExit):
    """A refusal is quick, and a bench of refusals means nothing."""


def examined(raw: bytes) -> VerificationReport:
    """The report on ``raw``, which must be a pass. Whoever the issuer is, is not asked."""
    report = examine(raw, {}, POLICY, NOW)
    if report.verdict is not Outcome.PASSED:
        raise Refusal(f"The bench measures refusals: {report.says}")
    return report


def verified(documents: Sequence[bytes]) -> Act:
    return lambda n: examined(documents[n % len(documents)])


def issued(documents: Documents, *suites: Any) -> Callable[[int], bytes]:
    """Compose and sign. The strict gate is part of the signature of rdfc; jcs alone has none, so it is made here."""

    def issue(n: int) -> bytes:
        document = composed(documents.completion, n)
        if eddsa_rdfc_2022 not in suites:
            walk(document)
        return signed(document, *suites)

    return issue


def issued_and_examined(documents: Documents) -> Act:
    """What the service does with a completion: both proofs, then its own output put through every check."""
    issue = issued(documents, eddsa_rdfc_2022, eddsa_jcs_2022)
    return lambda n: examined(issue(n))


def rows(documents: Documents) -> Iterator[Row]:
    """Every row of ours that works, and the physical limits."""
    unsigned, unsigned_ec = documents.unsigned, documents.unsigned_ec

    def ready(suite: Any) -> Act:
        return lambda n: signed(unsigned[n % len(unsigned)], suite)

    acts: dict[str, Act] = {
        "verify rdfc": verified(documents.rdfc),
        "verify jcs": verified(documents.jcs),
        "verify rdfc and jcs": verified(documents.both),
        "sign rdfc": ready(eddsa_rdfc_2022),
        "sign jcs": ready(eddsa_jcs_2022),
        "sign ES256": lambda n: jwt.sign(unsigned_ec[n % len(unsigned_ec)], EC_KEY, kid=EC_METHOD),
        "compose and sign rdfc": issued(documents, eddsa_rdfc_2022),
        "compose and sign jcs": issued(documents, eddsa_jcs_2022),
        "issue as the service does": issued_and_examined(documents),
        "verify EdDSA": verified(documents.eddsa),
        "verify ES256": verified(documents.es256),
    }
    for work, act in acts.items():
        if work in ("verify EdDSA", "verify ES256") and not reads_tokens(documents):
            continue
        act(0)
        yield Row(work, OURS, timed(act))

    key, message = Ed25519PrivateKey.generate(), bytes(64)
    public, signature = key.public_key(), key.sign(message)
    raw, signed_message = public.public_bytes_raw(), signature + message
    yield Row("verify Ed25519", OPENSSL, timed(lambda n: public.verify(signature, message)))
    yield Row("verify Ed25519", LIBSODIUM, timed(lambda n: crypto_sign_open(signed_message, raw)))
    yield Row("sign Ed25519", OPENSSL, timed(lambda n: key.sign(message)))


def reads_tokens(documents: Documents) -> bool:
    """Whether examine() passes VC-JWTs of both kinds of key already."""
    tokens = documents.eddsa[0], documents.es256[0]
    return all(examine(one, {}, POLICY, NOW).verdict is Outcome.PASSED for one in tokens)
