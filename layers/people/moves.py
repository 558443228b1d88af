"""Moving in and out by month, from the days on which residences began and ended."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
from sqlalchemy import Connection, text

from layers.core.small_cells import hide_tree

_MOVES = text(
    'SELECT code COLLATE "C" AS code, month, moved_in, moved_out '
    "FROM people.moves_by_area(:scope, :area, :digits, :starts)"
)


class Month(NamedTuple):
    """Residences begun and ended in a month, and how many lived there at its end.

    The last month ends with the day of the statistics. None is hidden.
    """

    month: date
    moved_in: int | None
    moved_out: int | None
    people: int | None


def months_until(day: date, count: int) -> list[date]:
    """The first days of as many months, the last that of the day; then the day after it."""
    last = day.year * 12 + day.month - 1
    starts = [date(month // 12, month % 12 + 1, 1) for month in range(last - count + 1, last + 1)]
    return [*starts, day + timedelta(days=1)]


def find_months(
    connection: Connection,
    area: str,
    starts: Sequence[date],
    people: int | None,
    guarded: Sequence[int] | None,
) -> Sequence[Month]:
    """Moves of an area in months, and its people at their ends, counted back from `people`.

    `guarded` are the digits on the way down to the area for who is not to see small numbers; then
    nothing is told of the ends of months, whose difference is who moved.
    """
    scope = area if guarded is None else ""
    values = {"scope": scope, "area": area, "digits": len(area), "starts": list(starts)}
    rows = connection.execute(_MOVES, values).all()
    codes = sorted({row.code for row in rows})
    moves = np.zeros((len(codes), len(starts) - 1, 2), dtype=np.int64)
    for row in rows:
        moves[codes.index(row.code), row.month - 1] = row.moved_in, row.moved_out
    inside = [place for place, code in enumerate(codes) if code.startswith(area)]
    told = moves[inside].sum(axis=0)
    if guarded is None:
        after = np.cumsum((told[:, 0] - told[:, 1])[::-1])[::-1]
        ends = [*after[1:].tolist(), 0]
        return [
            Month(start, int(came), int(went), None if people is None else people - end)
            for start, (came, went), end in zip(starts[:-1], told, ends, strict=True)
        ]
    hidden = [
        [_is_hidden(codes, moves[:, month, way], area, guarded) for way in (0, 1)]
        for month in range(len(starts) - 1)
    ]
    return [
        Month(
            start,
            None if is_hidden[0] else int(counts[0]),
            None if is_hidden[1] else int(counts[1]),
            None,
        )
        for start, counts, is_hidden in zip(starts[:-1], told, hidden, strict=True)
    ]


def _is_hidden(
    codes: Sequence[str],
    counts: "np.ndarray[tuple[int, ...], np.dtype[np.int64]]",
    area: str,
    guarded: Sequence[int],
) -> bool:
    found = hide_tree(codes, counts[:, None], guarded).of_area(area, guarded)
    return found is not None and found[1]
