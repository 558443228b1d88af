"""Roads, rivers and canals as lines with names, and the ground they take."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from etl.synth.landuse import LandUse
from etl.synth.lattice import Lattice
from etl.synth.names import Names
from etl.synth.shapes import Bools, Floats, Geometries, Noise, Random
from etl.synth.sizes import Size

WIDTH = {
    "expressway": 46.0,
    "arterial": 36.0,
    "secondary": 26.0,
    "local": 15.0,
    "service": 5.0,
    "lane": 3.5,
    "path": 2.5,
}
"""Metres from kerb to kerb, pavements included."""


@dataclass(frozen=True)
class Road:
    """One stretch of a named road."""

    name: str
    kind: str
    line: shapely.LineString


@dataclass(frozen=True)
class Water:
    """One body of water."""

    name: str
    kind: str
    shape: BaseGeometry


@dataclass(frozen=True)
class Ways:
    """All lines of the plan."""

    roads: list[Road]
    waters: list[Water]
    paths: list[shapely.LineString]
    """Promenades along the rivers."""
    banks: list[BaseGeometry]
    """Ground kept green along canals; water and roads still lie on it."""
    surfaces: Geometries
    """Road surfaces edge by edge, water and canal banks: no building stands on them."""


def _runs(present: Bools) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], present.astype(np.int8), [0]])))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _chain(pieces: Floats) -> shapely.LineString:
    points = np.concatenate([pieces[0, :1], *(piece[1:] for piece in pieces)])
    return shapely.LineString(points)


def _line_roads(lattice: Lattice, land: LandUse, names: Names) -> list[Road]:
    roads: list[Road] = []
    for row, kind in enumerate(lattice.rows):
        for start, end in _runs(land.across[:, row]):
            roads.append(
                Road(
                    names.road(f"row{row}", kind, True),
                    kind,
                    _chain(lattice.across[start:end, row]),
                )
            )
    for column, kind in enumerate(lattice.columns):
        for start, end in _runs(land.along[column]):
            roads.append(
                Road(
                    names.road(f"column{column}", kind, False),
                    kind,
                    _chain(lattice.along[column, start:end]),
                )
            )
    return roads


def _across(line: Floats) -> Floats:
    """Unit vectors to the left of a line, one a point."""
    step = np.gradient(line, axis=0)
    step /= np.hypot(step[:, 0], step[:, 1])[:, None]
    return np.stack([-step[:, 1], step[:, 0]], axis=1)


def _ribbon(line: Floats, half: Floats) -> BaseGeometry:
    """A band about a line whose half width changes along it."""
    side = _across(line) * half[:, None]
    band = shapely.Polygon(np.concatenate([line + side, (line - side)[::-1]]))
    return shapely.make_valid(band)


def make_ways(
    size: Size, random: Random, lattice: Lattice, land: LandUse, outline: BaseGeometry, names: Names
) -> Ways:
    """Return roads, rivers and canals inside the outline of the city."""
    roads = _line_roads(lattice, land, names)
    waters: list[Water] = []
    banks: list[BaseGeometry] = []
    paths: list[shapely.LineString] = []
    swell = Noise.make(random, size.river_half * 12)
    for number, row in enumerate(r for r, kind in enumerate(lattice.rows) if kind == "river"):
        points = np.asarray(_chain(lattice.across[:, row]).segmentize(12).coords)
        scale = 1.0 if number == 0 else 0.62
        half = size.river_half * scale * (1 + 0.16 * swell.at(points[:, 0], points[:, 1]))
        band = _ribbon(points, half)
        for side in (-1.0, 1.0):
            line = shapely.LineString(points + _across(points) * (side * (half + 15))[:, None])
            inside = shapely.get_parts(line.intersection(outline.buffer(-20)))
            paths += [part for part in inside if isinstance(part, shapely.LineString)]
        waters.append(Water(names.river(number), "river", band.intersection(outline)))
    for number, column in enumerate(c for c, kind in enumerate(lattice.columns) if kind == "canal"):
        inside = (land.use[max(0, column - 1)] != "") & (land.use[column] != "")
        shape = lattice.shape
        bank = (land.use == "bank")[min(column, shape[0] - 1)]
        for start, end in _runs(inside):
            if number % 2 == 0 and bank.any():
                start = max(start, int(np.flatnonzero(bank)[0]) + 1)
            if end <= start:
                continue
            line = _chain(lattice.along[column, start:end])
            waters.append(
                Water(
                    names.canal(number),
                    "canal",
                    line.buffer(9, cap_style="flat").intersection(outline),
                )
            )
            banks.append(line.buffer(24, cap_style="flat").intersection(outline))
    surfaces = [*_surfaces(lattice, land), *(water.shape for water in waters), *banks]
    return Ways(roads, waters, paths, banks, np.array(surfaces, dtype=object))


def _surfaces(lattice: Lattice, land: LandUse) -> Geometries:
    lines, half = [], []
    for pieces, present, kinds in (
        (lattice.across, land.across, lattice.rows),
        (lattice.along, land.along, lattice.columns),
    ):
        for i, j in np.argwhere(present):
            lines.append(pieces[i, j])
            half.append(WIDTH[kinds[j if pieces is lattice.across else i]] / 2)
    bands: Geometries = shapely.buffer(
        shapely.linestrings(np.array(lines)), np.array(half), cap_style="square"
    )
    return bands
