"""Nothing over fewer than five: every part of a map of persons stands for at least five of them."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.analysis.heat.fives import LEAST, in_fives, whole_fives
from layers.analysis.heat.sums import Cells
from layers.core.cells import Floats

PERSONS = st.dictionaries(
    st.tuples(st.integers(0, 2), st.integers(0, 12), st.integers(0, 12)),
    st.integers(1, 40),
    max_size=25,
)
Counted = dict[tuple[int, int, int], int]


def answered(persons: Counted) -> dict[tuple[int, int, int], float]:
    cells, weight = in_fives(*_arrays(persons))
    places = list(zip(*(each.tolist() for each in cells), strict=True))
    assert len(places) == len(set(places))
    return dict(zip(places, weight.tolist(), strict=True))


def _arrays(persons: Counted) -> tuple[Cells, Floats]:
    places = np.array(list(persons), dtype=np.int64).reshape(-1, 3)
    count = np.array(list(persons.values()), dtype=np.float64)
    return (places[:, 0], places[:, 1], places[:, 2]), count


def _by_square(values: dict[tuple[int, int, int], float]) -> dict[tuple[int, int, int], float]:
    squares: dict[tuple[int, int, int], float] = defaultdict(float)
    for (frame, column, row), value in values.items():
        squares[frame, column // 4, row // 4] += value
    return squares


@given(PERSONS)
def test_each_square_is_told_in_whole_fives_of_its_own_people(persons: Counted) -> None:
    told = _by_square(answered(persons))
    held = _by_square({place: float(count) for place, count in persons.items()})
    assert set(told) <= set(held)
    for square, count in held.items():
        assert told.get(square, 0.0) == pytest.approx(count // LEAST * LEAST)


@given(PERSONS)
def test_fewer_than_five_in_a_neighbourhood_leave_no_trace(persons: Counted) -> None:
    few = dict.fromkeys(list(persons)[:4], 1)
    assert answered(few) == {}


@given(PERSONS)
def test_a_cell_alone_never_says_more_than_its_own_fives(persons: Counted) -> None:
    """What a single cell adds beyond the evenly spread rest is a multiple of five it does hold."""
    told = answered(persons)
    for place, value in told.items():
        own = persons.get(place, 0) // LEAST * LEAST
        rest = value - own
        # One five over four cells, and fives over sixteen: never the exact rest of one cell.
        assert rest == pytest.approx(round(rest * 16 / LEAST) * LEAST / 16)


@given(PERSONS, st.integers(0, 200))
def test_one_person_more_changes_nothing_or_five(persons: Counted, which: int) -> None:
    if not persons:
        return
    place = sorted(persons)[which % len(persons)]
    before = sum(answered(persons).values())
    after = sum(answered(persons | {place: persons[place] + 1}).values())
    assert after - before in (pytest.approx(0), pytest.approx(LEAST))


@given(st.integers(0, 10_000))
def test_totals_are_whole_fives(count: int) -> None:
    told = whole_fives(count)
    assert told % LEAST == 0
    assert 0 <= count - told < LEAST
