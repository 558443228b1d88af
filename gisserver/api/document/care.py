"""Care that is due."""

from __future__ import annotations

from gisserver.api.document.operation import ONE, Operation, Parameter
from gisserver.api.document.shapes import WHOLE, Schema, many, record, ref, thing
from layers.people.care_due import DUE_KINDS, DueCare

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "get",
        "/api/care/due",
        "careDue",
        "people",
        "Care records of which a visit or the review is due, the longest overdue first",
        parameters=(
            Parameter("kind", description=f"One of {', '.join(DUE_KINDS)}", is_required=True),
            Parameter("days", "integer", "Due until so many days from today", minimum=0),
            Parameter("area", description="Digits that area codes begin with"),
            Parameter("care_group", description="Only this group"),
            Parameter("responsible", description="Only this responsible person"),
            Parameter("limit", "integer", "Most rows of one page", minimum=1, maximum=200),
            Parameter("offset", "integer", "Rows to leave out", minimum=0),
        ),
        answer="DueCareRows",
        problems=ONE,
    ),
)

SCHEMAS: dict[str, Schema] = {
    "DueCare": record(DueCare),
    "DueCareRows": thing(items=many(ref("DueCare")), total=WHOLE),
}
