"""The day of a validity or a deadline is China's, wherever the server stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from layers.core.database import owner_transaction
from tests.builders.moment import at_moment

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-11-30 15:59+00", "2026-11-30"),
        ("2026-11-30 16:00+00", "2026-12-01"),
        ("2026-11-30 23:30+00", "2026-12-01"),
    ],
)
def test_the_day_turns_at_midnight_in_china(module_engine: Engine, moment: str, day: str) -> None:
    with at_moment(module_engine, moment), owner_transaction(module_engine) as connection:
        connection.exec_driver_sql("SET LOCAL TimeZone TO 'UTC'")
        assert str(connection.execute(text("SELECT core.today()")).scalar_one()) == day


def test_no_statement_counts_days_where_the_server_stands() -> None:
    sources = [
        path
        for room in ("layers", "gisserver", "etl", "viewer/export")
        for path in (ROOT / room).rglob("*")
        if path.suffix in (".py", ".sql") and "versions" not in path.parts
    ]
    assert len(sources) > 200
    ours = re.compile(r"\bcurrent_date\b|\bage\([a-z]\w*\.birth_date\)", re.IGNORECASE)
    assert [str(path.relative_to(ROOT)) for path in sources if ours.search(path.read_text())] == []
