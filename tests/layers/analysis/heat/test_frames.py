"""Frames: the calendar of China, without gap or overlap."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.analysis.heat.frames import MOST_FRAMES, Step, frame_edges
from layers.core.calendar import CHINA
from layers.core.errors import Invalid

MOMENTS = st.datetimes(
    datetime(2015, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    datetime(2035, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, CHINA]),
)


@given(MOMENTS, st.timedeltas(timedelta(minutes=1), timedelta(days=90)), st.sampled_from(Step))
def test_frames_fill_the_window_and_turn_with_the_calendar(
    since: datetime, length: timedelta, step: Step
) -> None:
    until = since + length
    if step is Step.HOUR and length > timedelta(hours=MOST_FRAMES - 2):
        with pytest.raises(Invalid, match=r"frames|^step"):
            frame_edges(since, since + timedelta(days=90), step)
        return
    edges = frame_edges(since, until, step)
    assert edges[0] == since
    assert edges[-1] == until
    assert edges == sorted(set(edges))
    for turn in (edge.astimezone(CHINA) for edge in edges[1:-1]):
        assert (turn.minute, turn.second, turn.microsecond) == (0, 0, 0)
        assert step is Step.HOUR or turn.hour == 0
        assert step is not Step.WEEK or turn.weekday() == 0
        assert step is not Step.MONTH or turn.day == 1


def test_a_month_has_its_days() -> None:
    since = datetime(2026, 2, 1, tzinfo=CHINA)
    edges = frame_edges(since, datetime(2026, 3, 1, tzinfo=CHINA), Step.DAY)
    assert len(edges) == 29


@pytest.mark.parametrize("days", [0, -1])
def test_a_window_that_ends_before_it_begins_is_refused(days: int) -> None:
    since = datetime(2026, 2, 1, tzinfo=CHINA)
    with pytest.raises(Invalid, match="end must lie after"):
        frame_edges(since, since + timedelta(days=days), Step.DAY)
