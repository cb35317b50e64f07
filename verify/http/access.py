"""Who may do what: one question, asked in one place, answered no unless a rule says yes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

# Whatever can be fetched answers HEAD too, as RFC 9110 §9.1 asks; the server drops the body.
READS: tuple[Literal["GET"], Literal["HEAD"]] = ("GET", "HEAD")


class Role(StrEnum):
    """What a member is to an issuer: a viewer looks, an issuer issues and withdraws, an admin decides the rest."""

    ADMIN = "admin"
    ISSUER = "issuer"
    VIEWER = "viewer"


class Mode(StrEnum):
    """Whether something counts. A test key reaches test data alone, and a live one live data alone."""

    LIVE = "live"
    TEST = "test"


class Scope(StrEnum):
    """What an API key may be good for, as it stands in the key."""

    CREDENTIALS_READ = "credentials:read"
    CREDENTIALS_WRITE = "credentials:write"
    ISSUERS_READ = "issuers:read"
    GRANTS_READ = "grants:read"
    GRANTS_WRITE = "grants:write"
    REFERENCES_READ = "references:read"
    REFERENCES_WRITE = "references:write"
    WEBHOOKS_READ = "webhooks:read"
    WEBHOOKS_WRITE = "webhooks:write"


class Action(StrEnum):
    """Everything a handler can do. Each handler declares its action; ``create_app`` refuses one that does not."""

    READ_PUBLIC = "read-public"
    # with an API key, or as a member
    ISSUE = "issue"
    WITHDRAW = "withdraw"
    REPLACE = "replace"
    READ_ISSUED = "read-issued"
    # platforms alone
    ASK_FOR_REFERENCE = "ask-for-reference"
    READ_REFERENCES = "read-references"
    READ_ISSUERS = "read-issuers"
    VOUCH = "vouch"
    READ_EVENTS = "read-events"
    READ_WEBHOOKS = "read-webhooks"
    MANAGE_WEBHOOKS = "manage-webhooks"
    SHOW_KEY = "show-key"
    ASK_FOR_GRANT = "ask-for-grant"
    READ_GRANTS = "read-grants"
    # people
    ANSWER_AS_REFEREE = "answer-as-referee"
    SIGN_IN = "sign-in"
    USE_ACCOUNT = "use-account"
    # members, in the console
    SEE_ISSUER = "see-issuer"
    IMPORT = "import"
    MANAGE_ISSUER = "manage-issuer"
    MANAGE_MEMBERS = "manage-members"
    MANAGE_KEYS = "manage-keys"
    MANAGE_API_KEYS = "manage-api-keys"
    MAKE_LIVE_KEY = "make-live-key"
    MANAGE_PLATFORMS = "manage-platforms"
    GIVE_MANDATE = "give-mandate"
    DECIDE = "decide"


# The secret in a referee's link is looked at where it is used.
FOR_ANYBODY = frozenset({Action.READ_PUBLIC, Action.SIGN_IN, Action.ANSWER_AS_REFEREE})
# What platforms may do, each with the scope that their API key needs for it; any key may show itself.
SCOPE_OF: Mapping[Action, Scope] = {
    Action.ISSUE: Scope.CREDENTIALS_WRITE,
    Action.WITHDRAW: Scope.CREDENTIALS_WRITE,
    Action.REPLACE: Scope.CREDENTIALS_WRITE,
    Action.READ_ISSUED: Scope.CREDENTIALS_READ,
    Action.READ_ISSUERS: Scope.ISSUERS_READ,
    Action.VOUCH: Scope.CREDENTIALS_WRITE,
    Action.READ_EVENTS: Scope.WEBHOOKS_READ,
    Action.READ_WEBHOOKS: Scope.WEBHOOKS_READ,
    Action.MANAGE_WEBHOOKS: Scope.WEBHOOKS_WRITE,
    Action.READ_GRANTS: Scope.GRANTS_READ,
    Action.ASK_FOR_GRANT: Scope.GRANTS_WRITE,
    Action.READ_REFERENCES: Scope.REFERENCES_READ,
    Action.ASK_FOR_REFERENCE: Scope.REFERENCES_WRITE,
}
# What is about the platform itself and about no single issuer.
ABOUT_PLATFORM = frozenset(
    {Action.SHOW_KEY, Action.READ_EVENTS, Action.READ_WEBHOOKS, Action.MANAGE_WEBHOOKS}
    | {Action.READ_GRANTS, Action.ASK_FOR_GRANT}
)
FOR_PLATFORMS = frozenset(SCOPE_OF) - ABOUT_PLATFORM
FOR_ROLES: Mapping[Role, frozenset[Action]] = {
    Role.VIEWER: (viewing := frozenset({Action.SEE_ISSUER, Action.READ_ISSUED})),
    Role.ISSUER: (issuing := viewing | {Action.ISSUE, Action.WITHDRAW, Action.REPLACE, Action.IMPORT}),
    Role.ADMIN: issuing
    | {Action.MANAGE_ISSUER, Action.MANAGE_MEMBERS, Action.MANAGE_KEYS, Action.DECIDE}
    | {Action.READ_WEBHOOKS, Action.MANAGE_WEBHOOKS}
    | {Action.MANAGE_API_KEYS, Action.MAKE_LIVE_KEY, Action.MANAGE_PLATFORMS, Action.GIVE_MANDATE},
}
# What can lock others out or cannot be undone takes a sign-in of a moment ago (security: stolen laptop, open browser).
NEEDS_FRESH = frozenset(
    {Action.MANAGE_MEMBERS, Action.MANAGE_KEYS, Action.MANAGE_WEBHOOKS, Action.MAKE_LIVE_KEY}
    | {Action.GIVE_MANDATE, Action.DECIDE}
)
# The operator runs the service and signs for nobody.
NOT_FOR_OPERATOR = frozenset({Action.ISSUE, Action.REPLACE, Action.IMPORT})

NO_ROLES: Mapping[str, Role] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: a platform with the issuers it may deliver for, a person with her roles, the operator, or nobody.

    ``roles`` says what the person is to which issuer (by short name); ``fresh`` that she signed in a moment ago.
    Of a platform ``scopes`` and ``mode`` are those of its API key, ``key`` the SHA-256 of that; ``issuers`` are test
    issuers in test mode (issuers/twins.py).
    """

    platform: str | None = None
    issuers: frozenset[str] = frozenset()
    person: str | None = None
    roles: Mapping[str, Role] = field(default_factory=lambda: NO_ROLES)
    operator: bool = False
    fresh: bool = False
    scopes: frozenset[Scope] = frozenset()
    mode: Mode = Mode.LIVE
    key: str | None = None

    @property
    def name(self) -> str:
        """Who did it, as the audit trail writes it: ``platform:northfield``, ``person:<id>``, ``operator``."""
        if self.platform is not None:
            return f"platform:{self.platform}"
        if self.person is not None:
            return f"person:{self.person}"
        return "operator" if self.operator else "nobody"


ANYBODY = Actor()
OPERATOR = Actor(operator=True)


def can(actor: Actor, action: Action, issuer: str | None = None) -> bool:
    """May ``actor`` do ``action``, for this issuer where it is about one? No, unless a rule here says yes."""
    if action in FOR_ANYBODY:
        return True
    if action is Action.USE_ACCOUNT:
        return actor.person is not None
    if action is Action.SHOW_KEY:
        return actor.platform is not None and issuer is None
    if actor.operator:
        return action not in NOT_FOR_OPERATOR
    if issuer is None:
        return actor.platform is not None and action in ABOUT_PLATFORM and _has_scope(actor, action)
    if actor.platform is not None:
        return action in FOR_PLATFORMS and _has_scope(actor, action) and issuer in actor.issuers
    return would(actor, action, issuer) and (actor.fresh or action not in NEEDS_FRESH)


def _has_scope(actor: Actor, action: Action) -> bool:
    return action not in SCOPE_OF or SCOPE_OF[action] in actor.scopes


def would(actor: Actor, action: Action, issuer: str) -> bool:
    """Could this member do it, if she only signed in again?"""
    role = actor.roles.get(issuer)
    return role is not None and action in FOR_ROLES[role]
