"""A heat surface as a GeoTIFF: one band of 32-bit floats for each frame, units in the tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from affine import Affine

from gisserver.coverages.geotiff import geotiff
from gisserver.errors import BadRequest
from layers.analysis.heat.fives import LEAST
from layers.analysis.heat.kernel import Grid
from layers.analysis.heat.surface import PERIOD, Heat, HeatQuestion
from layers.core.calendar import CHINA
from layers.core.cells import (
    Floats,
    column_at,
    latitude,
    longitude,
    mercator,
    mercator_side,
    row_at,
)
from layers.core.crs import ReferenceSystem, metric_srid
from layers.core.errors import NotFound

if TYPE_CHECKING:
    from rasterio.crs import CRS

NODATA = -9999.0
MERCATOR = "EPSG:3857"
LOCAL = "local"
SYSTEMS = (MERCATOR, "EPSG:4490", LOCAL)


def surface_tiff(heat: Heat, system: str) -> bytes:
    """The surface in `system`: Web Mercator as computed, CGCS2000, or the local CGCS2000 zone.

    Web Mercator holds the cells themselves. In the others every pixel has the value of the cell in
    which its middle lies, so no value is made up between two cells; pixels beyond the grid are
    `NODATA`. 0 is a value: nothing within the radius.

    Raises: BadRequest for another system; NotFound when there is nothing to draw.
    """
    from rasterio.crs import CRS  # large, and needed by few requests

    if system not in SYSTEMS:
        raise BadRequest(f"crs: {system[:40]!r} is none of them", allowed=SYSTEMS)
    if heat.grid is None:
        raise NotFound("there is no place to make a surface of")
    values: Floats = (heat.values * heat.unit).astype(np.float64)
    if system == MERCATOR:
        return _written(heat, values, _transform(heat.grid), CRS.from_epsg(3857))
    return _written(heat, *_warped(heat.grid, values, _crs(heat.grid, system)))


def _crs(grid: Grid, system: str) -> CRS:
    from rasterio.crs import CRS

    if system != LOCAL:
        return CRS.from_string(system)
    x = longitude(grid.column + grid.columns / 2, grid.level)
    y = float(latitude(grid.row + grid.rows / 2, grid.level))
    return CRS.from_epsg(metric_srid(x, y))


def _transform(grid: Grid) -> Affine:
    west, north = mercator(grid.column, grid.row, grid.level)
    side = mercator_side(grid.level)
    return Affine(side, 0, west, 0, -side, north)


def _warped(grid: Grid, values: Floats, crs: CRS) -> tuple[Floats, Affine, CRS]:
    from rasterio.crs import CRS
    from rasterio.warp import calculate_default_transform

    source = _transform(grid)
    west, north = source.c, source.f
    east, south = west + source.a * grid.columns, north + source.e * grid.rows
    transform, width, height = calculate_default_transform(
        CRS.from_epsg(3857), crs, grid.columns, grid.rows, west, south, east, north
    )
    x = transform.c + transform.a * (np.arange(width) + 0.5)
    y = transform.f + transform.e * (np.arange(height) + 0.5)
    lon, lat = ReferenceSystem(crs.to_string()).to_wgs84(*np.meshgrid(x, y))
    column = column_at(lon, grid.level) - grid.column
    row = row_at(lat, grid.level) - grid.row
    inside = (column >= 0) & (column < grid.columns) & (row >= 0) & (row < grid.rows)
    warped = np.full((len(values), height, width), NODATA)
    warped[:, inside] = values[:, row[inside], column[inside]]
    return warped, transform, crs


def _written(heat: Heat, values: Floats, transform: Affine, crs: CRS) -> bytes:
    return geotiff(
        values.astype(np.float32),
        transform,
        crs,
        nodata=NODATA,
        unit=unit_text(heat.question),
        tags=heat_tags(heat.question, is_personal=heat.is_personal),
        bands=[
            "/".join(
                each.astimezone(CHINA).isoformat() if each else ".."
                for each in (frame.since, frame.until)
            )
            for frame in heat.frames
        ],
    )


def unit_text(question: HeatQuestion) -> str:
    """What the numbers are, in words: `incidents per km² and 30 days`."""
    what = question.weight or question.places.layer.name
    return f"{what} per km²" + (f" and {PERIOD.days} days" if question.is_over_time else "")


def heat_tags(question: HeatQuestion, *, is_personal: bool) -> dict[str, str]:
    """What a file of heat tells of itself."""
    tags = {
        "TITLE": f"Heat of {question.places.layer.name}",
        "LAYER": question.places.layer.name,
        "UNITS": unit_text(question),
        "KERNEL": "quartic",
        "RADIUS_METRES": f"{question.radius:g}",
        "WEIGHT": question.weight or "1",
        "AREA": question.places.area,
    }
    return tags | ({"LEAST_PERSONS": str(LEAST)} if is_personal else {})
