"""What is asked about credentials: the requests of ``client.credentials``."""

from __future__ import annotations

from datetime import datetime

from refolio.client.idempotency import content_digest, content_key, require_key
from refolio.client.issued import IssuedCredential, uuid_of
from refolio.client.requests import JSON_BODY, Request, body_of, get
from refolio.credential import timestamps
from refolio.credential.model import Completion, completion_members

PATH = "/api/v1/credentials"


def issue_request(completion: Completion, idempotency_key: str | None, *, allow_duplicate: bool) -> Request:
    """Ask for a credential. Without a key of yours the content's own key is sent, so a retry never issues twice."""
    key = content_key(completion) if idempotency_key is None else idempotency_key
    return Request(
        "POST",
        PATH + ("?allow_duplicate=true" if allow_duplicate else ""),
        {**JSON_BODY, "Idempotency-Key": require_key(key)},
        body_of(completion_members(completion)),
        repeatable=True,
    )


def reserve_request(completion: Completion, idempotency_key: str | None, *, allow_duplicate: bool) -> Request:
    """Ask for a reservation; as ``issue_request``, at another address."""
    asked = issue_request(completion, idempotency_key, allow_duplicate=allow_duplicate)
    path = asked.path.replace("/credentials", "/reservations")
    return Request(asked.method, path, asked.headers, asked.body, repeatable=True)


def withdraw_request(credential: str | IssuedCredential, reason: str, kind: str | None = None) -> Request:
    """Ask to withdraw. Repeatable, because the same withdrawal again changes nothing."""
    path = f"{PATH}/{uuid_of(credential)}/withdraw"
    return Request("POST", path, JSON_BODY, body_of(_why(reason, kind)), repeatable=True)


def replace_request(
    credential: str | IssuedCredential,
    completion: Completion,
    idempotency_key: str | None,
    *,
    successor: bool,
    reason: str | None,
    kind: str | None,
) -> Request:
    """Ask for a replacement. Without a key of yours the content's own key is sent, so a retry never replaces twice."""
    uuid = uuid_of(credential)
    body: dict[str, object] = {"completion": completion_members(completion)}
    if successor:
        body |= {"as": "successor", **_why(reason, kind)}
    key = idempotency_key
    if key is None:
        key = "replacement-" + content_digest({"replaces": uuid, **body})
    headers = {**JSON_BODY, "Idempotency-Key": require_key(key)}
    path = f"{PATH}/{uuid}/replace"
    return Request("POST", path, headers, body_of(body), repeatable=True)


def _why(reason: str | None, kind: str | None) -> dict[str, str]:
    return {name: value for name, value in (("reason", reason), ("kind", kind)) if value is not None}


def get_request(credential: str | IssuedCredential) -> Request:
    """Ask what the service knows about a credential."""
    return get(f"{PATH}/{uuid_of(credential)}")


def list_filters(
    issuer: str | None, state: str | None, record: str | None, since: datetime | None, email: str | None
) -> dict[str, str | None]:
    """The query of a list."""
    moment = timestamps.format(since) if since else None
    return {"issuer": issuer, "state": state, "record": record, "since": moment, "email": email}


def document_request(credential: str | IssuedCredential) -> Request:
    """Ask for the signed bytes: a public document, so no API key goes with it."""
    headers = {"Accept": "application/vc, application/json;q=0.5"}
    return Request("GET", f"/credentials/{uuid_of(credential)}", headers, repeatable=True, public=True)
