"""How the district stands: totals by area, and the linked screens that show it."""

from __future__ import annotations

from gisserver.api.document.operation import AREA, ONE, READ, Operation
from gisserver.api.document.shapes import (
    TEXT,
    WHOLE,
    Schema,
    by_name,
    many,
    or_null,
    record,
    ref,
    thing,
)
from layers.evaluation.totals import BuildingTotal, Place

_WALL = "/api/walls/{code}"

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "get",
        "/api/totals",
        "totals",
        "evaluation",
        "Rows of each layer in an area and in each area directly below; the buildings of a grid",
        parameters=(AREA,),
        answer="Totals",
        problems=ONE,
    ),
    Operation(
        "post",
        "/api/walls",
        "createWall",
        "evaluation",
        "Link screens: a pairing code and what they show together",
        body="WallChange",
        answer="Wall",
        status=201,
        problems=READ,
    ),
    Operation(
        "get", _WALL, "wall", "evaluation", "What linked screens show", answer="Wall", problems=ONE
    ),
    Operation(
        "patch",
        _WALL,
        "changeWall",
        "evaluation",
        "Have every linked screen show something else",
        body="WallChange",
        answer="Wall",
        problems=ONE,
    ),
    Operation(
        "delete", _WALL, "deleteWall", "evaluation", "Unlink screens", status=204, problems=ONE
    ),
    Operation(
        "get",
        _WALL + "/stream",
        "wallStream",
        "evaluation",
        "Server-sent events: the state now and after each change",
        answer="Any",
        media_type="text/event-stream",
        problems=(*ONE, 503),
    ),
)

_SHOWN: dict[str, Schema] = {
    "selected": or_null(TEXT | {"description": "A layer and an id: buildings.17"}),
    "area": TEXT | {"description": "Digits an area code begins with; empty for everything"},
    "period": {"enum": ["day", "week", "month", "year"]},
    "category": or_null(TEXT),
    "light": or_null({"enum": ["green", "yellow", "red"]}),
}

SCHEMAS: dict[str, Schema] = {
    "Place": record(Place),
    "PlaceTotal": record(Place, counts=by_name(WHOLE)),
    "BuildingTotal": record(BuildingTotal),
    "WallChange": thing(_SHOWN),
    "Wall": thing(code=TEXT, version=WHOLE, state=thing(**_SHOWN)),
    "Totals": thing(
        area=ref("PlaceTotal"),
        above=many(ref("Place")),
        children=many(ref("PlaceTotal")),
        buildings=many(ref("BuildingTotal")),
    ),
}
