"""The curve of Ed25519 from its definition (RFC 8032 §5.1), slow: so that no list of bad keys is taken on trust."""

from __future__ import annotations

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
Point = tuple[int, int]
NEUTRAL: Point = (0, 1)
BASE: Point = (
    15112221349535400772501151409588531511454012693041857206046113283949847762202,
    46316835694926478169428394003475163141307993866256225615783033603165251855960,
)


def add(a: Point, b: Point) -> Point:
    (x1, y1), (x2, y2) = a, b
    t = D * x1 * x2 * y1 * y2 % P
    return (x1 * y2 + x2 * y1) * pow(1 + t, -1, P) % P, (y1 * y2 + x1 * x2) * pow(1 - t, -1, P) % P


def times(n: int, point: Point) -> Point:
    result = NEUTRAL
    while n:
        if n & 1:
            result = add(result, point)
        point, n = add(point, point), n >> 1
    return result


def spell(y: int, sign: int) -> bytes:
    return (y | sign << 255).to_bytes(32, "little")


def encode(point: Point) -> bytes:
    return spell(point[1], point[0] & 1)


def x_of(y: int) -> int | None:
    """An x with (x, y) on the curve, or None."""
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    return None if (x * x - square) % P else x


def torsion() -> Point:
    """A point of order 8: any point times the order of the base point, until one has nothing left but that."""
    for y in range(2, 100):
        x = x_of(y)
        if x is not None and times(4, (candidate := times(L, (x, y)))) != NEUTRAL:
            return candidate
    raise AssertionError


TORSION = torsion()
SMALL_ORDER_POINTS = {times(n, TORSION) for n in range(8)}
# Every spelling of such a point that a reader which is not strict accepts: y or y + p if that fits, either sign bit.
SMALL_ORDER = sorted(
    {
        spell(y, sign)
        for _, canonical in SMALL_ORDER_POINTS
        for y in (canonical, canonical + P)
        if y < 2**255
        for sign in (0, 1)
    }
)
