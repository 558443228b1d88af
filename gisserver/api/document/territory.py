"""Plans of grids, who is in charge of them, and counts of other days."""

from __future__ import annotations

from gisserver.api.document.operation import (
    DAY,
    ONE,
    READ,
    WRITE,
    Operation,
    Parameter,
)
from gisserver.api.document.shapes import (
    ANY,
    FLAG,
    MOMENT,
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
from gisserver.api.document.shapes import DAY as DATE
from layers.analysis.grid_counts import GridCount
from layers.organisation.charge import Charge, Vacancy
from layers.territory.lineage import Kin

AREA = Parameter("area", description="Area code or the beginning of one")


def _write(name: str, path: str, summary: str, body: str) -> Operation:
    return Operation(
        "post",
        f"/api/plans/{{plan_id}}/{path}",
        name,
        "territory",
        summary,
        answer="Plan",
        body=body,
        problems=WRITE,
    )


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "get",
        "/api/plans",
        "plans",
        "territory",
        "Plans of grids, newest first",
        parameters=(
            Parameter("community", description="12 digits of a community"),
            Parameter("state", description="Only plans in this state"),
        ),
        answer="PlanRows",
    ),
    Operation(
        "post",
        "/api/plans",
        "beginPlan",
        "territory",
        "Begin a draft over the grids in force in a community",
        answer="Plan",
        body="NewPlan",
        status=201,
        problems=WRITE,
    ),
    Operation(
        "get",
        "/api/plans/{plan_id}",
        "plan",
        "territory",
        "A plan with pieces, figures, faults and possible steps",
        answer="Plan",
        problems=ONE,
    ),
    Operation(
        "post",
        "/api/plans/{plan_id}/preview",
        "previewPlan",
        "territory",
        "Pieces, figures and faults after an operation; nothing is kept",
        answer="PlanPreview",
        body="PlanTrial",
        problems=ONE,
    ),
    _write(
        "changePlan",
        "operations",
        "Split, merge, move, rename, draw, add or remove",
        "PlanChange",
    ),
    _write("undoPlan", "undo", "Take the last operation back", "PlanVersion"),
    _write("redoPlan", "redo", "Do the operation taken back last once more", "PlanVersion"),
    _write("stepPlan", "steps", "Submit, withdraw, reopen, discard, approve, reject", "PlanStep"),
    Operation(
        "get",
        "/api/assignments",
        "assignments",
        "territory",
        "Who is in charge of which grid on a day",
        parameters=(
            AREA,
            DAY,
            Parameter("grid", "integer", "Only of this grid", minimum=1),
            Parameter("staff", "integer", "Only of this member of the staff", minimum=1),
            Parameter("past", "boolean", "Also earlier and later ones"),
        ),
        answer="Assignments",
        problems=READ,
    ),
    Operation(
        "get",
        "/api/assignments/vacancies",
        "vacancies",
        "territory",
        "Grids that lack a chief or a full-time worker on a day",
        parameters=(AREA, DAY),
        answer="Vacancies",
        problems=READ,
    ),
    Operation(
        "get",
        "/api/grids/counts",
        "gridCounts",
        "territory",
        "Counts by grid as the grids were on a day",
        parameters=(
            Parameter("community", description="12 digits of a community", is_required=True),
            Parameter("since", description="First day", format="date", is_required=True),
            Parameter("until", description="Day after the last", format="date", is_required=True),
            Parameter("on", description="Day of the grids", format="date", is_required=True),
        ),
        answer="GridCounts",
        problems=READ,
    ),
    Operation(
        "get",
        "/api/grids/{grid_id}/lineage",
        "gridLineage",
        "territory",
        "What a grid was made of and what became of it",
        answer="GridLineage",
        problems=ONE,
    ),
)

_ROW: dict[str, Schema] = {
    "id": WHOLE,
    "area_code": TEXT,
    "title": TEXT,
    "state": TEXT,
    "author": TEXT,
    "reason": or_null(TEXT),
    "effective_on": or_null(DATE),
    "submitted_by": or_null(TEXT),
    "submitted_at": or_null(MOMENT),
    "decided_by": or_null(TEXT),
    "decided_at": or_null(MOMENT),
    "decision": or_null(TEXT),
    "created_at": MOMENT,
    "position": WHOLE,
    "row_version": WHOLE,
}
_GRID: dict[str, Schema] = {
    "key": WHOLE,
    "code": TEXT,
    "name": TEXT,
    "geometry": ANY,
    "figures": ref("GridFigures"),
}
_FIGURE = or_null(WHOLE)

SCHEMAS: dict[str, Schema] = {
    "GridFigures": thing(
        area=NUMBER,
        buildings=WHOLE,
        dwellings=_FIGURE,
        households=_FIGURE,
        residents=_FIGURE,
        key_sites=_FIGURE,
        open_incidents=_FIGURE,
    ),
    "PlanPiece": thing(**_GRID, status=TEXT, parents=many(TEXT)),
    "PlanFault": thing(
        kind=TEXT, grids=many(WHOLE), building=or_null(WHOLE), is_inherited=FLAG, geometry=ANY
    ),
    "PlanRow": thing(**_ROW),
    "PlanRows": thing(items=many(ref("PlanRow"))),
    "Plan": thing(
        **_ROW,
        community=thing(code=TEXT, name=TEXT, border=ANY),
        is_stale=FLAG,
        steps=many(TEXT),
        editable=FLAG,
        operations=many(thing(number=WHOLE, kind=TEXT, arguments=ANY, actor=TEXT, at=MOMENT)),
        pieces=many(ref("PlanPiece")),
        base=many(thing(**_GRID)),
        faults=many(ref("PlanFault")),
        outcome=ANY,
    ),
    "PlanPreview": thing(pieces=many(ref("PlanPiece")), faults=many(ref("PlanFault"))),
    "NewPlan": thing(community=TEXT, title=TEXT),
    "PlanTrial": thing(operation=ANY),
    "PlanChange": thing(operation=ANY, row_version=WHOLE),
    "PlanVersion": thing(row_version=WHOLE),
    "PlanStep": thing({"reason": TEXT, "effective_on": DATE}, step=TEXT, row_version=WHOLE),
    "Assignments": thing(items=many(record(Charge))),
    "Vacancies": thing(items=many(record(Vacancy, without=("roles",), roles=many(TEXT)))),
    "GridCounts": thing(items=many(record(GridCount))),
    "GridLineage": thing(before=many(record(Kin)), after=many(record(Kin))),
}
