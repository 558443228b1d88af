"""How the district stands: totals by area."""

from __future__ import annotations

from gisserver.api.document.operation import AREA, ONE, Operation
from gisserver.api.document.shapes import WHOLE, Schema, by_name, many, record, ref, thing
from layers.evaluation.totals import BuildingTotal, Place

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
)

SCHEMAS: dict[str, Schema] = {
    "Place": record(Place),
    "PlaceTotal": record(Place, counts=by_name(WHOLE)),
    "BuildingTotal": record(BuildingTotal),
    "Totals": thing(
        area=ref("PlaceTotal"),
        above=many(ref("Place")),
        children=many(ref("PlaceTotal")),
        buildings=many(ref("BuildingTotal")),
    ),
}
