"""Fixes taken in: what is stored, flagged and refused, and what follows from it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import Engine, text

from layers.core.crs import wgs84_to_gcj02
from layers.core.database import owner_transaction, reader_transaction
from layers.patrol.fixes import SECOND, Fixes, Outcome, distance
from layers.patrol.intake import Intake
from layers.patrol.retention import drop_old_days
from tests.builders.two_sides import (
    EAST,
    SUPERVISOR_EAST,
    SUPERVISOR_WEST,
    WEST,
    TwoSides,
    at,
    build_two_sides,
)

NOW = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
STAFF, VEHICLE = 0, 1
FIX = tuple[int, int, float, float, float]


def fixes(*rows: FIX, **columns: float) -> Fixes:
    """Fixes of (vehicle, object, seconds before NOW, longitude, latitude); speed 3.6 km/h."""
    vehicle, object_id, ago, longitude, latitude = (np.array(c) for c in zip(*rows, strict=True))
    count = len(rows)
    base = round(NOW.timestamp() * SECOND)

    def real(name: str, value: float) -> np.ndarray:
        return np.full(count, columns.get(name, value), dtype=np.float64)

    return Fixes(
        vehicle=vehicle.astype(np.int64),
        object_id=object_id.astype(np.int64),
        time=base - (ago * SECOND).astype(np.int64),
        longitude=longitude.astype(np.float64),
        latitude=latitude.astype(np.float64),
        speed=real("speed", 3.6),
        heading=real("heading", 90.0),
        accuracy=real("accuracy", np.nan),
        battery=real("battery", np.nan),
        is_gcj02=np.full(count, columns.get("is_gcj02", 0), dtype=bool),
    )


@pytest.fixture(scope="module")
def town(module_engine: Engine) -> TwoSides:
    return build_two_sides(module_engine)


@pytest.fixture
def intake(module_engine: Engine, town: TwoSides) -> Intake:
    """An intake over two sides; the western worker is on duty since two hours before NOW."""
    with owner_transaction(module_engine) as connection:
        for table in ("position", "shift", "last_position", "grid_visit"):
            connection.execute(text(f"DELETE FROM patrol.{table}"))
        connection.execute(
            text("INSERT INTO patrol.shift (staff_id, area_code, started_at) VALUES (:s, :a, :t)"),
            {"s": town.west("staff"), "a": f"{WEST}01", "t": NOW - timedelta(hours=2)},
        )
    return Intake(module_engine)


def walk(staff: int, *seconds_and_places: tuple[int, float]) -> Fixes:
    """Fixes of one member of staff at places of the western middle line."""
    return fixes(*((STAFF, staff, ago, *at(WEST, place)) for ago, place in seconds_and_places))


def count(engine: Engine, where: str = "TRUE") -> int:
    with engine.connect() as connection:
        statement = text(f"SELECT count(*) FROM patrol.position WHERE {where}")
        return int(connection.execute(statement).scalar_one())


def outcomes(intake: Intake, given: Fixes) -> list[str]:
    return [Outcome(each).name for each in intake.take(given, NOW)]


def test_fixes_are_stored_with_both_times_and_their_grid(
    module_engine: Engine, town: TwoSides, intake: Intake
) -> None:
    staff, car = town.west("staff"), town.east("vehicles")
    given = fixes(
        (STAFF, staff, 20, *at(WEST, 5)),
        (VEHICLE, car, 30, *at(EAST, 5)),
        (STAFF, staff, 10, *at(WEST, 5.1)),
    )
    assert outcomes(intake, given) == ["TAKEN"] * 3
    with module_engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT object_kind, object_id, device_time, server_time, area_code, longitude, "
                "latitude, speed, heading, accuracy, flag, tableoid::regclass::text "
                "FROM patrol.position ORDER BY device_time"
            )
        ).all()
        last = connection.execute(
            text("SELECT label, device_time, area_code FROM patrol.last_position ORDER BY label")
        ).all()
        visits = connection.execute(
            text(
                "SELECT day::text, object_kind, area_code, fixes, last_at - first_at "
                "FROM patrol.grid_visit ORDER BY object_kind"
            )
        ).all()
    day = "patrol.position_20261125"
    assert [tuple(row) for row in rows] == [
        (kind, id_, NOW - timedelta(seconds=ago), NOW, area, *place, 3.6, 90, None, None, day)
        for kind, id_, ago, area, place in (
            ("vehicle", car, 30, f"{EAST}01", at(EAST, 5)),
            ("staff", staff, 20, f"{WEST}01", at(WEST, 5)),
            ("staff", staff, 10, f"{WEST}01", at(WEST, 5.1)),
        )
    ]
    assert [tuple(row) for row in last] == [
        ("网格员1", NOW - timedelta(seconds=10), f"{WEST}01"),
        ("虚A00002", NOW - timedelta(seconds=30), f"{EAST}01"),
    ]
    assert [tuple(row) for row in visits] == [
        ("2026-11-25", "staff", f"{WEST}01", 2, timedelta(seconds=10)),
        ("2026-11-25", "vehicle", f"{EAST}01", 1, timedelta(0)),
    ]


def test_late_and_unordered_fixes_are_welcome_and_repeats_count_once(
    module_engine: Engine, town: TwoSides, intake: Intake
) -> None:
    staff = town.west("staff")
    assert outcomes(intake, walk(staff, (100, 5), (60, 5.1))) == ["TAKEN", "TAKEN"]
    late = walk(staff, (80, 5.05), (100, 5), (10, 5.2), (80, 5.06), (600, 4.5))
    assert outcomes(intake, late) == ["TAKEN", "DUPLICATE", "TAKEN", "DUPLICATE", "TAKEN"]
    assert outcomes(intake, late) == ["DUPLICATE"] * 5
    assert count(module_engine) == 5
    with module_engine.connect() as connection:
        last = connection.execute(text("SELECT device_time FROM patrol.last_position")).scalar_one()
        visit = connection.execute(text("SELECT fixes FROM patrol.grid_visit")).scalar_one()
    assert (last, visit) == (NOW - timedelta(seconds=10), 5)


def test_what_is_refused(module_engine: Engine, town: TwoSides, intake: Intake) -> None:
    west, east, car = town.west("staff"), town.east("staff"), town.west("vehicles")
    x, y = at(WEST, 5)
    cases = {
        "FUTURE": (STAFF, west, -121, x, y),
        "OFF_DUTY": (STAFF, east, 10, x, y),
        "UNREGISTERED": (VEHICLE, 999_999, 10, x, y),
        "TOO_OLD": (VEHICLE, car, 30 * 366 * 86_400, x, y),
    }
    for place in ((181, y), (x, 91), (0, 0), (np.nan, y), (x, np.inf)):
        assert outcomes(intake, fixes((VEHICLE, car, 10, *place))) == ["BAD_PLACE"]
    for outcome, row in cases.items():
        assert outcomes(intake, fixes(row)) == [outcome]
    before_duty = fixes((STAFF, west, 7201, x, y), (STAFF, west, 7199, x, y))
    assert outcomes(intake, before_duty) == ["OFF_DUTY", "TAKEN"]
    assert outcomes(intake, fixes((STAFF, west, -119, x, y))) == ["TAKEN"]
    assert count(module_engine) == 2


def test_after_clocking_out_the_rest_of_the_shift_still_comes_in(
    module_engine: Engine, town: TwoSides, intake: Intake
) -> None:
    staff = town.west("staff")
    assert outcomes(intake, walk(staff, (600, 5))) == ["TAKEN"]
    with owner_transaction(module_engine) as connection:
        connection.execute(
            text("UPDATE patrol.shift SET ended_at = :t, end_kind = 'staff'"),
            {"t": NOW - timedelta(seconds=300)},
        )
    assert outcomes(intake, walk(staff, (400, 5.1), (299, 5.2))) == ["TAKEN", "OFF_DUTY"]
    with module_engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM patrol.last_position")).scalar() == 0


def test_a_jump_is_kept_but_moves_nothing(
    module_engine: Engine, town: TwoSides, intake: Intake
) -> None:
    staff = town.west("staff")
    there = (STAFF, staff, 50, 121.0, 31.0)
    assert outcomes(intake, fixes((STAFF, staff, 60, *at(WEST, 5)), there)) == ["TAKEN", "JUMP"]
    assert outcomes(intake, walk(staff, (40, 5.1))) == ["JUMP"], "who jumped must be seen twice"
    assert outcomes(intake, walk(staff, (30, 5.2))) == ["TAKEN"]
    assert count(module_engine, "flag = 'jump'") == 2
    with module_engine.connect() as connection:
        row = connection.execute(
            text(
                "SELECT device_time, (SELECT sum(fixes) FROM patrol.grid_visit) "
                "FROM patrol.last_position"
            )
        ).one()
    assert tuple(row) == (NOW - timedelta(seconds=30), 2)


def test_gcj02_is_turned_into_wgs84(module_engine: Engine, town: TwoSides, intake: Intake) -> None:
    car = town.west("vehicles")
    sent = tuple(float(value) for value in wgs84_to_gcj02(*at(WEST, 5)))
    assert outcomes(intake, fixes((VEHICLE, car, 10, *sent), is_gcj02=1)) == ["TAKEN"]
    with module_engine.connect() as connection:
        place = connection.execute(
            text("SELECT ST_X(geom), ST_Y(geom) FROM patrol.last_position")
        ).one()
    assert tuple(place) == pytest.approx(at(WEST, 5), abs=1e-8)
    assert distance(*map(np.array, (*sent, *at(WEST, 5)))) > 300


def test_senseless_readings_become_unknown(
    module_engine: Engine, town: TwoSides, intake: Intake
) -> None:
    car = town.west("vehicles")
    given = fixes((VEHICLE, car, 10, *at(WEST, 5)), speed=-1, heading=720, accuracy=-5, battery=200)
    assert outcomes(intake, given) == ["TAKEN"]
    assert count(module_engine, "num_nulls(speed, heading, accuracy) = 3") == 1


def test_two_batches_with_the_same_fixes_at_once_store_each_once(
    module_engine: Engine, town: TwoSides, intake: Intake
) -> None:
    staff = town.west("staff")
    given = walk(staff, *((second, 5 + second / 1000) for second in range(1, 400)))
    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(lambda _: intake.take(given, NOW), range(6)))
    assert count(module_engine) == 399
    assert sum(int((result == Outcome.TAKEN).sum()) for result in results) == 399


def test_days_get_tables_of_their_own_and_the_default_is_emptied(
    module_engine: Engine, town: TwoSides, intake: Intake
) -> None:
    with owner_transaction(module_engine) as connection:
        connection.execute(
            text(
                "INSERT INTO patrol.position (object_kind, object_id, device_time, longitude, "
                "latitude) SELECT 'vehicle', :id, t, 120, 30 FROM (VALUES "
                "('2025-03-01 15:59:59Z'::timestamptz), ('2025-03-01 16:00:00Z')) AS v (t)"
            ),
            {"id": town.west("vehicles")},
        )
        made = connection.execute(text("SELECT patrol.ensure_days(2)")).scalars().all()
        rows = connection.execute(
            text(
                "SELECT tableoid::regclass::text, count(*) FROM patrol.position "
                "WHERE device_time < '2025-04-01' GROUP BY 1 ORDER BY 1"
            )
        ).all()
    assert [tuple(row) for row in rows] == [
        ("patrol.position_20250301", 1),
        ("patrol.position_20250302", 1),
    ]
    assert len(made) == 5


def test_readers_see_fixes_of_their_areas_only(
    module_engine: Engine, town: TwoSides, intake: Intake
) -> None:
    cars = (town.west("vehicles"), town.east("vehicles"))
    given = fixes((VEHICLE, cars[0], 10, *at(WEST, 5)), (VEHICLE, cars[1], 10, *at(EAST, 5)))
    assert outcomes(intake, given) == ["TAKEN"] * 2
    for who, area in ((SUPERVISOR_WEST, WEST), (SUPERVISOR_EAST, EAST)):
        with reader_transaction(module_engine, who) as connection:
            for table in ("position", "last_position", "grid_visit"):
                found = connection.execute(text(f"SELECT area_code FROM patrol.{table}"))
                assert found.scalars().all() == [f"{area}01"], table


def test_old_days_are_dropped_whole_and_the_dry_run_only_tells(
    module_engine: Engine, town: TwoSides, intake: Intake
) -> None:
    car = town.west("vehicles")
    day = 86_400
    rows = [(VEHICLE, car, ago * day, *at(WEST, 5)) for ago in (0, 40, 40.001, 41)]
    assert outcomes(intake, fixes(*rows)) == ["TAKEN"] * 4
    keep = (datetime.now(UTC) - NOW).days + 30
    with owner_transaction(module_engine) as connection:
        told = drop_old_days(connection, keep, dry_run=True)
        assert sum(each.fixes for each in told) == 3
        assert {each.day for each in told} >= {date(2026, 10, 15), date(2026, 10, 16)}
    assert count(module_engine) == 4
    with owner_transaction(module_engine) as connection:
        assert drop_old_days(connection, keep, dry_run=False) == told
        assert drop_old_days(connection, keep, dry_run=False) == []
        visits = connection.execute(text("SELECT count(*) FROM patrol.grid_visit")).scalar_one()
        line = connection.execute(
            text("SELECT detail FROM core.audit WHERE action = 'positions_dropped'")
        ).scalar_one()
    assert (count(module_engine), visits, line["fixes"]) == (1, 1, 3)
    intake.forget_days()
    assert outcomes(intake, fixes((VEHICLE, car, 40 * day, *at(WEST, 5)))) == ["TAKEN"]
