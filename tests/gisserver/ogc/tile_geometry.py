"""Geometry of a decoded tile, back on the earth: written for the tests, apart from the server's."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from shapely.geometry import LineString, MultiLineString, MultiPoint, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

Place = tuple[float, float]


def on_earth(z: int, row: int, column: int, extent: int, matrix_set: str, place: Place) -> Place:
    """Longitude and latitude of a place in a tile, counted from its north-western corner."""
    across = (column + place[0] / extent) / 2**z
    if matrix_set == "CGCS2000Quad":
        return across * 360 - 180, 90 - (row + place[1] / extent) / 2**z * 360
    down = (row + place[1] / extent) / 2**z
    return across * 360 - 180, math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * down))))


def rings(commands: Sequence[int]) -> list[list[Place]]:
    """Points, lines or rings of a feature, in steps of the tile; rings are closed."""
    found: list[list[Place]] = []
    x = y = at = 0
    while at < len(commands):
        command, count = commands[at] & 7, commands[at] >> 3
        at += 1
        if command == 7:
            found[-1].append(found[-1][0])
            continue
        for _ in range(count):
            x, y = x + _signed(commands[at]), y + _signed(commands[at + 1])
            at += 2
            if command == 1:
                found.append([])
            found[-1].append((x, y))
    return found


def shape_of(kind: str, commands: Sequence[int]) -> BaseGeometry:
    """The geometry in steps of the tile; `kind` is that of the layer."""
    parts = rings(commands)
    if kind == "Point":
        return MultiPoint([part[0] for part in parts])
    if kind.endswith("LineString"):
        return MultiLineString([LineString(part) for part in parts])
    outside = [Polygon(part) for part in parts if _area(part) > 0]
    holes = [Polygon(part) for part in parts if _area(part) < 0]
    return unary_union(outside).difference(unary_union(holes))


def _area(ring: Sequence[Place]) -> float:
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in itertools.pairwise(ring))


def _signed(number: int) -> int:
    return (number >> 1) ^ -(number & 1)
