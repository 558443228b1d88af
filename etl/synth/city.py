"""The plan of an invented city: outline, towns, streets, blocks and buildings, all from one seed.

`plan_city` works on a plane in metres about the middle of the city; `City.lonlat` projects to
EPSG:4326 (longitude, latitude). The place itself does not exist.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyproj
import shapely
from shapely.geometry.base import BaseGeometry

from etl.synth.landuse import LandUse, plan_land
from etl.synth.lattice import Lattice, make_lattice
from etl.synth.lots import Ground, Lot, largest, south_turn
from etl.synth.names import Names
from etl.synth.partition import Nest, make_nest
from etl.synth.roads import Ways, make_ways
from etl.synth.shapes import Bools, Floats, Geometries, Ints, Words, outlines
from etl.synth.sizes import Size
from etl.synth.works import FILLERS

CENTRE = (117.60, 33.20)
"""Longitude and latitude of the middle of the invented city."""
_PLANE = pyproj.CRS.from_proj4(
    f"+proj=tmerc +lon_0={CENTRE[0]} +lat_0={CENTRE[1]} +k=1 +datum=WGS84 +units=m +no_defs"
)
_TO_LONLAT = pyproj.Transformer.from_crs(_PLANE, "EPSG:4326", always_xy=True)
HOMES = {
    "towers": 400.0,
    "slabs": 300.0,
    "old": 330.0,
    "villas": 24.0,
    "lanes": 90.0,
    "village": 260.0,
    "rural": 28.0,
    "factory": 30.0,
    "school": 8.0,
}
"""Households expected in one cell of each use, for cutting communities and grids."""


@dataclass(frozen=True)
class Buildings:
    """Columns of all buildings, one entry each. Metres."""

    shape: Geometries
    x: Floats
    y: Floats
    width: Floats
    depth: Floats
    turn: Floats
    use: Words
    levels: Ints
    units: Ints
    homes: Ints
    """Homes on one floor of one unit."""
    year: Ints
    compound: Ints
    block: Ints
    grid: Ints
    community: Ints

    def __len__(self) -> int:
        return len(self.x)


@dataclass(frozen=True)
class City:
    """The whole plan."""

    size: Size
    seed: int
    lattice: Lattice
    land: LandUse
    nest: Nest
    ways: Ways
    ground: Ground
    buildings: Buildings
    cells: Geometries
    outline: BaseGeometry
    names: Names

    def random(self, *key: int) -> np.random.Generator:
        """Return a generator of its own for one purpose, the same for the same seed and key."""
        return np.random.default_rng([self.seed, *key])

    def lonlat(self, shapes: Geometries) -> Geometries:
        """Return shapes projected from the city's plane to longitude, latitude (EPSG:4326)."""
        placed: Geometries = shapely.transform(shapes, _project)
        return placed


def _project(points: Floats) -> Floats:
    x, y = _TO_LONLAT.transform(points[:, 0], points[:, 1])
    return np.round(np.stack([x, y], axis=1), 7)


def project(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return longitude and latitude (EPSG:4326) of points in the city's plane."""
    longitude, latitude = _TO_LONLAT.transform(x, y)
    return np.round(longitude, 7), np.round(latitude, 7)


def unproject(longitude: Floats, latitude: Floats) -> tuple[Floats, Floats]:
    """Return points in the city's plane, metres, of longitude and latitude (EPSG:4326)."""
    x, y = _TO_LONLAT.transform(longitude, latitude, direction="INVERSE")
    return x, y


def _fill(
    size: Size, seed: int, land: LandUse, ways: Ways, cells: Geometries, names: Names
) -> Ground:
    ground = Ground()
    tree = shapely.STRtree(ways.surfaces)
    reach = size.cell * 5 if size.centres == 1 else size.cell * 9
    flat = land.block.ravel()
    order = np.argsort(flat, kind="stable")
    order = order[flat[order] >= 0]
    starts = np.flatnonzero(np.diff(flat[order], prepend=-2))
    for members in np.split(order, starts[1:]):
        number = int(flat[members[0]])
        use = str(land.use.ravel()[number])
        whole = shapely.union_all(cells.ravel()[members])
        near = tree.query(whole, predicate="intersects")
        rest = whole.difference(shapely.union_all(ways.surfaces[near]))
        if use == "bank":
            if rest.area > 200:
                ground.greens.append(("滨江绿地", "riverside", rest))
            continue
        shape = largest(rest.buffer(-9).buffer(7))
        if shape.area < 900:
            continue
        turn = south_turn(shape)
        middle = shape.centroid
        pivot = (float(middle.x), float(middle.y))
        level = shapely.affinity.rotate(shape, -turn, origin=pivot, use_radians=True)
        distance = float(land.distance.ravel()[members].mean())
        lot = Lot(
            number,
            use,
            largest(level.simplify(0.4)),
            turn,
            pivot,
            np.random.default_rng([seed, 3, number]),
            max(0.0, 1 - distance / reach),
        )
        FILLERS[use](lot, ground, names)
    return ground


def _buildings(
    ground: Ground, cells: Geometries, nest: Nest, random: np.random.Generator, most: int
) -> Buildings:
    columns = list(zip(*ground.buildings, strict=True))
    kind, units = np.array(columns[0], dtype=np.int64), np.array(columns[8], dtype=np.int64)
    x, y, width, depth, turn = (np.array(columns[i], dtype=np.float64) for i in range(1, 6))
    shape = outlines(kind, x, y, width, depth, turn, units)
    keep = _apart(shape)
    keep &= _wanted(keep, np.array(columns[6]), random, most)
    grid = nest.grid.ravel()[_cell_of(cells, x, y)]
    keep &= grid >= 0
    grid = grid[keep]
    return Buildings(
        shape[keep],
        x[keep],
        y[keep],
        width[keep],
        depth[keep],
        turn[keep],
        np.array(columns[6])[keep],
        np.array(columns[7], dtype=np.int64)[keep],
        units[keep],
        np.array(columns[9], dtype=np.int64)[keep],
        np.array(columns[10], dtype=np.int64)[keep],
        np.array(columns[11], dtype=np.int64)[keep],
        np.array(ground.blocks)[keep],
        grid,
        nest.community_of_grid[grid],
    )


def _wanted(
    keep: Bools,
    use: Words,
    random: np.random.Generator,
    most: int,
) -> Bools:
    """Leave out single village houses where there are more buildings than the size asks for."""
    wanted = keep.copy()
    houses = np.flatnonzero(keep & (use == "house"))
    spare = min(int(keep.sum()) - most, len(houses))
    if spare > 0:
        wanted[random.choice(houses, spare, replace=False)] = False
    return wanted


def _cell_of(cells: Geometries, x: Floats, y: Floats) -> Ints:
    tree = shapely.STRtree(cells.ravel())
    found = tree.query(shapely.points(x, y), predicate="intersects")
    result = np.zeros(len(x), dtype=np.int64)
    result[found[0][::-1]] = found[1][::-1]
    return result


def _apart(shape: Geometries) -> Bools:
    """Keep the first of every two footprints that overlap."""
    keep = np.ones(len(shape), dtype=bool)
    first, second = shapely.STRtree(shape).query(shape, predicate="intersects")
    for a, b in zip(*(side[first < second] for side in (first, second)), strict=True):
        if keep[a] and keep[b]:
            keep[b] = False
    return keep


def plan_city(size: Size, seed: int) -> City:
    """Return the plan of a city of the given size. The same seed gives the same city."""
    random = np.random.default_rng([seed, 1])
    names = Names(np.random.default_rng([seed, 2]))
    lattice = make_lattice(size, random)
    land = plan_land(size, random, lattice)
    cells = lattice.cells()
    inside = land.use != ""
    weight = np.vectorize(lambda use: HOMES.get(str(use), 4.0), otypes=[float])(land.use)
    weight = weight + np.where(land.use == "bank", 1.0, 30.0)
    nest = make_nest(weight, inside, land.block, size.towns, size.communities, size.grids)
    outline = shapely.union_all(cells[inside])
    ways = make_ways(size, random, lattice, land, outline, names)
    ground = _fill(size, seed, land, ways, cells, names)
    buildings = _buildings(ground, cells, nest, np.random.default_rng([seed, 4]), size.buildings)
    return City(size, seed, lattice, land, nest, ways, ground, buildings, cells, outline, names)
