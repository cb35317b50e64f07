"""Every way the service says no, in one table; operations raise :class:`Refused`, ``problems`` turns it into RFC 9457.

Knows no framework, so operations may raise it. A kind's name is stable: it is the last part of the problem's
``type`` URL, which answers with the sentence below.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from refolio.errors import Fault


class Kind(NamedTuple):
    """HTTP status, short title, and what a developer should know and do."""

    status: int
    title: str
    meaning: str


KINDS: dict[str, Kind] = {
    "unreadable-body": Kind(
        400,
        "The request body cannot be read",
        "The body must be one JSON object in UTF-8 with unique member names, no fractions outside quotes, "
        "at most 32 levels deep. The fault names the place.",
    ),
    "bad-request": Kind(400, "The request cannot be understood", "Compare it with the API reference."),
    "idempotency-key-missing": Kind(
        400,
        "An Idempotency-Key is required",
        "Send an Idempotency-Key header of 1 to 255 visible ASCII characters; use the same one when you retry.",
    ),
    "credential-refused": Kind(
        400,
        "This credential cannot be issued",
        "Only completion credentials in our own form are issued; each fault names a member, the reason and the fix. "
        "POST /api/v1/credentials takes the completion itself.",
    ),
    "could-not-check": Kind(
        400,
        "It could not be checked",
        "Something needed for a verdict could not be had or is not understood here; that says nothing for or against "
        "the document. Try again later, or ask who issued it.",
    ),
    "api-key-missing": Kind(401, "An API key is required", "Send Authorization: Bearer rf_live_… or rf_test_…"),
    "api-key-malformed": Kind(
        401, "This is not an API key", "Copy it again, whole; it was shown once when it was made. Or use another key."
    ),
    "api-key-unknown": Kind(
        401, "This API key is not known here", "Check that it is a key of this service, or make a new one."
    ),
    "api-key-revoked": Kind(401, "This API key was revoked", "Make a new one, or ask whoever revoked it."),
    "api-key-expired": Kind(401, "This API key has expired", "Use the key that came in its place, or make a new one."),
    "sign-in-needed": Kind(401, "Please sign in", "This page is for people who are signed in."),
    "sign-in-again": Kind(
        401, "Please sign in again", "What you are about to do takes a sign-in of the last fifteen minutes."
    ),
    "code-wrong": Kind(
        403, "This code is not right", "Type the six digits of the newest mail. Five tries, then ask again."
    ),
    "passkey-refused": Kind(
        403, "This passkey was not accepted", "Try again, or let us send you a mail with a link instead."
    ),
    "roles-not-open": Kind(
        403,
        "This sign-in does not open your roles",
        "Sign in with your passkey. Without it, your account page says from when a sign-in by mail opens them.",
    ),
    "account-closed": Kind(403, "This account is closed", "Write to the operator of this site if that is a mistake."),
    "sent-from-elsewhere": Kind(
        403,
        "This form was not sent from here",
        "Go back to the page, load it again and send the form from there. Nothing was changed.",
    ),
    "address-not-allowed": Kind(
        403,
        "This API key is not used from here",
        "The key names the addresses that it works from. Send the request from one of them, or use another key.",
    ),
    "scope-missing": Kind(
        403, "This API key is not good for that", "Use a key with the scope that is named, or have one made."
    ),
    "wrong-mode": Kind(
        403,
        "This is for a key of the other mode",
        "Test keys (rf_test_…) reach test issuers and their credentials, live keys (rf_live_…) all others.",
    ),
    "issuer-not-allowed": Kind(
        403,
        "This API key may not deliver for this issuer",
        "Check the issuer's short name (GET /api/v1/key names those that the key may deliver for), or ask an admin of "
        "the issuer for a mandate.",
    ),
    "grant-refused": Kind(
        403,
        "The intern has not allowed this",
        "An intern decides who may add to her record. What was issued before stays; nothing new is written until she "
        "allows it in her account.",
    ),
    "second-person-needed": Kind(
        403,
        "A second person must decide this",
        "What cannot be undone is proposed by one admin and approved by another.",
    ),
    "not-found": Kind(404, "Nothing is here", "Check the link for a copying mistake."),
    "code-malformed": Kind(
        404,
        "This is not a verification code",
        "A code has 16 letters and digits, for example 7Q4K-9XBD-2MTR-6WFH. Upper and lower case are the same.",
    ),
    "method-not-allowed": Kind(405, "This address does not do that", "See the Allow header for what it does."),
    "idempotency-key-reused": Kind(
        409,
        "This Idempotency-Key was used for another request",
        "Send the same body as before, or a new key for a new request.",
    ),
    "duplicate-completion": Kind(
        409,
        "This completion was issued before",
        "The same person, project and dates already have a credential of this issuer. Withdraw it first, or add "
        "?allow_duplicate=true if there really were two.",
    ),
    "not-in-test-mode": Kind(
        409, "This does not work in test mode", "Use a live key: rf_live_…, in the service or in the emulator."
    ),
    "other-custody": Kind(
        409,
        "This issuer's credentials are signed in another place",
        "For an issuer that holds its own key: POST /api/v1/reservations, sign, submit. For all others: "
        "POST /api/v1/credentials.",
    ),
    "reference-custody": Kind(
        409,
        "No reference can be signed for this issuer here",
        "References are signed here with the issuer's key. This issuer holds its key itself, and the service has none.",
    ),
    "reference-limit": Kind(
        409,
        "Enough people were asked about this credential",
        "Ten people can be asked about one credential, counting those who did not answer.",
    ),
    "reference-answered": Kind(
        409, "The referee has answered", "A question can be taken back until it is answered. What was signed stays."
    ),
    "reservation-expired": Kind(
        409,
        "This reservation has ended",
        "It was not submitted in time and cannot be any more. Reserve again and sign the new document.",
    ),
    "reservation-used": Kind(
        409,
        "Another document was submitted for this reservation",
        "The first one stands. GET /credentials/{uuid} shows it.",
    ),
    "status-list-due": Kind(
        409,
        "The status list must be signed first",
        "Sign what GET /api/v1/issuers/{slug}/status-lists/unsigned shows, put it back, then submit again.",
    ),
    "status-list-changed": Kind(
        409,
        "This is not the edition that is due",
        "Get the unsigned list again, sign that and put it back.",
    ),
    "already-withdrawn": Kind(
        409, "This credential was withdrawn before", "A withdrawal is final; its reason cannot be changed."
    ),
    "already-replaced": Kind(
        409,
        "This credential has a successor",
        "A withdrawn credential is replaced once. Correct or replace its successor, which the answer to GET names.",
    ),
    "edition-changed": Kind(
        409,
        "This credential was corrected meanwhile",
        "Look at it as it is now, and correct that if it is still needed.",
    ),
    "already-replied": Kind(
        409, "A reply was given before", "There is one reply to a withdrawal. It can be taken back, not changed."
    ),
    "issuer-closed": Kind(
        409, "This issuer is closed", "Nothing is issued in its name any more; what it signed before stays valid."
    ),
    "already-vouched": Kind(
        409, "Another platform vouches for this issuer", "One platform at a time does; it can take that back."
    ),
    "no-active-key": Kind(
        409,
        "This issuer has no key that signs",
        "Its last key was in other hands. As soon as the issuer has registered its next key, send the request again.",
    ),
    "webhook-limit": Kind(409, "There are enough webhooks", "Remove one that is not needed, or change it."),
    "webhook-off": Kind(409, "The webhook is switched off", "Switch it on first: PATCH it with enabled true."),
    "link-used": Kind(
        410, "This link no longer works", "It was used, or it is too old, or a newer one was sent. Ask for another one."
    ),
    "body-too-large": Kind(413, "The request body is too large", "Send at most 512 kB."),
    "unsupported-media-type": Kind(
        415,
        "The body is not sent as JSON",
        "Send Content-Type: application/json, without compression and other than UTF-8 charsets.",
    ),
    "completion-refused": Kind(
        422, "The completion cannot be signed", "Each fault names a field, the reason and the fix."
    ),
    "record-refused": Kind(
        422,
        "The record cannot be read",
        "Each fault names a member of the record as it was sent, the reason and the fix.",
    ),
    "completion-objected": Kind(
        422,
        "The plugin objects",
        "The record can be read, but should not be issued as it is. Each fault names what, the reason and the fix.",
    ),
    "rate-limited": Kind(
        429, "Too many requests", "Wait as many seconds as Retry-After says, then send the same request again."
    ),
    "too-many-requests": Kind(429, "That was too often", "Wait an hour, then try again."),
    "form-refused": Kind(
        422, "Something in the form cannot be taken", "Each fault names a field, the reason and the fix."
    ),
    "signature-refused": Kind(
        422,
        "The signed document cannot be taken",
        "It must be the reserved document, unchanged, with the proofs of an active key of its issuer.",
    ),
    "key-refused": Kind(
        422,
        "This key cannot be registered",
        "It must be a sound Ed25519 key, and the answer to an open challenge must be signed with it.",
    ),
    "webhook-refused": Kind(422, "The webhook cannot be taken", "Each fault names a member, the reason and the fix."),
    "too-many-waiting": Kind(
        429, "Too many requests wait for events", "One that waits is enough for a platform; share it."
    ),
    "internal-error": Kind(
        500, "Something broke on our side", "Nothing was half done. Try again; tell us if it happens again."
    ),
    "plugin-fault": Kind(
        503,
        "The plugin that reads these records does not work",
        "Nothing was issued for this record. Its operator finds the reason in the log; send the record again later.",
    ),
    "unavailable": Kind(503, "The service cannot do this right now", "Send the same request again in a moment."),
}


class Refused(Exception):
    """The request is refused and nothing was changed. ``detail`` is a sentence about this very case."""

    def __init__(self, kind: str, detail: str, faults: Sequence[Fault] = ()) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.faults = tuple(faults)
