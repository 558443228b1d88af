"""Cases, the steps of their flow and the work lists."""

from __future__ import annotations

from gisserver.api.document.operation import (
    NOTHING,
    ONE,
    READ,
    UNCHANGED,
    WRITE,
    Operation,
    Parameter,
)
from gisserver.api.document.shapes import (
    ANY,
    FLAG,
    MOMENT,
    PHOTOS,
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
from gisserver.xlsx import XLSX
from layers.incidents.candidates import Candidate, Employee
from layers.incidents.case import TakenStep
from layers.incidents.list_page import MOST_ROWS, Row

_CASE = "/api/incidents/{incident_id}"
_LIST = "/api/incidents/lists/{name}"
_FILTERS = (
    Parameter("category", description="A category, or the group above it"),
    Parameter("area", description="Area codes that begin so"),
    Parameter("unit", "integer", "Unit in charge", minimum=1),
    Parameter("light", description="green, yellow or red"),
    Parameter("text", description="Words of place or description, or a case number"),
    Parameter("since", description="Reported from this moment", format="date-time"),
    Parameter("until", description="Reported before this moment", format="date-time"),
)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "get", "/api/incidents/flow", "flow", "incidents", "Stages, states, steps", answer="Flow"
    ),
    Operation(
        "get",
        f"{_CASE}/case",
        "case",
        "incidents",
        "A case with its steps so far and those open to the reader",
        answer="Case",
        problems=ONE,
    ),
    Operation(
        "post",
        f"{_CASE}/steps",
        "takeStep",
        "incidents",
        "Take a step of the flow, with photos as a form; 409 with the case when it has moved on",
        body="StepRequest",
        form="StepForm",
        answer="Case",
        status=201,
        problems=WRITE,
    ),
    Operation(
        "get",
        f"{_CASE}/units",
        "candidates",
        "incidents",
        "Units the case may be dispatched to, the likeliest first",
        answer="Candidates",
        problems=ONE,
    ),
    Operation(
        "get",
        "/api/incidents/lists",
        "workLists",
        "incidents",
        "Work lists of the reader with the rows each has under the filters",
        parameters=_FILTERS,
        answer="WorkLists",
        problems=READ,
    ),
    Operation(
        "get",
        _LIST,
        "workList",
        "incidents",
        "Rows of a work list; `next` is the `after` of the next page",
        parameters=(
            *_FILTERS,
            Parameter("sort", description="due, newest or oldest; else the list's own"),
            Parameter("limit", "integer", "Most rows of one page", minimum=1, maximum=MOST_ROWS),
            Parameter("after", description="`next` of the page before"),
        ),
        answer="WorkListPage",
        problems=READ,
    ),
    Operation(
        "get",
        f"{_LIST}/tiles/{{z}}/{{x}}/{{y}}",
        "workListTile",
        "incidents",
        "A work list as a vector tile: points from zoom 14, counted cells below",
        parameters=_FILTERS,
        answer="Any",
        media_type="application/vnd.mapbox-vector-tile",
        problems=ONE,
        bare=(NOTHING, UNCHANGED),
    ),
    Operation(
        "post",
        f"{_LIST}/export",
        "exportWorkList",
        "incidents",
        "A work list as an Excel file; written to the audit log with the reason",
        body="ExportRequest",
        answer="Any",
        media_type=XLSX,
        problems=READ,
    ),
)

_TITLE = thing(zh=TEXT, en=TEXT)
_OPTION = thing(
    {"zh": TEXT, "en": or_null(TEXT), "limit_value": WHOLE, "limit_unit": TEXT}, value=TEXT
)
_NEED = thing(
    name=TEXT,
    kind=TEXT,
    title=_TITLE,
    is_required=FLAG,
    codes=or_null(TEXT),
    minimum=or_null(WHOLE),
    maximum=or_null(WHOLE),
    only_if=or_null(many(TEXT)),
    options=or_null(many(_OPTION)),
)

SCHEMAS: dict[str, Schema] = {
    "Flow": thing(
        stages=many(thing(stage=WHOLE, zh=TEXT, en=TEXT)),
        states=by_name(WHOLE),
        steps=by_name(_TITLE),
    ),
    "TakenStep": record(TakenStep, without=("inputs",), inputs=or_null(by_name(ANY)), title=_TITLE),
    "OpenStep": thing(
        name=TEXT,
        title=_TITLE,
        is_main=FLAG,
        is_grave=FLAG,
        to_state=or_null(TEXT),
        takes_photos=FLAG,
        needs=many(_NEED),
    ),
    "Case": thing(
        incident=ref("Feature"),
        now=MOMENT,
        unit=or_null(TEXT),
        handler=or_null(TEXT),
        owner=or_null(TEXT),
        steps=many(ref("TakenStep")),
        open=many(ref("OpenStep")),
    ),
    "StepRequest": thing({"inputs": by_name(ANY)}, step=TEXT, row_version=WHOLE),
    "StepForm": thing({"photo": PHOTOS}, step=ref("StepRequest")),
    "Candidates": thing(
        items=many(record(Candidate, without=("staff",), staff=many(record(Employee))))
    ),
    "WorkLists": thing(items=many(thing(name=TEXT, zh=TEXT, en=TEXT, sort=TEXT, count=WHOLE))),
    "WorkListRow": record(Row),
    "WorkListPage": thing(items=many(ref("WorkListRow")), next=or_null(TEXT)),
    "ExportRequest": thing(
        {
            "language": TEXT,
            **{each.name: WHOLE if each.kind == "integer" else TEXT for each in _FILTERS},
        },
        reason=TEXT | {"minLength": 1, "maxLength": 500},
    ),
}
