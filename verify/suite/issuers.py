"""The issuers of the suite profile: one for each securing mechanism, each a did:key made at the start and kept nowhere.

A did:key, because the suites resolve nothing else. What each signs is put through the checks that anybody makes
before it is handed out (SEC-046), as in the product.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

import msgspec

from refolio.credential import method_keys, status_list, timestamps
from refolio.credential.jwk import EcPrivateKey
from refolio.credential.keys import PrivateKey, did_key
from refolio.credential.policy import Policy
from refolio.credential.proof import ed25519_signature_2020, eddsa_jcs_2022, eddsa_rdfc_2022, jwt
from refolio.credential.reading import JSON
from refolio.credential.report import Outcome, VerificationReport
from refolio.credential.shape import VCDM_1, issuer_id
from refolio.credential.verification import Found, Inquiry, Unfetched, examine
from refolio.errors import DocumentRefused, Fault, ProofRefused
from verify.http.refusals import Refused
from verify.runtime import Runtime
from verify.suite.contexts import PinnedContexts
from verify.suite.inline_contexts import without_inline

BASE = "https://www.w3.org/ns/credentials/v2"
INTEGRITY = "https://w3id.org/security/data-integrity/v2"
STATUS = "https://www.w3.org/ns/credentials/status/v1"
VALID_FOR = timedelta(days=1)
ROUNDS = 3

Document = Mapping[str, JSON]


class _Signs(Protocol):
    """What the suite needs of a cryptosuite."""

    def sign(
        self, document: Document, key: PrivateKey, *, verification_method: str, created: str
    ) -> dict[str, JSON]: ...


@dataclass(frozen=True, slots=True)
class SuiteIssuer:
    """One issuer: its DID and how it secures a credential.

    ``contexts`` are what its proofs need besides each base context; ``over_rdf`` tells whether they sign statements.
    """

    did: str
    secure: Callable[[Document], bytes]
    contexts: Mapping[str, tuple[str, ...]]
    over_rdf: bool


class Suite:
    """All issuers, the status list of one of them, and the verifier that knows that list. Lives in memory."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self.policy = replace(Policy(), contexts=PinnedContexts())
        self.list_url = f"{runtime.settings.public_url}/suite/status-lists/1"
        self._taken: set[int] = set()
        integrity = {VCDM_1: (INTEGRITY,), BASE: ()}
        older = {VCDM_1: (ed25519_signature_2020.CONTEXT,), BASE: (ed25519_signature_2020.CONTEXT,)}
        self._status_key = self._key()
        self.issuers: Mapping[str, SuiteIssuer] = {
            "rdfc": self._with_proof(eddsa_rdfc_2022, self._key(), integrity),
            "jcs": self._with_proof(eddsa_jcs_2022, self._key(), integrity),
            "ed2020": self._with_proof(ed25519_signature_2020, self._key(), older),
            "status": self._with_proof(eddsa_rdfc_2022, self._status_key, {VCDM_1: (STATUS, INTEGRITY), BASE: ()}),
            "jwt": self._with_token(),
        }

    def issue(self, mechanism: str, credential: Document) -> Document:
        """Return the secured credential. Raises Refused (400) for one that must not be issued, naming the reason."""
        issuer = self.issuers[mechanism]
        sent = self._prepared(mechanism, issuer, credential)
        unsigned = without_inline(sent) if issuer.over_rdf else sent
        try:
            raw = issuer.secure(unsigned)
        except (DocumentRefused, ProofRefused) as error:
            place = f"credential{error.path}" if isinstance(error, DocumentRefused) else "credential"
            raise _refused(place, error.says, "Send a credential that can be signed whole.") from None
        for check in self.examine(raw, self.policy).checks[:6]:  # what is not valid yet may be issued
            if check.result is not Outcome.PASSED and (check.number < 5 or check.code == "dates-contradict"):
                raise _refused("credential", check.says, f"Check {check.number} ({check.code}) must pass.")
        if mechanism == "jwt":
            token = f"data:application/vc+jwt,{raw.decode()}"
            return {"@context": [BASE], "type": "EnvelopedVerifiableCredential", "id": token}
        return {**sent, "proof": msgspec.json.decode(raw)["proof"]}

    def _prepared(self, mechanism: str, issuer: SuiteIssuer, credential: Document) -> Document:
        """The credential with the contexts and the status entry that this issuer adds."""
        if "proof" in credential:
            raise _refused("credential.proof", "It is signed already.", "Send the credential without its proof.")
        if issuer_id(credential) != issuer.did:
            raise _refused("credential.issuer", "This endpoint issues for one issuer only.", f"Name {issuer.did}.")
        context = credential.get("@context")
        base = context[0] if isinstance(context, list) and context else None
        if not isinstance(context, list) or not isinstance(base, str) or base not in issuer.contexts:
            says = "It must be a list that begins with a base context."
            raise _refused("credential.@context", says, f"Begin with {BASE}.")
        needed = [url for url in issuer.contexts[base] if url not in context]
        prepared = {**credential, "@context": [*context, *needed]}  # Data Integrity 1.0 §2.4.1
        if mechanism == "status":
            if "credentialStatus" in credential:
                raise _refused("credential.credentialStatus", "This issuer keeps the status.", "Leave it out.")
            prepared["credentialStatus"] = self._status_entry()
        return prepared

    def examine(self, raw: bytes, policy: Policy) -> VerificationReport:
        """Make all checks with what is in memory: nothing is fetched in this profile."""
        found: dict[str, Found] = {}
        inquiry = Inquiry(raw)
        for _ in range(ROUNDS):
            for name in inquiry.missing(found):
                found[name] = self.status_list() if name == self.list_url else Unfetched("nothing is fetched here.")
        return examine(raw, found, policy, self._runtime.now())

    def status_list(self) -> bytes:
        """The signed list; no bit of it is ever set."""
        now = self._runtime.now()
        unsigned = status_list.compose(
            list_id=self.list_url,
            issuer=did_key(self._status_key.public),
            valid_from=timestamps.format(now),
            valid_until=timestamps.format(now + VALID_FOR),
            bits=status_list.with_bits(status_list.MINIMUM_ENTRIES, ()),
        )
        proof = self._prove(eddsa_rdfc_2022, self._status_key, unsigned)
        return msgspec.json.encode({**unsigned, "proof": proof})

    def _status_entry(self) -> dict[str, JSON]:
        index = self._runtime.random_below(status_list.MINIMUM_ENTRIES)
        while index in self._taken and len(self._taken) < status_list.MINIMUM_ENTRIES:
            index = self._runtime.random_below(status_list.MINIMUM_ENTRIES)
        self._taken.add(index)
        return {
            "id": f"{self.list_url}#{index}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": str(index),
            "statusListCredential": self.list_url,
        }

    def _key(self) -> PrivateKey:
        return PrivateKey.from_seed(self._runtime.random_bytes(32))

    def _with_proof(self, suite: _Signs, key: PrivateKey, contexts: Mapping[str, tuple[str, ...]]) -> SuiteIssuer:
        def secure(document: Document) -> bytes:
            return msgspec.json.encode({**document, "proof": self._prove(suite, key, document)})

        return SuiteIssuer(did_key(key.public), secure, contexts, over_rdf=suite is not eddsa_jcs_2022)

    def _prove(self, suite: _Signs, key: PrivateKey, document: Document) -> dict[str, JSON]:
        method = f"{did_key(key.public)}#{key.public.multibase}"
        return suite.sign(document, key, verification_method=method, created=timestamps.format(self._runtime.now()))

    def _with_token(self) -> SuiteIssuer:
        key = EcPrivateKey.from_secret(self._runtime.random_bytes(32))
        did = method_keys.did_key(key.public)
        kid = f"{did}#{did.removeprefix('did:key:')}"
        contexts: Mapping[str, tuple[str, ...]] = {VCDM_1: (), BASE: ()}

        def secure(document: Document) -> bytes:
            return jwt.sign(document, key, kid=kid, edition="w3c")

        return SuiteIssuer(did, secure, contexts, over_rdf=False)


def _refused(field: str, reason: str, fix: str) -> Refused:
    return Refused("bad-request", f"{field}: {reason} {fix}", [Fault(field, reason, fix)])
