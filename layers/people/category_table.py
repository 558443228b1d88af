"""Counts of persons as a table: which columns it has, what is hidden of it. Pure functions."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from layers.core.cells import Ints
from layers.core.small_cells import hide_tree
from layers.people.figures import SEXES
from layers.people.population import AGES, Counted

# Years of age at which a broad band begins: schooled, working, old, very old.
BROAD_AGES = (0, 15, 60, 80)
CATEGORIES = ("register", "sex", "age", "age_group")
# Tables by two kinds of category at once tell cells that the tables by each of them hide.
MOST_GUARDED = 1

Column = Mapping[str, str | int | None]
Cells = list[int | None]


@dataclass(frozen=True)
class Table:
    """Persons of rows and of all of them, None where hidden; `cells` has one for each column."""

    codes: Sequence[str]
    columns: Sequence[Column]
    people: Cells
    cells: Sequence[Cells]
    whole_people: int | None
    whole_cells: Cells


def make_table(
    counted: Counted, by: Collection[str], area: str, guarded: Sequence[int] | None
) -> Table:
    """The rows of an area by categories.

    `guarded` are the digits at which codes are cut on the way from the whole down to the rows,
    for who is not to see small cells; None for the exact numbers.
    """
    counts = counted.counts.sum(axis=_left_out(by))
    people = counted.counts.sum(axis=(1, 2, 3))
    hidden = np.zeros(counts.shape, dtype=bool)
    hidden_people = np.zeros(len(people), dtype=bool)
    inside = [place for place, code in enumerate(counted.codes) if code.startswith(area)]
    if guarded is None:
        inside = list(range(len(counted.codes)))
    whole = counts[inside].sum(axis=0)
    hidden_whole = np.zeros(whole.shape, dtype=bool)
    is_lost = False
    if guarded is not None:
        tree = hide_tree(counted.codes, people[:, None], guarded)
        hidden_people = tree.rows
        _, is_lost = tree.of_area(area, guarded) or (None, False)
        if counts.ndim - 1 > MOST_GUARDED:
            hidden, hidden_whole = ~hidden, ~hidden_whole
        elif counts.ndim > 1:
            finer = hide_tree(counted.codes, counts, guarded)
            hidden = finer.cells
            hidden_whole, _ = finer.of_area(area, guarded) or (hidden_whole, False)
    columns, kept = _columns(counted, by, whole)
    is_broad = "age_group" in by
    told = [_cells(np.where(hidden[place], -1, counts[place]), is_broad, kept) for place in inside]
    return Table(
        [counted.codes[place] for place in inside],
        columns,
        [None if hidden_people[place] else int(people[place]) for place in inside],
        told,
        None if is_lost else int(people[inside].sum()),
        _cells(np.where(hidden_whole, -1, whole), is_broad, kept),
    )


def _left_out(by: Collection[str]) -> tuple[int, ...]:
    axes = (("register",), ("sex",), ("age", "age_group"))
    return tuple(n for n, names in enumerate(axes, 1) if not set(names) & set(by))


def _columns(
    counted: Counted, by: Collection[str], whole: Ints
) -> tuple[Sequence[Column], Sequence[int]]:
    """The columns and their places: what is not known is left out where there is nobody of it."""
    names: list[tuple[str, Sequence[str | int | None]]] = []
    if "register" in by:
        names.append(("register", [each or None for each in counted.registers]))
    if "sex" in by:
        names.append(("sex", [*SEXES, None]))
    if "age" in by:
        names.append(("age", [*AGES, None]))
    if "age_group" in by:
        names.append(("age_group", [*BROAD_AGES, None]))
    if not names:
        return [], []
    shape = [len(values) for _, values in names]
    summed = _broad(whole) if "age_group" in by else whole
    columns: list[Column] = []
    kept: list[int] = []
    for number, place in enumerate(np.ndindex(*shape)):
        column = {name: values[at] for (name, values), at in zip(names, place, strict=True)}
        if summed[place] or None not in column.values():
            columns.append(column)
            kept.append(number)
    return columns, kept


def _cells(counts: Ints, is_broad: bool, kept: Sequence[int]) -> Cells:
    told = (_broad(counts) if is_broad else counts).ravel()
    return [None if count < 0 else count for count in told[list(kept)].tolist()] if kept else []


def _broad(counts: Ints) -> Ints:
    """Ages in broad bands; a band of which one part is hidden (-1) is hidden."""
    starts = [AGES.index(age) for age in BROAD_AGES] + [len(AGES)]
    ends = [*starts[1:], len(AGES) + 1]
    bands = [counts[..., start:end] for start, end in zip(starts, ends, strict=True)]
    return np.stack(
        [np.where((band < 0).any(axis=-1), -1, band.sum(axis=-1)) for band in bands], axis=-1
    )
