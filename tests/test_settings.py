"""What an operator may set, and how a mistake in it is answered."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

import verify.settings
from verify.settings import VARIABLES, SettingRefused, Settings


def test_without_any_setting_it_runs_on_this_machine_alone() -> None:
    settings = Settings.from_environ({})
    assert (settings.public_url, settings.bind, settings.port) == ("http://localhost:8000", "localhost", 8000)
    assert settings.database_url == "sqlite:///var/refolio.db"


def test_every_setting_is_read() -> None:
    settings = Settings.from_environ(
        {
            "REFOLIO_PUBLIC_URL": "https://refolio.example:8443",
            "REFOLIO_DATA": "/srv/refolio",
            "REFOLIO_KEK": "secret",
            "REFOLIO_KEK_FILE": "/run/kek",
            "REFOLIO_KEK_PREVIOUS": "older, oldest",
            "REFOLIO_KEK_PREVIOUS_FILE": "/run/older,",
            "REFOLIO_BIND": "0.0.0.0",
            "DATABASE_URL": "postgresql://db/refolio",
            "PORT": "9000",
        }
    )
    assert settings == Settings(
        "https://refolio.example:8443",
        Path("/srv/refolio"),
        "postgresql://db/refolio",
        "secret",
        Path("/run/kek"),
        "0.0.0.0",
        9000,
        previous_keks=("older", "oldest"),
        previous_kek_files=(Path("/run/older"),),
    )
    assert settings.host == "refolio.example:8443"


def test_database_and_key_lie_in_the_data_folder() -> None:
    settings = Settings.from_environ({"REFOLIO_DATA": "/srv/refolio"})
    assert settings.database_url == "sqlite:////srv/refolio/refolio.db"
    assert settings.kek_file == Path("/srv/refolio/kek")


def test_the_port_follows_the_public_url_unless_it_is_set() -> None:
    assert Settings.from_environ({"REFOLIO_PUBLIC_URL": "http://localhost:8123"}).port == 8123
    assert Settings.from_environ({"REFOLIO_PUBLIC_URL": "http://localhost:8123", "PORT": "9000"}).port == 9000


def test_links_have_one_slash_although_the_operator_typed_another() -> None:
    assert (
        Settings.from_environ({"REFOLIO_PUBLIC_URL": "https://refolio.example/"}).public_url
        == "https://refolio.example"
    )


def test_name_servers_are_ip_addresses() -> None:
    assert Settings.from_environ({"REFOLIO_DNS": "9.9.9.9, 2620:fe::fe"}).name_servers == ("9.9.9.9", "2620:fe::fe")
    assert Settings.from_environ({}).name_servers == ()
    for text in ("dns.example", "9.9.9.9,", "9.9.9.9:53", "9.9.9.9 1.1.1.1"):
        with pytest.raises(SettingRefused, match="REFOLIO_DNS"):
            Settings.from_environ({"REFOLIO_DNS": text})


def test_a_misspelt_setting_is_not_ignored() -> None:
    with pytest.raises(SettingRefused, match=r"REFOLIO_PUBLIC_ULR is not a setting\. Known are: .*REFOLIO_PUBLIC_URL"):
        Settings.from_environ({"REFOLIO_PUBLIC_ULR": "https://refolio.example"})


@pytest.mark.parametrize(
    "url",
    [
        "",
        "refolio.example",
        "ftp://refolio.example",
        "https://",
        "https://Refolio.Example",
        "https://refolio.example/portal",
        "https://refolio.example?x",
        "https://refolio.example#x",
        "https://maya@refolio.example",
        "https://refolio.example:",
        "https://refolio.example:99999",
        "https://refolio.example:0",
        "https://réfolio.example",
        "https://refolio.example\n",
        "https://-refolio.example",
        "javascript:alert(1)",
    ],
)
def test_sec_136_only_a_plain_origin_can_be_the_public_url(url: str) -> None:
    with pytest.raises(SettingRefused, match="REFOLIO_PUBLIC_URL"):
        Settings.from_environ({"REFOLIO_PUBLIC_URL": url})


@pytest.mark.parametrize("port", ["", "0", "65536", "-1", "80a", "8_0", "٨٠", " 80", "9" * 5000])
def test_an_unusable_port_is_refused_in_a_sentence(port: str) -> None:
    with pytest.raises(SettingRefused, match=r"PORT is .* Give a number from 1 to 65535"):
        Settings.from_environ({"PORT": port})


def test_sec_210_secrets_do_not_show_when_the_settings_are_printed() -> None:
    kek = base64.b64encode(bytes(range(32))).decode()
    settings = Settings.from_environ({"REFOLIO_KEK": kek, "DATABASE_URL": "postgresql://refolio:hunter2@db/refolio"})
    assert kek not in repr(settings)
    assert "hunter2" not in repr(settings)


def test_the_table_of_settings_names_every_one() -> None:
    table = verify.settings.__doc__ or ""
    assert all(f"``{name}``" in table for name in [*VARIABLES, "DATABASE_URL", "PORT"])


def test_a_key_management_service_is_named_alone() -> None:
    assert Settings.from_environ({"REFOLIO_KMS": "acme.vault:open_kms"}).kms == "acme.vault:open_kms"
    with pytest.raises(SettingRefused, match=r"Give package\.module:factory"):
        Settings.from_environ({"REFOLIO_KMS": "acme.vault"})
    with pytest.raises(SettingRefused, match="not clear which of them wraps"):
        Settings.from_environ({"REFOLIO_KMS": "acme.vault:open_kms", "REFOLIO_KEK": "x"})


@pytest.mark.parametrize(
    "url",
    [
        "mail.example",
        "http://mail.example",
        "smtp://",
        "smtp://mail.example:99999",
        "smtp://name:pass/word@mail.example",
        "smtp://mail.example?x=1",
    ],
)
def test_a_mail_server_that_cannot_be_one_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(SettingRefused, match="REFOLIO_SMTP must look like") as refused:
        Settings.from_environ({"REFOLIO_SMTP": url})
    assert "word" not in str(refused.value).replace("password", "")


def test_the_sender_of_mails_follows_the_public_url_unless_it_is_set() -> None:
    assert Settings.from_environ({}).mail_from == "Refolio <refolio@localhost>"
    url = {"REFOLIO_PUBLIC_URL": "https://refolio.example:8443"}
    assert Settings.from_environ(url).mail_from == "Refolio <refolio@refolio.example>"
    assert Settings.from_environ({**url, "REFOLIO_MAIL_FROM": "hello@acme.example"}).mail_from == "hello@acme.example"
    for text in ("", "Refolio", "a@b@c", "Refolio <hello@acme.example>\r\nBcc: x@y.example", "x <a@b> y"):
        with pytest.raises(SettingRefused, match="REFOLIO_MAIL_FROM"):
            Settings.from_environ({"REFOLIO_MAIL_FROM": text})


def test_rates() -> None:
    settings = Settings.from_environ({"REFOLIO_RATE_PER_KEY": "5/1", "REFOLIO_RATE_PER_ADDRESS": "off"})
    assert (settings.rate_per_key, settings.rate_per_address) == ((5, 1), None)
    assert Settings.from_environ({}).rate_per_key == (1000, 10)


@pytest.mark.parametrize("text", ["", "0/1", "5", "5/0", "5 / 1", "-5/1", "5/1s", "9" * 9 + "/1"])
def test_a_rate_that_cannot_be_meant_is_refused(text: str) -> None:
    with pytest.raises(SettingRefused, match="requests/seconds"):
        Settings.from_environ({"REFOLIO_RATE_PER_KEY": text})
