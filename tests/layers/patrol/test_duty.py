"""Clocking in and out: who may, when, and what it does to the map and the history."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from layers.core.database import owner_transaction, reader_transaction
from layers.core.errors import Conflict, Forbidden, Invalid, NotFound
from layers.core.rights import Role
from layers.core.scope import Reader
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
from tests.builders.two_sides import (
    EAST,
    SUPERVISOR_EAST,
    SUPERVISOR_WEST,
    WEST,
    TwoSides,
    at,
    build_two_sides,
    reader,
)

LON, LAT = at(WEST, 5)
HERE = Clocking(lon=LON, lat=LAT)
WORKER = reader(Role.WORKER, f"{WEST}01")


@pytest.fixture
def town(engine: Engine) -> TwoSides:
    """Two sides; the western worker has an account and nobody is on duty."""
    town = build_two_sides(engine)
    with owner_transaction(engine) as connection:
        connection.execute(text("DELETE FROM patrol.shift"))
        connection.execute(text("DELETE FROM patrol.last_position"))
        connection.execute(
            text(
                "INSERT INTO organisation.account (login, display_name, password_hash, staff_id) "
                "VALUES (:login, 'x', 'x', :staff)"
            ),
            {"login": WORKER.login, "staff": town.west("staff")},
        )
    return town


def begin(engine: Engine, who: Reader, given: Clocking = HERE) -> Shift:
    with reader_transaction(engine, who) as connection:
        return clock_in(connection, who, given)


def finish(engine: Engine, who: Reader, given: Clocking = HERE) -> Shift:
    with reader_transaction(engine, who) as connection:
        return clock_out(connection, who, given)


def located(engine: Engine) -> list[tuple[int, str]]:
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT staff_id, area_code FROM patrol.last_position"))
        return [(row.staff_id, row.area_code) for row in rows]


def test_a_worker_begins_and_ends_the_own_shift(engine: Engine, town: TwoSides) -> None:
    begun = begin(engine, WORKER)
    assert (begun.staff_id, begun.area_code, begun.state) == (
        town.west("staff"),
        f"{WEST}01",
        "on_duty",
    )
    assert located(engine) == [(town.west("staff"), f"{WEST}01")]
    with reader_transaction(engine, WORKER) as connection:
        member, running, following = find_own_duty(connection)
    assert member is not None
    assert (member.id, running, following) == (town.west("staff"), begun, None)
    ended = finish(engine, WORKER)
    assert (ended.id, ended.state, ended.end_kind) == (begun.id, "ended", "staff")
    assert located(engine) == []


def test_both_steps_are_in_the_history(engine: Engine, town: TwoSides) -> None:
    begun = begin(engine, WORKER)
    finish(engine, SUPERVISOR_WEST, Clocking(staff_id=town.west("staff")))
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT action, actor, after ->> 'end_kind' FROM core.history "
                "WHERE layer = 'shifts' AND feature_id = :id ORDER BY id"
            ),
            {"id": begun.id},
        ).all()
    assert [tuple(row) for row in rows] == [
        ("create", WORKER.login, None),
        ("update", SUPERVISOR_WEST.login, "supervisor"),
    ]


def test_what_is_sent_again_is_done_once(engine: Engine, town: TwoSides) -> None:
    when = datetime.now(UTC) - timedelta(minutes=10)
    given = Clocking(at=when, lon=LON, lat=LAT)
    assert begin(engine, WORKER, given) == begin(engine, WORKER, given)
    later = Clocking(at=when + timedelta(minutes=5), lon=LON, lat=LAT)
    with pytest.raises(Conflict, match="on duty since"):
        begin(engine, WORKER, later)
    assert finish(engine, WORKER, later) == finish(engine, WORKER, later)
    with pytest.raises(Conflict, match="not on duty"):
        finish(engine, WORKER)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (Clocking(), "lon"),
        (Clocking(lon=LON), "lat"),
        (Clocking(at=datetime.now(UTC) + timedelta(minutes=30), lon=LON, lat=LAT), "at"),
        (Clocking(at=datetime.now(UTC) - timedelta(hours=25), lon=LON, lat=LAT), "at"),
    ],
)
def test_a_place_or_time_that_cannot_be(
    engine: Engine, town: TwoSides, given: Clocking, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        begin(engine, WORKER, given)
    assert [fault.field for fault in refused.value.faults] == [field] or given == Clocking()
    assert located(engine) == []


def test_shifts_of_one_person_never_overlap(engine: Engine, town: TwoSides) -> None:
    now = datetime.now(UTC)
    begin(engine, WORKER, Clocking(at=now - timedelta(hours=3), lon=LON, lat=LAT))
    with pytest.raises(Invalid, match="before the shift began"):
        finish(engine, WORKER, Clocking(at=now - timedelta(hours=4), lon=LON, lat=LAT))
    finish(engine, WORKER, Clocking(at=now - timedelta(hours=1), lon=LON, lat=LAT))
    with pytest.raises(Invalid, match="before the last shift ended"):
        begin(engine, WORKER, Clocking(at=now - timedelta(hours=2), lon=LON, lat=LAT))


def test_others_are_clocked_by_who_assigns_them(engine: Engine, town: TwoSides) -> None:
    west = Clocking(staff_id=town.west("staff"))
    for stranger in (WORKER, reader(Role.COMMANDER, ""), reader(Role.AUDITOR, "")):
        with pytest.raises(Forbidden):
            begin(engine, stranger, Clocking(staff_id=town.east("staff")))
    with pytest.raises(NotFound):
        begin(engine, SUPERVISOR_EAST, west)
    with pytest.raises(Conflict, match="belongs to no member of staff"):
        begin(engine, reader(Role.WORKER, f"{EAST}01"), HERE)
    assert begin(engine, SUPERVISOR_WEST, west).state == "on_duty"
    assert located(engine) == [], "nobody is shown where nobody said they were"


def test_below_the_rules_the_database_refuses_as_well(engine: Engine, town: TwoSides) -> None:
    begun = begin(engine, WORKER)
    for who, count in ((WORKER, 1), (SUPERVISOR_WEST, 1), (SUPERVISOR_EAST, 0)):
        with reader_transaction(engine, who) as connection:
            changed = connection.execute(
                text("UPDATE patrol.shift SET started_at = started_at WHERE id = :id"),
                {"id": begun.id},
            )
            assert changed.rowcount == count, who.login
    with reader_transaction(engine, reader(Role.WORKER, f"{EAST}01")) as connection:
        assert connection.execute(text("SELECT count(*) FROM patrol.shift")).scalar_one() == 0


def test_a_plan_is_begun_by_clocking_in(engine: Engine, town: TwoSides) -> None:
    now = datetime.now(UTC)
    span = (now + timedelta(hours=1), now + timedelta(hours=9))
    with reader_transaction(engine, SUPERVISOR_WEST) as connection:
        planned = plan_shift(connection, SUPERVISOR_WEST, town.west("staff"), *span)
        assert planned.state == "planned"
        with pytest.raises(Conflict, match="another planned shift"):
            plan_shift(connection, SUPERVISOR_WEST, town.west("staff"), *span)
        with pytest.raises(Invalid):
            plan_shift(connection, SUPERVISOR_WEST, town.west("staff"), span[1], span[0])
        with pytest.raises(Invalid):
            plan_shift(
                connection, SUPERVISOR_WEST, town.west("staff"), now, now + timedelta(hours=17)
            )
    begun = begin(engine, WORKER)
    assert (begun.id, begun.planned_end, begun.state) == (planned.id, span[1], "on_duty")
    with (
        pytest.raises(Conflict, match="begun already"),
        reader_transaction(engine, SUPERVISOR_WEST) as connection,
    ):
        cancel_plan(connection, SUPERVISOR_WEST, planned.id)
    with reader_transaction(engine, SUPERVISOR_WEST) as connection:
        following = plan_shift(
            connection, SUPERVISOR_WEST, town.west("staff"), span[1], span[1] + timedelta(hours=8)
        )
        cancel_plan(connection, SUPERVISOR_WEST, following.id)
        with pytest.raises(NotFound):
            cancel_plan(connection, SUPERVISOR_WEST, following.id)


def test_a_forgotten_shift_is_closed_by_rule(engine: Engine, town: TwoSides) -> None:
    now = datetime.now(UTC)
    staff = {"west": town.west("staff"), "east": town.east("staff")}
    with owner_transaction(engine) as connection:
        for side, hours in (("west", 15), ("east", 13)):
            connection.execute(
                text("INSERT INTO patrol.shift (staff_id, started_at) VALUES (:staff, :at)"),
                {"staff": staff[side], "at": now - timedelta(hours=hours)},
            )
        connection.execute(
            text(
                "INSERT INTO patrol.position (object_kind, object_id, device_time, longitude, "
                "latitude) VALUES ('staff', :staff, :at, 120, 30)"
            ),
            {"staff": staff["west"], "at": now - timedelta(hours=7)},
        )
        closed = connection.execute(text("SELECT patrol.close_forgotten(:now)"), {"now": now})
        assert len(closed.all()) == 1
        rows = connection.execute(
            text("SELECT staff_id, ended_at, end_kind FROM patrol.shift ORDER BY started_at")
        ).all()
    assert [tuple(row) for row in rows] == [
        (staff["west"], now - timedelta(hours=7), "rule"),
        (staff["east"], None, None),
    ]


def test_on_duty_lists_hold_what_the_reader_may_see(engine: Engine, town: TwoSides) -> None:
    begin(engine, WORKER)
    begin(engine, SUPERVISOR_EAST, Clocking(town.east("staff"), None, *at(WEST, 5)))
    everywhere = reader(Role.COMMANDER, "")
    with reader_transaction(engine, everywhere) as connection:
        rows = find_on_duty(connection, everywhere)
        assert [(row.name, row.grid_code, row.is_inside) for row in rows] == [
            ("网格员1", f"{WEST}01", True),
            ("网格员2", f"{WEST}01", False),
        ]
        assert [row.staff_id for row in find_on_duty(connection, everywhere, EAST)] == [
            town.east("staff")
        ]
        grids = find_duty_by_grid(connection, everywhere)
        assert [tuple(row)[2:] for row in grids] == [(1, 1, 2), (1, 1, 0)]
    with reader_transaction(engine, SUPERVISOR_WEST) as connection:
        assert [row.name for row in find_on_duty(connection, SUPERVISOR_WEST)] == ["网格员1"]
        assert [row.code for row in find_duty_by_grid(connection, SUPERVISOR_WEST)] == [f"{WEST}01"]
        span = ShiftQuery(
            datetime.now(UTC) - timedelta(days=1), datetime.now(UTC) + timedelta(days=1)
        )
        assert [name for _, name in find_shifts(connection, SUPERVISOR_WEST, span)] == ["网格员1"]
        with pytest.raises(Forbidden):
            find_on_duty(connection, WORKER)
