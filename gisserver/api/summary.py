"""What the reader may see in one glance: where, and how many of each layer."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import Connection, text

from gisserver.context import current_reader, reader_connection
from gisserver.counts import kept, rows_by_area
from gisserver.parameters import take_parameters
from layers.catalogue import LAYERS
from layers.core.features import BoundingBox, count_within, find_extent
from layers.core.rights import Right
from layers.core.scope import Reader
from layers.housing.building import BUILDINGS
from layers.territory.area import AREAS
from layers.territory.grid import GRIDS

blueprint = Blueprint("summary", __name__, url_prefix="/api")

CODE_DIGITS = (14, 12, 9, 6, 4, 2)

_AREA_NAME = text(
    "SELECT name FROM territory.area WHERE area_code = :code UNION ALL "
    "SELECT name FROM territory.grid WHERE code = :code LIMIT 1"
)
_TOP_AREA = text(
    "SELECT area_code, name FROM territory.area WHERE valid_to IS NULL "
    "ORDER BY length(area_code), area_code LIMIT 2"
)


@blueprint.get("/summary")
def summary() -> Response:
    """Extent, rows of each layer that may be read, and the area that holds them all."""
    take_parameters(request)
    reader = current_reader()
    readable = [layer for layer in LAYERS if reader.areas_to_read(layer)]
    counts = {layer.name: count_within(rows_by_area(layer), layer, reader) for layer in readable}
    with reader_connection() as connection:
        extent = _extent(connection, reader)
        area = _home(connection, reader)
    return jsonify({"extent": extent, "counts": counts, "area": area})


def _extent(connection: Connection, reader: Reader) -> BoundingBox | None:
    if not reader.scope(Right.BASE_READ):
        return None
    for layer in (AREAS, GRIDS, BUILDINGS):
        make = partial(find_extent, connection, layer, reader)
        key = ("extent", reader.scope(Right.BASE_READ))
        found: BoundingBox | None = kept(key, layer, make)
        if found is not None:
            return found
    return None


def _outwards(code: str) -> list[str]:
    return [code[:digits] for digits in CODE_DIGITS if len(code) >= digits]


def _home(connection: Connection, reader: Reader) -> dict[str, str] | None:
    """The lowest area that holds all areas granted; None when the reader may not see it."""
    areas = reader.scope(Right.BASE_READ)
    if not areas:
        return None
    code = next((c for c in _outwards(areas[0]) if all(a.startswith(c) for a in areas)), "")
    if not code:
        tops = connection.execute(_TOP_AREA).all()
        return {"code": tops[0].area_code, "name": tops[0].name} if tops else None
    name = connection.execute(_AREA_NAME, {"code": code}).scalar_one_or_none()
    return {"code": code, "name": name} if name is not None else None
