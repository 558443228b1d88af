"""Values of parameters and bodies: what makes no day, no moment and no number is refused."""

from __future__ import annotations

import math
from datetime import date

import pytest

from gisserver import parameters
from gisserver.errors import BadRequest


@pytest.mark.parametrize(
    "text", ["2026-02-30", "0001-01-01", "9999-12-31", "0999-12-31", "now", ""]
)
def test_what_is_no_day_to_reckon_with_is_refused(text: str) -> None:
    with pytest.raises(BadRequest, match="on"):
        parameters.day({"on": text})


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026"])
def test_a_moment_at_the_end_of_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(BadRequest):
        parameters.moment({"at": text}, "at")
    with pytest.raises(BadRequest):
        parameters.interval({"datetime": f"../{text}"})


def test_old_and_far_days_are_taken() -> None:
    assert parameters.day({"on": "1000-01-01"}) == date(1000, 1, 1)
    assert parameters.day({"on": "9998-12-31"}) == date(9998, 12, 31)


@pytest.mark.parametrize("value", [10**400, -(10**400), math.nan, math.inf, True, "1", [1]])
def test_a_member_that_no_number_can_hold_is_refused(value: object) -> None:
    with pytest.raises(BadRequest) as refused:
        parameters.number_member({"lat": value}, "lat", minimum=-90, maximum=90)
    assert [fault.field for fault in refused.value.faults] == ["lat"]
