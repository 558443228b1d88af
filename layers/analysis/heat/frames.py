"""The frames of an animation: a time window cut where the calendar of China turns."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum

from layers.core.calendar import CHINA
from layers.core.errors import Fault, Invalid

MOST_FRAMES = 120


class Step(StrEnum):
    """How long a frame is."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


def frame_edges(since: datetime, until: datetime, step: Step) -> list[datetime]:
    """Where frames begin and, last, end: `since`, each turn of the calendar between, `until`.

    Days, months and weeks (from Monday) turn at midnight in China. First and last frame may be
    shorter than the others.

    Raises: Invalid when there would be more than `MOST_FRAMES`, or none.
    """
    edges = [since]
    for turn in _turns(since.astimezone(CHINA), step):
        if turn >= until:
            break
        edges.append(turn)
        if len(edges) > MOST_FRAMES:
            reason = f"more than {MOST_FRAMES} frames; take a longer step or a shorter time"
            raise Invalid([Fault("step", reason)])
    if since >= until:
        raise Invalid([Fault("datetime", "the end must lie after the start")])
    return [*edges, until]


def _turns(since: datetime, step: Step) -> Iterator[datetime]:
    """Turns of the calendar after a moment, without end."""
    turn = since.replace(minute=0, second=0, microsecond=0)
    if step is not Step.HOUR:
        turn = turn.replace(hour=0)
    if step is Step.WEEK:
        turn -= timedelta(days=turn.weekday())
    if step is Step.MONTH:
        turn = turn.replace(day=1)
    while True:
        turn = _next(turn, step)
        yield turn


def _next(turn: datetime, step: Step) -> datetime:
    if step is Step.MONTH:
        return (turn + timedelta(days=32)).replace(day=1)
    lengths = {Step.HOUR: timedelta(hours=1), Step.DAY: timedelta(days=1)}
    return turn + lengths.get(step, timedelta(weeks=1))
