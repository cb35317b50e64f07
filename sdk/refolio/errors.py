"""Every exception this package raises on purpose, as one tree.

    RefolioError
    ├── DocumentRefused        the bytes or the document break a rule; carries code, path, says
    │   └── CompletionRefused  a completion record contradicts itself; carries a list of faults
    ├── KeyRefused             a public key, DID or multibase value cannot be trusted or read
    ├── ProofRefused           a proof cannot be made or does not hold
    ├── StatusListRefused      a status list is malformed, or an index lies outside it
    ├── ConfigRefused          a plugin cannot work with this config; names the key (refolio.plugin)
    ├── RecordRefused          a plugin cannot read a foreign record; names its members (refolio.plugin)
    ├── TemporaryFault         a plugin could not announce an event; call again later (refolio.plugin)
    ├── WebhookRefused         a webhook is forged, too old, or no event of ours; answer 400
    ├── NotVerified            verify() found a verdict other than passed; carries the report
    └── ServiceError           the service answered with a problem, or not at all (refolio.client)
        ├── RequestRefused     4xx: the request must change; carries the problem document
        │   ├── AccessRefused  401, 403: the API key does not open this; ``code`` tells why
        │   │   ├── AuthenticationFailed  401: the API key is unknown, mistyped, expired or revoked
        │   │   └── PermissionRefused     403: the API key is good, and may not do this
        │   ├── NotFound       404, 410: there is no such thing, or not for this key
        │   └── Conflict       409: same Idempotency-Key or same completion, different content
        └── Unavailable        no answer, 429 or 5xx: the same request may be sent again; carries retry_after
            └── RateLimited    429: too many requests

Messages are sentences for people. ``code`` is stable and meant for programs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:  # pragma: no cover - typing only, the error tree imports nothing
    from refolio.credential.report import VerificationReport


class RefolioError(Exception):
    """Base of everything raised here on purpose."""


class Fault(NamedTuple):
    """One thing wrong with an input: which field, why, and what to do about it."""

    field: str
    reason: str
    fix: str

    def __str__(self) -> str:
        return f"{self.field}: {self.reason} {self.fix}".strip()


class DocumentRefused(RefolioError):
    """The document breaks a rule, so nothing is signed, verified or stored.

    ``code`` is stable (``duplicate-name``, ``undefined-term``, ...), ``path`` a JSON Pointer
    (RFC 6901) to the offending place ("" is the whole document), ``says`` a sentence and
    ``fix`` the next step for the sender.
    """

    def __init__(self, code: str, path: str, says: str, fix: str = "") -> None:
        super().__init__(f"{path}: {says}" if path else says)
        self.code = code
        self.path = path
        self.says = says
        self.fix = fix


class CompletionRefused(DocumentRefused):
    """A completion record cannot become a credential; ``faults`` names every reason at once."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(faults)
        says = " ".join(str(fault) for fault in self.faults)
        super().__init__("completion-refused", "", says)


class KeyRefused(RefolioError):
    """A key, DID or multibase value is malformed, weak, or of a kind not accepted."""

    def __init__(self, code: str, says: str) -> None:
        super().__init__(says)
        self.code = code
        self.says = says


class ProofRefused(RefolioError):
    """A proof cannot be made, is malformed, or its signature does not hold."""

    def __init__(self, code: str, says: str) -> None:
        super().__init__(says)
        self.code = code
        self.says = says


class StatusListRefused(RefolioError):
    """A status list or entry is malformed; ``code`` is the W3C error name (STATUS_LIST_LENGTH_ERROR, ...)."""

    def __init__(self, code: str, says: str) -> None:
        super().__init__(says)
        self.code = code
        self.says = says


class ConfigRefused(RefolioError):
    """A plugin cannot work with the config that the operator gave it; ``key`` is the key that must change."""

    def __init__(self, key: str, reason: str, fix: str = "") -> None:
        self.key: str = key
        self.reason: str = reason
        self.fix: str = fix
        super().__init__(f"{key}: {reason} {fix}".rstrip())


class RecordRefused(RefolioError):
    """A foreign record cannot be read; each fault names a member of the record, as the foreign system spells it."""

    def __init__(self, *faults: Fault) -> None:
        self.faults = faults
        super().__init__(" ".join(str(fault) for fault in faults))


class TemporaryFault(RefolioError):
    """An event could not be announced this time: the other system is away. The same event will be given again."""


class WebhookRefused(RefolioError):
    """A request is no webhook of the service, so nothing in it is to be believed.

    ``code`` is ``header-missing``, ``malformed``, ``forged``, ``too-old``, ``too-new`` or ``not-an-event``.
    """

    def __init__(self, code: str, says: str) -> None:
        super().__init__(says)
        self.code = code
        self.says = says


class NotVerified(RefolioError):
    """verify() found the document not verified; ``report`` says which check and why."""

    def __init__(self, report: VerificationReport) -> None:
        super().__init__(report.says)
        self.report = report


class ServiceError(RefolioError):
    """The service did not do what was asked.

    ``status`` is that of its answer and ``problem`` its RFC 9457 document, if there was one. ``code`` names the kind
    of problem for programs, ``faults`` each field, reason and fix, ``fix`` the next step where no field is at fault.
    ``request_id`` finds the request in the service's log.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        problem: Mapping[str, object] | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.problem: dict[str, object] = dict(problem or {})
        given = self.problem.get("request_id")
        self.request_id: str | None = given if isinstance(given, str) else request_id

    @property
    def code(self) -> str:
        """The kind of problem (docs/errors.md), "" when the service did not say."""
        return str(self.problem.get("code") or "")

    @property
    def fix(self) -> str:
        """What to do about it, "" when the faults say so or the service did not."""
        return str(self.problem.get("fix") or "")

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Every field at fault, in the service's order."""
        return faults_in(self.problem)


def faults_in(problem: Mapping[str, object]) -> tuple[Fault, ...]:
    """The faults listed in a problem document, in its order."""
    listed = problem.get("faults")
    faults = [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []
    return tuple(Fault(*(str(fault.get(name) or "") for name in Fault._fields)) for fault in faults)


class RequestRefused(ServiceError):
    """4xx: the request must be changed before it is sent again."""


class AccessRefused(RequestRefused):
    """401 or 403: the API key does not open this. ``code`` tells why, the message what to do.

    ``api-key-missing``, ``api-key-malformed`` (mistyped or cut short), ``api-key-unknown``, ``api-key-revoked``,
    ``api-key-expired``, ``address-not-allowed``, ``scope-missing``, ``issuer-not-allowed``, ``wrong-mode``.
    """


class AuthenticationFailed(AccessRefused):
    """401: the API key is missing, mistyped, unknown, expired or revoked; no request with it will succeed."""


class PermissionRefused(AccessRefused):
    """403: the API key is good, and may not do this."""


class NotFound(RequestRefused):
    """404 or 410: there is no such thing, or it is none of this key's business."""


class Conflict(RequestRefused):
    """409: the Idempotency-Key or the completion was used before with other content."""


class Unavailable(ServiceError):
    """No answer, 429 or 5xx: the same request may safely be sent again with the same key.

    ``retry_after`` is for how many seconds the service asks to wait, None when it did not say.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        problem: Mapping[str, object] | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, status=status, problem=problem, request_id=request_id)
        self.retry_after: float | None = retry_after


class RateLimited(Unavailable):
    """429: too many requests."""
