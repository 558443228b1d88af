"""The land under the invented city: a plain that falls to the south-east, a hill, hollows.

Heights are made of a few long waves, the hill and the hollows along the waters, all from the
city's seed; they stand for nothing real.
"""

from __future__ import annotations

import numpy as np
import shapely
from sqlalchemy import Connection

from etl.synth.city import City, unproject
from etl.synth.shapes import Bools, Floats
from layers.territory.terrain import Heights, TerrainGrid, find_terrain, keep_terrain

SOURCE = "synthetic"
TITLE = "虚拟地形 / invented terrain"
DATUM = "虚拟基准 / invented datum"
_FINE, _COARSE = 1 / 10_800, 1 / 3_600
"""Degrees: some 10 and some 30 metres."""
_MOST_FINE = 1_000_000
_MARGIN = 400.0
_KEY = 77
_BASE, _FALL = 18.0, 3.0
_WAVES = 9
_HILL, _HILL_WIDTH = 46.0, 0.16
_HOLLOW, _BANK = 5.0, 90.0


def make_terrain(connection: Connection, city: City) -> None:
    """Keep the terrain of the city, unless one that was loaded from a file is there."""
    kept = find_terrain(connection)
    if kept is not None and kept.source != SOURCE:
        return
    grid = terrain_grid(city)
    heights = terrain_heights(city, grid)
    keep_terrain(connection, grid, heights, title=TITLE, source=SOURCE, vertical_datum=DATUM)


def terrain_grid(city: City) -> TerrainGrid:
    """A grid in degrees over the city and a little beyond."""
    around = city.lonlat(np.array([city.outline.buffer(_MARGIN)], dtype=object))[0]
    west, south, east, north = around.bounds
    cell = _FINE
    if (east - west) * (north - south) / cell**2 > _MOST_FINE:
        cell = _COARSE
    left, top = np.floor(west / cell), np.ceil(north / cell)
    columns, rows = int(np.ceil(east / cell) - left), int(top - np.floor(south / cell))
    return TerrainGrid(
        "EPSG:4326", float(left * cell), float(top * cell), cell, cell, columns, rows
    )


def terrain_heights(city: City, grid: TerrainGrid) -> Heights:
    """Heights in metres at the middles of the cells; the same for the same seed."""
    longitude = grid.west + grid.cell_width * (np.arange(grid.columns) + 0.5)
    latitude = grid.north - grid.cell_height * (np.arange(grid.rows) + 0.5)
    x, y = unproject(*np.meshgrid(longitude, latitude))
    west, south, east, north = city.outline.bounds
    size = max(east - west, north - south)
    random = city.random(_KEY)
    heights: Floats = _BASE + _FALL * (y - x) / size
    for _ in range(_WAVES):
        length, turn = size * random.uniform(0.18, 0.6), random.uniform(0, 2 * np.pi)
        along = (x * np.cos(turn) + y * np.sin(turn)) / length * 2 * np.pi
        heights += random.uniform(0.4, 1.3) * np.sin(along + random.uniform(0, 2 * np.pi))
    top = west + 0.16 * (east - west), north - 0.1 * (north - south)
    away = ((x - top[0]) ** 2 + (y - top[1]) ** 2) / (_HILL_WIDTH * size) ** 2
    heights += _HILL * np.exp(-away) * (1 + 0.12 * np.sin(x / size * 60) * np.cos(y / size * 48))
    wet = _near_water(city, x, y, round(_BANK / (grid.cell_height * 111_000)))
    return np.round(heights - _HOLLOW * wet, 1).astype(np.float32)


def _near_water(city: City, x: Floats, y: Floats, reach: int) -> Floats:
    """1 in the middle of wide waters, 0 far from all, and all between."""
    shapes = [water.shape for water in city.ways.waters]
    shapes += [shape for _, _, shape in city.ground.waters]
    wet: Bools = shapely.contains_xy(shapely.union_all(shapes), x, y)
    return _spread(_spread(wet.astype(np.float64), reach), max(1, reach // 2))


def _spread(values: Floats, reach: int) -> Floats:
    """The mean of the cells around, to so many on each side."""
    width = 2 * reach + 1
    for axis in (0, 1):
        edges = [(reach + 1, reach) if at == axis else (0, 0) for at in (0, 1)]
        total = np.moveaxis(np.cumsum(np.pad(values, edges, "edge"), axis=axis), axis, 0)
        values = np.moveaxis((total[width:] - total[:-width]) / width, 0, axis)
    return values
