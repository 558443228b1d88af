"""Who moved on a day, their tracks with gaps and stops, within scope and logged."""

from __future__ import annotations

import csv
import io
import tarfile
from base64 import b64decode
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask import Flask
from pyproj import Geod
from sqlalchemy import Engine, text

from gisserver.intake.devices import DeviceBook
from gisserver.intake.keeper import Keeper
from layers.core.rights import Role
from layers.patrol.replay import GAP_SECONDS
from tests.builders.two_sides import EAST, WEST, TwoSides, at, build_two_sides
from tests.gisserver.test_duty import Desk
from tests.gisserver.test_positions import device

# A day that is over: its first second in China, as seconds since 1970.
DAY = "2026-03-02"
BEGINS = int(datetime(2026, 3, 1, 16, tzinfo=UTC).timestamp())
LON, LAT = at(WEST, 5)


@pytest.fixture(scope="module")
def town(module_engine: Engine) -> TwoSides:
    town = build_two_sides(module_engine)
    with module_engine.begin() as connection:
        connection.execute(text("DELETE FROM patrol.last_position"))
    return town


@pytest.fixture(scope="module")
def admin(app: Flask, module_engine: Engine, town: TwoSides) -> Desk:
    return Desk(app, module_engine, Role.ADMIN, "")


@pytest.fixture(scope="module")
def west(app: Flask, module_engine: Engine, town: TwoSides) -> Desk:
    return Desk(app, module_engine, Role.SUPERVISOR, WEST)


@pytest.fixture(scope="module")
def east(app: Flask, module_engine: Engine, town: TwoSides) -> Desk:
    return Desk(app, module_engine, Role.SUPERVISOR, EAST)


def walk(start: int, count: int, step: int = 10, metres: float = 12.0) -> Iterator[dict[str, Any]]:
    """Fixes from a second of the day on, eastwards with so many metres between them."""
    for n in range(count):
        yield {
            "timestamp": BEGINS + start + n * step,
            "lon": LON + n * metres / 100_000,
            "lat": LAT,
        }


@pytest.fixture(scope="module")
def car(admin: Desk, town: TwoSides) -> int:
    """The western vehicle, after a day with a gap of half an hour and a stop of ten minutes."""
    vehicle = town.west("vehicles")
    token = device(admin, vehicle_id=vehicle)
    fixes = [
        *walk(8 * 3600, 60),
        *walk(8 * 3600 + 590 + 1800, 61, metres=0.0),
        *walk(8 * 3600 + 590 + 1800 + 610, 30),
    ]
    status, told = admin.post("/api/positions/batch", {"id": token, "positions": fixes})
    assert (status, told["taken"]) == (200, len(fixes))
    return vehicle


def points(engine: Engine, line: str) -> list[list[tuple[float, float, float]]]:
    """Longitude, latitude and M of each place, piece by piece, as PostGIS reads the bytes."""
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT path[1], ST_X(geom), ST_Y(geom), ST_M(geom) "
                "FROM ST_DumpPoints(ST_GeomFromTWKB(:line))"
            ),
            {"line": b64decode(line)},
        ).all()
    pieces: dict[int, list[tuple[float, float, float]]] = {}
    for piece, lon, lat, second in rows:
        pieces.setdefault(piece, []).append((lon, lat, second))
    return list(pieces.values())


def test_who_moved(west: Desk, car: int) -> None:
    status, told = west.get(f"/api/positions/replay/objects?day={DAY}")
    assert status == 200
    assert told["day"] == DAY
    (found,) = told["items"]
    assert (found["object_kind"], found["object_id"], found["fixes"]) == ("vehicle", car, 151)
    assert found["first_at"] == BEGINS + 8 * 3600
    assert found["label"]


def test_a_track_with_its_gap_and_its_stop(west: Desk, car: int, module_engine: Engine) -> None:
    status, told = west.get(f"/api/positions/replay?day={DAY}&vehicle={car}")
    assert status == 200, told
    assert (told["since"], told["until"]) == (BEGINS, BEGINS + 86400)
    (track,) = told["tracks"]
    first, second = points(module_engine, track["line"])
    assert (len(first), len(second)) == (60, 91)
    assert first[0] == pytest.approx((LON, LAT, 8 * 3600), abs=1e-6)
    assert track["gaps"] == [{"since": BEGINS + 8 * 3600 + 590, "until": BEGINS + 8 * 3600 + 2390}]
    (stop,) = track["stops"]
    assert stop["until"] - stop["since"] >= 600
    assert (stop["longitude"], stop["latitude"]) == pytest.approx((LON, LAT), abs=0.001)
    assert track["metres"] == pytest.approx(1000, rel=0.1)


def test_every_look_is_logged(west: Desk, car: int, module_engine: Engine) -> None:
    def looks() -> int:
        with module_engine.connect() as connection:
            return int(
                connection.execute(
                    text(
                        "SELECT count(*) FROM core.audit WHERE action = 'replay' "
                        "AND login = :login AND detail ->> 'day' = :day "
                        "AND detail -> 'objects' ? :object"
                    ),
                    {"login": west.login, "day": DAY, "object": f"vehicle:{car}"},
                ).scalar_one()
            )

    before = looks()
    assert west.get(f"/api/positions/replay?day={DAY}&vehicle={car}")[0] == 200
    assert looks() == before + 1


def test_a_track_is_replayed_only_where_the_object_belongs(
    app: Flask, module_engine: Engine, east: Desk, car: int
) -> None:
    assert east.get(f"/api/positions/replay/objects?day={DAY}")[1]["items"] == []
    status, told = east.get(f"/api/positions/replay?day={DAY}&vehicle={car}")
    assert status == 404
    assert f"vehicle {car}" in told["detail"]
    worker = Desk(app, module_engine, Role.WORKER, f"{WEST}01")
    for path in (f"?day={DAY}&vehicle={car}", f"/objects?day={DAY}"):
        assert worker.get(f"/api/positions/replay{path}")[0] == 403


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("vehicle=1", "day"),
        ("day=yesterday&vehicle=1", "day"),
        (f"day={DAY}", "1 to 100"),
        (f"day={DAY}&vehicle=" + ",".join(map(str, range(1, 102))), "1 to 100"),
        (f"day={DAY}&staff=1;2", "commas"),
        (f"day={DAY}&staff=99999999999999999999", "commas"),
        (f"day={DAY}&vehicle=1&speed=2", "speed"),
    ],
)
def test_what_is_wrong_is_said(west: Desk, query: str, word: str) -> None:
    status, told = west.get(f"/api/positions/replay?{query}")
    assert status == 400
    assert word in told["detail"]


def test_a_day_that_is_over_is_kept_and_made_anew_for_late_fixes(
    admin: Desk, west: Desk, town: TwoSides, car: int, module_engine: Engine
) -> None:
    keeper = Keeper(module_engine, DeviceBook(module_engine))
    fresh = west.get(f"/api/positions/replay?day={DAY}&vehicle={car}")[1]
    assert keeper.make_tracks() == 1
    assert keeper.make_tracks() == 0
    assert west.get(f"/api/positions/replay?day={DAY}&vehicle={car}")[1] == fresh

    token = device(admin, vehicle_id=car)
    late = list(walk(12 * 3600, 5))
    assert admin.post("/api/positions/batch", {"id": token, "positions": late})[1]["taken"] == 5
    (track,) = west.get(f"/api/positions/replay?day={DAY}&vehicle={car}")[1]["tracks"]
    assert (track["fixes"], len(track["gaps"])) == (156, 2)
    assert keeper.make_tracks() == 1
    assert west.get(f"/api/positions/replay?day={DAY}&vehicle={car}")[1]["tracks"] == [track]


def trips(folder: Path) -> Iterator[list[tuple[float, float, float]]]:
    """Second, longitude and latitude of each fix of each of the real trips, in their order."""
    with tarfile.open(folder / "trajectories" / "shanghai_vehicle_tracks_200.tar.gz") as archive:
        for member in archive.getmembers():
            if "ground" in member.name or not member.name.endswith(".csv"):
                continue
            file = archive.extractfile(member)
            assert file is not None
            rows = csv.DictReader(io.TextIOWrapper(file, encoding="utf-8-sig"))
            yield [(float(r["locatetime"]) / 1000, float(r["lon"]), float(r["lat"])) for r in rows]


def test_the_real_tracks_of_shanghai_go_in_and_come_out(
    app: Flask, admin: Desk, module_engine: Engine, real_files: Path
) -> None:
    commander = Desk(app, module_engine, Role.COMMANDER, "")
    real = list(trips(real_files))
    assert (len(real), sum(map(len, real))) == (200, 143_185)
    with module_engine.begin() as connection:
        vehicles = list(
            connection.execute(
                text(
                    "INSERT INTO patrol.vehicle (plate, kind, area_code) "
                    "SELECT '沪T' || n, 'patrol', :area FROM generate_series(1, 200) AS n "
                    "RETURNING id"
                ),
                {"area": WEST},
            ).scalars()
        )
    tokens = [device(admin, vehicle_id=vehicle) for vehicle in vehicles]
    positions = [
        {"id": token, "timestamp": second, "lon": lon, "lat": lat}
        for token, trip in zip(tokens, real, strict=True)
        for second, lon, lat in trip
    ]
    taken = flagged = 0
    for first in range(0, len(positions), 50_000):
        part = positions[first : first + 50_000]
        status, told = admin.post("/api/positions/batch", {"positions": part})
        assert status == 200, told
        assert told["refused"] == told["duplicates"] == 0
        taken, flagged = taken + told["taken"], flagged + told["flagged"]
    assert taken == 143_185

    fixes, gaps, metres = 0, 0, 0.0
    for day in ("2020-12-14", "2020-12-15", "2020-12-16"):
        moved = commander.get(f"/api/positions/replay/objects?day={day}")[1]["items"]
        ids = [each["object_id"] for each in moved]
        for first in range(0, len(ids), 100):
            chosen = ",".join(map(str, ids[first : first + 100]))
            status, told = commander.get(f"/api/positions/replay?day={day}&vehicle={chosen}")
            assert status == 200, told
            for track in told["tracks"]:
                fixes += track["fixes"]
                gaps += len(track["gaps"])
                metres += track["metres"]
    assert fixes == 143_185 - flagged
    assert flagged < 143_185 / 1000
    # Midnight parts a track without a gap, and gaps across it are none of either day.
    assert gaps == sum(
        after[0] - before[0] > GAP_SECONDS for trip in real for before, after in pairwise(trip)
    )
    earth = Geod(ellps="GRS80")
    wanted = 0.0
    for trip in real:
        time, lon, lat = map(np.array, zip(*trip, strict=True))
        lengths = earth.inv(lon[:-1], lat[:-1], lon[1:], lat[1:])[2]
        wanted += float(lengths[np.diff(time) <= GAP_SECONDS].sum())
    assert metres == pytest.approx(wanted, rel=0.01)
