"""Outlines and smooth noise from which the invented city is drawn. All lengths are metres."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Words = npt.NDArray[np.str_]
Days = npt.NDArray[np.datetime64]
Geometries = npt.NDArray[np.object_]
Random = np.random.Generator

RECTANGLE, STAIRS, ELL, YOKE, CROSS, STAR, AITCH, COURT, TEE, STADIUM, OCTAGON, COMB = range(12)


@dataclass(frozen=True)
class Noise:
    """A smooth field of about -1..1 over the plane: a sum of sine waves in random directions."""

    waves: Floats

    @classmethod
    def make(cls, random: Random, wavelength: float, count: int = 7) -> Noise:
        """Return a field whose typical wavelength is `wavelength` metres."""
        angle = random.uniform(0, 2 * math.pi, count)
        size = 2 * math.pi / (wavelength * random.uniform(0.7, 1.6, count))
        phase = random.uniform(0, 2 * math.pi, count)
        return cls(np.stack([np.cos(angle) * size, np.sin(angle) * size, phase], axis=1))

    def at(self, x: Floats, y: Floats) -> Floats:
        """Return the field at the points (x, y)."""
        waves = self.waves
        inner = np.multiply.outer(x, waves[:, 0]) + np.multiply.outer(y, waves[:, 1]) + waves[:, 2]
        total: Floats = np.sin(inner).sum(axis=-1) / math.sqrt(len(waves))
        return total


Points = tuple[tuple[float, float], ...]


def _ring(points: Points) -> Floats:
    return np.array(points, dtype=np.float64)


def _star(arms: int) -> Points:
    """A tower with `arms` wings, inside the square -0.5..0.5."""
    points: list[tuple[float, float]] = []
    for arm in range(arms):
        middle = math.pi / 2 + arm * 2 * math.pi / arms
        for turn, radius in ((-0.36, 0.5), (0.36, 0.5), (math.pi / arms, 0.2)):
            points.append((radius * math.cos(middle + turn), radius * math.sin(middle + turn)))
    return tuple(points)


def _stadium() -> Points:
    turn = np.linspace(0, 2 * math.pi, 28, endpoint=False)
    x, y = np.cos(turn), np.sin(turn)
    round_x, round_y = (np.sign(side) * np.abs(side) ** 0.62 / 2 for side in (x, y))
    return tuple(zip(round_x.tolist(), round_y.tolist(), strict=True))


def _mirrored(right: Points) -> Points:
    """A ring from its right half, given from south to north, and the same mirrored."""
    return (*right, *((-x, y) for x, y in reversed(right)))


_SQUARE: Points = ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5))
_RINGS: dict[int, Points] = {
    RECTANGLE: _SQUARE,
    COURT: _SQUARE,
    ELL: ((-0.5, -0.5), (0.5, -0.5), (0.5, -0.1), (-0.12, -0.1), (-0.12, 0.5), (-0.5, 0.5)),
    YOKE: _mirrored(((0.26, 0.12), (0.26, -0.5), (0.5, -0.5), (0.5, 0.5))),
    CROSS: _mirrored(
        ((0.19, -0.5), (0.19, -0.19), (0.5, -0.19), (0.5, 0.19), (0.19, 0.19), (0.19, 0.5))
    ),
    STAR: _star(3),
    AITCH: _mirrored(
        ((0.24, -0.12), (0.24, -0.5), (0.5, -0.5), (0.5, 0.5), (0.24, 0.5), (0.24, 0.12))
    ),
    TEE: _mirrored(
        ((0.16, -0.32), (0.16, -0.5), (0.5, -0.5), (0.5, 0.12), (0.2, 0.12), (0.2, 0.5))
    ),
    OCTAGON: _mirrored(((0.3, -0.5), (0.5, -0.3), (0.5, 0.3), (0.3, 0.5))),
    COMB: _mirrored(((0.1, -0.5), (0.1, 0.16), (0.3, 0.16), (0.3, -0.5), (0.5, -0.5), (0.5, 0.5))),
    STADIUM: _stadium(),
}
"""Outlines inside the square -0.5..0.5, anticlockwise, not closed."""


def _stairs_ring(units: int, width: float, depth: float) -> Floats:
    """A slab whose stair cores stand out 1.2 m on the north side, in metres."""
    bump, out = 1.6, 1.2
    top = depth / 2 - out
    points = [(-width / 2, -depth / 2), (width / 2, -depth / 2), (width / 2, top)]
    for unit in reversed(range(units)):
        middle = -width / 2 + (unit + 0.5) * width / units
        points += [
            (middle + bump, top),
            (middle + bump, depth / 2),
            (middle - bump, depth / 2),
            (middle - bump, top),
        ]
    points.append((-width / 2, top))
    return np.array(points, dtype=np.float64)


def outlines(
    kind: Ints, x: Floats, y: Floats, width: Floats, depth: Floats, turn: Floats, units: Ints
) -> Geometries:
    """Return one polygon a row; each lies inside its width × depth box turned by `turn` radians."""
    result: Geometries = np.empty(len(kind), dtype=object)
    cosine, sine = np.cos(turn), np.sin(turn)
    place = np.stack([x, y], axis=1)

    def put(rows: Ints, local: Floats) -> Geometries:
        turned = np.empty_like(local)
        c, s = cosine[rows, None], sine[rows, None]
        turned[..., 0] = local[..., 0] * c - local[..., 1] * s
        turned[..., 1] = local[..., 0] * s + local[..., 1] * c
        return np.asarray(shapely.linearrings(turned + place[rows, None, :]))

    size = np.stack([width, depth], axis=1)
    for value in np.unique(kind):
        rows = np.flatnonzero(kind == value)
        if value == STAIRS:
            for row in rows:
                ring = _stairs_ring(int(units[row]), float(width[row]), float(depth[row]))
                one = np.array([row])
                result[one] = shapely.polygons(put(one, ring[None]))
        elif value == COURT:
            outer = put(rows, _ring(_SQUARE)[None] * size[rows, None, :])
            inner = put(rows, _ring(_SQUARE)[None, ::-1] * (size[rows, None, :] * 0.44))
            result[rows] = [shapely.Polygon(o, [i]) for o, i in zip(outer, inner, strict=True)]
        else:
            result[rows] = shapely.polygons(
                put(rows, _ring(_RINGS[int(value)])[None] * size[rows, None])
            )
    return result


def blob(
    random: Random, x: float, y: float, width: float, depth: float, rough: float = 0.12
) -> shapely.Polygon:
    """Return a soft rounded shape about (x, y), as a lake or a lawn has."""
    turn = np.linspace(0, 2 * math.pi, 48, endpoint=False)
    radius = np.ones_like(turn)
    for wave in (2, 3, 4, 5):
        radius += (
            random.uniform(-rough, rough)
            / (wave - 1) ** 0.5
            * np.cos(wave * turn + random.uniform(0, 2 * math.pi))
        )
    points = np.stack(
        [x + width / 2 * radius * np.cos(turn), y + depth / 2 * radius * np.sin(turn)], axis=1
    )
    return shapely.Polygon(points)
