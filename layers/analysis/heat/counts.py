"""How many places lie in each cell in each frame, counted by the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from layers.analysis.heat.places import Selection
from layers.analysis.heat.sums import Cells, sum_by_cell
from layers.core.calendar import CHINA
from layers.core.cells import Floats, Ints, columns_and_rows, parent_mask
from layers.core.database import Asks

Edges = Sequence[datetime | None]

_RECORD = np.dtype(
    [("cell", ">i8"), ("first", ">i4"), ("last", ">i4"), ("count", ">i4"), ("weight", ">f8")]
)
# One value in place of thousands of rows: the numbers go straight into an array.
_COUNTS = """
SELECT string_agg(
  int8send(cell) || int4send(first) || int4send(last) || int4send(count) || float8send(weight), ''
) FROM (
  SELECT {cell} & %(mask)s AS cell, {first} AS first, {last} AS last,
    ({count})::integer AS count, ({weight})::float8 AS weight
  FROM {source} WHERE {where} GROUP BY 1, 2, 3
) AS counted
"""


@dataclass(frozen=True)
class Counts:
    """Each (frame, column, row) once, with how many places and which weight it holds."""

    cells: Cells
    count: Floats
    weight: Floats


def count_places(connection: Asks, selection: Selection, level: int, edges: Edges) -> Counts:
    """Counts in tiles of the zoom `level`; frames lie between neighbouring `edges`."""
    frames = len(edges) - 1
    first, last, values = _frame_sql(selection, edges)
    statement = _COUNTS.format(
        cell=selection.cell,
        first=first,
        last=last,
        count=selection.count,
        weight=selection.weight,
        source=selection.source,
        where=selection.where,
    )
    values |= {**selection.values, "mask": parent_mask(level)}
    (found,) = next(iter(connection.exec_driver_sql(statement, values)))
    records = np.frombuffer(bytes(found or b""), dtype=_RECORD)
    column, row = columns_and_rows(records["cell"].astype(np.int64), level)
    count, weight = records["count"].astype(np.float64), records["weight"].astype(np.float64)
    if selection.lives is None:
        return Counts((records["first"].astype(np.int64), column, row), count, weight)
    return _lived(records["first"], np.minimum(records["last"], frames), column, row, count)


def _frame_sql(selection: Selection, edges: Edges) -> tuple[str, str, dict[str, Any]]:
    """SQL of the first frame a row counts in and of the first after, and their values."""
    if selection.lives is not None:
        start, end = selection.lives
        days = [_last_day(edge) for edge in edges[1:] if edge is not None]
        return (
            f"coalesce(width_bucket({start} - 1, %(days)s::date[]), 0)",
            f"coalesce(width_bucket({end} - 1, %(days)s::date[]), {len(days)})",
            {"days": days},
        )
    if len(edges) > 2:
        return (
            f"width_bucket({selection.time}, %(edges)s::timestamptz[]) - 1",
            "0",
            {"edges": edges},
        )
    return "0", "0", {}


def _last_day(until: datetime) -> date:
    """The day in China that a time which ends then still holds."""
    return (until - timedelta(microseconds=1)).astimezone(CHINA).date()


def _lived(first: Ints, after: Ints, column: Ints, row: Ints, count: Floats) -> Counts:
    """Who lives in a cell counts in every frame of the stay."""
    length = np.maximum(after - first, 0).astype(np.int64)
    start = np.repeat(np.cumsum(length) - length, length)
    frame = np.repeat(first.astype(np.int64), length) + np.arange(length.sum()) - start
    cells = (frame, np.repeat(column, length), np.repeat(row, length))
    together, summed = sum_by_cell(cells, np.repeat(count, length))
    return Counts(together, summed, summed)
