"""Issue and verify signed Open Badges 3.0 completion credentials for micro-internships.

    client = refolio.Client("rf_live_…")
    issued = client.credentials.issue(completion)          # safe to call again: same completion, same credential
    verified = refolio.verify(client.credentials.document(issued))

Names are loaded on first use, so importing the package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

_HOMES = {
    "refolio.client.client": ("Client",),
    "refolio.client.async_client": ("AsyncClient",),
    "refolio.client.batch": ("IssueOutcome", "Progress"),
    "refolio.client.events": ("Event",),
    "refolio.client.issued": ("IssuedCredential", "Links"),
    "refolio.client.issuers": ("Issuer",),
    "refolio.client.keys": ("ApiKey",),
    "refolio.client.references": ("Reference",),
    "refolio.client.webhooks": ("Webhook",),
    "refolio.client.verifying": ("examine", "verify"),
    "refolio.credential.issuing": ("HeldKey",),
    "refolio.credential.keys": ("PrivateKey", "Signer"),
    "refolio.credential.verification": ("VerifiedCredential",),
    "refolio.credential.report": ("Check", "Outcome", "VerificationReport"),
    "refolio.credential.policy": ("Edition", "Policy"),
    "refolio.credential.model": (
        "AcademicCredit",
        "Alignment",
        "Compensation",
        "Completion",
        "Deliverable",
        "Engagement",
        "Feedback",
        "Framework",
        "Hours",
        "HoursBasis",
        "Intern",
        "Level",
        "Mode",
        "Observed",
        "Organisation",
        "Project",
        "Skill",
        "completion_from",
        "completion_members",
    ),
    "refolio.errors": (
        "AccessRefused",
        "AuthenticationFailed",
        "CompletionRefused",
        "Conflict",
        "DocumentRefused",
        "Fault",
        "KeyRefused",
        "NotFound",
        "NotVerified",
        "PermissionRefused",
        "ProofRefused",
        "RateLimited",
        "RefolioError",
        "RequestRefused",
        "ServiceError",
        "StatusListRefused",
        "Unavailable",
        "WebhookRefused",
    ),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

if TYPE_CHECKING:
    from refolio.client.async_client import AsyncClient
    from refolio.client.batch import IssueOutcome, Progress
    from refolio.client.client import Client
    from refolio.client.events import Event
    from refolio.client.issued import IssuedCredential, Links
    from refolio.client.issuers import Issuer
    from refolio.client.keys import ApiKey
    from refolio.client.references import Reference
    from refolio.client.verifying import examine, verify
    from refolio.client.webhooks import Webhook
    from refolio.credential.issuing import HeldKey
    from refolio.credential.keys import PrivateKey, Signer
    from refolio.credential.model import (
        AcademicCredit,
        Alignment,
        Compensation,
        Completion,
        Deliverable,
        Engagement,
        Feedback,
        Framework,
        Hours,
        HoursBasis,
        Intern,
        Level,
        Mode,
        Observed,
        Organisation,
        Project,
        Skill,
        completion_from,
        completion_members,
    )
    from refolio.credential.policy import Edition, Policy
    from refolio.credential.report import Check, Outcome, VerificationReport
    from refolio.credential.verification import VerifiedCredential
    from refolio.errors import (
        AccessRefused,
        AuthenticationFailed,
        CompletionRefused,
        Conflict,
        DocumentRefused,
        Fault,
        KeyRefused,
        NotFound,
        NotVerified,
        PermissionRefused,
        ProofRefused,
        RateLimited,
        RefolioError,
        RequestRefused,
        ServiceError,
        StatusListRefused,
        Unavailable,
        WebhookRefused,
    )

__all__ = [
    "AcademicCredit",
    "AccessRefused",
    "Alignment",
    "ApiKey",
    "AsyncClient",
    "AuthenticationFailed",
    "Check",
    "Client",
    "Compensation",
    "Completion",
    "CompletionRefused",
    "Conflict",
    "Deliverable",
    "DocumentRefused",
    "Edition",
    "Engagement",
    "Event",
    "Fault",
    "Feedback",
    "Framework",
    "HeldKey",
    "Hours",
    "HoursBasis",
    "Intern",
    "IssueOutcome",
    "IssuedCredential",
    "Issuer",
    "KeyRefused",
    "Level",
    "Links",
    "Mode",
    "NotFound",
    "NotVerified",
    "Observed",
    "Organisation",
    "Outcome",
    "PermissionRefused",
    "Policy",
    "PrivateKey",
    "Progress",
    "Project",
    "ProofRefused",
    "RateLimited",
    "Reference",
    "RefolioError",
    "RequestRefused",
    "ServiceError",
    "Signer",
    "Skill",
    "StatusListRefused",
    "Unavailable",
    "VerificationReport",
    "VerifiedCredential",
    "Webhook",
    "WebhookRefused",
    "__version__",
    "completion_from",
    "completion_members",
    "examine",
    "verify",
]


def __getattr__(name: str) -> object:
    try:
        value: object = getattr(import_module(_HOME_OF[name]), name)
    except KeyError:
        raise AttributeError(f"module 'refolio' has no attribute {name!r}") from None
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
