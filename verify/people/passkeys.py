"""Passkeys (WebAuthn Level 3): a key pair in the person's device, which the device uses only after it knows her.

User verification is required of everybody, origin and relying party are exactly those of the public URL, and each
challenge is answered once, by the browser that it was made for (SEC-166). No attestation is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import parse_client_data_json
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from refolio.credential import base64url
from verify.database import UniqueViolation, tx
from verify.http.cookies import begun_name
from verify.http.refusals import Refused
from verify.people import recovering, sessions
from verify.people.limiting import forget_spans_that_ended, network_of, spend
from verify.people.notifying import mailboxes_of, tell
from verify.people.sessions import Session
from verify.people.signing_in import HOUR, Done, hashed, own_path, require_open_account
from verify.people.staffing import Staffing
from verify.people.tables import Passkey, PasskeyChallenge
from verify.runtime import Runtime
from verify.trail.recording import SERVICE, record

LASTS = timedelta(minutes=5)
CHALLENGE_BYTES = 32
QUESTIONS_TO_ONE_NETWORK = 120  # an hour
MOST, LONGEST_NAME, LONGEST_ID = 10, 60, 1364

NEW_PASSKEY = "A new passkey on Refolio"
NEW_PASSKEY_BODY = """\
Hello,

a passkey was added to your Refolio account, so it can be used to sign in from now on. If it was not you, remove it \
and sign out everywhere at once:

{url}
"""
PASSKEY_GONE = "A passkey was removed from Refolio"
PASSKEY_GONE_BODY = """\
Hello,

a passkey was removed from your Refolio account. If it was not you, look at once who is signed in, and sign out \
everywhere:

{url}
"""


async def registration_options(runtime: Runtime, staffing: Staffing, session: Session, client: str) -> str:
    """The JSON that a browser needs to make a passkey for the signed-in person. Raises Refused like ``register``."""
    await _require_may_change(staffing, session)
    mailboxes = await mailboxes_of(session.person)
    challenge = await _ask(runtime, _bound_to_session(session), client)
    return options_to_json(
        generate_registration_options(
            rp_id=_relying_party(runtime),
            rp_name="Refolio",
            user_id=UUID(session.person).bytes,
            user_name=mailboxes[0] if mailboxes else "Refolio",
            challenge=challenge,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
            ),
            exclude_credentials=[
                PublicKeyCredentialDescriptor(id=base64url.decode(row["id"]))
                for row in await passkeys_of(session.person)
            ],
        )
    )


async def register(
    runtime: Runtime, staffing: Staffing, session: Session, response: Mapping[str, Any], name: str
) -> None:
    """Keep a passkey that the browser has made for ``registration_options``; all other sign-ins end.

    Raises Refused: ``sign-in-again`` when the sign-in is not of a moment ago; ``roles-not-open``; ``passkey-refused``.
    """
    await _require_may_change(staffing, session)
    name = " ".join(name.split())[:LONGEST_NAME]
    if not name.isprintable():
        raise Refused("bad-request", "The name holds characters that cannot be shown.")
    challenge = await _answered(runtime, _bound_to_session(session), response)
    try:
        made = verify_registration_response(
            credential=dict(response),
            expected_challenge=challenge,
            expected_rp_id=_relying_party(runtime),
            expected_origin=runtime.settings.public_url,
            require_user_verification=True,
        )
    except Exception as error:  # a library of others on bytes of others
        raise _refused(error) from None
    passkey_id = base64url.encode(made.credential_id)
    if len(passkey_id) > LONGEST_ID or len(await passkeys_of(session.person)) >= MOST:
        raise Refused("passkey-refused", f"An account has at most {MOST} passkeys.")
    now = runtime.now()
    passkey = Passkey(
        id=passkey_id,
        person=session.person,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        name=name or "Passkey",
        created_at=now,
        used_at=now,
    )
    try:
        async with tx():
            await passkey.save()
            await recovering.is_over(session.person)
            await _changed(runtime, session, NEW_PASSKEY, NEW_PASSKEY_BODY)
            await record(runtime, f"person:{session.person}", "passkey-added", SERVICE, about=session.person)
    except UniqueViolation:  # it is somebody's, or hers already
        raise Refused("passkey-refused", "This passkey is registered already.") from None


async def remove(runtime: Runtime, staffing: Staffing, session: Session, passkey_id: str) -> None:
    """Take a passkey of the signed-in person away; all other sign-ins end.

    Raises Refused: ``sign-in-again``, ``roles-not-open``, ``not-found``.
    """
    await _require_may_change(staffing, session)
    async with tx():
        gone = (
            await Passkey.delete()
            .where(Passkey.id == passkey_id, Passkey.person == session.person)
            .returning(Passkey.id)
        )
        if not gone:
            raise Refused("not-found", "There is no such passkey.")
        await _changed(runtime, session, PASSKEY_GONE, PASSKEY_GONE_BODY)
        await record(runtime, f"person:{session.person}", "passkey-removed", SERVICE, about=session.person)


async def _changed(runtime: Runtime, session: Session, subject: str, body: str) -> None:
    """Tell her, and end the sign-ins of before: somebody else may have them. Inside the caller's ``tx()``."""
    await sessions.end_all(session.person, but=session.id)
    await tell(runtime, [session.person], subject, body.format(url=f"{runtime.settings.public_url}/account"))


async def passkeys_of(person: str) -> list[dict[str, Any]]:
    """The passkeys of a person, oldest first."""
    return await Passkey.select().where(Passkey.person == person).order_by(Passkey.created_at)


async def sign_in_options(runtime: Runtime, nonce: str, client: str) -> str:
    """The JSON that a browser needs to sign somebody in by a passkey; it names nobody. ``nonce`` is its cookie's."""
    return options_to_json(
        generate_authentication_options(
            rp_id=_relying_party(runtime),
            challenge=await _ask(runtime, _bound_to_browser(nonce), client),
            user_verification=UserVerificationRequirement.REQUIRED,
        )
    )


async def sign_in(
    runtime: Runtime, staffing: Staffing, cookies: Mapping[str, str], response: Mapping[str, Any], next_path: str
) -> Done:
    """Open a session for the owner of the passkey; the one this browser had is closed. Raises ``passkey-refused``."""
    challenge = await _answered(runtime, _bound_to_browser(cookies.get(begun_name(runtime), "")), response)
    passkey = await Passkey.select().where(Passkey.id == str(response.get("id"))[: LONGEST_ID + 1]).first()
    if passkey is None:
        raise Refused("passkey-refused", "This passkey is not known here. It may have been removed.")
    try:
        shown = verify_authentication_response(
            credential=dict(response),
            expected_challenge=challenge,
            expected_rp_id=_relying_party(runtime),
            expected_origin=runtime.settings.public_url,
            credential_public_key=bytes(passkey["public_key"]),
            credential_current_sign_count=passkey["sign_count"],
            require_user_verification=True,
        )
        handle = base64url.decode(response["response"]["userHandle"])
    except Exception as error:  # a library of others on bytes of others
        raise _refused(error) from None
    person = str(passkey["person"])
    if handle != UUID(person).bytes:
        raise Refused("passkey-refused", "This passkey belongs to another account.")
    last = await sessions.session_of(runtime, cookies)
    async with tx():
        counted = (
            await Passkey.update({Passkey.sign_count: shown.new_sign_count, Passkey.used_at: runtime.now()})
            .where(Passkey.id == passkey["id"], Passkey.sign_count == passkey["sign_count"])
            .returning(Passkey.id)
        )
        if not counted:
            raise Refused("passkey-refused", "This passkey was used elsewhere at this moment.")
        await require_open_account(person)
        staff = await staffing.holds_role(person)
        if last:
            await sessions.end(last.id)
        secret = await sessions.begin(runtime, person, method="passkey", staff=staff)
        await record(runtime, f"person:{person}", "signed-in", SERVICE, about=person, detail={"method": "passkey"})
    return Done(secret, own_path(next_path) or ("/console" if staff else "/account"), staff)


async def _ask(runtime: Runtime, bound_to: str, client: str) -> bytes:
    """A new challenge for this session or browser."""
    challenge = runtime.random_bytes(CHALLENGE_BYTES)
    now = runtime.now()
    async with tx():
        await forget_spans_that_ended(runtime)
        await PasskeyChallenge.delete().where(PasskeyChallenge.expires_at <= now)
        if not await spend(runtime, f"passkey for {network_of(client)}", QUESTIONS_TO_ONE_NETWORK, HOUR):
            raise Refused("too-many-requests", "Passkeys were asked for too often from here.")
        challenge_id = hashed(base64url.encode(challenge))
        await PasskeyChallenge(id=challenge_id, bound_to=bound_to, expires_at=now + LASTS).save()
    return challenge


async def _answered(runtime: Runtime, bound_to: str, response: Mapping[str, Any]) -> bytes:
    """The challenge that the response answers; it is used up by that, whether the answer is right or not."""
    try:
        challenge = parse_client_data_json(base64url.decode(response["response"]["clientDataJSON"])).challenge
    except Exception as error:
        raise _refused(error) from None
    async with tx():
        asked = (
            await PasskeyChallenge.delete()
            .where(
                PasskeyChallenge.id == hashed(base64url.encode(challenge)),
                PasskeyChallenge.bound_to == bound_to,
                PasskeyChallenge.expires_at > runtime.now(),
            )
            .returning(PasskeyChallenge.id)
        )
    if not asked:
        raise Refused("passkey-refused", "This answer came too late, or belongs to another browser.")
    return challenge


async def _require_may_change(staffing: Staffing, session: Session) -> None:
    sessions.require_fresh(session)
    await recovering.require_roles_open(staffing, session)


def _refused(error: Exception) -> Refused:
    return Refused("passkey-refused", f"The passkey's answer does not hold ({type(error).__name__}).")


def _relying_party(runtime: Runtime) -> str:
    return urlsplit(runtime.settings.public_url).hostname or ""


def _bound_to_session(session: Session) -> str:
    return hashed(f"register {session.id}")


def _bound_to_browser(nonce: str) -> str:
    return hashed(f"sign in {nonce}")
