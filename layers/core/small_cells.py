"""Small cells: counts of one to four persons are hidden, and what they could be told from.

A table has areas as rows and categories as further axes; its sums along every axis are published.
A hidden cell could be told by subtraction if it stood alone in its row or column. So each small
cell is hidden with the corners of a box: cells that differ from it along every axis. One person
more in it, one fewer in its neighbours and so on around the box leaves every sum as it is, so
another table answers all that is published. The least persons are hidden that will do.

Areas hold areas, so tables hang together. Three rules keep one from telling what another hides:
tables are gone through from the whole downwards, always from the same top; a category hidden of an
area is hidden of every area in it; an area of one to four persons is hidden whole, with all below
it, and so is the smallest beside it. What is hidden then depends on the rows alone, not on which
part of them is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
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


def hide_table(counts: Ints, given: Bools) -> Bools:
    """What to hide of a table whose sums along every axis are published; `given` is hidden already.

    Where no box can be found (cells of nobody stand in the way), all of the table is hidden.
    """
    if counts.ndim == 1:
        return hide_line(counts) | given
    hidden, safe = given.copy(), given.copy()
    for place in map(tuple, np.argwhere(is_small(counts) & ~given).tolist()):
        if not safe[place] and not _hide_box(counts, hidden, safe, place):
            return np.ones_like(given)
    _strengthen(counts, hidden, safe)
    return hidden


def hide_tree(keys: Sequence[str], counts: Ints, digits: Sequence[int]) -> Hidden:
    """What to hide of rows in areas within areas: `keys` are codes, cut at each of `digits`.

    `counts` has a row for each key and an axis for each kind of category.
    """
    kinds = counts.ndim - 1
    if kinds > 1:
        single = [_margin(counts, axis) for axis in range(1, counts.ndim)]
        given = [_Tree(keys, each, digits).hidden() for each in single]
        return _Tree(keys, counts, digits, given).hidden()
    return _Tree(keys, counts, digits).hidden()


class _Tree:
    """The walk from the whole to the rows; `given` is what single categories have hidden."""

    def __init__(
        self, keys: Sequence[str], counts: Ints, digits: Sequence[int], given: Sequence[Hidden] = ()
    ) -> None:
        self._keys = keys
        self._counts = counts
        self._digits = digits
        self._given = given
        self._cells = np.zeros(counts.shape, dtype=bool)
        self._rows = np.zeros(len(keys), dtype=bool)
        self._areas: dict[tuple[int, str], tuple[Bools, bool]] = {}

    def hidden(self) -> Hidden:
        every = np.arange(len(self._keys))
        whole = self._counts.sum(axis=0)
        is_lost = bool(is_small(whole.sum()))
        cells = (
            np.full(whole.shape, True) if is_lost else hide_table(whole, self._known(0, "", whole))
        )
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
        below, lost = self._below(depth + 1, list(names), table, cells, is_lost)
        for number, (name, place) in enumerate(zip(names, places, strict=True)):
            self._walk(name, place, depth + 1, below[number], bool(lost[number]))

    def _below(
        self, depth: int, names: Sequence[str], table: Ints, cells: Bools, is_lost: bool
    ) -> tuple[Bools, Bools]:
        """What is hidden of the areas in one: a mask for each, and which are hidden whole."""
        sums = table.reshape(len(table), -1).sum(axis=1)
        peopled = sums > 0
        given = np.zeros(table.shape, dtype=bool) | cells
        if is_lost:
            return given | True, np.ones(len(table), dtype=bool)
        if np.count_nonzero(peopled) < 2:
            given[~peopled] = False
            return given, np.zeros(len(table), dtype=bool)
        lost = hide_line(sums)
        for number, name in enumerate(names):
            given[number] |= self._known(depth, name, table[number]) | lost[number]
        given[~peopled] = False
        return hide_table(table, given), lost

    def _known(self, depth: int, code: str, table: Ints) -> Bools:
        """Cells of a category that is hidden by itself already."""
        cells = np.zeros(table.shape, dtype=bool)
        for axis, single in enumerate(self._given):
            hidden, _ = single.areas[depth, code]
            cells |= np.expand_dims(hidden, tuple(i for i in range(table.ndim) if i != axis))
        return cells


def _margin(counts: Ints, axis: int) -> Ints:
    others = tuple(i for i in range(1, counts.ndim) if i != axis)
    found: Ints = counts.sum(axis=others)
    return found


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
    cost = np.zeros(counts.shape, dtype=np.int64)
    price = np.where(hidden, 0, np.where(counts > 0, counts, _COST_OF_NOBODY))
    for flipped in product((False, True), repeat=counts.ndim):
        if not any(flipped):
            continue
        corner = tuple(
            slice(None) if flip else slice(at, at + 1)
            for flip, at in zip(flipped, place, strict=True)
        )
        cost += price[corner]
        if sum(flipped) % 2:  # loses a person where the cell itself gains one
            cost += np.where(counts[corner] > 0, 0, _NEVER)
    for axis, at in enumerate(place):
        cost[tuple(at if i == axis else slice(None) for i in range(counts.ndim))] = _NEVER
    opposite = np.unravel_index(int(cost.argmin()), cost.shape)
    if cost[opposite] >= _NEVER:
        return False
    pairs = [(at, int(other)) for at, other in zip(place, opposite, strict=True)]
    for corner_place in product(*pairs):
        hidden[corner_place] = safe[corner_place] = True
    return True
