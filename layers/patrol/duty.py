"""Clocking in and out, planning shifts, and who is on duty where."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, text

from layers.core.database import Asks
from layers.core.errors import Conflict, Fault, Forbidden, Invalid, NotFound
from layers.core.rights import Right
from layers.core.scope import Reader

AHEAD = timedelta(minutes=2)
"""How far a phone's clock may run before the server's."""
BACK = timedelta(hours=24)
"""How late a clocking made without a network may arrive."""
LONGEST_PLAN = timedelta(hours=16)


@dataclass(frozen=True)
class Clocking:
    """Clocking in or out: whom (None: oneself), when by the device, where (degrees, CRS84)."""

    staff_id: int | None = None
    at: datetime | None = None
    lon: float | None = None
    lat: float | None = None


class Member(NamedTuple):
    """A member of staff as duty lists name it; `area_code` is the area served."""

    id: int
    name: str
    post: str
    area_code: str


class Shift(NamedTuple):
    """One shift; `state` is planned, on_duty or ended."""

    id: int
    staff_id: int
    area_code: str
    planned_start: datetime | None
    planned_end: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    end_kind: str | None
    state: str


class OnDuty(NamedTuple):
    """Somebody on duty and where: `grid_code` is the grid of the last position, None without one.

    `is_inside` tells whether that is within the area served; speed in km/h, times UTC.
    """

    shift_id: int
    staff_id: int
    name: str
    post: str
    unit_id: int | None
    unit_name: str | None
    area_code: str
    started_at: datetime
    planned_end: datetime | None
    grid_code: str | None
    grid_name: str | None
    is_inside: bool | None
    seen_at: datetime | None
    speed: float | None
    lon: float | None
    lat: float | None


class GridDuty(NamedTuple):
    """A governance grid: who of its own staff is on duty, and how many on duty are in it now."""

    code: str
    name: str
    assigned: int
    assigned_on_duty: int
    present: int


_SHIFT = (
    "h.id, h.staff_id, h.area_code, h.planned_start, h.planned_end, h.started_at, h.ended_at, "
    "h.end_kind, CASE WHEN h.started_at IS NULL THEN 'planned' WHEN h.ended_at IS NULL "
    "THEN 'on_duty' ELSE 'ended' END"
)
_POINT = "ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)"
_OWN = text("SELECT id, name, post, area_code FROM patrol.own_staff()")
_OTHER = text(
    "SELECT id, name, post, area_code FROM organisation.staff WHERE id = :id "
    "AND (valid_to IS NULL OR valid_to > core.today())"
)
_RUNNING = text(
    f"SELECT {_SHIFT} FROM patrol.shift AS h WHERE h.staff_id = :staff "
    "AND h.started_at IS NOT NULL AND h.ended_at IS NULL"
)
_ENDED = text(
    f"SELECT {_SHIFT} FROM patrol.shift AS h WHERE h.staff_id = :staff AND h.ended_at = :at"
)
_NEXT = text(
    f"SELECT {_SHIFT} FROM patrol.shift AS h WHERE h.staff_id = :staff AND h.started_at IS NULL "
    "AND h.planned_end > :now ORDER BY h.planned_start LIMIT 1"
)
_LAST_END = text("SELECT max(ended_at) FROM patrol.shift WHERE staff_id = :staff")
# The plan a clocking belongs to: from two hours before it begins until it is over.
_BEGIN_PLANNED = text(
    f"UPDATE patrol.shift AS h SET started_at = :at, start_place = {_POINT} WHERE h.id = "
    "(SELECT id FROM patrol.shift WHERE staff_id = :staff AND started_at IS NULL "
    " AND planned_start - interval '2 hours' <= :at AND planned_end > :at "
    f" ORDER BY planned_start LIMIT 1) RETURNING {_SHIFT}"
)
_BEGIN = text(
    "INSERT INTO patrol.shift AS h (staff_id, area_code, started_at, start_place, updated_by) "
    f"VALUES (:staff, :area, :at, {_POINT}, current_setting('wangge.login')) RETURNING {_SHIFT}"
)
_END = text(
    f"UPDATE patrol.shift AS h SET ended_at = :at, end_place = {_POINT}, end_kind = :kind "
    f"WHERE h.id = :id AND h.ended_at IS NULL RETURNING {_SHIFT}"
)
_PLAN = text(
    "INSERT INTO patrol.shift AS h (staff_id, area_code, planned_start, planned_end, updated_by) "
    f"VALUES (:staff, :area, :start, :end, current_setting('wangge.login')) RETURNING {_SHIFT}"
)
_OVERLAP = text(
    "SELECT id FROM patrol.shift WHERE staff_id = :staff AND started_at IS NULL "
    "AND planned_start < :end AND planned_end > :start LIMIT 1"
)
_FIND = text(f"SELECT {_SHIFT} FROM patrol.shift AS h WHERE h.id = :id")
_DROP = text("DELETE FROM patrol.shift WHERE id = :id AND started_at IS NULL RETURNING id")
_SHIFTS = f"""
SELECT {_SHIFT}, s.name
FROM patrol.shift AS h LEFT JOIN organisation.staff AS s ON s.id = h.staff_id
WHERE coalesce(h.started_at, h.planned_start) < %(until)s
  AND coalesce(h.ended_at, h.planned_end, 'infinity') >= %(since)s
  AND (%(staff)s::bigint IS NULL OR h.staff_id = %(staff)s)
  AND h.area_code LIKE %(area)s
ORDER BY coalesce(h.started_at, h.planned_start) DESC, h.id DESC LIMIT %(limit)s
"""
_ON_DUTY = """
SELECT h.id, h.staff_id, coalesce(s.name, p.label), coalesce(s.post, ''), u.id, u.name,
  h.area_code, h.started_at, h.planned_end, g.code, g.name,
  starts_with(p.area_code, h.area_code) OR starts_with(h.area_code, p.area_code),
  p.device_time, p.speed, ST_X(p.geom), ST_Y(p.geom)
FROM patrol.shift AS h
LEFT JOIN organisation.staff AS s ON s.id = h.staff_id
LEFT JOIN organisation.unit AS u ON u.id = s.unit_id
LEFT JOIN patrol.last_position AS p ON p.staff_id = h.staff_id
LEFT JOIN territory.grid AS g
  ON g.code = p.area_code AND g.kind = 'governance' AND g.valid_to IS NULL
WHERE h.started_at IS NOT NULL AND h.ended_at IS NULL
  AND (h.area_code LIKE %(area)s OR p.area_code LIKE %(area)s)
ORDER BY g.code NULLS LAST, h.started_at, h.id
"""
_BY_GRID = """
WITH duty AS (
  SELECT h.staff_id, h.area_code, p.area_code AS place
  FROM patrol.shift AS h LEFT JOIN patrol.last_position AS p ON p.staff_id = h.staff_id
  WHERE h.started_at IS NOT NULL AND h.ended_at IS NULL
), served AS (
  SELECT s.area_code, count(*) AS assigned, count(duty.staff_id) AS on_duty
  FROM organisation.staff AS s LEFT JOIN duty ON duty.staff_id = s.id
  WHERE s.valid_to IS NULL OR s.valid_to > core.today() GROUP BY s.area_code
), present AS (SELECT place, count(*) AS people FROM duty GROUP BY place)
SELECT g.code, g.name, coalesce(served.assigned, 0), coalesce(served.on_duty, 0),
  coalesce(present.people, 0)
FROM territory.grid AS g
LEFT JOIN served ON served.area_code = g.code LEFT JOIN present ON present.place = g.code
WHERE g.kind = 'governance' AND g.valid_to IS NULL AND g.code LIKE %(area)s
  AND g.area_code LIKE ANY ((SELECT core.scope('patrol:read'))::text[])
ORDER BY g.code
"""


def clock_in(connection: Connection, reader: Reader, given: Clocking) -> Shift:
    """Begins the shift, the planned one of this time if there is one.

    Sent again with the same time it answers the shift it began before, so that a phone may repeat
    what it got no answer to. Oneself with `patrol:duty`, others with `organisation:assign` where
    they serve.

    Raises: Invalid for a time or place that cannot be; Conflict when on duty already; NotFound;
    Forbidden.
    """
    member, _ = _whom(connection, reader, given)
    at = _moment(given)
    _check_place(given, own=given.staff_id is None)
    running = connection.execute(_RUNNING, {"staff": member.id}).one_or_none()
    if running is not None:
        begun = _shift(running)
        if given.at is not None and begun.started_at == at:
            return begun
        raise Conflict(f"{member.name} has been on duty since {_told(begun.started_at)}")
    last = connection.execute(_LAST_END, {"staff": member.id}).scalar_one()
    if last is not None and at < last:
        raise Invalid([Fault("at", f"before the last shift ended, {_told(last)}")])
    values = _place(given) | {"staff": member.id, "area": member.area_code, "at": at}
    begun_row = connection.execute(_BEGIN_PLANNED, values).one_or_none()
    return _shift(begun_row or connection.execute(_BEGIN, values).one())


def clock_out(connection: Connection, reader: Reader, given: Clocking) -> Shift:
    """Ends the open shift; from then on nobody is located.

    Raises: Conflict when not on duty; else as `clock_in`.
    """
    member, is_own = _whom(connection, reader, given)
    at = _moment(given)
    _check_place(given, own=given.staff_id is None)
    running = connection.execute(_RUNNING, {"staff": member.id}).one_or_none()
    if running is None:
        ended = _ended_at(connection, member.id, at) if given.at is not None else None
        if ended is not None:
            return ended
        raise Conflict(f"{member.name} is not on duty")
    begun = _shift(running)
    if begun.started_at is not None and at < begun.started_at:
        raise Invalid([Fault("at", f"before the shift began, {_told(begun.started_at)}")])
    values = _place(given) | {"id": begun.id, "at": at, "kind": "staff" if is_own else "supervisor"}
    ended_row = connection.execute(_END, values).one_or_none()
    if ended_row is None:
        raise Conflict(f"{member.name} has just been clocked out")
    return _shift(ended_row)


def plan_shift(
    connection: Connection, reader: Reader, staff_id: int, start: datetime, end: datetime
) -> Shift:
    """Plans a shift for somebody, with `organisation:assign` where they serve.

    Raises: Invalid for times that cannot be; Conflict with another plan; NotFound; Forbidden.
    """
    member = _other(connection, reader, staff_id)
    if not start < end <= start + LONGEST_PLAN:
        hours = LONGEST_PLAN // timedelta(hours=1)
        raise Invalid([Fault("planned_end", f"after the start, at most {hours} hours later")])
    values = {"staff": member.id, "area": member.area_code, "start": start, "end": end}
    if connection.execute(_OVERLAP, values).first() is not None:
        raise Conflict(f"{member.name} has another planned shift in that time")
    return _shift(connection.execute(_PLAN, values).one())


def cancel_plan(connection: Connection, reader: Reader, shift_id: int) -> None:
    """Takes a planned shift back that nobody has begun.

    Raises: NotFound; Conflict once it has begun; Forbidden.
    """
    found = connection.execute(_FIND, {"id": shift_id}).one_or_none()
    if found is None:
        raise NotFound(f"no shift {shift_id}")
    planned = _shift(found)
    if not reader.covers(Right.ORGANISATION_ASSIGN, planned.area_code):
        raise Forbidden(f"this needs the right {Right.ORGANISATION_ASSIGN.value} there")
    if connection.execute(_DROP, {"id": shift_id}).one_or_none() is None:
        raise Conflict(f"shift {shift_id} has begun already")


def find_own_duty(connection: Connection) -> tuple[Member | None, Shift | None, Shift | None]:
    """The asking account's employee, the open shift and the next planned one."""
    member = _own(connection)
    if member is None:
        return None, None, None
    values = {"staff": member.id, "now": datetime.now(UTC)}
    running = connection.execute(_RUNNING, values).one_or_none()
    following = connection.execute(_NEXT, values).one_or_none()
    return member, _shift_or_none(running), _shift_or_none(following)


def find_on_duty(asks: Asks, reader: Reader, area: str = "") -> list[OnDuty]:
    """Everybody on duty within the reader's scope who serves `area` (a prefix) or is there now.

    Raises: Forbidden without `patrol:read`.
    """
    _need_reading(reader)
    rows: Any = asks.exec_driver_sql(_ON_DUTY, {"area": f"{area}%"})
    return [OnDuty(*row) for row in rows]


def find_duty_by_grid(asks: Asks, reader: Reader, area: str = "") -> list[GridDuty]:
    """Every governance grid of `area` in scope with its staff on duty; empty ones too.

    Raises: Forbidden without `patrol:read`.
    """
    _need_reading(reader)
    rows: Any = asks.exec_driver_sql(_BY_GRID, {"area": f"{area}%"})
    return [GridDuty(*row) for row in rows]


@dataclass(frozen=True)
class ShiftQuery:
    """Which shifts are wanted: those that touch [since, until), of one person, of an area."""

    since: datetime
    until: datetime
    staff_id: int | None = None
    area: str = ""
    limit: int = 1000


def find_shifts(asks: Asks, reader: Reader, query: ShiftQuery) -> Sequence[tuple[Shift, str]]:
    """Shifts within the reader's scope with the name of each one's staff, newest first.

    Raises: Forbidden without `patrol:read`.
    """
    _need_reading(reader)
    values = {
        "since": query.since,
        "until": query.until,
        "staff": query.staff_id,
        "area": f"{query.area}%",
        "limit": query.limit,
    }
    rows: Any = asks.exec_driver_sql(_SHIFTS, values)
    return [(Shift(*row[:-1]), row[-1] or "") for row in rows]


def _ended_at(connection: Connection, staff_id: int, at: datetime) -> Shift | None:
    found = connection.execute(_ENDED, {"staff": staff_id, "at": at}).one_or_none()
    return _shift_or_none(found)


def _whom(connection: Connection, reader: Reader, given: Clocking) -> tuple[Member, bool]:
    """Who is to be clocked, and whether that is the asking account's own employee."""
    own = _own(connection)
    if given.staff_id is None or (own is not None and given.staff_id == own.id):
        if Right.PATROL_DUTY not in reader.rights:
            raise Forbidden(f"this needs the right {Right.PATROL_DUTY.value}")
        if own is None:
            raise Conflict("the account belongs to no member of staff in service")
        return own, True
    return _other(connection, reader, given.staff_id), False


def _own(connection: Connection) -> Member | None:
    found = connection.execute(_OWN).one_or_none()
    return None if found is None else Member(*found)


def _other(connection: Connection, reader: Reader, staff_id: int) -> Member:
    if Right.ORGANISATION_ASSIGN not in reader.rights:
        raise Forbidden(f"this needs the right {Right.ORGANISATION_ASSIGN.value}")
    found = connection.execute(_OTHER, {"id": staff_id}).one_or_none()
    if found is None:
        raise NotFound(f"no staff {staff_id} in service")
    member = Member(*found)
    if not reader.covers(Right.ORGANISATION_ASSIGN, member.area_code):
        raise Forbidden(f"{member.name} serves outside your areas")
    return member


def _moment(given: Clocking) -> datetime:
    now = datetime.now(UTC)
    if given.at is None:
        return now
    if given.at > now + AHEAD:
        raise Invalid([Fault("at", f"in the future; the server's time is {_told(now)}")])
    if given.at < now - BACK:
        raise Invalid([Fault("at", "more than 24 hours ago")])
    return given.at


def _check_place(given: Clocking, *, own: bool) -> None:
    if own and (given.lon is None or given.lat is None):
        missing = [name for name in ("lon", "lat") if getattr(given, name) is None]
        raise Invalid([Fault(name, "the position is needed") for name in missing])
    if (given.lon is None) != (given.lat is None):
        raise Invalid([Fault("lon", "give both lon and lat, or neither")])


def _place(given: Clocking) -> dict[str, float | None]:
    return {"lon": given.lon, "lat": given.lat}


def _shift(row: Row[Any]) -> Shift:
    return Shift._make(row)


def _shift_or_none(row: Row[Any] | None) -> Shift | None:
    return None if row is None else _shift(row)


def _told(moment: datetime | None) -> str:
    return moment.isoformat(timespec="seconds") if moment else ""


def _need_reading(reader: Reader) -> None:
    if Right.PATROL_READ not in reader.rights:
        raise Forbidden(f"this needs the right {Right.PATROL_READ.value}")
