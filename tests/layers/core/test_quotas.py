"""Quotas of looks: how they are declared, counted, refused and told to the auditor."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from layers.core.database import reader_transaction
from layers.core.looks import record_in_each_area
from layers.core.quotas import (
    PERIODS,
    REFUSED,
    WARNED,
    Quotas,
    QuotaSpent,
    parse_quotas,
    quotas,
    record_refusal,
    spend,
)
from layers.core.rights import ROLES, Right, Role
from layers.core.scope import Grant, Reader
from layers.people.person import PERSONS
from tests.builders.looks import allowed, have_looked
from tests.builders.two_sides import EAST, WEST

BOTH = Reader(7, "both", (Grant(Role.SUPERVISOR, WEST), Grant(Role.SUPERVISOR, EAST)))
OTHER = Reader(8, "other", (Grant(Role.SUPERVISOR, WEST),))
AN_HOUR, A_DAY = allowed("person_search"), allowed("person_search", "day")


def looked(engine: Engine, times: int) -> None:
    have_looked(engine, BOTH.login, "person_search", times, WEST, EAST)


def look(engine: Engine, reader: Reader = BOTH) -> None:
    with reader_transaction(engine, reader) as connection:
        spend(connection, reader, "person_search")
        record_in_each_area(connection, reader, PERSONS, "person_search", Right.PEOPLE_SEARCH, {})


def age(engine: Engine, by: timedelta) -> None:
    """Lets all lines be older."""
    with engine.begin() as connection:
        connection.execute(text("UPDATE core.audit SET at = at - :by"), {"by": by})


def lines(engine: Engine, action: str) -> int:
    with engine.connect() as connection:
        asked = text("SELECT count(*) FROM core.audit WHERE action = :action AND area_code = :area")
        return connection.execute(asked, {"action": action, "area": WEST}).scalar_one()


def test_every_role_that_may_look_has_a_quota() -> None:
    declared = quotas()
    for role, rights in ROLES.items():
        for kind, right in (
            ("person_search", Right.PEOPLE_SEARCH),
            ("reveal", Right.PEOPLE_REVEAL),
        ):
            for period in PERIODS:
                assert (declared.allowed({role}, kind, period) > 0) == (right in rights)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "words",
    [
        "warning_share = 2.0",
        "",
        "warning_share = 0.5\n[roles.king]\nreveal = { hour = 1, day = 2 }",
        "warning_share = 0.5\n[roles.worker]\nlook = { hour = 1, day = 2 }",
        "warning_share = 0.5\n[roles.worker]\nreveal = { hour = 3, day = 2 }",
        "warning_share = 0.5\n[roles.worker]\nreveal = { hour = true, day = 2 }",
        "warning_share = 0.5\n[roles.worker]\nreveal = { hour = 1 }",
    ],
)
def test_faulty_declarations_are_refused(words: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_quotas(words)


@given(st.integers(1, 10_000), st.floats(0.01, 1))
def test_the_warning_comes_no_later_than_the_last_look(allowed: int, share: float) -> None:
    at = Quotas(share, {}).warns_at(allowed)
    assert 1 <= at <= allowed
    assert at >= share * allowed or allowed == 1


def test_searches_are_counted_once_whatever_the_areas(engine: Engine) -> None:
    looked(engine, AN_HOUR - 2)
    for _ in range(2):
        look(engine)
    with pytest.raises(QuotaSpent) as refused:
        look(engine)
    assert (refused.value.period, refused.value.allowed) == ("hour", AN_HOUR)
    assert 3590 <= refused.value.retry_after <= 3600
    assert lines(engine, "person_search") == AN_HOUR
    look(engine, OTHER)


def test_the_hour_slides_and_the_day_holds(engine: Engine) -> None:
    looked(engine, AN_HOUR // 2)
    age(engine, timedelta(minutes=40))
    looked(engine, AN_HOUR - AN_HOUR // 2 - 1)
    look(engine)
    with pytest.raises(QuotaSpent) as refused:
        look(engine)
    assert 1190 <= refused.value.retry_after <= 1200
    age(engine, timedelta(minutes=21))
    look(engine)
    looked(engine, A_DAY - AN_HOUR - 2)
    age(engine, timedelta(hours=2))
    look(engine)
    with pytest.raises(QuotaSpent) as refused:
        look(engine)
    assert refused.value.period == "day"
    age(engine, timedelta(hours=24))
    look(engine)


def test_the_auditor_is_warned_once_and_told_of_a_refusal_once(engine: Engine) -> None:
    warned = quotas().warns_at(AN_HOUR)
    looked(engine, warned - 2)
    for place in (warned - 1, warned, warned + 1):
        look(engine)
        assert lines(engine, WARNED) == (place >= warned)
    looked(engine, AN_HOUR - warned - 1)
    for _ in range(3):
        with pytest.raises(QuotaSpent) as refused:
            look(engine)
        with reader_transaction(engine, BOTH) as connection:
            record_refusal(connection, BOTH, refused.value)
    assert lines(engine, REFUSED) == 1
