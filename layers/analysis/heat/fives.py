"""Nothing over fewer than five people: persons are counted on a map in whole fives.

A cell counts the whole fives of its persons. The rest, at most four, is pooled with the rest of
the cells beside it, in squares of two by two, then of four by four cells; what fills a five there
is spread evenly over that square, what does not is left out. So every part of a surface of persons
stands for at least five of them, also when the kernel is undone; two frames or two questions that
differ by one person differ by nothing or by five; and the sum is kept but for at most four persons
in each square of four by four cells.

No right lifts this. Who may see persons opens the house; a heat map is looked at by others, hung
on a wall and exported.
"""

from __future__ import annotations

import numpy as np

from layers.analysis.heat.sums import Cells, joined, sum_by_cell
from layers.core.cells import Floats

LEAST = 5
POOLED = (2, 4)


def whole_fives(count: int) -> int:
    """The count rounded down to fives; zero for fewer than five."""
    return count // LEAST * LEAST


def in_fives(cells: Cells, count: Floats) -> tuple[Cells, Floats]:
    """The cells (frame, column, row) that stand for whole fives of persons, and for how many.

    Each cell is given once and answered at most once.
    """
    kept = [(cells, count - count % LEAST)]
    left = count % LEAST
    for side in POOLED:
        frame, column, row = cells
        squares, pooled = sum_by_cell((frame, column // side, row // side), left)
        kept.append(_spread(squares, pooled - pooled % LEAST, side))
        left = pooled % LEAST
        cells = (squares[0], squares[1] * side, squares[2] * side)
    every = joined([part for part, _ in kept])
    together, weight = sum_by_cell(every, np.concatenate([part for _, part in kept]))
    some = weight > 0
    return (together[0][some], together[1][some], together[2][some]), weight[some]


def _spread(squares: Cells, weight: Floats, side: int) -> tuple[Cells, Floats]:
    """The weight of each square in equal parts over its `side` by `side` cells."""
    some = weight > 0
    frame, column, row = (each[some] for each in squares)
    within = np.arange(side * side)
    spread = (
        np.repeat(frame, side * side),
        (column[:, None] * side + within % side).ravel(),
        (row[:, None] * side + within // side).ravel(),
    )
    return spread, np.repeat(weight[some] / (side * side), side * side)
