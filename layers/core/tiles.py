"""Vector tiles: one statement a layer, written from its declaration.

A tile holds `id` and the layer's `tile_fields`. Below `DETAIL_ZOOM` it holds only what its style
can draw there: rows that some fragment of the paint shows, fields that the paint reads, polygons
of at least a pixel, one point of a kind to a few pixels, the one whose time is up first. Times are
seconds since 1970. Coordinates are steps of 1/4096 tile in the CRS of the tile's matrix set, Web
Mercator (3857) unless another is named; what is selected by is longitude and latitude (4326).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from layers.core.features import scope_sql
from layers.core.layer import Layer
from layers.core.model import field_kind
from layers.core.scope import Reader
from layers.core.tile_matrix import MAX_ZOOM, WEB_MERCATOR_QUAD, TileMatrixSet

EXTENT = 4096
BUFFER = 64
PIXELS = 512
DETAIL_ZOOM = 14
POINT_SPACING = 3.0
# A polygon lies in several tiles; `label_here` is false in all but the one that holds the middle
# of its box, and missing there, so that its name is written once.
LABEL_HERE = (
    "CASE WHEN (ST_XMin(geom) + ST_XMax(geom)) / 2 >= %(left)s "
    "AND (ST_XMin(geom) + ST_XMax(geom)) / 2 < %(right)s "
    "AND (ST_YMin(geom) + ST_YMax(geom)) / 2 >= %(bottom)s "
    "AND (ST_YMin(geom) + ST_YMax(geom)) / 2 < %(top)s THEN NULL ELSE false END AS label_here"
)
# A tilted map shows tiles of one zoom less towards the horizon.
HORIZON = 1
# Where a condition on `area_code` goes; row-level security repeats it below.
SCOPE = "/*scope*/"


@dataclass(frozen=True)
class Tile:
    """Address of a tile: `x` counts from the west, `y` from the north.

    Raises: ValueError when there is no such tile.
    """

    z: int
    x: int
    y: int
    matrix_set: TileMatrixSet = WEB_MERCATOR_QUAD

    def __post_init__(self) -> None:
        quad = self.matrix_set
        if not quad.first <= self.z <= MAX_ZOOM:
            raise ValueError(f"zoom {quad.first} to {MAX_ZOOM} expected, not {self.z}")
        columns, rows = quad.columns(self.z), quad.rows(self.z)
        if not (0 <= self.x < columns and 0 <= self.y < rows):
            raise ValueError(
                f"at zoom {self.z} x runs from 0 to {columns - 1} and y from 0 to {rows - 1}"
            )

    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees, with the buffer around."""
        return self._edges(BUFFER / EXTENT)

    def middle_bounds(self) -> dict[str, float]:
        """Left, bottom, right, top in degrees, without the buffer: where a name's middle counts."""
        left, bottom, right, top = self._edges(0)
        return {"left": left, "bottom": bottom, "right": right, "top": top}

    def pixel(self) -> tuple[float, float]:
        """Width and height of one of 512 pixels, in degrees, in the middle of the tile."""
        width = 360 / (1 << self.z) / PIXELS
        if self.matrix_set is not WEB_MERCATOR_QUAD:
            return width, width
        return width, width * math.cos(
            math.radians(self.matrix_set.latitude_at(self.z, self.y + 0.5))
        )

    def _edges(self, margin: float) -> tuple[float, float, float, float]:
        quad = self.matrix_set
        return (
            quad.longitude_at(self.z, self.x - margin),
            quad.latitude_at(self.z, self.y + 1 + margin),
            quad.longitude_at(self.z, self.x + 1 + margin),
            quad.latitude_at(self.z, self.y - margin),
        )


def tile_at(
    zoom: int, longitude: float, latitude: float, quad: TileMatrixSet = WEB_MERCATOR_QUAD
) -> Tile:
    """The tile that holds a place, in degrees (4326)."""
    columns, rows = quad.columns(zoom), quad.rows(zoom)
    x, y = int((longitude + 180) / 360 * columns), int(quad.share(latitude) * rows)
    return Tile(zoom, min(max(x, 0), columns - 1), min(max(y, 0), rows - 1), quad)


def tile_question(
    layers: Sequence[Layer], reader: Reader, tile: Tile
) -> tuple[str, dict[str, Any]] | None:
    """Statement (pyformat) and values for the layers of one tile within the reader's scope.

    To be asked as `read_within` does: row-level security holds the same scope once more. Layers
    of a tile are repeated fields, so tiles are joined by joining their bytes. None when no layer
    has anything to show at that zoom.
    """
    values = tile_parameters(tile)
    parts: list[str] = []
    for i, layer in enumerate(layers):
        areas = reader.areas_to_read(layer)
        statement = tile_statement(layer, tile.z, tile.matrix_set) if areas else None
        if statement is not None:
            everywhere = ("",) if layer.scope == "public" else areas
            scope, bounds = scope_sql("area_code", everywhere, f"area{i}_")
            values |= bounds
            parts.append(statement.replace(SCOPE, f" AND {scope}"))
    if len(parts) < 2:
        return (parts[0], values) if parts else None
    return "SELECT " + " || ".join(f"coalesce(({part}), '')" for part in parts), values


def tile_parameters(tile: Tile) -> dict[str, Any]:
    """Values of a tile statement's parameters."""
    west, south, east, north = tile.bounds()
    width, height = tile.pixel()
    return {
        "west": west,
        "south": south,
        "east": east,
        "north": north,
        "z": tile.z,
        "x": tile.x,
        "y": tile.y,
        **tile.middle_bounds(),
        "smallest": width * height,
        "tolerance": height / 2,
        "cell_x": width * POINT_SPACING,
        "cell_y": height * POINT_SPACING,
    }


def tile_statement(layer: Layer, zoom: int, quad: TileMatrixSet = WEB_MERCATOR_QUAD) -> str | None:
    """SQL for one tile as bytes, with pyformat parameters and SCOPE after the conditions.

    None when the layer has no geometry or nothing to show at that zoom.
    """
    if layer.geometry_kind is None or not layer.min_zoom <= zoom <= layer.max_zoom:
        return None
    shown = list(_shown(layer, zoom))
    named = is_named_area(layer, shown)
    if zoom >= DETAIL_ZOOM:
        return _statement(layer, quad, layer.tile_fields, (), named=named)
    if not shown:
        return None
    read = {name for fragment in shown for name in _fields_read(fragment)}
    fields = tuple(name for name in layer.tile_fields if name in read)
    return _statement(layer, quad, fields, _row_filter(shown), thin=True, named=named)


def is_named_area(layer: Layer, shown: Sequence[Mapping[str, Any]]) -> bool:
    """Whether these fragments write the names of areas, so that tiles say where."""
    is_area = layer.geometry_kind in ("Polygon", "MultiPolygon")
    return is_area and any(fragment["type"] == "symbol" for fragment in shown)


def _statement(
    layer: Layer,
    quad: TileMatrixSet,
    fields: Sequence[str],
    conditions: Sequence[str],
    *,
    thin: bool = False,
    named: bool = False,
) -> str:
    kind = layer.geometry_kind
    label = f", {LABEL_HERE}" if named else ""
    times = [name for name in fields if field_kind(layer.column(name)) == "datetime"]
    told = "".join(f", {_told(name, name in times)}" for name in fields)
    where = ["geom && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)"]
    geometry = "geom"
    if thin and kind != "Point":
        geometry = "ST_Simplify(geom, %(tolerance)s, true)"
    if thin and kind in ("Polygon", "MultiPolygon"):
        where.append("ST_Area(geom) >= %(smallest)s")
    if layer.model.has_versions:
        where.append(layer.in_force)
    rows = f"{layer.qualified_table} WHERE {' AND '.join((*where, *conditions))}{SCOPE}"
    if thin and kind == "Point":
        cell = ("floor(ST_X(geom) / %(cell_x)s)", "floor(ST_Y(geom) / %(cell_y)s)")
        keys = ", ".join((*cell, *(f'"{name}"' for name in fields if name not in times)))
        kept = ", ".join((*(f'"{name}"' for name in fields), "geom"))
        first = ", ".join((*(f'"{name}"' for name in times), "id"))
        rows = (
            f"(SELECT DISTINCT ON ({keys}) id, {kept} FROM {rows} "
            f"ORDER BY {keys}, {first}) AS thinned"
        )
    return (
        f"SELECT ST_AsMVT(tile, '{layer.name}', {EXTENT}, 'geom', 'id') FROM ("
        f"SELECT id{told}{label}, ST_AsMVTGeom({quad.geometry_sql.format(geometry=geometry)}, "
        f"{quad.envelope_sql}, {EXTENT}, {BUFFER}, true) AS geom "
        f"FROM {rows}) AS tile"
    )


def _told(name: str, is_time: bool) -> str:
    """A field as a tile tells it."""
    return f'date_part(\'epoch\', "{name}") AS "{name}"' if is_time else f'"{name}"'


def _shown(layer: Layer, zoom: int) -> Iterator[Mapping[str, Any]]:
    """Fragments of the paint that draw something while tiles of this zoom are on the screen."""
    for fragment in layer.paint:
        until = zoom + 1 + HORIZON
        if fragment.get("minzoom", 0) < until and fragment.get("maxzoom", MAX_ZOOM + 2) > zoom:
            yield fragment


def _fields_read(expression: Any) -> Iterator[str]:
    """Names of the fields an expression, or anything that holds expressions, reads."""
    if isinstance(expression, Mapping):
        for part in expression.values():
            yield from _fields_read(part)
    elif isinstance(expression, list | tuple):
        if len(expression) == 2 and expression[0] == "get" and isinstance(expression[1], str):
            yield expression[1]
        else:
            for part in expression:
                yield from _fields_read(part)


def _row_filter(shown: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """The condition that keeps rows some fragment draws; none when one fragment draws them all."""
    alternatives = {_condition(fragment.get("filter")) for fragment in shown}
    if None in alternatives:
        return ()
    return (f"({' OR '.join(sorted(filter(None, alternatives)))})",)


def _condition(expression: Any) -> str | None:
    """A MapLibre filter as SQL that is never null; None for one that has no translation."""
    match expression:
        case ["==", ["get", str(name)], value]:
            return f'coalesce("{name}" = {_quoted(value)}, false)'
        case ["in", ["get", str(name)], ["literal", [*values]]]:
            return f'coalesce("{name}" IN ({", ".join(map(_quoted, values))}), false)'
        case ["!", inner]:
            found = _condition(inner)
            return None if found is None else f"NOT {found}"
        case _:
            return None


def _quoted(value: Any) -> str:
    """A constant of a declaration as SQL; per cent signs stand for parameters and are doubled."""
    if isinstance(value, bool | int | float):
        return str(value).lower()
    return "'" + str(value).replace("'", "''").replace("%", "%%") + "'"
