"""Tracks from files: who moved is found, what cannot be taken is told, nothing is stored twice."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from etl.load import LoadError, LoadOptions, load_file
from etl.report import LoadReport
from layers.core.crs import wgs84_to_gcj02
from layers.core.database import owner_transaction
from tests.builders.two_sides import WEST, TwoSides, at, build_two_sides

CAR, WORKER = "沪A12345", "W-01"
BEGIN = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
X, Y = at(WEST, 5)


@pytest.fixture(scope="module")
def town(module_engine: Engine) -> TwoSides:
    town = build_two_sides(module_engine)
    with owner_transaction(module_engine) as connection:
        connection.execute(
            text("UPDATE patrol.vehicle SET plate = :plate WHERE id = :id"),
            {"plate": CAR, "id": town.west("vehicles")},
        )
        connection.execute(
            text("UPDATE organisation.staff SET code = :code WHERE id = :id"),
            {"code": WORKER, "id": town.west("staff")},
        )
    return town


@pytest.fixture
def engine(module_engine: Engine, town: TwoSides) -> Engine:
    """The two sides without a fix; the western worker was on duty from 09:00 to 10:00 in China."""
    with owner_transaction(module_engine) as connection:
        for table in ("position", "shift", "last_position", "grid_visit", "day_track"):
            connection.execute(text(f"DELETE FROM patrol.{table}"))
        connection.execute(
            text(
                "INSERT INTO patrol.shift (staff_id, area_code, started_at, ended_at) "
                "VALUES (:staff, :area, :begin, :begin + interval '1 hour')"
            ),
            {"staff": town.west("staff"), "area": f"{WEST}01", "begin": BEGIN},
        )
    return module_engine


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def load(engine: Engine, path: Path, **options: Any) -> LoadReport:
    given: dict[str, Any] = {"layer": "positions", "reports": path.parent / "reports"} | options
    return load_file(engine, path, LoadOptions(**given), None)


def table(folder: Path, *rows: str, header: str = "plate,time,lon,lat,speed") -> Path:
    path = folder / "tracks.csv"
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8-sig")
    return path


def stored(engine: Engine) -> list[tuple[Any, ...]]:
    statement = text(
        "SELECT object_kind, to_char(device_time AT TIME ZONE 'UTC', 'MM-DD HH24:MI:SS'), "
        "round(longitude::numeric, 6), round(latitude::numeric, 6), speed, flag "
        "FROM patrol.position ORDER BY device_time, object_kind"
    )
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(statement)]


def reasons(report: LoadReport) -> dict[str, list[int]]:
    assert report.path is not None
    found: dict[str, list[int]] = {}
    with report.path.open(encoding="utf-8-sig", newline="") as stream:
        for line in csv.DictReader(stream):
            found.setdefault(line["reason"], []).append(int(line["row"]))
    return found


def test_a_table_of_a_car_and_a_worker_is_taken_in(engine: Engine, folder: Path) -> None:
    path = table(
        folder,
        f"{CAR},2026-11-20T01:00:00Z,{X},{Y},18",
        f"{WORKER},2026-11-20 09:10:00,{X},{Y},",
        f"{CAR},1795136470,{X + 0.0005},{Y},36.5",
    )
    report = load(engine, path)
    counts = report.layers["positions"]
    assert (counts.accepted, counts.rejected, counts.inserted) == (3, 0, 3)
    kinds = [(row[0], row[1], row[4]) for row in stored(engine)]
    assert kinds == [
        ("vehicle", "11-20 01:00:00", 18),
        ("vehicle", "11-20 01:01:10", 36.5),
        ("staff", "11-20 01:10:00", None),
    ]
    assert any("北京时间" in note for note in report.notes)
    with engine.connect() as connection:
        labels = connection.execute(text("SELECT label FROM patrol.last_position ORDER BY label"))
        assert CAR in labels.scalars().all()
        visits = connection.execute(text("SELECT sum(fixes) FROM patrol.grid_visit")).scalar_one()
    assert visits == 3


def test_loading_it_again_adds_nothing(engine: Engine, folder: Path) -> None:
    path = table(folder, *(f"{CAR},2026-11-20T01:00:{s:02}Z,{X},{Y},1" for s in range(0, 60, 5)))
    assert load(engine, path).layers["positions"].inserted == 12
    before = stored(engine)
    again = load(engine, path).layers["positions"]
    assert (again.accepted, again.inserted, again.unchanged) == (12, 0, 12)
    assert stored(engine) == before


def test_each_row_that_cannot_be_taken_is_told_with_its_reason(
    engine: Engine, folder: Path
) -> None:
    path = table(
        folder,
        f"{CAR},2026-11-20T01:00:00Z,{X},{Y},1",
        f"京A00000,2026-11-20T01:00:00Z,{X},{Y},1",
        f"{WORKER},2026-11-20T05:00:00Z,{X},{Y},1",
        f"{CAR},gestern,{X},{Y},1",
        f"{CAR},2026-11-20T01:00:10Z,,,1",
        f"{CAR},2099-01-01T00:00:00Z,{X},{Y},1",
        f"{CAR},1999-01-01T00:00:00Z,{X},{Y},1",
        f"{CAR},2026-11-20T01:00:00Z,{X},{Y},1",
        f"{CAR},2026-11-20T01:00:20Z,{X + 1},{Y},1",
        f"{CAR},2026-11-20T01:00:30Z,0,0,1",
    )
    report = load(engine, path, partial=True)
    assert reasons(report) == {
        "no_object": [2],
        "off_duty": [3],
        "bad_time": [4],
        "no_coordinates": [5],
        "future": [6],
        "too_old": [7],
        "fix_twice": [8],
        "jump": [9],
        "out_of_range": [10],
    }
    counts = report.layers["positions"]
    assert (counts.accepted, counts.rejected, counts.inserted) == (2, 8, 2)
    assert [row[5] for row in stored(engine)] == [None, "jump"]


def test_a_file_of_strangers_is_refused_whole(engine: Engine, folder: Path) -> None:
    path = table(
        folder,
        f"{CAR},2026-11-20T01:00:00Z,{X},{Y},1",
        f"京A00000,2026-11-20T01:00:00Z,{X},{Y},1",
        f"京A00001,2026-11-20T01:00:00Z,{X},{Y},1",
    )
    report = load(engine, path)
    assert "2/3" in report.stopped
    assert any("--layer vehicles" in line for line in report.summary_lines())
    assert stored(engine) == []


def test_a_dry_run_tells_the_same_and_writes_nothing(engine: Engine, folder: Path) -> None:
    path = table(
        folder,
        f"{CAR},2026-11-20T01:00:00Z,{X},{Y},1",
        f"{WORKER},2026-11-20T05:00:00Z,{X},{Y},1",
    )
    report = load(engine, path, dry_run=True)
    assert report.layers["positions"].accepted == 1
    assert reasons(report) == {"off_duty": [2]}
    assert stored(engine) == []


def test_shifted_coordinates_come_in_at_their_true_place(engine: Engine, folder: Path) -> None:
    gx, gy = (float(each[0]) for each in wgs84_to_gcj02([X], [Y]))
    path = table(folder, f"{CAR},2026-11-20T01:00:00Z,{gx:.7f},{gy:.7f},1")
    load(engine, path, crs="gcj02")
    ((_, _, longitude, latitude, *_),) = stored(engine)
    assert abs(float(longitude) - X) < 2e-6
    assert abs(float(latitude) - Y) < 2e-6


GPX = """<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator="test" xmlns="http://www.topografix.com/GPX/1/1">
<trk><name>{name}</name><trkseg>
<trkpt lat="{y}" lon="{x}"><ele>4</ele><time>2026-11-20T01:05:00Z</time></trkpt>
<trkpt lat="{y}" lon="{x}"><time>2026-11-20T01:05:30.500Z</time></trkpt>
<trkpt lat="{y}" lon="{x}"></trkpt>
</trkseg></trk></gpx>
"""


def test_a_gpx_file_is_known_as_tracks(engine: Engine, folder: Path) -> None:
    path = folder / "morning.gpx"
    path.write_text(GPX.format(name=WORKER, x=X, y=Y), encoding="utf-8")
    report = load(engine, path, layer=None)
    assert report.layers["positions"].inserted == 2
    assert reasons(report) == {"bad_time": [3]}
    assert [row[:2] for row in stored(engine)] == [
        ("staff", "11-20 01:05:00"),
        ("staff", "11-20 01:05:30"),
    ]


def test_older_gpx_tells_speed_in_metres_a_second(engine: Engine, folder: Path) -> None:
    path = folder / "old.gpx"
    path.write_text(
        '<gpx version="1.0" creator="t" xmlns="http://www.topografix.com/GPX/1/0"><trk>'
        f'<name>{CAR}</name><trkseg><trkpt lat="{Y}" lon="{X}"><time>2026-11-20T01:05:00Z</time>'
        "<course>90</course><speed>5</speed></trkpt></trkseg></trk></gpx>",
        encoding="utf-8",
    )
    load(engine, path, layer=None)
    assert [row[4] for row in stored(engine)] == [18]


def test_a_file_that_names_nobody_is_of_whom_its_name_says(engine: Engine, folder: Path) -> None:
    path = folder / f"{CAR}.csv"
    path.write_text(f"timestamp,lon,lat\n1795136470000,{X},{Y}\n", encoding="utf-8")
    report = load(engine, path)
    assert report.layers["positions"].inserted == 1
    assert any("文件" in note for note in report.notes)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", "plate,lon,lat\n沪A12345,120,30\n", "no column of time"),
        ("a.gpx", "<gpx", "not readable as GPX"),
        (
            "b.gpx",
            '<gpx version="1.1" creator="t" xmlns="http://www.topografix.com/GPX/1/1"></gpx>',
            "track points",
        ),
    ],
)
def test_a_file_that_is_no_track_is_refused_clearly(
    engine: Engine, folder: Path, name: str, content: str, said: str
) -> None:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    with pytest.raises(LoadError, match=said):
        load(engine, path)
