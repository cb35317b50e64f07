"""The matrix of access: for every route of the service what it does, and whose things it can be asked about.

Written by hand, beside the code: a route that is new, or that declares another action, fails until somebody has thought
about it here. ``{name}`` in a path is filled from the things of an issuer (``things.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from verify.http.access import Action


@dataclass(frozen=True)
class Row:
    """One route. ``issuer_bound`` when it is about things of one issuer, so that others must not even see them.

    ``door``: ``public`` (anybody), ``key`` (API key), ``session`` (signed-in person). ``good``: members, or fields of a
    form, that the service would accept from whoever may.
    """

    action: Action
    door: str
    issuer_bound: bool = True
    good: Mapping[str, object] = field(default_factory=dict)


PUBLIC = Row(Action.READ_PUBLIC, "public", issuer_bound=False)

ROWS: dict[tuple[str, str], Row] = {
    ("GET", "/"): PUBLIC,
    ("GET", "/healthz"): PUBLIC,
    ("GET", "/problems/{kind}"): PUBLIC,
    ("GET", "/static/{file_path}"): PUBLIC,
    ("GET", "/issuers/{slug}/did.json"): PUBLIC,
    ("GET", "/credentials/{credential_id}"): PUBLIC,
    ("GET", "/credentials/{credential_id}/status"): PUBLIC,
    ("GET", "/status/{list_id}"): PUBLIC,
    ("GET", "/status-lists/{list_id}"): PUBLIC,
    ("GET", "/achievements/{achievement_id}"): PUBLIC,
    ("GET", "/p/{handle}"): PUBLIC,
    ("GET", "/v"): PUBLIC,
    ("GET", "/v/{code}"): PUBLIC,
    ("GET", "/V/{code}"): PUBLIC,
    ("GET", "/v/{code}/qr.svg"): PUBLIC,
    ("GET", "/V/{code}/qr.svg"): PUBLIC,
    ("GET", "/v/{code}/qr.png"): PUBLIC,
    ("GET", "/V/{code}/qr.png"): PUBLIC,
    ("POST", "/credentials/verify"): PUBLIC,
    ("POST", "/presentations/verify"): PUBLIC,
    ("POST", "/api/v1/credentials"): Row(Action.ISSUE, "key", issuer_bound=False),
    ("POST", "/credentials/issue"): Row(Action.ISSUE, "key", issuer_bound=False),
    ("POST", "/credentials/status"): Row(Action.WITHDRAW, "key", issuer_bound=False),
    ("GET", "/api/v1/credentials/{credential_id}"): Row(Action.READ_ISSUED, "key"),
    ("POST", "/api/v1/credentials/{credential_id}/withdraw"): Row(
        Action.WITHDRAW, "key", good={"reason": "Mallory wants it gone."}
    ),
    # people and members, in the console
    ("GET", "/console"): Row(Action.USE_ACCOUNT, "session", issuer_bound=False),
    ("GET", "/console/new"): Row(Action.USE_ACCOUNT, "session", issuer_bound=False),
    ("POST", "/console/new"): Row(
        Action.USE_ACCOUNT, "session", issuer_bound=False, good={"name": "Mallory Two", "url": "mallory.example"}
    ),
}
