"""Which address counts behind a proxy: the socket's peer, or what a proxy that a setting names has written."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_network
from types import SimpleNamespace
from typing import Any

import pytest
from litestar.datastructures import Headers

from tests.world import a_runtime
from verify.http.callers import address_of
from verify.settings import SettingRefused, Settings

CLIENT, PROXY, INNER, LIAR = "203.0.113.9", "10.0.0.1", "10.1.1.1", "192.0.2.66"


def _request(peer: str | None, forwarded: list[str], proxies: str) -> Any:
    runtime = a_runtime("sqlite:///unused.db")
    networks = tuple(ip_network(one) for one in proxies.split(",") if one)
    runtime = replace(runtime, settings=replace(runtime.settings, proxies=networks))
    return SimpleNamespace(
        app=SimpleNamespace(state=SimpleNamespace(runtime=runtime)),
        client=SimpleNamespace(host=peer) if peer is not None else None,
        headers=Headers([(b"x-forwarded-for", one.encode()) for one in forwarded]),
    )


@pytest.mark.parametrize(
    ("peer", "forwarded", "proxies", "counts"),
    [
        (CLIENT, [], "", CLIENT),
        (PROXY, [CLIENT], "", PROXY),  # nobody trusts it
        (PROXY, [CLIENT], PROXY, CLIENT),
        (PROXY, [f"{LIAR}, {CLIENT}"], PROXY, CLIENT),  # what the client wrote itself is not reached
        (PROXY, [LIAR, CLIENT], PROXY, CLIENT),  # also in a header of its own
        (PROXY, [f"{LIAR}, {CLIENT}, {INNER}"], "10.0.0.0/8", CLIENT),
        (CLIENT, [LIAR], "10.0.0.0/8", CLIENT),  # straight to us, past the proxy
        (PROXY, [INNER], "10.0.0.0/8", INNER),  # everybody on the way is a proxy
        (PROXY, [], "10.0.0.0/8", PROXY),
        (PROXY, [f"{CLIENT}, nonsense"], PROXY, "nonsense"),
        (f"::ffff:{PROXY}", [CLIENT], PROXY, CLIENT),
        ("2001:db8::1", ["2001:db8:ffff::9"], "2001:db8::/64", "2001:db8:ffff::9"),
        (None, [CLIENT], "0.0.0.0/0", ""),
    ],
)
def test_the_address_of_a_caller(peer: str | None, forwarded: list[str], proxies: str, counts: str) -> None:
    assert address_of(_request(peer, forwarded, proxies)) == counts


def test_proxies_are_addresses_or_networks() -> None:
    given = Settings.from_environ({"REFOLIO_PROXIES": "127.0.0.1, 10.0.0.0/8,2001:db8::/32"}).proxies
    assert [str(one) for one in given] == ["127.0.0.1/32", "10.0.0.0/8", "2001:db8::/32"]
    for wrong in ("localhost", "10.0.0.1/8", "*"):
        with pytest.raises(SettingRefused, match="REFOLIO_PROXIES"):
            Settings.from_environ({"REFOLIO_PROXIES": wrong})
