"""Deadlines of real cases, kept or missed, as their cities have told them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, text

from etl.formats import open_file
from etl.mapping.row import SourceMapping
from etl.mapping.service_requests import BALTIMORE_311, BOSTON_311
from etl.raw import ReadOptions
from layers.incidents.deadline import Color, light
from tests.etl.conftest import loading

EASTERN = ZoneInfo("America/New_York")
BOSTON_DAY = datetime(2022, 5, 21, tzinfo=EASTERN)
BALTIMORE_DAY = datetime(2019, 2, 13, tzinfo=EASTERN)


def cases(path: Path, mapping: SourceMapping) -> Iterator[Mapping[str, Any]]:
    """The incidents the import makes of every row, those without a usable place too."""
    (dataset,) = open_file(path, ReadOptions())
    for raw in dataset.features():
        for row in mapping.rows(raw):
            yield row.values


def is_late(case: Mapping[str, Any], now: datetime) -> bool:
    """Whether the case shows red, by the rule of every list and map."""
    shown = light(now, None, case["due_at"], case["closed_at"])
    return shown is not None and shown.color is Color.RED


def test_boston_says_of_each_case_whether_it_is_in_time(real_files: Path) -> None:
    path = real_files / "incidents" / "boston_311_100.csv"
    (dataset,) = open_file(path, ReadOptions())
    told = [raw.properties["ontime"] for raw in dataset.features()]
    found = [
        "OVERDUE" if is_late(case, BOSTON_DAY) else "ONTIME" for case in cases(path, BOSTON_311)
    ]
    assert found == told
    assert Counter(found) == {"ONTIME": 83, "OVERDUE": 17}


def test_baltimore_closed_late_and_open_past_due(real_files: Path) -> None:
    path = real_files / "incidents" / "baltimore_311_10k.csv"
    late = [case for case in cases(path, BALTIMORE_311) if is_late(case, BALTIMORE_DAY)]
    closed = Counter(case["closed_at"] is not None for case in late)
    assert closed == {True: 1567, False: 134}


@pytest.mark.parametrize(
    ("name", "mapping", "day"),
    [
        ("boston_311_100.csv", BOSTON_311, BOSTON_DAY),
        ("baltimore_311_10k.csv", BALTIMORE_311, BALTIMORE_DAY),
    ],
)
def test_what_is_loaded_is_late_exactly_where_the_file_is(
    engine: Engine,
    real_files: Path,
    tmp_path: Path,
    name: str,
    mapping: SourceMapping,
    day: datetime,
) -> None:
    path = real_files / "incidents" / name
    load = loading(engine, tmp_path)
    assert load(path).written
    with engine.connect() as connection:
        kept = {
            row.code: row._asdict()
            for row in connection.execute(
                text("SELECT code, due_at, closed_at FROM incidents.incident")
            )
        }
        by_sql = connection.execute(
            text(
                "SELECT count(*) FROM incidents.incident WHERE coalesce(closed_at, :day) > due_at"
            ),
            {"day": day},
        ).scalar_one()
    late = {code for code, row in kept.items() if is_late(row, day)}
    assert late == {
        case["code"] for case in cases(path, mapping) if case["code"] in kept and is_late(case, day)
    }
    assert by_sql == len(late) > 15
