"""Duty, positions and replay."""

from __future__ import annotations

from gisserver.api.document.operation import (
    LIMIT,
    ONE,
    READ,
    WRITE,
    Operation,
    Parameter,
)
from gisserver.api.document.shapes import (
    ANY,
    DAY,
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
from gisserver.intake.protocol import PARAMETERS
from layers.patrol.devices import DeviceRow
from layers.patrol.duty import GridDuty, Member, OnDuty, Shift

AREA = Parameter("area", description="First digits of an area code")
FROM = Parameter("from", format="date-time", is_required=True)
TO = Parameter("to", format="date-time", is_required=True)
STAFF = Parameter("staff_id", "integer", "Only of this member of staff", minimum=1)

BATTERY = Parameter("batt", "number", "Battery, percent", minimum=0, maximum=100)
FIX: tuple[Parameter, ...] = (
    Parameter("id", description="The device's token; else as Bearer token", is_required=True),
    Parameter("lat", "number", "Degrees, WGS 84 (or GCJ-02 for a device made so)"),
    Parameter("lon", "number", "Degrees, WGS 84 (or GCJ-02 for a device made so)"),
    Parameter("timestamp", description="s or ms since 1970, or ISO 8601", is_required=True),
    Parameter("speed", "number", "Knots, as the OsmAnd protocol has it; kept as km/h"),
    Parameter("bearing", "number", "Degrees from north"),
    Parameter("accuracy", "number", "Metres"),
    BATTERY,
    *(
        Parameter(name, description="As OsmAnd and Traccar Client send it")
        for name in PARAMETERS
        if name not in {"id", "lat", "lon", "timestamp", "speed", "bearing", "accuracy", "batt"}
    ),
)

REPLAYED_DAY = Parameter("day", description="Day in China", format="date", is_required=True)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "get",
        "/api/positions/replay/objects",
        "movedObjects",
        "patrol",
        "Staff and vehicles that moved on a day and belong where the reader may replay",
        parameters=(REPLAYED_DAY, AREA),
        answer="MovedObjects",
        problems=READ,
    ),
    Operation(
        "get",
        "/api/positions/replay",
        "replay",
        "patrol",
        "Tracks of up to a hundred objects on a day, with their shifts and the incidents reported "
        "where they went; times in seconds since 1970. Written to the audit log",
        parameters=(
            REPLAYED_DAY,
            Parameter("staff", description="Ids, with commas between them"),
            Parameter("vehicle", description="Ids, with commas between them"),
        ),
        answer="Replay",
        problems=ONE,
    ),
    Operation(
        "get",
        "/api/positions",
        "takeFix",
        "patrol",
        "Take one fix (OsmAnd, Traccar Client). A fix of somebody off duty is answered 200 and not "
        "kept, so that a phone goes on to the next",
        parameters=FIX,
        answer="TakenFixes",
        is_open=True,
    ),
    Operation(
        "post",
        "/api/positions",
        "takeFixJson",
        "patrol",
        "The same as a form, or the JSON of newer Traccar Clients (speed in m/s there)",
        parameters=FIX,
        body="TraccarFix",
        answer="TakenFixes",
        is_open=True,
    ),
    Operation(
        "post",
        "/api/positions/batch",
        "takeFixes",
        "patrol",
        "Take at most 100,000 fixes of one device or of many; speed in km/h",
        body="FixBatch",
        answer="TakenFixes",
        is_open=True,
    ),
    Operation(
        "get",
        "/api/devices",
        "devices",
        "patrol",
        "Devices of the staff and vehicles one manages",
        parameters=(STAFF, Parameter("vehicle_id", "integer", minimum=1), LIMIT),
        answer="Devices",
        problems=READ,
    ),
    Operation(
        "post",
        "/api/devices",
        "createDevice",
        "patrol",
        "Make a device for one member of staff or one vehicle; its token is told this once",
        body="NewDevice",
        answer="MadeDevice",
        status=201,
        problems=ONE,
    ),
    Operation(
        "delete",
        "/api/devices/{device_id}",
        "revokeDevice",
        "patrol",
        "Take a device's token back, at once",
        status=204,
        problems=WRITE,
    ),
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

_FIX_ITEM = thing(
    {"id": TEXT, "speed": NUMBER, "bearing": NUMBER, "accuracy": NUMBER, "batt": NUMBER},
    timestamp={"type": ["number", "string"]},
    lat=NUMBER,
    lon=NUMBER,
)
_LOCATION = thing(
    {"battery": ANY, "activity": ANY, "event": TEXT, "is_moving": FLAG, "odometer": NUMBER},
    timestamp=TEXT,
    coords=thing(
        {"speed": NUMBER, "heading": NUMBER, "accuracy": NUMBER}, latitude=NUMBER, longitude=NUMBER
    ),
)

_SPAN = thing(since=WHOLE, until=WHOLE)
_MOVING = {
    "object_kind": {"type": "string", "enum": ["staff", "vehicle"]},
    "object_id": WHOLE,
    "label": TEXT,
    "icon": or_null(TEXT),
    "fixes": WHOLE,
    "first_at": WHOLE,
    "last_at": WHOLE,
}

SCHEMAS: dict[str, Schema] = {
    "MovedObjects": thing(
        day=DAY,
        last_day=or_null(DAY),
        items=many(thing(**_MOVING, area_code=TEXT, metres=or_null(NUMBER))),
    ),
    "Replay": thing(
        day=DAY,
        since=WHOLE,
        until=WHOLE,
        tracks=many(
            thing(
                **_MOVING,
                metres=WHOLE,
                line={"type": "string", "description": "TWKB, MULTILINESTRING M, as base64"},
                stops=many(thing(since=WHOLE, until=WHOLE, longitude=NUMBER, latitude=NUMBER)),
                gaps=many(_SPAN),
                shifts=many(thing(since=WHOLE, until=or_null(WHOLE))),
            )
        ),
        incidents=many(
            thing(
                id=WHOLE,
                reported_at=NUMBER,
                longitude=NUMBER,
                latitude=NUMBER,
                category=TEXT,
                description=TEXT,
            )
        ),
        incidents_total=WHOLE,
    ),
    "TraccarFix": thing(device_id=TEXT, location={"anyOf": [_LOCATION, many(_LOCATION)]}),
    "FixBatch": thing({"id": TEXT}, positions=many(_FIX_ITEM)),
    "TakenFixes": thing(
        {"items": many(thing(index=WHOLE, outcome=TEXT, field=TEXT, reason=TEXT))},
        taken=WHOLE,
        duplicates=WHOLE,
        flagged=WHOLE,
        refused=WHOLE,
    ),
    "Devices": thing(items=many(record(DeviceRow))),
    "NewDevice": thing(
        {"staff_id": WHOLE, "vehicle_id": WHOLE, "datum": TEXT, "days": WHOLE}, name=TEXT
    ),
    "MadeDevice": record(DeviceRow, token=TEXT),
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
