"""The measurement itself: it runs, compares like with like and leaves nothing behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from gisserver.bench.bare import run_bare, statements_of
from gisserver.bench.figures import Comparison, Goal, Report, Times
from gisserver.bench.loading import loading
from gisserver.bench.run import goals, run_bench
from gisserver.bench.server import BenchError
from gisserver.settings import ROOT
from tests.harness import TEST_KEY, TEST_KEY_BASE64


def rows_left(engine: Engine) -> tuple[int, ...]:
    tables = ("organisation.account", "organisation.session", "core.history", "housing.building")
    with engine.begin() as connection:
        return tuple(
            connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
            for table in tables
        )


def test_the_command_measures_a_city_and_leaves_nothing_behind(
    city_url: str, city_engine: Engine, tmp_path: Path
) -> None:
    before = rows_left(city_engine)
    file = tmp_path / "figures.json"
    finished = subprocess.run(
        [
            sys.executable,
            "-P",
            "-m",
            "gisserver.cli",
            "bench",
            f"--var={tmp_path}",
            f"--json={file}",
        ],
        env=os.environ
        | {"DATABASE_URL": city_url, "WANGGE_KEY": TEST_KEY_BASE64, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    told = json.loads(file.read_text())
    titles = [each["title"] for each in told["comparisons"]]
    assert {
        "find by house",
        "search",
        "tiles warm",
        "person by ID or phone",
        "load buildings",
    } <= set(titles)
    for each in told["comparisons"]:
        assert each["bare"]["p50_ms"] > 0
        assert each["served"]["p50_ms"] > 0
        assert each["title"] in finished.stdout
    assert len(told["goals"]) == 48
    assert told["facts"]["memory after all, MiB (PSS)"] > 10
    assert rows_left(city_engine) == before


def test_without_a_city_there_is_nothing_to_measure(engine: Engine, database_url: str) -> None:
    with pytest.raises(BenchError, match="no buildings"):
        run_bench(engine, database_url, TEST_KEY, lambda _: None)


def test_loading_compares_the_same_rows_and_takes_them_back(city_engine: Engine) -> None:
    before = rows_left(city_engine)
    comparison, rows = loading(city_engine)
    assert rows == before[-1]
    assert comparison.bare.seconds[0] > 0
    assert rows_left(city_engine) == before


def test_bare_statements_are_those_the_platform_runs(city_engine: Engine) -> None:
    asked = statements_of(
        city_engine,
        lambda connection: connection.execute(text("SELECT :n + 1"), {"n": 1}).scalar_one(),
    )
    assert [statement for statement, _ in asked] == ["SELECT %(n)s + 1"]
    raw = city_engine.raw_connection()
    try:
        assert run_bare(raw.driver_connection, asked) > 0  # type: ignore[arg-type]
    finally:
        raw.close()


def test_figures_say_what_they_mean() -> None:
    times = Times(tuple(n / 1000 for n in range(1, 101)))
    assert (times.p50, times.p99) == (50.5, 100.0)
    assert times.rate == pytest.approx(100 / 5.05)
    slow = Times(tuple(2 * seconds for seconds in times.seconds))
    assert Comparison("x", times, slow).ratio == 2
    assert Comparison("x", times, slow).added == 50.5
    assert Goal("x", 3.0, 3.0, "ms", is_ceiling=True).is_met
    assert not Goal("x", 29.9, 30.0, "×", is_ceiling=False).is_met


def test_a_report_is_read_by_people_and_by_machines() -> None:
    one = Times((0.001,))
    found = {
        title: Comparison(title, one, one)
        for title in (
            *("find by house", "incident list", "incident counts", "incident list on the map"),
            *("people in a polygon", "search", "tiles cold", "tiles warm", "load buildings"),
            *("OGC tiles cold", "house on a day", "search by initials", "search a room"),
        )
    }
    report = Report({"buildings": 3, "cameras": 0}, list(found.values()), goals(found))
    lines = report.lines()
    assert lines[0] == "3 buildings"
    assert sum(line.startswith(("✓", "✗")) for line in lines) == 19
    assert json.loads(json.dumps(report.told()))["goals"][-1]["reached"] == 1
