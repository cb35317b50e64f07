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
