"""Statements that a connection prepares once: the same rows for each reader, whatever happens."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg2
import pytest
from sqlalchemy import Engine, text

from layers.core.database import (
    MOST_PREPARED,
    connect_engine,
    prepared_rows_within,
    read_within,
    rows_within,
)
from layers.core.scope import Reader
from tests.builders.two_sides import (
    EVERYBODY,
    SUPERVISOR_EAST,
    SUPERVISOR_WEST,
    build_two_sides,
)

CODES = (
    "SELECT area_code || id FROM housing.building "
    "WHERE row_version >= %(least)s AND area_code LIKE %(like)s || '%%'"
)
COUNT = "SELECT count(*) FROM pg_prepared_statements"


@pytest.fixture
def trips(database_url: str, engine: Engine) -> Iterator[Engine]:
    """One connection that goes from reader to reader."""
    build_two_sides(engine)
    made = connect_engine(database_url, pool_size=1, of_trips=True)
    yield made
    made.dispose()


def test_each_reader_sees_what_is_theirs(trips: Engine) -> None:
    readers = (EVERYBODY, SUPERVISOR_WEST, SUPERVISOR_EAST)
    seen: dict[str, list[set[str]]] = {}
    for _ in range(8):  # a plan for any value is made after five
        for who in readers:
            values = {"like": ""}
            found = prepared_rows_within(trips, who, CODES, {"least": 0}, values)
            plain = rows_within(trips, who, CODES, {"least": 0, "like": ""})
            assert sorted(found) == sorted(plain)
            seen.setdefault(who.login, []).append({code for (code,) in found})
    west, east = seen[SUPERVISOR_WEST.login][0], seen[SUPERVISOR_EAST.login][0]
    assert west
    assert east
    assert not west & east
    assert all(each == found[0] for found in seen.values() for each in found)
    ((count,),) = read_within(trips, EVERYBODY, COUNT, {})
    assert count == 1


def test_a_value_that_is_fixed_makes_another_statement(trips: Engine) -> None:
    for least in (0, 1000):
        found = prepared_rows_within(trips, EVERYBODY, CODES, {"least": least}, {"like": ""})
        assert bool(found) == (least == 0)
    assert prepared_rows_within(trips, EVERYBODY, CODES, {"least": 0}, {"like": "no such'"}) == []


def test_no_more_are_kept_than_there_may_be(trips: Engine) -> None:
    for number in range(MOST_PREPARED + 9):
        asked = "SELECT %(number)s + %(more)s::integer"
        found = prepared_rows_within(trips, EVERYBODY, asked, {"number": number}, {"more": 1})
        assert found == [(number + 1,)]
    ((count,),) = read_within(trips, EVERYBODY, COUNT, {})
    assert count == MOST_PREPARED


@pytest.mark.parametrize("meanwhile", ["DISCARD ALL", "DEALLOCATE ALL"])
def test_a_statement_that_is_gone_is_prepared_again(trips: Engine, meanwhile: str) -> None:
    first = prepared_rows_within(trips, EVERYBODY, CODES, {"least": 0}, {"like": ""})
    _by_the_way(trips, meanwhile)
    for _ in range(2):
        assert prepared_rows_within(trips, EVERYBODY, CODES, {"least": 0}, {"like": ""}) == first
    ((count,),) = read_within(trips, EVERYBODY, COUNT, {})
    assert count == 1


def test_a_table_may_change(trips: Engine, engine: Engine) -> None:
    first = prepared_rows_within(trips, EVERYBODY, CODES, {"least": 0}, {"like": ""})
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE housing.building ADD COLUMN later text DEFAULT 'x'"))
        connection.execute(text("DROP INDEX IF EXISTS housing.building_code_idx"))
    assert prepared_rows_within(trips, EVERYBODY, CODES, {"least": 0}, {"like": ""}) == first


def test_a_failure_leaves_nothing_open(trips: Engine) -> None:
    divided = "SELECT 1 / %(zero)s::integer"
    for _ in range(3):
        with pytest.raises(psycopg2.errors.DivisionByZero):
            prepared_rows_within(trips, EVERYBODY, divided, {}, {"zero": 0})
        assert prepared_rows_within(trips, EVERYBODY, divided, {}, {"zero": 1}) == [(1,)]
    assert _who(trips, EVERYBODY) == ("wangge_app", EVERYBODY.login)


def _who(trips: Engine, who: Reader) -> tuple[str, str]:
    asked = "SELECT current_user::text, current_setting('wangge.login')"
    ((user, login),) = prepared_rows_within(trips, who, asked, {}, {})
    return user, login


def _by_the_way(trips: Engine, statement: str) -> None:
    pooled = trips.raw_connection()
    with pooled.cursor() as cursor:
        cursor.execute(statement)
    pooled.close()
