"""Issuer keys at rest: they open for whom they were made, and for nobody and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from refolio.credential.keys import PrivateKey
from tests.world import World, a_runtime, another
from verify.credentials.tables import Credential
from verify.issuers.tables import IssuerKey
from verify.outside.key_custody import DESTROYED, KeyUnreadable, is_current, new_key, open_key, rewrapped
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


def test_a_key_of_before_opens_until_it_is_rewrapped_and_the_new_one_opens_what_was() -> None:
    both = replace(OTHER, previous_keks=(RUNTIME.kek,))
    assert open_key(both, WRAPPED, "acme", PUBLIC, "credentials").public == KEY.public
    assert not is_current(both, WRAPPED)
    moved = rewrapped(both, WRAPPED, "acme", PUBLIC, "credentials")
    assert is_current(both, moved)
    for runtime in (both, OTHER, replace(RUNTIME, previous_keks=(OTHER.kek,))):
        assert open_key(runtime, moved, "acme", PUBLIC, "credentials").public == KEY.public
    with pytest.raises(KeyUnreadable):
        open_key(RUNTIME, moved, "acme", PUBLIC, "credentials")


FIRST_FORM = (  # made by the release before, with KEK, for acme's key of the seed 32 × 7
    "010101010101010101010101017ecaec3c618c616fdd5d6e11116e5bd1c26786d2988a1fd5fad20ee59400f7389337259407"
    "285d9a8ee23bcda7a95e69020202020202020202020202fd13e17359459743e8e41c37d19c7d283b3622699f9350c407d87b"
    "f6f88ffadd9fd0e01bf0fa641af434fadcdddb7a15"
)
SEVENS = PrivateKey.from_seed(bytes([7]) * 32).public.multibase


def test_a_key_stored_in_the_first_form_opens_and_is_rewrapped() -> None:
    wrapped = bytes.fromhex(FIRST_FORM)
    for runtime in (RUNTIME, replace(OTHER, previous_keks=(RUNTIME.kek,))):
        assert open_key(runtime, wrapped, "acme", SEVENS, "credentials").public.multibase == SEVENS
        assert not is_current(runtime, wrapped)
    for issuer, purpose in (("mallory-inc", "credentials"), ("acme", "status")):
        with pytest.raises(KeyUnreadable):
            open_key(RUNTIME, wrapped, issuer, SEVENS, purpose)
    for place in range(0, len(wrapped), 7):
        changed = bytearray(wrapped)
        changed[place] ^= 1
        with pytest.raises(KeyUnreadable):
            open_key(RUNTIME, bytes(changed), "acme", SEVENS, "credentials")
    assert is_current(RUNTIME, rewrapped(RUNTIME, wrapped, "acme", SEVENS, "credentials"))


def test_a_destroyed_key_does_not_open_and_needs_nothing() -> None:
    with pytest.raises(KeyUnreadable, match="destroyed"):
        open_key(RUNTIME, DESTROYED, "acme", PUBLIC, "credentials")
    assert is_current(RUNTIME, DESTROYED)


async def test_sec_209_with_keys_swapped_between_two_rows_nothing_is_signed(world: World) -> None:
    rows = await IssuerKey.select(IssuerKey.id, IssuerKey.wrapped, IssuerKey.issuer, IssuerKey.purpose)
    by_issuer = {row["issuer"]: row for row in rows if row["purpose"] == "credentials"}
    mine, hers = by_issuer["acme"], by_issuer["mallory-inc"]
    await IssuerKey.update({IssuerKey.wrapped: bytes(hers["wrapped"])}).where(IssuerKey.id == mine["id"])
    assert (await world.post(another())).status_code == 500
    assert not await Credential.exists().where(Credential.document.is_not_null())
