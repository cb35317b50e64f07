"""A plugin in a package with samples, that never ends reading."""

from typing import ClassVar

from hostile_plugins import Hanging

from refolio.plugin import Manifest


class Sleepless(Hanging):
    """Never ends."""

    manifest: ClassVar[Manifest] = Manifest(
        name="sleepless", version="1", api_version=1, summary="Never ends.", layouts={"any": "Anything."}
    )
