"""Grids of cells in a reference system, and boxes brought from one system to another.

A cell is an area; a box is west, south, east, north, whatever the order of its system's axes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import pyproj
from affine import Affine
from pyproj.exceptions import CRSError, ProjError

from gisserver.errors import BadRequest
from layers.core.output_system import CGCS2000, CRS84, STORED, SYSTEMS, OutputSystem

if TYPE_CHECKING:
    from rasterio.crs import CRS

Box = tuple[float, float, float, float]

# Degrees of these are told as they are: they differ by less than is measured.
_ALIKE = frozenset({None, STORED, CGCS2000})
# Share of a cell by which a box may miss an edge and still be meant to end there.
_SLACK = 1e-6
_BY_EPSG = {system.epsg: system for system in SYSTEMS}


@lru_cache(maxsize=64)
def system_of(name: str) -> OutputSystem:
    """The system of an EPSG name; degrees of WGS 84 are those of CRS84, longitude first."""
    code = int(name.removeprefix("EPSG:"))
    if code == STORED:
        return CRS84
    if code in _BY_EPSG:
        return _BY_EPSG[code]
    told = pyproj.CRS.from_epsg(code)
    first = told.axis_info[0].direction if told.axis_info else "east"
    return OutputSystem(code, is_north_first=first == "north", is_projected=told.is_projected)


def raster_crs(system: OutputSystem) -> CRS:
    """The system as rasterio knows it, in which x always comes first."""
    from rasterio.crs import CRS  # large, and needed by few requests

    return CRS.from_epsg(STORED if system.epsg is None else system.epsg)


def are_alike(one: OutputSystem, other: OutputSystem) -> bool:
    """Whether coordinates of the one are those of the other, but for the order of axes."""
    return one.epsg == other.epsg or (one.epsg in _ALIKE and other.epsg in _ALIKE)


def axis_names(system: OutputSystem) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What the axis to the east and the one to the north are called; Long is GDAL's word."""
    if not system.is_projected:
        return ("Lon", "Long"), ("Lat",)
    # X goes north in the Gauss-Krüger systems of China and east elsewhere: only E and N are plain.
    return (("E",), ("N",)) if system.is_north_first else (("E", "X", "x"), ("N", "Y", "y"))


def in_axis_order(system: OutputSystem, box: Sequence[float]) -> list[float]:
    """Lower corner and upper one with the axes in the order of the system."""
    west, south, east, north = box
    return [south, west, north, east] if system.is_north_first else [west, south, east, north]


def moved(box: Box, source: OutputSystem, target: OutputSystem) -> Box:
    """The box around a box in another system.

    Raises: BadRequest where the other system has no places.
    """
    if are_alike(source, target):
        return box
    # Large, and needed by few requests.
    from rasterio.errors import RasterioError
    from rasterio.warp import transform_bounds

    try:
        west, south, east, north = transform_bounds(raster_crs(source), raster_crs(target), *box)
    except (RasterioError, ProjError, CRSError) as error:
        raise BadRequest(f"{target.uri} has no places in that box") from error
    if not all(math.isfinite(each) for each in (west, south, east, north)):
        raise BadRequest(f"{target.uri} has no places in that box")
    return float(west), float(south), float(east), float(north)


@dataclass(frozen=True)
class Grid:
    """Cells in rows from north; west and north are those of the outer corner."""

    system: OutputSystem
    west: float
    north: float
    cell_width: float
    cell_height: float
    columns: int
    rows: int

    @property
    def bounds(self) -> Box:
        """West, south, east, north of the outer edges."""
        east = self.west + self.columns * self.cell_width
        return self.west, self.north - self.rows * self.cell_height, east, self.north

    @property
    def transform(self) -> Affine:
        """From column and row to x and y."""
        return Affine(self.cell_width, 0, self.west, 0, -self.cell_height, self.north)

    def part(self, rows: range, columns: range) -> Grid:
        """Some of the cells; rows and columns may lie outside."""
        return replace(
            self,
            west=self.west + columns.start * self.cell_width,
            north=self.north - rows.start * self.cell_height,
            columns=len(columns),
            rows=len(rows),
        )

    def spans(self, box: Box) -> tuple[range, range]:
        """Rows and columns of the cells that share ground with a box; empty when none do.

        Where a box has no width it takes the cell in which it lies.
        """
        west, south, east, north = box
        return (
            _cells(
                (self.north - north) / self.cell_height,
                (self.north - south) / self.cell_height,
                self.rows,
            ),
            _cells(
                (west - self.west) / self.cell_width,
                (east - self.west) / self.cell_width,
                self.columns,
            ),
        )

    def window(self, box: Box) -> Grid | None:
        """The cells that share ground with a box, None when there are none."""
        rows, columns = self.spans(box)
        return self.part(rows, columns) if rows and columns else None

    def of_size(self, columns: int, rows: int) -> Grid:
        """The same ground in another number of cells."""
        west, south, east, north = self.bounds
        return replace(
            self,
            cell_width=(east - west) / columns,
            cell_height=(north - south) / rows,
            columns=columns,
            rows=rows,
        )

    def in_system(self, system: OutputSystem) -> Grid:
        """The grid on which its cells are told in another system, of about their size."""
        if are_alike(self.system, system):
            return replace(self, system=system)
        from rasterio.warp import calculate_default_transform

        transform, columns, rows = calculate_default_transform(
            raster_crs(self.system), raster_crs(system), self.columns, self.rows, *self.bounds
        )
        width, height = transform.a, -transform.e
        return Grid(system, transform.c, transform.f, width, height, columns, rows)


def grid_over(system: OutputSystem, box: Box, columns: int, rows: int) -> Grid:
    """A box in so many cells."""
    west, south, east, north = box
    width, height = (east - west) / columns, (north - south) / rows
    return Grid(system, west, north, width, height, columns, rows)


def _cells(low: float, high: float, size: int) -> range:
    """The cells between two places on an axis that are counted in cells."""
    if high - low < _SLACK:
        at = min(math.floor(low), size - 1) if low <= size else size
        return range(at, at + 1) if 0 <= at < size else range(0)
    first, end = max(math.floor(low + _SLACK), 0), min(math.ceil(high - _SLACK), size)
    return range(first, max(first, end))
