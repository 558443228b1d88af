"""Change between two periods against counting by hand; what is more than chance."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from layers.analysis.heat.places import Places
from layers.analysis.period_change import (
    AreaChange,
    ChangeQuestion,
    Level,
    Period,
    differs,
    find_changes,
)
from layers.core.calendar import CHINA
from layers.core.database import reader_transaction
from layers.core.errors import Forbidden, Invalid
from layers.core.rights import Role
from layers.core.scope import Reader
from layers.incidents.incident import INCIDENTS
from tests.builders.two_sides import reader

DAY = timedelta(days=1)
START = datetime(2026, 9, 1, tzinfo=CHINA)
FIRST = Period(START, START + 30 * DAY)
SECOND = Period(START + 30 * DAY, START + 75 * DAY)
EVERYWHERE = reader(Role.COMMANDER, "")
DIGITS = {"street": 9, "community": 12, "grid": 20}


def ask(
    engine: Engine, level: Level, asking: Reader = EVERYWHERE, area: str = ""
) -> dict[str, AreaChange]:
    question = ChangeQuestion(Places(INCIDENTS, area=area), FIRST, SECOND, level)
    with reader_transaction(engine, asking) as connection:
        return {each.code: each for each in find_changes(connection, asking, question)}


@pytest.mark.parametrize("level", ["street", "community", "grid"])
def test_counts_are_those_of_the_rows(city_engine: Engine, level: Level) -> None:
    found = ask(city_engine, level)
    with city_engine.begin() as connection:
        rows = connection.execute(
            text("SELECT area_code, reported_at FROM incidents.incident WHERE geom IS NOT NULL")
        ).all()
    assert sum(each.second for each in found.values()) > 0
    for code, each in found.items():
        own = [
            row.reported_at
            for row in rows
            if row.area_code[: DIGITS[level]] == code[: DIGITS[level]]
        ]
        assert each.first == sum(FIRST.since <= time < FIRST.until for time in own)
        assert each.second == sum(SECOND.since <= time < SECOND.until for time in own)
        assert each.first_rate == pytest.approx(each.first)
        assert each.second_rate == pytest.approx(each.second * 30 / 45)


def test_areas_are_those_the_reader_may_see(city_engine: Engine) -> None:
    every = ask(city_engine, "community")
    one = sorted(every)[0]
    assert set(ask(city_engine, "community", reader(Role.SUPERVISOR, one))) == {one}
    assert set(ask(city_engine, "community", area=one)) == {one}
    assert every[one] == ask(city_engine, "community", area=one)[one]
    with pytest.raises(Forbidden):
        ask(city_engine, "community", reader(Role.SUPERVISOR, one), sorted(every)[1])
    with pytest.raises(Forbidden):
        ask(city_engine, "community", reader(Role.ADMIN, ""))


def test_a_period_has_length(city_engine: Engine) -> None:
    wrong = ChangeQuestion(Places(INCIDENTS), Period(START, START), SECOND, "grid")
    with (
        reader_transaction(city_engine, EVERYWHERE) as connection,
        pytest.raises(Invalid) as refused,
    ):
        find_changes(connection, EVERYWHERE, wrong)
    assert [fault.field for fault in refused.value.faults] == ["first"]


@given(st.integers(0, 400), st.integers(0, 400), st.floats(1, 100), st.floats(1, 100))
def test_swapping_the_periods_changes_nothing(
    first: int, second: int, before: float, after: float
) -> None:
    assert differs(first, before, second, after) == differs(second, after, first, before)


def test_chance_alone_seldom_differs() -> None:
    """Of one rate, the exact binomial share of cases that count as different is one in twenty."""
    for together, share in itertools.product((40, 100, 250), (0.3, 0.5, 0.7)):
        odds = sum(
            comb(together, second) * share**second * (1 - share) ** (together - second)
            for second in range(together + 1)
            if differs(together - second, 1 - share, second, share)
        )
        assert 0.03 < odds < 0.07
