"""Issuer keys at rest: they open for whom they were made, and for nobody and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.world import World, a_runtime, another
from verify.credentials.tables import Credential
from verify.issuers.tables import IssuerKey
from verify.outside.key_custody import KeyUnreadable, new_key, open_key
from verify.runtime import KeyEncryptionKey

RUNTIME = a_runtime("sqlite:///unused.db")
KEY, WRAPPED = new_key(RUNTIME, "acme", "credentials")
PUBLIC = KEY.public.multibase
OTHER = replace(RUNTIME, kek=KeyEncryptionKey(b"another key-encryption key, same"))


def test_a_key_opens_for_the_issuer_and_purpose_it_was_made_for() -> None:
    opened = open_key(RUNTIME, WRAPPED, "acme", PUBLIC, "credentials")
    KEY.public.verify(opened.sign(b"message"), b"message")
    assert opened.public.raw == KEY.public.raw


def test_sec_209_another_key_encryption_key_opens_nothing() -> None:
    with pytest.raises(KeyUnreadable, match="REFOLIO_KEK"):
        open_key(OTHER, WRAPPED, "acme", PUBLIC, "credentials")


@pytest.mark.parametrize(
    ("issuer", "public", "purpose"),
    [
        ("mallory-inc", PUBLIC, "credentials"),
        ("acme", new_key(RUNTIME, "acme", "credentials")[0].public.multibase, "credentials"),
        ("acme", PUBLIC, "webhooks"),
        ("acme\x1f" + PUBLIC, "credentials", ""),
    ],
    ids=["other issuer", "other public key", "other purpose", "same text split elsewhere"],
)
def test_sec_209_a_key_copied_into_another_row_does_not_open(issuer: str, public: str, purpose: str) -> None:
    with pytest.raises(KeyUnreadable):
        open_key(RUNTIME, WRAPPED, issuer, public, purpose)


def test_sec_209_a_key_with_any_byte_changed_does_not_open() -> None:
    for place in range(len(WRAPPED)):
        changed = bytearray(WRAPPED)
        changed[place] ^= 1
        with pytest.raises(KeyUnreadable):
            open_key(RUNTIME, bytes(changed), "acme", PUBLIC, "credentials")


def test_sec_209_a_key_that_was_cut_or_lengthened_does_not_open() -> None:
    for changed in [*(WRAPPED[:length] for length in range(len(WRAPPED))), WRAPPED + b"\0"]:
        with pytest.raises(KeyUnreadable):
            open_key(RUNTIME, changed, "acme", PUBLIC, "credentials")


def test_the_same_secret_is_never_wrapped_the_same_way_twice() -> None:
    seed = bytes(32)
    dice = iter(range(1, 100))
    runtime = replace(RUNTIME, random_bytes=lambda length: seed if length == 32 else bytes([next(dice)]) * length)
    first, again = (new_key(runtime, "acme", "credentials")[1] for _ in range(2))
    assert first != again
    assert seed not in first


def test_sec_210_nothing_secret_is_in_what_is_printed() -> None:
    shown = f"{KEY!r} {KEY} {RUNTIME!r} {RUNTIME.kek!r} {RUNTIME.kek}"
    assert all(form not in shown for form in (repr(RUNTIME.kek.secret), RUNTIME.kek.secret.hex()))
    with pytest.raises(KeyUnreadable) as caught:
        open_key(OTHER, WRAPPED, "acme", PUBLIC, "credentials")
    assert WRAPPED.hex() not in str(caught.value)
    assert caught.value.__cause__ is None


async def test_sec_209_with_keys_swapped_between_two_rows_nothing_is_signed(world: World) -> None:
    rows = await IssuerKey.select(IssuerKey.id, IssuerKey.wrapped, IssuerKey.issuer)
    by_issuer = {row["issuer"]: row for row in rows}
    mine, hers = by_issuer["acme"], by_issuer["mallory-inc"]
    await IssuerKey.update({IssuerKey.wrapped: bytes(hers["wrapped"])}).where(IssuerKey.id == mine["id"])
    assert (await world.post(another())).status_code == 500
    assert not await Credential.exists().where(Credential.document.is_not_null())
