"""SVG drawings with and without a credential in them, and what baking says of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from refolio.credential.baking import bake_svg, unbake
from refolio.errors import DocumentRefused

NS = 'xmlns="http://www.w3.org/2000/svg"'
OB = 'xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0"'
MAYA = b'{"name":"Maya"}'
CARRIED = "<openbadges:credential><![CDATA[" + MAYA.decode() + "]]></openbadges:credential>"
DRAWING = f'<svg {NS} viewBox="0 0 9 9"><path d="M0 0h9"/></svg>'.encode()


def svg(inside: str = CARRIED, *, attributes: str = f"{NS} {OB}", before: str = "") -> bytes:
    return f"{before}<svg {attributes}>{inside}<path d='M0 0h9'/></svg>".encode()


def code(image: bytes, act: Callable[[bytes], object] = unbake) -> str:
    with pytest.raises(DocumentRefused) as caught:
        act(image)
    assert caught.value.says
    assert caught.value.fix
    return caught.value.code


def baking(image: bytes | str) -> str:
    return code(image.encode() if isinstance(image, str) else image, lambda raw: bake_svg(raw, MAYA))
