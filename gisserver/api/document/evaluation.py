"""How the district stands: totals by area, and the linked screens that show it."""

from __future__ import annotations

from gisserver.api.document.operation import AREA, ONE, READ, Operation, Parameter
from gisserver.api.document.shapes import (
    NUMBER,
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
from layers.evaluation.rates import CaseRow, Day
from layers.evaluation.totals import BuildingTotal, Place

_WALL = "/api/walls/{code}"
_PERIOD = (
    AREA,
    Parameter("since", description="From this moment", format="date-time", is_required=True),
    Parameter("until", description="Before this moment", format="date-time", is_required=True),
)

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
        "get",
        "/api/rates",
        "rates",
        "evaluation",
        "Rates of cases in a period, each with the two counts it is made of",
        parameters=_PERIOD,
        answer="Rate[]",
        problems=READ,
    ),
    Operation(
        "get",
        "/api/rates/cases",
        "rateCases",
        "evaluation",
        "The cases behind a count; `next` is the `after` of the next page",
        parameters=(
            Parameter("measure", description="Name of the count", is_required=True),
            *_PERIOD,
            Parameter("limit", "integer", "Most rows of one page", minimum=1, maximum=200),
            Parameter("after", "integer", "Only cases after this id", minimum=0),
        ),
        answer="CasePage",
        problems=READ,
    ),
    Operation(
        "get",
        "/api/rates/days",
        "rateDays",
        "evaluation",
        "Cases reported and closed on each day of a period",
        parameters=_PERIOD,
        answer="CaseDay[]",
        problems=READ,
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

_COUNT = thing(measure=TEXT, zh=TEXT, en=TEXT, count=WHOLE)

SCHEMAS: dict[str, Schema] = {
    "Rate": thing(
        name=TEXT,
        zh=TEXT,
        en=TEXT,
        numerator=_COUNT,
        denominator=_COUNT,
        rate=or_null(NUMBER),
    ),
    "CaseRow": record(CaseRow),
    "CasePage": thing(items=many(ref("CaseRow")), next=or_null(WHOLE)),
    "CaseDay": record(Day),
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
