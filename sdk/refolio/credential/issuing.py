"""Sign what was composed, and judge what somebody else signed for us: one set of rules on both sides of the door.

An issuer that holds its own key signs at home. Before it signs, its software makes sure that the document says what was
asked; before the service stores it, the service makes sure that it was signed as reserved. Both ask the functions here,
so neither is stricter than the other (SEC-190).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from refolio.credential import status_list, timestamps
from refolio.credential.controllers import did_document, did_key_document, find_method
from refolio.credential.document import Issuance, compose
from refolio.credential.jcs import jcs
from refolio.credential.keys import PublicKey, Signer, read_did_key
from refolio.credential.model import Completion
from refolio.credential.policy import DEFAULT
from refolio.credential.proof import SUITES, eddsa_jcs_2022, eddsa_rdfc_2022, proofs_of
from refolio.credential.reading import JSON, read
from refolio.credential.report import Outcome
from refolio.credential.rules import require_sound
from refolio.credential.shape import Document, issuer_id
from refolio.credential.verification import examine
from refolio.errors import DocumentRefused, ProofRefused, StatusListRefused

# The badge ecosystem checks the first, a browser the second.
CREDENTIAL_SUITES = (eddsa_rdfc_2022.CRYPTOSUITE, eddsa_jcs_2022.CRYPTOSUITE)
LIST_SUITES = (eddsa_rdfc_2022.CRYPTOSUITE,)
LIST_VALID_FOR = timedelta(days=14)  # how long a copy may serve a verifier who cannot reach us
LIST_SIGNED_WITHIN = timedelta(days=1)  # a signer may take that long
SKEW = timedelta(seconds=60)

_PROOF_MEMBERS = frozenset({"type", "cryptosuite", "created", "verificationMethod", "proofPurpose", "proofValue"})
_BESIDE = {eddsa_jcs_2022.CRYPTOSUITE: {"@context"}}


@dataclass(frozen=True, slots=True)
class HeldKey:
    """A key that its issuer holds itself: the issuer's DID, and what signs for it.

    ``signer`` is a PrivateKey, or anything with ``public`` and ``sign()`` in front of a KMS or HSM. ``method`` names
    the key in the issuer's DID document where that is not the DID, ``#`` and the Multikey.
    """

    issuer: str
    signer: Signer
    method: str | None = None

    @property
    def verification_method(self) -> str:
        """The DID URL under which the issuer publishes the key."""
        return self.method or f"{self.issuer}#{self.signer.public.multibase}"

    def document(self) -> dict[str, JSON]:
        """The DID document with this key alone: enough to check what it signed."""
        if self.issuer.startswith("did:key:"):
            return did_key_document(self.issuer)
        method = {"id": self.verification_method, "type": "Multikey", "controller": self.issuer}
        own = did_document(self.issuer, [])
        own["verificationMethod"] = [{**method, "publicKeyMultibase": self.signer.public.multibase}]
        own["assertionMethod"] = [self.verification_method]
        return own


@dataclass(frozen=True, slots=True)
class SignedBy:
    """The key of a signed document: its name in the issuer's DID document, and itself."""

    method: str
    key: PublicKey


def secure(unsigned: Document, signer: Signer, *, method: str, created: str) -> bytes:
    """Add the proof set of a credential of ours and fix the bytes for good. Raises as the suites' sign() does."""
    return _secure(unsigned, signer, method, created, CREDENTIAL_SUITES)


def secure_list(unsigned: Document, signer: Signer, *, method: str, created: str) -> bytes:
    """The same for a status list, which carries one proof."""
    return _secure(unsigned, signer, method, created, LIST_SUITES)


def _secure(unsigned: Document, signer: Signer, method: str, created: str, suites: Sequence[str]) -> bytes:
    proofs = [SUITES[name].sign(unsigned, signer, verification_method=method, created=created) for name in suites]
    return msgspec.json.encode({**unsigned, "proof": proofs if len(proofs) > 1 else proofs[0]})


def issue(completion: Completion, issuance: Issuance, key: HeldKey) -> bytes:
    """Compose, sign and check a credential without any service. The same arguments give the same bytes.

    The addresses in ``issuance`` are yours to publish: the credential, its status list and the DID document.
    Raises CompletionRefused for a contradiction, ProofRefused when ``key`` is not the issuer's or its signer is faulty.
    """
    require_sound(completion, issuance.valid_from.date())
    unsigned = compose(completion, issuance)
    created = timestamps.format(issuance.valid_from)
    signed = secure(unsigned, key.signer, method=key.verification_method, created=created)
    require_as_reserved(
        signed, unsigned, key_document(key), since=issuance.valid_from, now=issuance.valid_from.replace(microsecond=0)
    )
    return signed


def key_document(key: HeldKey) -> bytes:
    """HeldKey.document() as bytes, as it would be published."""
    return msgspec.json.encode(key.document())


def require_as_reserved(signed: bytes, reserved: Document, keys: bytes, *, since: datetime, now: datetime) -> SignedBy:
    """Return whose key signed, if ``signed`` is the ``reserved`` document in every member, and soundly signed.

    ``keys`` is the DID document of its issuer, ``since`` when the document was reserved. All checks are made but that
    of the status. Raises DocumentRefused ``not-as-reserved`` and as read() does; ProofRefused ``proof-set``,
    ``proof-member``, ``created`` or the code of the check that did not pass.
    """
    document = read(signed)
    require_same({name: value for name, value in document.items() if name != "proof"}, reserved)
    return _signed_by(signed, document, keys, CREDENTIAL_SUITES, since, now)


def require_list_as_asked(
    signed: bytes, *, list_id: str, issuer: str, bits: bytes, after: datetime | None, keys: bytes, now: datetime
) -> SignedBy:
    """Return whose key signed, if ``signed`` is the next edition of the list with exactly these ``bits``.

    ``after`` is the beginning of the last edition; the next one begins later. Raises StatusListRefused
    ``STATUS_LIST_BITS`` for other bits, DocumentRefused ``not-as-reserved`` for anything else that differs, and
    ProofRefused as require_as_reserved() does.
    """
    document = read(signed)
    unsigned = {name: value for name, value in document.items() if name != "proof"}
    starts = require_list_form(unsigned, issuer, now)
    if unsigned["id"] != list_id:
        raise DocumentRefused("not-as-reserved", "/id", "It is another status list.", "Sign the list that is due.")
    if list_bits(unsigned) != bits:
        raise StatusListRefused("STATUS_LIST_BITS", "Its bits are not those of the withdrawals up to now.")
    if after is not None and starts <= after:
        says = "It is not newer than the edition that is published."
        raise DocumentRefused("not-as-reserved", "/validFrom", says, "Get the list that is due again and sign that.")
    return _signed_by(signed, document, keys, LIST_SUITES, starts, now)


def require_list_form(unsigned: Document, issuer: str, now: datetime) -> datetime:
    """Return when the list begins, if it is a status list of ``issuer`` of our form and nothing else, and of today.

    A signer that is sent a "list" makes sure by this that it is none of its credentials. Raises DocumentRefused
    ``not-as-reserved`` and ``timestamp``, StatusListRefused for an ``encodedList`` that is none.
    """
    starts, ends = (timestamps.parse(str(unsigned.get(name))) for name in ("validFrom", "validUntil"))
    if not now - LIST_SIGNED_WITHIN <= starts <= now + SKEW:
        raise DocumentRefused("not-as-reserved", "/validFrom", "It is not dated today.", "Get it again and sign that.")
    if ends - starts != LIST_VALID_FOR:
        says = f"A list is valid for {LIST_VALID_FOR.days} days."
        raise DocumentRefused("not-as-reserved", "/validUntil", says, "Get it again and sign that.")
    form: dict[str, JSON] = status_list.compose(
        list_id=str(unsigned.get("id")),
        issuer=issuer,
        valid_from=timestamps.format(starts),
        valid_until=timestamps.format(ends),
        bits=list_bits(unsigned),
    )
    subject = unsigned["credentialSubject"]
    assert isinstance(form["credentialSubject"], dict)
    assert isinstance(subject, dict)  # list_bits() read it
    form["credentialSubject"]["encodedList"] = subject["encodedList"]  # the same bits, packed by another zlib
    require_same(unsigned, form)
    return starts


def list_bits(listed: Document) -> bytes:
    """The bits of a status list of our form. Raises StatusListRefused."""
    subject = listed.get("credentialSubject")
    encoded = subject.get("encodedList") if isinstance(subject, dict) else None
    if not isinstance(encoded, str):
        raise StatusListRefused("MALFORMED_VALUE_ERROR", "It holds no encodedList.")
    return status_list.decode(encoded)


def _signed_by(
    signed: bytes, document: Document, keys: bytes, suites: Sequence[str], since: datetime, now: datetime
) -> SignedBy:
    method = _require_proof_set(document, suites, since, now)
    issuer = issuer_id(document)
    report = examine(signed, {issuer: keys}, DEFAULT, now)
    for check in report.checks[:6]:
        if check.result is not Outcome.PASSED:
            raise ProofRefused(check.code, check.says)
    key = read_did_key(issuer) if issuer.startswith("did:key:") else find_method(read(keys), method).key
    return SignedBy(method, key)


def _require_proof_set(document: Document, suites: Sequence[str], since: datetime, now: datetime) -> str:
    """The one verification method of the proofs, which are those of ``suites`` in this order and say nothing else."""
    proofs = proofs_of(document)
    if [proof.get("cryptosuite") for proof in proofs] != list(suites):
        raise ProofRefused("proof-set", f"It must carry one proof of each, in this order: {', '.join(suites)}.")
    for proof, suite in zip(proofs, suites, strict=True):
        if more := sorted(set(proof) - _PROOF_MEMBERS - _BESIDE.get(suite, set())):
            raise ProofRefused("proof-member", f"The proof has a member that does not belong there: {more[0][:60]!a}.")
        try:
            created = timestamps.parse(str(proof.get("created")))
        except DocumentRefused as error:
            raise ProofRefused("created", f"In the proof, created: {error.says}") from None
        if not since - SKEW <= created <= now + SKEW:
            raise ProofRefused("created", "The proof is dated before the reservation, or in the future.")
    methods = {str(proof.get("verificationMethod")) for proof in proofs}
    if len(methods) > 1:
        raise ProofRefused("proof-set", "Its proofs must be of the same key.")
    return methods.pop()


def require_same(document: Document, reserved: Document) -> None:
    """Raise DocumentRefused ``not-as-reserved`` with the first place at which the two differ in a member or a type."""
    if place := _difference(document, reserved, ""):
        says = "It is not as it was reserved; sign the document exactly as it was given to you."
        raise DocumentRefused("not-as-reserved", place, says, "Add the proofs and change nothing else.")


def _difference(one: JSON | Document, other: JSON | Document, path: str) -> str | None:
    """The first place at which two values differ, as a JSON Pointer; None when there is none."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for name in dict.fromkeys([*other, *one]):
            place = f"{path}/{name[:60].replace('~', '~0').replace('/', '~1')}"
            if name not in one or name not in other:
                return place
            if found := _difference(one[name], other[name], place):
                return found
        return None
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        places = (_difference(a, b, f"{path}/{n}") for n, (a, b) in enumerate(zip(one, other, strict=True)))
        return next(filter(None, places), None)
    return None if type(one) is type(other) and jcs([one]) == jcs([other]) else path or "/"  # type: ignore[list-item]
