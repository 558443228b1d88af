"""The ground around an answer: parks, water, roads, borders and buildings as plain shapes.

There are no tiles without a network, so a shared map carries its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection

from layers.core.features import scope_sql
from layers.core.layer import Layer
from layers.core.scope import Reader
from layers.housing.building import BUILDINGS
from layers.territory.area import AREAS
from layers.territory.basemap import GREENS, ROADS, WATERS
from viewer.export.style import Look, look_of

# Bottom to top, each with how many shapes at most: the largest ones stay.
_GROUND: tuple[tuple[Layer, int], ...] = (
    (GREENS, 800),
    (WATERS, 800),
    (BUILDINGS, 4_000),
    (ROADS, 2_500),
    (AREAS, 60),
)
_PALE = Look(fill="#e4e1da")  # what was not found of the layer asked for
_STEPS = 2_000  # shapes are drawn in steps of so small a part of the width


@dataclass(frozen=True)
class Ground:
    """Shapes of one layer of the ground, each with its look."""

    layer: Layer
    shapes: Sequence[tuple[BaseGeometry, Look]]


def find_ground(
    connection: Connection,
    reader: Reader,
    bounds: tuple[float, float, float, float],
    zoom: float,
    asked: Layer,
) -> list[Ground]:
    """What lies in a box (WGS 84) at a zoom, of the layers the reader may read."""
    found = []
    for layer, most in _GROUND:
        if not reader.scope(layer.read) or zoom + 1 < layer.min_zoom:
            continue
        shapes = _find(connection, layer, reader, bounds, zoom, most)
        if layer is asked:
            shapes = [(shape, _PALE) for shape, look in shapes if look.fill is not None]
        cores = [
            (shape, Look(line=look.core, line_width=look.core_width))
            for shape, look in shapes
            if look.core is not None
        ]
        found += [Ground(layer, each) for each in (shapes, cores) if each]
    return found


def _find(
    connection: Connection,
    layer: Layer,
    reader: Reader,
    bounds: tuple[float, float, float, float],
    zoom: float,
    most: int,
) -> list[tuple[BaseGeometry, Look]]:
    west, south, east, north = bounds
    areas = ("",) if layer.scope == "public" else reader.scope(layer.read)
    scope, values = scope_sql("t.area_code", areas, "area")
    fields = ", ".join(f't."{name}"' for name in layer.tile_fields)
    geom = "ST_Boundary(t.geom)" if layer is AREAS else "t.geom"
    size = "ST_Length(t.geom)" if layer is ROADS else "ST_Area(t.geom)"
    is_dated = "valid_to" in layer.fields
    holds = "(t.valid_to IS NULL OR t.valid_to > core.today())" if is_dated else "TRUE"
    rows = connection.exec_driver_sql(
        # Borders are lines: cut off at the edge they must not run along it.
        f"""
WITH box AS MATERIALIZED (SELECT ST_MakeEnvelope(%(w)s, %(s)s, %(e)s, %(n)s, 4326) AS geom)
SELECT ST_AsBinary(ST_ClipByBox2D(ST_Simplify({geom}, %(step)s, true), box.geom)), {fields}
FROM box JOIN {layer.qualified_table} AS t ON t.geom && box.geom
WHERE {scope} AND {holds} ORDER BY {size} DESC LIMIT %(most)s
""",
        {
            **values,
            "w": west,
            "s": south,
            "e": east,
            "n": north,
            "step": (east - west) / _STEPS,
            "most": most,
        },
    )
    shapes: list[tuple[BaseGeometry, Look]] = []
    for wkb, *cells in rows:
        shape = shapely.from_wkb(bytes(wkb)) if wkb is not None else None
        look = look_of(layer, dict(zip(layer.tile_fields, cells, strict=True)), zoom)
        if shape is not None and not shape.is_empty and look is not None:
            shapes.append((shape, look))
    return shapes
