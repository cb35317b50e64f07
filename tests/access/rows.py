"""The matrix of access: for every route of the service what it does, and whose things it can be asked about.

Written by hand, beside the code: a route that is new, or that declares another action, fails until somebody has thought
about it here. ``{name}`` in a path is filled from the things of an issuer (``things.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.completions import maya
from verify.http.access import Action


@dataclass(frozen=True)
class Row:
    """One route. ``issuer_bound`` when it is about things of one issuer, so that others must not even see them.

    ``door``: ``public`` (anybody), ``key`` (API key), ``session`` (signed-in person). ``good``: members, or fields of a
    form, that the service would accept from whoever may. ``whose``: the one person whose things they are, if anybody's.
    ``by_name``: its only thing is the issuer's short name, by which a test key means the twin.
    """

    action: Action
    door: str
    issuer_bound: bool = True
    good: Mapping[str, object] = field(default_factory=dict)
    whose: str = ""
    by_name: bool = False


PUBLIC = Row(Action.READ_PUBLIC, "public", issuer_bound=False)
SIGN_IN = Row(Action.SIGN_IN, "session", issuer_bound=False)
ACCOUNT = Row(Action.USE_ACCOUNT, "session", issuer_bound=False)
REFEREE = Row(Action.ANSWER_AS_REFEREE, "session", issuer_bound=False)

ROWS: dict[tuple[str, str], Row] = {
    ("GET", "/"): PUBLIC,
    ("GET", "/healthz"): PUBLIC,
    ("GET", "/problems/{kind}"): PUBLIC,
    ("GET", "/static/{file_path}"): PUBLIC,
    ("GET", "/issuers/{slug}/did.json"): PUBLIC,
    ("GET", "/issuers/{slug}/did/history.json"): PUBLIC,
    ("GET", "/issuers/{slug}"): PUBLIC,
    ("GET", "/credentials/{credential_id}"): PUBLIC,
    ("GET", "/credentials/{credential_id}/status"): PUBLIC,
    ("GET", "/status/{list_id}"): PUBLIC,
    ("GET", "/status-lists/{list_id}"): PUBLIC,
    ("GET", "/achievements/{achievement_id}"): PUBLIC,
    ("GET", "/p/{handle}"): PUBLIC,
    ("GET", "/v"): PUBLIC,
    ("GET", "/V"): PUBLIC,
    ("GET", "/v/{code}"): PUBLIC,
    ("GET", "/V/{code}"): PUBLIC,
    ("GET", "/v/{code}/qr.svg"): PUBLIC,
    ("GET", "/V/{code}/qr.svg"): PUBLIC,
    ("GET", "/v/{code}/qr.png"): PUBLIC,
    ("GET", "/V/{code}/qr.png"): PUBLIC,
    ("GET", "/v/{code}/signed.json"): PUBLIC,
    ("GET", "/V/{code}/signed.json"): PUBLIC,
    ("POST", "/credentials/verify"): PUBLIC,
    ("POST", "/presentations/verify"): PUBLIC,
    ("GET", "/api/v1/openapi.json"): PUBLIC,
    ("GET", "/docs/api"): PUBLIC,
    ("POST", "/api/v1/credentials"): Row(Action.ISSUE, "key", issuer_bound=False),
    ("GET", "/api/v1/credentials"): Row(Action.READ_ISSUED, "key", issuer_bound=False),
    ("GET", "/api/v1/issuers"): Row(Action.READ_ISSUERS, "key", issuer_bound=False),
    ("GET", "/api/v1/issuers/{slug}"): Row(Action.READ_ISSUERS, "key", by_name=True),
    ("POST", "/credentials/issue"): Row(Action.ISSUE, "key", issuer_bound=False),
    ("POST", "/credentials/status"): Row(Action.WITHDRAW, "key", issuer_bound=False),
    ("POST", "/api/v1/reservations"): Row(Action.ISSUE, "key", issuer_bound=False),
    ("POST", "/api/v1/reservations/{reservation_id}/submit"): Row(Action.ISSUE, "key", good={"id": "urn:uuid:0"}),
    ("GET", "/api/v1/issuers/{slug}/status-lists/unsigned"): Row(Action.ISSUE, "key", by_name=True),
    ("PUT", "/api/v1/issuers/{slug}/status-lists/{list_id}"): Row(
        Action.ISSUE, "key", good={"id": "urn:uuid:0"}, by_name=True
    ),
    ("PUT", "/api/v1/issuers/{slug}/vouching"): Row(Action.VOUCH, "key", good={"vouches": True}),
    ("GET", "/api/v1/credentials/{credential_id}"): Row(Action.READ_ISSUED, "key"),
    ("POST", "/api/v1/credentials/{credential_id}/withdraw"): Row(
        Action.WITHDRAW, "key", good={"reason": "Mallory wants it gone."}
    ),
    ("POST", "/api/v1/credentials/{credential_id}/replace"): Row(
        Action.REPLACE, "key", good={"completion": maya(), "as": "successor", "reason": "Mallory wants it hers."}
    ),
    # a platform's own events and webhooks
    ("GET", "/api/v1/events"): Row(Action.READ_EVENTS, "key", issuer_bound=False),
    ("GET", "/api/v1/events/{event_id}"): Row(Action.READ_EVENTS, "key"),
    ("POST", "/api/v1/events/{event_id}/replay"): Row(Action.MANAGE_WEBHOOKS, "key"),
    ("GET", "/api/v1/webhooks"): Row(Action.READ_WEBHOOKS, "key", issuer_bound=False),
    ("POST", "/api/v1/webhooks"): Row(
        Action.MANAGE_WEBHOOKS, "key", issuer_bound=False, good={"url": "https://mallory.example/"}
    ),
    ("GET", "/api/v1/webhooks/{webhook_id}"): Row(Action.READ_WEBHOOKS, "key"),
    ("PATCH", "/api/v1/webhooks/{webhook_id}"): Row(
        Action.MANAGE_WEBHOOKS, "key", good={"url": "https://mallory.example/"}
    ),
    ("POST", "/api/v1/webhooks/{webhook_id}/roll"): Row(Action.MANAGE_WEBHOOKS, "key", good={"overlap": 0}),
    ("POST", "/api/v1/webhooks/{webhook_id}/test"): Row(Action.MANAGE_WEBHOOKS, "key"),
    ("GET", "/api/v1/webhooks/{webhook_id}/deliveries"): Row(Action.READ_WEBHOOKS, "key"),
    ("DELETE", "/api/v1/webhooks/{webhook_id}"): Row(Action.MANAGE_WEBHOOKS, "key"),
    ("GET", "/console/{slug}/webhooks"): Row(Action.READ_WEBHOOKS, "session"),
    ("POST", "/console/{slug}/webhooks"): Row(
        Action.MANAGE_WEBHOOKS, "session", good={"url": "https://mallory.example/"}
    ),
    ("GET", "/console/{slug}/webhooks/{hook_id}"): Row(Action.READ_WEBHOOKS, "session"),
    ("POST", "/console/{slug}/webhooks/{hook_id}"): Row(Action.MANAGE_WEBHOOKS, "session", good={"act": "remove"}),
    ("GET", "/api/v1/key"): Row(Action.SHOW_KEY, "key", issuer_bound=False),
    ("POST", "/api/v1/plugins/{plugin}/records"): Row(Action.ISSUE, "key", good=maya(), by_name=True),
    ("POST", "/api/v1/grants"): Row(Action.ASK_FOR_GRANT, "key", issuer_bound=False, good={"email": "o@o.example"}),
    ("GET", "/api/v1/grants"): Row(Action.READ_GRANTS, "key", issuer_bound=False),
    ("GET", "/api/v1/grants/{asked}"): Row(Action.READ_GRANTS, "key"),
    ("DELETE", "/api/v1/grants/{asked}"): Row(Action.ASK_FOR_GRANT, "key"),
    # references
    ("POST", "/api/v1/references"): Row(
        Action.ASK_FOR_REFERENCE,
        "key",
        issuer_bound=False,
        good={"credential": "0", "name": "Oscar", "email": "o@o.example", "role": "Nobody"},
    ),
    ("GET", "/api/v1/references"): Row(Action.READ_REFERENCES, "key", issuer_bound=False),
    ("GET", "/api/v1/references/{reference_id}"): Row(Action.READ_REFERENCES, "key"),
    ("DELETE", "/api/v1/references/{reference_id}"): Row(Action.ASK_FOR_REFERENCE, "key"),
    ("GET", "/references/{reference_id}"): PUBLIC,
    ("GET", "/references/{reference_id}/signed"): PUBLIC,
    ("GET", "/referee/{link_secret}"): REFEREE,
    ("POST", "/referee/{link_secret}"): REFEREE,
    ("POST", "/referee/{link_secret}/decline"): REFEREE,
    ("POST", "/referee/{link_secret}/take-back"): REFEREE,
    ("POST", "/referee/{link_secret}/no-mail"): REFEREE,
    ("GET", "/account/references"): ACCOUNT,
    ("POST", "/account/references/{own_reference}"): Row(
        Action.USE_ACCOUNT, "session", whose="maya", good={"choice": "show"}
    ),
    # interns
    ("GET", "/account/grants"): ACCOUNT,
    ("POST", "/account/grants/{grant}"): Row(Action.USE_ACCOUNT, "session", whose="maya", good={"answer": "refuse"}),
    ("GET", "/account/credentials"): Row(Action.USE_ACCOUNT, "session", issuer_bound=False),
    ("GET", "/account/credentials/{own_id}/reply"): Row(Action.USE_ACCOUNT, "session", whose="maya"),
    ("POST", "/account/credentials/{own_id}/reply"): Row(
        Action.USE_ACCOUNT, "session", whose="maya", good={"text": "Mallory was here."}
    ),
    ("POST", "/account/credentials/{own_id}/reply/taken-back"): Row(Action.USE_ACCOUNT, "session", whose="maya"),
    ("GET", "/sign-in"): SIGN_IN,
    ("POST", "/sign-in"): SIGN_IN,
    ("GET", "/sign-in/code"): SIGN_IN,
    ("POST", "/sign-in/code"): SIGN_IN,
    ("GET", "/sign-in/link/{secret}"): SIGN_IN,
    ("POST", "/sign-in/link/{secret}"): SIGN_IN,
    ("POST", "/sign-in/passkey/options"): SIGN_IN,
    ("POST", "/sign-in/passkey"): SIGN_IN,
    ("GET", "/account/undo/{secret}"): SIGN_IN,
    ("POST", "/account/undo/{secret}"): SIGN_IN,
    ("GET", "/sign-out"): ACCOUNT,
    ("POST", "/sign-out"): ACCOUNT,
    ("GET", "/account"): ACCOUNT,
    ("POST", "/account/name"): ACCOUNT,
    ("POST", "/account/mailboxes"): ACCOUNT,
    ("POST", "/account/mailboxes/remove"): ACCOUNT,
    ("POST", "/account/passkeys"): ACCOUNT,
    ("POST", "/account/passkeys/options"): ACCOUNT,
    ("POST", "/account/passkeys/{passkey}/remove"): ACCOUNT,
    ("POST", "/account/recovery/call-off"): ACCOUNT,
    # people and members, in the console
    ("GET", "/console"): Row(Action.USE_ACCOUNT, "session", issuer_bound=False),
    ("GET", "/console/{slug}/keys"): Row(Action.SEE_ISSUER, "session"),
    ("POST", "/console/{slug}/keys"): Row(
        Action.MANAGE_KEYS, "session", good={"act": "rotate", "purpose": "credentials", "when": "tomorrow"}
    ),
    ("GET", "/console/new"): Row(Action.USE_ACCOUNT, "session", issuer_bound=False),
    ("POST", "/console/new"): Row(
        Action.USE_ACCOUNT, "session", issuer_bound=False, good={"name": "Mallory Two", "url": "mallory.example"}
    ),
    ("GET", "/console/new/own-key"): Row(Action.USE_ACCOUNT, "session", issuer_bound=False),
    ("POST", "/console/new/own-key"): Row(
        Action.USE_ACCOUNT, "session", issuer_bound=False, good={"name": "Mallory Two", "url": "mallory.example"}
    ),
    ("GET", "/console/new/own-key/{question}"): Row(Action.USE_ACCOUNT, "session", whose="maya"),
    ("POST", "/console/new/own-key/{question}"): Row(
        Action.USE_ACCOUNT, "session", whose="maya", good={"answer": "{}"}
    ),
    ("GET", "/console/{slug}/keys/next"): Row(Action.MANAGE_KEYS, "session"),
    ("POST", "/console/{slug}/keys/next"): Row(Action.MANAGE_KEYS, "session", good={"key": "z6Mk"}),
    ("GET", "/console/{slug}/keys/next/{next_question}"): Row(Action.MANAGE_KEYS, "session"),
    ("POST", "/console/{slug}/keys/next/{next_question}"): Row(Action.MANAGE_KEYS, "session", good={"answer": "{}"}),
    # credentials in the console
    ("GET", "/console/{slug}"): Row(Action.SEE_ISSUER, "session"),
    ("GET", "/console/{slug}/credentials/{credential_id}"): Row(Action.SEE_ISSUER, "session"),
    ("POST", "/console/{slug}/credentials/{credential_id}/withdraw"): Row(
        Action.WITHDRAW, "session", good={"reason": "Mallory wants it gone."}
    ),
    ("GET", "/console/{slug}/credentials/{credential_id}/replace"): Row(Action.REPLACE, "session"),
    ("POST", "/console/{slug}/credentials/{credential_id}/replace"): Row(
        Action.REPLACE, "session", good={"role": "Intern", "key": "k"}
    ),
    ("GET", "/console/{slug}/issue"): Row(Action.ISSUE, "session"),
    ("POST", "/console/{slug}/issue"): Row(Action.ISSUE, "session", good={"role": "Intern", "key": "k"}),
    ("GET", "/console/{slug}/import"): Row(Action.IMPORT, "session"),
    ("POST", "/console/{slug}/import"): Row(Action.IMPORT, "session", good={"file": "x"}),
    ("GET", "/console/{slug}/import/sample.csv"): Row(Action.IMPORT, "session"),
    ("GET", "/console/{slug}/import/{job_id}"): Row(Action.IMPORT, "session"),
    ("GET", "/console/{slug}/import/{job_id}/results.csv"): Row(Action.IMPORT, "session"),
    ("GET", "/console/{slug}/import/{job_id}/to-correct.csv"): Row(Action.IMPORT, "session"),
    ("POST", "/console/{slug}/import/{job_id}/start"): Row(Action.IMPORT, "session"),
    ("POST", "/console/{slug}/import/{job_id}/discard"): Row(Action.IMPORT, "session"),
    ("GET", "/join/{secret}"): Row(Action.USE_ACCOUNT, "session", issuer_bound=False),
    ("POST", "/join/{secret}"): Row(Action.USE_ACCOUNT, "session", issuer_bound=False),
    ("GET", "/console/{slug}/members"): Row(Action.SEE_ISSUER, "session"),
    ("POST", "/console/{slug}/members"): Row(
        Action.MANAGE_MEMBERS, "session", good={"email": "mallory@mallory.example", "role": "admin"}
    ),
    ("GET", "/console/{slug}/members/{person}"): Row(Action.MANAGE_MEMBERS, "session"),
    ("POST", "/console/{slug}/members/{person}/role"): Row(Action.MANAGE_MEMBERS, "session", good={"role": "viewer"}),
    ("POST", "/console/{slug}/members/{person}/remove"): Row(Action.MANAGE_MEMBERS, "session"),
    ("POST", "/console/{slug}/invitations/{invitation}"): Row(Action.MANAGE_MEMBERS, "session"),
    ("POST", "/console/{slug}/leave"): Row(Action.SEE_ISSUER, "session"),
    ("GET", "/console/{slug}/withdrawals"): Row(Action.WITHDRAW, "session"),
    ("POST", "/console/{slug}/withdrawals"): Row(
        Action.WITHDRAW, "session", good={"credentials": "record", "kind": "other", "reason": "Mallory wants it gone."}
    ),
    ("GET", "/console/{slug}/withdrawals/proposals/{withdrawal}"): Row(Action.SEE_ISSUER, "session"),
    ("POST", "/console/{slug}/withdrawals/proposals/{withdrawal}/approve"): Row(Action.DECIDE, "session"),
    ("GET", "/console/{slug}/keys/compromised"): Row(Action.MANAGE_KEYS, "session"),
    ("POST", "/console/{slug}/keys/compromised"): Row(
        Action.MANAGE_KEYS, "session", good={"key": "z6Mk", "since": "2026-11-20T09:30"}
    ),
    ("GET", "/console/{slug}/keys/proposals/{theft}"): Row(Action.SEE_ISSUER, "session"),
    ("POST", "/console/{slug}/keys/proposals/{theft}/approve"): Row(Action.DECIDE, "session"),
    ("GET", "/console/{slug}/proposals"): Row(Action.SEE_ISSUER, "session"),
    ("POST", "/console/{slug}/proposals/{proposal}/refuse"): Row(Action.DECIDE, "session"),
    ("GET", "/console/{slug}/trail"): Row(Action.SEE_ISSUER, "session"),
    ("GET", "/console/{slug}/domain"): Row(Action.SEE_ISSUER, "session"),
    ("POST", "/console/{slug}/domain"): Row(Action.MANAGE_ISSUER, "session", good={"domain": "mallory.example"}),
    ("POST", "/console/{slug}/domain/{proof_id}/check"): Row(Action.MANAGE_ISSUER, "session"),
    ("POST", "/console/{slug}/domain/{proof_id}/give-up"): Row(Action.MANAGE_ISSUER, "session"),
    ("GET", "/console/{slug}/api-keys"): Row(Action.MANAGE_API_KEYS, "session"),
    ("POST", "/console/{slug}/api-keys"): Row(Action.MANAGE_API_KEYS, "session"),
    ("GET", "/console/{slug}/api-keys/live"): Row(Action.MAKE_LIVE_KEY, "session"),
    ("POST", "/console/{slug}/api-keys/live"): Row(
        Action.MAKE_LIVE_KEY, "session", good={"credentials:write": "on", "days": "365"}
    ),
    ("POST", "/console/{slug}/api-keys/{api_key}/roll"): Row(Action.MANAGE_API_KEYS, "session", good={"hours": "24"}),
    ("POST", "/console/{slug}/api-keys/{api_key}/revoke"): Row(Action.MANAGE_API_KEYS, "session"),
    ("GET", "/console/{slug}/platforms"): Row(Action.MANAGE_PLATFORMS, "session"),
    ("GET", "/console/{slug}/platforms/mandate"): Row(Action.GIVE_MANDATE, "session"),
    ("POST", "/console/{slug}/platforms/mandate"): Row(Action.GIVE_MANDATE, "session", good={"platform": "mallory"}),
    ("POST", "/console/{slug}/platforms/{platform}/end"): Row(Action.MANAGE_PLATFORMS, "session"),
    ("GET", "/console/{slug}/settings"): Row(Action.MANAGE_ISSUER, "session"),
    ("POST", "/console/{slug}/settings"): Row(
        Action.MANAGE_ISSUER, "session", good={"url": "mallory.example", "description": "Hers.", "pledge": "no"}
    ),
}
