"""Small cells: counts of one to four persons are hidden, and what they could be told from.

A table has areas as rows and one kind of category as columns; its sums along both are published.
A hidden cell could be told by subtraction if it stood alone in its row or column. So each small
cell is hidden with the corners of a box: cells that differ from it along both axes. One person
more in it, one fewer beside it and so on around the box leaves every sum as it is, so another
table answers all that is published. The least persons are hidden that will do.

By one kind of category only: a person moved from one register to another stays of the same sex and
age, so tables by different kinds tell nothing of each other. A table by two kinds at once would,
with the tables by each of them, tell cells although all of it were hidden but one level.

Areas hold areas, so tables hang together. Three rules keep one from telling what another hides:
tables are gone through from the whole downwards, always from the same top; a category hidden of an
area is hidden of every area in it; an area of one to four persons is hidden whole, with all below
it, and so is the smallest beside it. What is hidden then depends on the rows alone, not on which
part of them is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]

LEAST = 5
_NEVER = np.int64(1) << 40
# A cell of nobody tells little by being there, and a lot by being missing among others.
_COST_OF_NOBODY = 1000


@dataclass(frozen=True)
class Hidden:
    """What is hidden of the rows of a tree, and of the areas that hold them by their code."""

    cells: Bools
    rows: Bools
    areas: dict[tuple[int, str], tuple[Bools, bool]]

    def of_area(self, code: str, digits: Sequence[int]) -> tuple[Bools, bool] | None:
        """The cells hidden of an area above the rows, and whether all; None where nobody is."""
        return self.areas.get((sum(each <= len(code) for each in digits), code))


def is_small(counts: Ints) -> Bools:
    """Which counts stand for one to four persons."""
    found: Bools = (counts > 0) & (counts < LEAST)
    return found


def hide_line(counts: Ints) -> Bools:
    """What to hide of counts whose sum is published, so that what is hidden is five at least.

    A single count that is not zero is its sum, and is never hidden for the sake of others.
    """
    hidden = is_small(counts)
    if not hidden.any():
        return hidden
    for place in np.argsort(counts, kind="stable"):
        if counts[hidden].sum() >= LEAST and np.count_nonzero(hidden) > 1:
            break
        hidden[place] |= counts[place] > 0
    return hidden


def _hide_table(counts: Ints, given: Bools) -> Bools:
    """What to hide of a table whose sums along both axes are published; `given` is hidden already.

    Where no box can be found (cells of nobody stand in the way), all of the table is hidden.
    """
    hidden, safe = given.copy(), given.copy()
    for place in map(tuple, np.argwhere(is_small(counts) & ~given).tolist()):
        if not safe[place] and not _hide_box(counts, hidden, safe, place):
            return np.ones_like(given)
    _strengthen(counts, hidden, safe)
    return hidden


def hide_tree(keys: Sequence[str], counts: Ints, digits: Sequence[int]) -> Hidden:
    """What to hide of rows in areas within areas: `keys` are codes, cut at each of `digits`.

    `counts` has a row for each key and a column for each category.
    """
    return _Tree(keys, counts, digits).hidden()


class _Tree:
    """The walk from the whole to the rows."""

    def __init__(self, keys: Sequence[str], counts: Ints, digits: Sequence[int]) -> None:
        self._keys = keys
        self._counts = counts
        self._digits = digits
        self._cells = np.zeros(counts.shape, dtype=bool)
        self._rows = np.zeros(len(keys), dtype=bool)
        self._areas: dict[tuple[int, str], tuple[Bools, bool]] = {}

    def hidden(self) -> Hidden:
        every = np.arange(len(self._keys))
        whole = self._counts.sum(axis=0)
        is_lost = bool(is_small(whole.sum()))
        cells = np.full(whole.shape, True) if is_lost else hide_line(whole)
        self._walk("", every, 0, cells, is_lost)
        return Hidden(self._cells, self._rows, self._areas)

    def _walk(self, code: str, rows: Ints, depth: int, cells: Bools, is_lost: bool) -> None:
        self._areas[depth, code] = (cells, is_lost)
        if depth == len(self._digits):
            self._cells[rows], self._rows[rows] = cells, is_lost
            return
        names: dict[str, list[int]] = {}
        for row in rows.tolist():
            names.setdefault(self._keys[row][: self._digits[depth]], []).append(row)
        places = [np.array(each) for each in names.values()]
        table = np.array([self._counts[each].sum(axis=0) for each in places])
        below, lost = _below(table, cells, is_lost)
        for number, (name, place) in enumerate(zip(names, places, strict=True)):
            self._walk(name, place, depth + 1, below[number], bool(lost[number]))


def _below(table: Ints, cells: Bools, is_lost: bool) -> tuple[Bools, Bools]:
    """What is hidden of the areas in one: a mask for each, and which are hidden whole."""
    sums = table.sum(axis=1)
    peopled = sums > 0
    given = np.zeros(table.shape, dtype=bool) | cells
    if is_lost:
        return given | True, np.ones(len(table), dtype=bool)
    if np.count_nonzero(peopled) < 2:
        given[~peopled] = False
        return given, np.zeros(len(table), dtype=bool)
    lost = hide_line(sums)
    given |= lost[:, None]
    given[~peopled] = False
    return _hide_table(table, given), lost


def _strengthen(counts: Ints, hidden: Bools, safe: Bools) -> None:
    """Hides more in lines whose hidden cells are one to four together: that sum can be told."""
    for axis in range(counts.ndim):
        together = np.where(hidden, counts, 0).sum(axis=axis, keepdims=True)
        for start in np.argwhere(is_small(together)).tolist():
            line = [(*start[:axis], at, *start[axis + 1 :]) for at in range(counts.shape[axis])]
            for place in sorted(line, key=lambda each: int(counts[each])):
                if not 0 < sum(int(counts[each]) for each in line if hidden[each]) < LEAST:
                    break
                if counts[place] and not hidden[place]:
                    _hide_box(counts, hidden, safe, place)


def _hide_box(counts: Ints, hidden: Bools, safe: Bools, place: tuple[int, ...]) -> bool:
    """Hides a cell and the corners of its cheapest box; false when there is none."""
    row, column = place
    price = np.where(hidden, 0, np.where(counts > 0, counts, _COST_OF_NOBODY))
    # The corners beside the cell lose a person where it gains one.
    beside = price + np.where(counts > 0, 0, _NEVER)
    cost = price + beside[:, [column]] + beside[[row], :]
    cost[row, :] = cost[:, column] = _NEVER
    across, down = divmod(int(cost.argmin()), cost.shape[1])
    if cost[across, down] >= _NEVER:
        return False
    for corner in ((row, column), (row, down), (across, column), (across, down)):
        hidden[corner] = safe[corner] = True
    return True
