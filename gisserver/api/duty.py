"""Duty: clocking in and out, planned shifts, who is on duty where."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, request

from gisserver.context import current_reader, one_trip, reader_connection
from gisserver.errors import BadRequest
from gisserver.parameters import (
    LARGEST_ID,
    integer,
    json_body,
    moment,
    number_member,
    take_parameters,
    whole_member,
)
from layers.patrol.duty import (
    Clocking,
    Shift,
    ShiftQuery,
    cancel_plan,
    clock_in,
    clock_out,
    find_duty_by_grid,
    find_on_duty,
    find_own_duty,
    find_shifts,
    plan_shift,
)

blueprint = Blueprint("duty", __name__, url_prefix="/api/duty")

CLOCKING = ("staff_id", "at", "lon", "lat")
PLAN = ("staff_id", "planned_start", "planned_end")
LONGEST_SPAN = timedelta(days=92)


@blueprint.get("/me")
def me() -> Response:
    """The employee behind the account, the shift that runs and the next one planned."""
    take_parameters(request)
    with reader_connection() as connection:
        member, running, following = find_own_duty(connection)
    return jsonify(
        {
            "staff": member and member._asdict(),
            "shift": running and shift_json(running),
            "next": following and shift_json(following),
        }
    )


@blueprint.post("/clock-in")
def begin() -> tuple[Response, int]:
    """Begin a shift: one's own, or with `staff_id` that of somebody one assigns."""
    take_parameters(request)
    given = _clocking()
    with reader_connection() as connection:
        begun = clock_in(connection, current_reader(), given)
    return jsonify(shift_json(begun)), 201


@blueprint.post("/clock-out")
def end() -> Response:
    """End the running shift: one's own, or with `staff_id` that of somebody one assigns."""
    take_parameters(request)
    given = _clocking()
    with reader_connection() as connection:
        ended = clock_out(connection, current_reader(), given)
    return jsonify(shift_json(ended))


@blueprint.get("/shifts")
def shifts() -> Response:
    """Shifts that touch the span from `from` to `to`, newest first."""
    values = take_parameters(request, ("from", "to", "staff_id", "area", "limit"))
    since, until = moment(values, "from"), moment(values, "to")
    if since is None or until is None or not since < until <= since + LONGEST_SPAN:
        raise BadRequest(f"from, to: two times at most {LONGEST_SPAN.days} days apart are needed")
    staff = integer(values, "staff_id", 0, minimum=1, maximum=LARGEST_ID)
    limit = integer(values, "limit", 1000, minimum=1, maximum=10_000)
    query = ShiftQuery(since, until, staff or None, area(values), limit)
    found = find_shifts(one_trip(), current_reader(), query)
    return jsonify({"items": [shift_json(shift) | {"name": name} for shift, name in found]})


@blueprint.post("/shifts")
def plan() -> tuple[Response, int]:
    """Plan a shift for somebody one assigns."""
    take_parameters(request)
    body = json_body(request, PLAN)
    start, end_at = _time(body, "planned_start"), _time(body, "planned_end")
    staff = whole_member(body, "staff_id")
    if start is None or end_at is None or staff is None:
        raise BadRequest("staff_id, planned_start and planned_end are needed")
    with reader_connection() as connection:
        planned = plan_shift(connection, current_reader(), staff, start, end_at)
    return jsonify(shift_json(planned)), 201


@blueprint.delete("/shifts/<int:shift_id>")
def cancel(shift_id: int) -> Response:
    """Take a planned shift back."""
    take_parameters(request)
    with reader_connection() as connection:
        cancel_plan(connection, current_reader(), shift_id)
    return Response(status=204)


@blueprint.get("/on-duty")
def on_duty() -> Response:
    """Who is on duty, the grid each is in, and since when; within the reader's areas."""
    values = take_parameters(request, ("area",))
    found = find_on_duty(one_trip(), current_reader(), area(values))
    return jsonify({"count": len(found), "items": [each._asdict() for each in found]})


@blueprint.get("/grids")
def grids() -> Response:
    """Every grid with how many serve it, how many of them are on duty and how many are there."""
    values = take_parameters(request, ("area",))
    found = find_duty_by_grid(one_trip(), current_reader(), area(values))
    return jsonify({"items": [each._asdict() for each in found]})


def shift_json(shift: Shift) -> dict[str, Any]:
    """A shift as answered."""
    return shift._asdict()


def area(values: Mapping[str, str]) -> str:
    """The digits of the parameter `area`, '' when not given; raises BadRequest."""
    given = values.get("area", "")
    if not (given == "" or (given.isascii() and given.isdigit() and len(given) <= 20)):
        raise BadRequest("area: the digits of an area code expected")
    return given


def _clocking() -> Clocking:
    body = json_body(request, CLOCKING)
    return Clocking(
        staff_id=whole_member(body, "staff_id"),
        at=_time(body, "at"),
        lon=number_member(body, "lon", minimum=-180, maximum=180),
        lat=number_member(body, "lat", minimum=-90, maximum=90),
    )


def _time(body: Mapping[str, Any], name: str) -> datetime | None:
    given = body.get(name)
    if given is None:
        return None
    if not isinstance(given, str):
        raise BadRequest(f"{name}: RFC 3339 date-time expected")
    return moment({name: given}, name)
