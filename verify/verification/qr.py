"""QR codes that lead to a verdict page (ISO/IEC 18004): the matrix by ``qrcode``, the picture by us.

The link is upper case, so that it fits the alphanumeric mode: 43 to 61 characters stay at version 3, 29 modules,
which scans from 16 mm of paper. Scanners and our routes treat scheme, host and path as case-tolerant.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from xml.sax.saxutils import escape

import png
import qrcode
from qrcode.constants import ERROR_CORRECT_M

QUIET = 4  # modules of white around the code, as the standard asks
PIXELS = 12  # per module in the PNG: 444 pixels for version 3, sharp at 300 dpi up to 37 mm


@lru_cache(maxsize=1024)
def matrix(link: str) -> tuple[tuple[bool, ...], ...]:
    """The modules of the code with its quiet zone, row by row from the top, True is black."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=QUIET)
    code.add_data(link, optimize=0)
    code.make(fit=True)
    return tuple(tuple(row) for row in code.get_matrix())


@lru_cache(maxsize=1024)
def svg(link: str) -> bytes:
    """The code as one SVG path, black on white in dark mode too, with the link as its title."""
    rows = matrix(link)
    size = len(rows)
    path = "".join(f"M{x} {y}h{length}v1h-{length}z" for y, row in enumerate(rows) for x, length in _runs(row))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" role="img" shape-rendering="crispEdges">'
        f"<title>{escape(link)}</title>"
        f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/><path d="{path}"/></svg>'
    ).encode()


def _runs(row: tuple[bool, ...]) -> Iterator[tuple[int, int]]:
    """Start and length of each run of black modules."""
    x = 0
    for black, modules in groupby(row):
        length = len(list(modules))
        if black:
            yield x, length
        x += length


@lru_cache(maxsize=256)
def png_image(link: str) -> bytes:
    """The code as a 1-bit PNG."""
    rows = [[0 if black else 1 for black in row for _ in range(PIXELS)] for row in matrix(link)]
    buffer = io.BytesIO()
    side = len(rows) * PIXELS
    png.Writer(width=side, height=side, greyscale=True, bitdepth=1).write(
        buffer, [row for row in rows for _ in range(PIXELS)]
    )
    return buffer.getvalue()


def terminal(link: str, *, colour: bool) -> str:
    """The code for a terminal, two modules per character.

    With ``colour`` it is black on white on any terminal (ANSI escape codes); without, as on a dark one.
    """
    rows = [*matrix(link)]
    if len(rows) % 2:
        rows.append((False,) * len(rows[0]))
    blocks = {(False, False): "█", (False, True): "▀", (True, False): "▄", (True, True): " "}
    start, end = ("\x1b[38;5;231;48;5;16m", "\x1b[0m") if colour else ("", "")
    pairs = zip(rows[::2], rows[1::2], strict=True)
    return "\n".join(
        start + "".join(blocks[pair] for pair in zip(upper, lower, strict=True)) + end for upper, lower in pairs
    )
