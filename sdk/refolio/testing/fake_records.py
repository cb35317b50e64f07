"""What a fake service has issued: by the rules of the real one, signed by a key that everybody has."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from refolio.credential import status_list, timestamps
from refolio.credential.controllers import did_document
from refolio.credential.document import Issuance, IssuerProfile, StatusEntry, compose
from refolio.credential.issuing import LIST_VALID_FOR, secure, secure_list
from refolio.credential.keys import did_web
from refolio.credential.model import Completion
from refolio.credential.rules import normal_email, text_fault
from refolio.errors import Fault
from refolio.testing.fake_keys import fake_key

HOST = "fake.refolio.example"
URL = f"https://{HOST}"
KEY = fake_key("issuer")
REASON_KINDS = (
    *("wrong-facts", "issued-by-mistake", "wrong-person", "misconduct", "duplicate", "requested-by-intern", "other"),
)
LONGEST_REASON = 500
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Refused(Exception):
    """A request that is refused; ``code`` is one of the service's problems."""

    def __init__(self, code: str, detail: str, faults: tuple[Fault, ...] = ()) -> None:
        self.code: str = code
        self.detail: str = detail
        self.faults: tuple[Fault, ...] = faults


@dataclass
class Issued:
    """One credential, and what became of it."""

    completion: Completion
    document: bytes
    index: int
    issued_at: datetime
    is_sole: bool
    withdrawn_at: datetime | None = None
    why: dict[str, str] = field(default_factory=dict)


class Records:
    """Everything issued, by UUID, the oldest first."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self.issued: dict[str, Issued] = {}

    def find(self, credential: str) -> Issued:
        """One of them. Raises Refused."""
        if credential not in self.issued:
            raise Refused("not-found", "There is no credential with this id.")
        return self.issued[credential]

    def issue(self, key: str, completion: Completion, *, allow_duplicate: bool) -> str:
        """Sign it and return its UUID. Raises Refused for work that has a credential already."""
        if not allow_duplicate:
            self._refuse_duplicate(completion)
        digest = hashlib.sha256(key.encode()).digest()
        credential, index = str(uuid.UUID(bytes=digest[:16], version=4)), len(self.issued)
        slug, at = completion.issuer, self._now().replace(microsecond=0)
        did, listed = _did(slug), f"{URL}/status/{slug}"
        issuance = Issuance(
            credential_url=f"{URL}/credentials/{credential}",
            origin=URL,
            issuer=IssuerProfile(did, f"FAKE – {slug.replace('-', ' ').title()}"),
            valid_from=at,
            salt=digest.hex()[:32],
            status=StatusEntry(listed, index, f"{URL}/credentials/{credential}/status"),
            platform="FAKE platform",
        )
        created = timestamps.format(at)
        document = secure(compose(completion, issuance), KEY, method=_method(did), created=created)
        self.issued[credential] = Issued(completion, document, index, at, is_sole=not allow_duplicate)
        return credential

    def _refuse_duplicate(self, completion: Completion) -> None:
        for earlier in self.issued.values():
            if earlier.is_sole and not earlier.withdrawn_at and _work(earlier.completion) == _work(completion):
                says = f"This person, project and dates were already issued as record {earlier.completion.record!r}."
                fix = "Withdraw the earlier one, or allow_duplicate."
                fault = Fault("project.title", "The same work was issued before.", fix)
                raise Refused("duplicate-completion", says, (fault,))

    def withdraw(self, credential: str, members: Mapping[str, object]) -> None:
        """Withdraw one of them, once. Raises Refused."""
        issued, why = self.find(credential), _reason_in(members)
        if issued.withdrawn_at and issued.why != why:
            raise Refused("already-withdrawn", "It was withdrawn before, for another reason.")
        issued.withdrawn_at, issued.why = issued.withdrawn_at or self._now().replace(microsecond=0), why

    def members_of(self, credential: str) -> dict[str, object]:
        """What the service says of it."""
        issued = self.find(credential)
        number = int.from_bytes(hashlib.sha256(issued.document).digest()[:10])
        code = "".join(_ALPHABET[number >> shift & 31] for shift in range(75, -1, -5))
        code = "-".join(code[start : start + 4] for start in range(0, 16, 4))
        at = f"{URL}/credentials/{credential}"
        links = {"credential": at, "verify": f"{URL}/v/{code}", "qr": f"{URL}/v/{code}/qr.svg"}
        withdrawn = issued.withdrawn_at
        return {
            "id": at,
            "uuid": credential,
            "record": issued.completion.record,
            "issuer": issued.completion.issuer,
            "state": "withdrawn" if withdrawn else "current",
            "issued_at": timestamps.format(issued.issued_at),
            "code": code,
            "edition": 1,
            "corrected_at": None,
            "withdrawn_at": timestamps.format(withdrawn) if withdrawn else None,
            "kind": issued.why.get("kind"),
            "reason": issued.why.get("reason"),
            "replaces": None,
            "replaced_by": None,
            "links": {**links, "portfolio": None},
        }

    def listed(self, filters: Mapping[str, str]) -> list[dict[str, object]]:
        """Those that the filters let through, the newest first."""
        since = timestamps.parse(filters["since"]) if "since" in filters else None
        found = []
        for credential, issued in reversed(self.issued.items()):
            members, email = self.members_of(credential), normal_email(issued.completion.intern.email)
            wanted = [members[name] == filters[name] for name in ("issuer", "state", "record") if name in filters]
            wanted += [normal_email(filters.get("email", email)) == email, since is None or issued.issued_at >= since]
            if all(wanted):
                found.append(members)
        return found

    def is_issuer(self, slug: str) -> bool:
        """True of a short name in which something was issued."""
        return any(issued.completion.issuer == slug for issued in self.issued.values())

    def key_document(self, slug: str) -> bytes:
        """The DID document of an issuer."""
        return msgspec.json.encode(did_document(_did(slug), [KEY.public]))

    def status_list(self, slug: str) -> bytes:
        """The status list of an issuer, as it is at this moment."""
        withdrawn = [one.index for one in self.issued.values() if one.withdrawn_at and one.completion.issuer == slug]
        at, did = self._now().replace(microsecond=0), _did(slug)
        unsigned = status_list.compose(
            list_id=f"{URL}/status/{slug}",
            issuer=did,
            valid_from=timestamps.format(at),
            valid_until=timestamps.format(at + LIST_VALID_FOR),
            bits=status_list.with_bits(status_list.MINIMUM_ENTRIES, withdrawn),
        )
        return secure_list(unsigned, KEY, method=_method(did), created=timestamps.format(at))


def _work(completion: Completion) -> tuple[object, ...]:
    """What makes two completions the same piece of work."""
    email, title = normal_email(completion.intern.email), completion.project.title.casefold()
    return completion.issuer, email, title, completion.started, completion.ended


def _reason_in(members: Mapping[str, object]) -> dict[str, str]:
    text, kind = members.get("reason"), members.get("kind", "other")
    fault = None
    if unknown := sorted(set(members) - {"reason", "kind"}):
        fault = Fault(unknown[0], "There is no member of this name.", "Send a reason and a kind.")
    elif not isinstance(text, str) or not text.strip():
        fault = Fault("reason", "A reason is required and missing.", "Say in a sentence why it is withdrawn.")
    elif len(text) > LONGEST_REASON:
        fault = Fault("reason", "The reason is too long.", f"Keep it to {LONGEST_REASON} characters.")
    elif kind not in REASON_KINDS:
        fault = Fault("kind", "This is not one of the kinds of reasons.", f"Send one of {', '.join(REASON_KINDS)}.")
    else:
        fault = text_fault("reason", text)
    if fault:
        raise Refused("completion-refused", str(fault), (fault,))
    return {"reason": str(text).strip(), "kind": str(kind)}


def _did(slug: str) -> str:
    return did_web(HOST, "issuers", slug)


def _method(did: str) -> str:
    return f"{did}#{KEY.public.multibase}"
