"""Buildings in three dimensions."""

from __future__ import annotations

from gisserver.api.document.operation import ONE, Operation
from gisserver.api.document.shapes import (
    NUMBER,
    TEXT,
    WHOLE,
    Schema,
    many,
    or_null,
    record,
    ref,
    thing,
)
from layers.housing.boxes import Box

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "get",
        "/api/buildings/{building_id}/boxes",
        "boxes",
        "buildings",
        "Floors of a building and the outlines of its rooms, derived from footprint and matrix",
        answer="Boxes",
        problems=ONE,
    ),
    Operation(
        "get",
        "/api/buildings/colours/{by}",
        "buildingColours",
        "buildings",
        "Classes of usage, age, rentals or incidents, and the buildings in scope in each",
        answer="BuildingColours",
        problems=ONE,
    ),
    Operation(
        "get",
        "/api/buildings/colours/{by}/{z}/{x}/{y}",
        "buildingValues",
        "buildings",
        "Percent of rooms rented, or open incidents beside it, of each building of a tile",
        answer="BuildingValues",
        problems=ONE,
    ),
)

_SHAPE = many(many(many(NUMBER))) | {
    "description": "Multipolygon in degrees (CRS84): polygons, rings, positions"
}

SCHEMAS: dict[str, Schema] = {
    "Box": record(Box),
    "Boxes": thing(
        building_id=WHOLE,
        storey=NUMBER | {"description": "Height of one floor, metres"},
        floors=many(NUMBER),
        footprint=many(_SHAPE),
        shapes=many(many(_SHAPE)),
        boxes=many(ref("Box")),
    ),
    "BuildingColours": thing(
        by=TEXT,
        field=or_null(TEXT),
        classes=many(thing({"from": or_null(WHOLE)}, code=or_null(TEXT), count=WHOLE)),
        without=WHOLE,
        buildings=WHOLE,
    ),
    "BuildingValues": thing(ids=many(WHOLE), values=many(WHOLE)),
}
