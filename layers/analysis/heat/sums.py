"""Sums of numbers that fall into the same cell of the same frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from layers.core.cells import Floats, Ints

# Frame, column and row of each number.
Cells: TypeAlias = tuple[Ints, Ints, Ints]


def sum_by_cell(cells: Cells, values: Floats) -> tuple[Cells, Floats]:
    """Each cell once, in order, with the sum of its values."""
    order = np.lexsort(cells[::-1])
    frame, column, row = (each[order] for each in cells)
    if not len(order):
        return (frame, column, row), values
    fresh = np.ones(len(order), dtype=bool)
    fresh[1:] = (np.diff(frame) != 0) | (np.diff(column) != 0) | (np.diff(row) != 0)
    start = np.flatnonzero(fresh)
    return (frame[start], column[start], row[start]), np.add.reduceat(values[order], start)


def joined(parts: Sequence[Cells]) -> Cells:
    """The cells of all parts, one part after the other."""
    frame, column, row = (np.concatenate(each) for each in zip(*parts, strict=True))
    return frame, column, row
