"""Duty, positions and replay."""

from __future__ import annotations

from gisserver.api.document.operation import (
    LIMIT,
    READ,
    WRITE,
    Operation,
    Parameter,
)
from gisserver.api.document.shapes import (
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
from layers.patrol.duty import GridDuty, Member, OnDuty, Shift

AREA = Parameter("area", description="First digits of an area code")
FROM = Parameter("from", format="date-time", is_required=True)
TO = Parameter("to", format="date-time", is_required=True)
STAFF = Parameter("staff_id", "integer", "Only of this member of staff", minimum=1)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "get",
        "/api/duty/me",
        "ownDuty",
        "patrol",
        "The employee behind the account, the running shift and the next one planned",
        answer="OwnDuty",
    ),
    Operation(
        "post",
        "/api/duty/clock-in",
        "clockIn",
        "patrol",
        "Begin one's own shift (lon and lat needed), or that of staff one assigns. "
        "`at` is the device's time, at most 24 hours ago; repeating it begins nothing twice",
        body="Clocking",
        answer="Shift",
        status=201,
        problems=WRITE,
    ),
    Operation(
        "post",
        "/api/duty/clock-out",
        "clockOut",
        "patrol",
        "End the running shift; from then on the person is not located",
        body="Clocking",
        answer="Shift",
        problems=WRITE,
    ),
    Operation(
        "get",
        "/api/duty/shifts",
        "shifts",
        "patrol",
        "Shifts of a span of at most 92 days, newest first",
        parameters=(FROM, TO, STAFF, AREA, LIMIT),
        answer="Shifts",
        problems=READ,
    ),
    Operation(
        "post",
        "/api/duty/shifts",
        "planShift",
        "patrol",
        "Plan a shift of at most 16 hours",
        body="ShiftPlan",
        answer="Shift",
        status=201,
        problems=WRITE,
    ),
    Operation(
        "delete",
        "/api/duty/shifts/{shift_id}",
        "cancelShift",
        "patrol",
        "Take back a planned shift that has not begun",
        status=204,
        problems=WRITE,
    ),
    Operation(
        "get",
        "/api/duty/on-duty",
        "onDuty",
        "patrol",
        "Who is on duty, in which grid, since when",
        parameters=(AREA,),
        answer="OnDutyList",
        problems=READ,
    ),
    Operation(
        "get",
        "/api/duty/grids",
        "dutyByGrid",
        "patrol",
        "Every grid: how many serve it, how many of them are on duty, how many are there",
        parameters=(AREA,),
        answer="GridDuties",
        problems=READ,
    ),
)

SCHEMAS: dict[str, Schema] = {
    "DutyStaff": record(Member),
    "Shift": record(Shift),
    "OwnDuty": thing(
        staff=or_null(ref("DutyStaff")), shift=or_null(ref("Shift")), next=or_null(ref("Shift"))
    ),
    "Clocking": thing({"staff_id": WHOLE, "at": MOMENT, "lon": NUMBER, "lat": NUMBER}),
    "ShiftPlan": thing(staff_id=WHOLE, planned_start=MOMENT, planned_end=MOMENT),
    "Shifts": thing(items=many(record(Shift, name=TEXT))),
    "OnDutyList": thing(count=WHOLE, items=many(record(OnDuty))),
    "GridDuties": thing(items=many(record(GridDuty))),
}
