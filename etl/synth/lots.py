"""A lot is the ground of one block; here rows of buildings are set out inside it, facing south."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import shapely
from shapely.affinity import rotate
from shapely.geometry.base import BaseGeometry

from etl.synth.shapes import Bools, Floats, Random

Building = tuple[int, float, float, float, float, float, str, int, int, int, int, int]
"""kind, x, y, width, depth, turn, use, levels, units, homes a floor and unit, year, compound."""


@dataclass
class Compound:
    """A residential compound, campus or park with a name."""

    name: str
    kind: str
    shape: BaseGeometry
    year: int
    block: int


@dataclass
class Ground:
    """Everything that fills the blocks, gathered block after block. City metres."""

    buildings: list[Building] = field(default_factory=list)
    blocks: list[int] = field(default_factory=list)
    compounds: list[Compound] = field(default_factory=list)
    greens: list[tuple[str, str, BaseGeometry]] = field(default_factory=list)
    waters: list[tuple[str, str, BaseGeometry]] = field(default_factory=list)
    lanes: list[tuple[str, str, shapely.LineString]] = field(default_factory=list)


@dataclass(frozen=True)
class Lot:
    """One block turned so that its south side lies level; `turn` brings it back (radians)."""

    block: int
    use: str
    shape: shapely.Polygon
    turn: float
    pivot: tuple[float, float]
    random: Random
    centrality: float
    """1 in the middle of a centre, 0 far away."""

    def back(self, geometry: BaseGeometry) -> BaseGeometry:
        """Return a geometry of the lot in city coordinates."""
        return rotate(geometry, self.turn, origin=self.pivot, use_radians=True)

    def border(self, shape: BaseGeometry, tolerance: float) -> shapely.LineString:
        """Return the outer border of a polygon of the lot as a line in city coordinates."""
        ring = largest(self.back(shape.simplify(tolerance))).exterior
        return shapely.LineString(ring.coords)

    def back_points(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Return points of the lot in city coordinates."""
        c, s = math.cos(self.turn), math.sin(self.turn)
        dx, dy = x - self.pivot[0], y - self.pivot[1]
        return self.pivot[0] + dx * c - dy * s, self.pivot[1] + dx * s + dy * c


def largest(shape: BaseGeometry) -> shapely.Polygon:
    """Return the largest polygon of a shape, an empty one when there is none."""
    if isinstance(shape, shapely.Polygon):
        return shape
    parts = [part for part in shapely.get_parts(shape) if isinstance(part, shapely.Polygon)]
    return max(parts, key=lambda part: part.area, default=shapely.Polygon())


def south_turn(shape: shapely.Polygon, limit: float = 0.3) -> float:
    """Return the direction of the south side against due east, held within ±limit radians."""
    points = np.asarray(largest(shape.simplify(12)).exterior.coords)
    step = np.diff(points, axis=0)
    middle = (points[1:, 1] + points[:-1, 1]) / 2
    length = np.hypot(step[:, 0], step[:, 1])
    angle = np.arctan2(step[:, 1], step[:, 0])
    flat = (np.abs(angle) < 0.75) & (middle < shape.centroid.y)
    if not flat.any():
        return 0.0
    best = float(np.average(angle[flat], weights=length[flat]))
    return max(-limit, min(limit, best))


def bands(shape: BaseGeometry, y: float, depth: float) -> list[tuple[float, float]]:
    """Return (west, east) of every stretch of the level band about y that lies in the shape."""
    west, south, east, north = shape.bounds
    low, high = y - depth / 2, y + depth / 2
    if low < south or high > north:
        return []
    band = shapely.box(west - 1, low, east + 1, high)
    rest = shapely.get_parts(band.difference(shape))
    blocked = sorted((b[0], b[2]) for b in shapely.bounds(rest[shapely.area(rest) > 1e-6]).tolist())
    free: list[tuple[float, float]] = []
    at = west
    for start, end in blocked:
        if start > at:
            free.append((at, start))
        at = max(at, end)
    if at < east:
        free.append((at, east))
    return free


def widest(shape: BaseGeometry, y: float, depth: float) -> tuple[float, float]:
    """Return the longest stretch of the level band about y, (0, 0) when there is none."""
    return max(bands(shape, y, depth), key=lambda run: run[1] - run[0], default=(0.0, 0.0))


def rows_of(
    lot: Lot,
    shape: BaseGeometry,
    *,
    depth: float,
    spacing: float,
    low: float,
    high: float,
    gap: float,
) -> list[tuple[float, float, float]]:
    """Set out level rows and cut each into lengths between low and high: (x, y, length)."""
    if shape.is_empty:
        return []
    _, south, _, north = shape.bounds
    room = north - south - depth
    if room < 0:
        return []
    count = int(room // spacing) + 1
    slack = room - (count - 1) * spacing
    slots: list[tuple[float, float, float]] = []
    for index in range(count):
        y = south + depth / 2 + slack / 2 + index * spacing
        for west, east in bands(shape, y, depth):
            slots += _lengths(lot.random, west, east, y, low, high, gap)
    return slots


def _lengths(
    random: Random, west: float, east: float, y: float, low: float, high: float, gap: float
) -> list[tuple[float, float, float]]:
    free = east - west - 0.4
    if free < low:
        return []
    wanted = random.uniform(low, high)
    number = max(1, int((free + gap) // (wanted + gap)))
    length = min(high, (free + gap) / number - gap)
    if length < low * 0.9:
        return []
    spare = free - number * length - (number - 1) * gap
    first = west + 0.2 + spare / 2 + length / 2
    return [(first + step * (length + gap), y, length) for step in range(number)]


def keep_inside(shape: BaseGeometry, x: Floats, y: Floats, width: Floats, depth: Floats) -> Bools:
    """Tell which level boxes lie wholly in the shape."""
    shapely.prepare(shape)
    boxes = shapely.box(x - width / 2, y - depth / 2, x + width / 2, y + depth / 2)
    inside: Bools = shapely.contains(shape, boxes)
    return inside
