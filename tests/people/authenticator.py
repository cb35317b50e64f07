"""A passkey in software (WebAuthn Level 3): what an honest device and browser send, and every lie that a test wants.

Each member of ``Lies`` changes one thing that the service must look at.
"""

from __future__ import annotations

import hashlib
import json
import struct
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from refolio.credential import base64url

USER_PRESENT, USER_VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass(frozen=True)
class Lies:
    """What is not as it should be; None means the truth."""

    origin: str | None = None
    relying_party: str | None = None
    challenge: str | None = None
    kind: str | None = None
    flags: int | None = None
    count: int | None = None
    credential_id: bytes | None = None
    handle: bytes | None = None
    other_key: bool = False
    member: tuple[str, Any] | None = None


HONEST = Lies()


@dataclass
class Authenticator:
    """A device with one key pair. It counts its signatures, as security keys do."""

    origin: str
    credential_id: bytes = b"device-one-------"
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    handle: bytes = b""
    count: int = 0

    def create(self, options: dict[str, Any], lies: Lies = HONEST) -> dict[str, Any]:
        """Answer to ``navigator.credentials.create()``."""
        self.handle = base64url.decode(options["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        credential_id = lies.credential_id or self.credential_id
        attested = bytes(16) + struct.pack(">H", len(credential_id)) + credential_id + cbor2.dumps(cose)
        data = self._data(options["rp"]["id"], lies, ATTESTED) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client_data = self._client_data("webauthn.create", options, lies)
        return _spelled(credential_id, lies, clientDataJSON=client_data, attestationObject=attestation)

    def get(self, options: dict[str, Any], lies: Lies = HONEST) -> dict[str, Any]:
        """Answer to ``navigator.credentials.get()``."""
        self.count += 1
        data = self._data(options["rpId"], lies)
        client_data = self._client_data("webauthn.get", options, lies)
        key = ec.generate_private_key(ec.SECP256R1()) if lies.other_key else self.key
        signature = key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(hashes.SHA256()))
        handle = self.handle if lies.handle is None else lies.handle
        credential_id = lies.credential_id or self.credential_id
        return _spelled(
            credential_id,
            lies,
            clientDataJSON=client_data,
            authenticatorData=data,
            signature=signature,
            userHandle=handle,
        )

    def _data(self, relying_party: str, lies: Lies, flags: int = 0) -> bytes:
        party = hashlib.sha256((lies.relying_party or relying_party).encode()).digest()
        shown = (USER_PRESENT | USER_VERIFIED if lies.flags is None else lies.flags) | flags
        return party + bytes([shown]) + struct.pack(">I", self.count if lies.count is None else lies.count)

    def _client_data(self, kind: str, options: dict[str, Any], lies: Lies) -> bytes:
        members = {
            "type": lies.kind or kind,
            "challenge": lies.challenge or options["challenge"],
            "origin": lies.origin or self.origin,
            "crossOrigin": False,
        }
        return json.dumps(members).encode()


def _spelled(credential_id: bytes, lies: Lies, **response: bytes) -> dict[str, Any]:
    spelled = base64url.encode(credential_id)
    members: dict[str, Any] = {name: base64url.encode(value) for name, value in response.items()}
    answer = {"id": spelled, "rawId": spelled, "type": "public-key", "response": members}
    if lies.member:
        name, value = lies.member
        (members if name in members else answer)[name] = value
    return answer
