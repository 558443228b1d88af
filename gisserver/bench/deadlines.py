"""A million deadlines by one statement, beside the pure function one by one."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine, text

from gisserver.bench.figures import Goal
from layers.core.calendar_store import read_calendar
from layers.incidents.deadline import deadline, find_condition
from layers.incidents.deadlines import deadlines_of

CASES = 1_000_000
SAMPLE = 4_000
ROUNDS = 3
FIRST = datetime(2025, 1, 1, tzinfo=UTC)
MINUTES = 60 * 24 * 500

_CODES = text("SELECT code FROM incidents.condition WHERE valid_to IS NULL ORDER BY code")
_ASKED = (
    "SELECT n AS key, CAST(:first AS timestamptz) "
    "+ make_interval(mins => (n * bigint '7919' % :minutes)::integer) AS start, "
    "code AS condition, '{}'::tstzmultirange AS pauses, 0 AS extra_days "
    "FROM generate_series(1, :cases) AS n "
    "JOIN unnest(CAST(:codes AS text[])) WITH ORDINALITY AS c (code, number) "
    "ON number = 1 + n % :count"
)


def deadlines(engine: Engine) -> tuple[dict[str, float], list[Goal]]:
    """Rates of both ways over the same mixture of conditions and starts; writes nothing."""
    with engine.begin() as connection:
        codes = list(connection.execute(_CODES).scalars())
        by_sql = min(_by_statement(connection, codes) for _ in range(ROUNDS))
        one_by_one = min(_one_by_one(connection, codes) for _ in range(ROUNDS))
    rates = {
        "deadlines by SQL, per second": CASES / by_sql,
        "deadlines by Python, per second": SAMPLE / one_by_one,
    }
    quicker = rates["deadlines by SQL, per second"] / rates["deadlines by Python, per second"]
    return rates, [
        Goal("a million deadlines by SQL", by_sql, 2, "s", is_ceiling=True),
        Goal("deadlines by SQL against Python, rate", quicker, 50, "×", is_ceiling=False),
    ]


def _by_statement(connection: Connection, codes: list[str]) -> float:
    """Seconds of all cases, each value made and none sent."""
    values = {
        "first": FIRST,
        "minutes": MINUTES,
        "codes": codes,
        "count": len(codes),
        "cases": CASES,
    }
    statement = text(
        f"SELECT count(*), max(warn_at), max(due_at) FROM ({deadlines_of(_ASKED)}) AS made"
    )
    began = time.perf_counter()
    connection.execute(statement, values).one()
    return time.perf_counter() - began


def _one_by_one(connection: Connection, codes: list[str]) -> float:
    """Seconds of a sample, its calendar and conditions read before."""
    calendar = read_calendar(connection)
    conditions = [find_condition(connection, code) for code in codes]
    chance = random.Random(len(codes))
    starts = [FIRST + timedelta(minutes=chance.randrange(MINUTES)) for _ in range(SAMPLE)]
    began = time.perf_counter()
    for number, start in enumerate(starts):
        each = conditions[number % len(conditions)]
        deadline(start, each.limit, each.warn_percent, calendar)
    return time.perf_counter() - began
