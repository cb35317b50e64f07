"""For the tests of partners and of plugin authors: nothing here is genuine, and all of it says so.

``IssuerPluginContract`` needs pytest; the rest needs nothing that ``refolio`` does not.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from refolio.plugin_rules import Sample
    from refolio.testing.contract import IssuerPluginContract
    from refolio.testing.fake_keys import FAKE_API_KEY, fake_key
    from refolio.testing.fake_service import FakeService
    from refolio.testing.recorded import Exchange, exchanges

__all__ = ["FAKE_API_KEY", "Exchange", "FakeService", "IssuerPluginContract", "Sample", "exchanges", "fake_key"]

_HOME_OF = {
    "Sample": "refolio.plugin_rules",
    "IssuerPluginContract": "refolio.testing.contract",
    "FAKE_API_KEY": "refolio.testing.fake_keys",
    "fake_key": "refolio.testing.fake_keys",
    "FakeService": "refolio.testing.fake_service",
    "Exchange": "refolio.testing.recorded",
    "exchanges": "refolio.testing.recorded",
}


def __getattr__(name: str) -> object:
    try:
        return getattr(import_module(_HOME_OF[name]), name)
    except KeyError:
        raise AttributeError(f"module 'refolio.testing' has no attribute {name!r}") from None
