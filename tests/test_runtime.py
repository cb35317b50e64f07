"""The clock, the dice and the keyring."""

from __future__ import annotations

import base64
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from tests.world import a_runtime
from verify.credentials.finding import UUID
from verify.outside.key_custody import KeyUnreadable, new_key, open_key
from verify.runtime import KeyEncryptionKey, Runtime
from verify.settings import SettingRefused, Settings


def settings(folder: Path, **changes: object) -> Settings:
    return Settings(data=folder, kek_file=folder / "kek", **changes)  # type: ignore[arg-type]


def test_the_first_start_makes_a_key_that_only_its_owner_can_read(tmp_path: Path) -> None:
    runtime = Runtime.from_settings(settings(tmp_path / "new"), create_key=True)
    file = tmp_path / "new" / "kek"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert base64.b64decode(file.read_text()) == runtime.kek.secret
    assert [path.name for path in file.parent.iterdir()] == ["kek"]


def test_the_second_start_reads_the_key_of_the_first(tmp_path: Path) -> None:
    first, second = (Runtime.from_settings(settings(tmp_path), create_key=True) for _ in range(2))
    assert first.kek == second.kek


def test_many_first_starts_at_once_agree_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        starts = [threads.submit(Runtime.from_settings, settings(tmp_path), create_key=True) for _ in range(8)]
    assert len({start.result().kek.secret for start in starts}) == 1


def test_sec_209_a_missing_key_is_not_replaced_by_a_new_one_unless_asked(tmp_path: Path) -> None:
    with pytest.raises(SettingRefused, match=r"cannot be read from .*kek.* python -m verify key encryption"):
        Runtime.from_settings(settings(tmp_path))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "content",
    [b"", b"AAAA", base64.b64encode(bytes(31)), base64.b64encode(bytes(33)), b"!" * 44, bytes(32), b"\xff" * 44],
)
def test_a_key_file_that_holds_no_key_stops_the_start(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "kek").write_bytes(content)
    with pytest.raises(SettingRefused, match="kek"):
        Runtime.from_settings(settings(tmp_path), create_key=True)
    assert (tmp_path / "kek").read_bytes() == content


def test_a_key_in_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    secret = bytes(range(32))
    runtime = Runtime.from_settings(settings(tmp_path, kek=base64.b64encode(secret).decode()), create_key=True)
    assert runtime.kek.secret == secret
    assert not list(tmp_path.iterdir())


def test_a_mistyped_key_in_the_environment_is_named_and_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(SettingRefused, match="REFOLIO_KEK must hold 32 random bytes") as caught:
        Runtime.from_settings(settings(tmp_path, kek="hunter2"))
    assert "hunter2" not in str(caught.value)


def test_sec_210_the_key_does_not_show_when_the_runtime_is_printed(tmp_path: Path) -> None:
    text = base64.b64encode(bytes(range(32))).decode()
    runtime = Runtime.from_settings(settings(tmp_path, kek=text))
    assert text not in repr(runtime)
    assert str(runtime.kek) == repr(KeyEncryptionKey(bytes(32)))


def test_sec_108_ids_are_random_uuids() -> None:
    runtime = a_runtime("sqlite:///unused.db")
    ids = {runtime.new_id() for _ in range(10_000)}
    assert len(ids) == 10_000
    assert all(UUID.fullmatch(id_) for id_ in ids)


def test_the_clock_of_a_real_start_runs_in_utc(tmp_path: Path) -> None:
    runtime = Runtime.from_settings(settings(tmp_path), create_key=True)
    assert runtime.now().utcoffset() == timedelta(0)
    assert runtime.now() <= runtime.now()


def test_keys_of_before_come_from_the_environment_and_from_files(tmp_path: Path) -> None:
    older, oldest = (base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))
    (tmp_path / "oldest").write_text(oldest + "\n")
    given = settings(tmp_path, previous_keks=(older,), previous_kek_files=(tmp_path / "oldest",))
    runtime = Runtime.from_settings(given, create_key=True)
    assert runtime.previous_keks == (KeyEncryptionKey(bytes([1]) * 32), KeyEncryptionKey(bytes([2]) * 32))
    assert older not in repr(runtime)
    with pytest.raises(SettingRefused, match="REFOLIO_KEK_PREVIOUS must hold 32"):
        Runtime.from_settings(settings(tmp_path, previous_keks=("short",)), create_key=True)
    with pytest.raises(SettingRefused, match="cannot be read from"):
        Runtime.from_settings(settings(tmp_path, previous_kek_files=(tmp_path / "gone",)), create_key=True)


def test_a_key_file_that_others_may_read_is_told_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    Runtime.from_settings(settings(tmp_path), create_key=True)
    assert (tmp_path / "kek").stat().st_mode & 0o777 == 0o600
    Runtime.from_settings(settings(tmp_path))
    assert caplog.text == ""
    (tmp_path / "kek").chmod(0o644)
    Runtime.from_settings(settings(tmp_path))
    assert "others on this machine may read it" in caplog.text
    assert (tmp_path / "kek").read_text().strip() not in caplog.text


KMS = """
from cryptography.fernet import Fernet
class Vault:
    kek_id = "vault/refolio/7"
    def __init__(self): self._key = Fernet(Fernet.generate_key())
    def wrap(self, dek, aad): return self._key.encrypt(len(aad).to_bytes(2) + aad + dek)
    def unwrap(self, wrapped, aad):
        text = self._key.decrypt(wrapped)
        if text[2 : 2 + int.from_bytes(text[:2])] != aad: raise ValueError("for something else")
        return text[2 + len(aad) :]
def broken(): raise RuntimeError("no agent")
def poor(): return type("Poor", (), {"kek_id": "x"})()
"""


def test_a_key_management_service_wraps_instead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a_vault.py").write_text(KMS)
    monkeypatch.syspath_prepend(tmp_path)
    runtime = Runtime.from_settings(settings(tmp_path, kms="a_vault:Vault"), create_key=True)
    key, wrapped = new_key(runtime, "acme", "credentials")
    assert b"vault/refolio/7" in wrapped
    assert open_key(runtime, wrapped, "acme", key.public.multibase, "credentials").public == key.public
    with pytest.raises(KeyUnreadable):
        open_key(runtime, wrapped, "mallory-inc", key.public.multibase, "credentials")
    assert not (tmp_path / "kek").exists()
    for name in ("broken", "poor", "nothing"):
        with pytest.raises(SettingRefused, match="REFOLIO_KMS=a_vault"):
            Runtime.from_settings(settings(tmp_path, kms=f"a_vault:{name}"))
