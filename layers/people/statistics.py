"""Statistics of the population: how many in each area below one, of which register, sex and age.

Who may see persons everywhere in what is asked for gets the exact numbers. Everybody else who sees
the areas gets the same tables with small cells hidden (`layers/core/small_cells.py`).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from sqlalchemy import Connection

from layers.core.errors import Fault, Forbidden, Invalid
from layers.core.rights import Right
from layers.core.scope import Reader
from layers.core.small_cells import hide_tree
from layers.people.category_table import CATEGORIES, Column, make_table
from layers.people.moves import Month, find_months
from layers.people.population import (
    Counted,
    count_households,
    count_households_in_buildings,
    count_in_buildings,
    count_population,
)

# Digits of the codes of areas within areas, and of the governance grids in them.
DIGITS: Mapping[str, int] = {
    "province": 2,
    "city": 4,
    "county": 6,
    "street": 9,
    "community": 12,
    "grid": 14,
}
BUILDING = "building"
LEVELS = (*DIGITS, BUILDING)


@dataclass(frozen=True)
class Row:
    """One area or building; None is hidden or not known. `cells` has a number for each column."""

    code: str
    people: int | None
    households: int | None
    cells: Sequence[int | None]


@dataclass(frozen=True)
class Statistics:
    """A table whose rows add up to the total, and the cells of each row to its people.

    `columns` tell what the cells count; None in them stands for what is not known. Where not
    `is_exact`, small cells are hidden, and others by which they could be told.
    """

    is_exact: bool
    columns: Sequence[Column]
    total: Row
    rows: Sequence[Row]
    months: Sequence[Month]


@dataclass(frozen=True)
class _Asked:
    area: str
    level: str | None
    scope: Sequence[str]
    is_exact: bool

    @property
    def digits(self) -> int:
        """Digits of the codes of the rows."""
        return DIGITS.get(self.level or "", len(self.area))

    def guarded(self, digits: int) -> Sequence[int] | None:
        """Where codes of so many digits are cut on the way down, for who sees no small cells."""
        return None if self.is_exact else [each for each in DIGITS.values() if each <= digits]


def find_population(
    connection: Connection,
    reader: Reader,
    area: str,
    by: Collection[str] = (),
    *,
    on: date | None = None,
    months: Sequence[date] = (),
) -> Statistics:
    """Persons of an area by one of `LEVELS` below it and by `CATEGORIES`, now or on a day.

    `months` are the first days of months to tell the moves of, then the day after the last.

    Raises: Invalid for what is no level or category, or for buildings on another day; Forbidden
    for who sees no areas. Who may not see the persons gets no table by building and none of another
    day: two tables that differ by one person would tell of that person.
    """
    asked = _asked(reader, area, _level(area, by))
    if not asked.is_exact and (on is not None or asked.level == BUILDING):
        raise Forbidden(f"this needs the right {Right.PEOPLE_READ} in all of the area")
    if on is not None and asked.level == BUILDING:
        raise Invalid([Fault("by", "buildings are told of today only; leave `on` out")])
    counted = _count(connection, asked, by, on)
    is_by_building = asked.level == BUILDING
    table = make_table(counted, by, "" if is_by_building else area, asked.guarded(asked.digits))
    homes, all_homes = ({}, None) if on else _households(connection, asked)
    rows = [
        Row(code, people, None if on else homes.get(code, 0), cells)
        for code, people, cells in zip(table.codes, table.people, table.cells, strict=True)
    ]
    told: Sequence[Month] = ()
    if months:
        guarded = asked.guarded(len(area))
        told = find_months(connection, area, months, table.whole_people, guarded)
    return Statistics(
        asked.is_exact,
        table.columns,
        Row(area, table.whole_people, all_homes, table.whole_cells),
        rows if asked.level else (),
        told,
    )


def _level(area: str, by: Collection[str]) -> str | None:
    """The level of the rows, None for the total alone."""
    unknown = [each for each in by if each not in (*LEVELS, *CATEGORIES)]
    levels = [each for each in by if each in LEVELS]
    level = levels[0] if levels else None
    if unknown:
        reason = f"no such level or category: {', '.join(unknown)}"
    elif len(levels) > 1:
        reason = "one level at a time"
    elif len(set(by)) < len(by) or {"age", "age_group"} <= set(by):
        reason = "each category once, ages in one kind of bands"
    elif level and level != BUILDING and DIGITS[level] <= len(area):
        reason = f"{level} is not below {area}"
    elif level == BUILDING and len(area) != DIGITS["grid"]:
        reason = "buildings are told of one grid"
    elif level != BUILDING and area and len(area) not in DIGITS.values():
        reason = f"{area} is no area"
    else:
        return level
    raise Invalid([Fault("by", reason)])


def _asked(reader: Reader, area: str, level: str | None) -> _Asked:
    scope = reader.scope(Right.BASE_READ)
    seen = [max(area, each, key=len) for each in scope if _meet(area, each)]
    if not seen:
        raise Forbidden(f"areas need the right {Right.BASE_READ}")
    is_exact = all(reader.covers(Right.PEOPLE_READ, each) for each in seen)
    return _Asked(area, level, seen if is_exact else scope, is_exact)


def _meet(area: str, other: str) -> bool:
    return area.startswith(other) or other.startswith(area)


def _count(connection: Connection, asked: _Asked, by: Collection[str], on: date | None) -> Counted:
    apart = {"age" if each == "age_group" else each for each in by}
    if asked.level == BUILDING:
        return count_in_buildings(connection, asked.area, apart=apart)
    return count_population(connection, asked.area, asked.digits, asked.scope, apart=apart, on=on)


def _households(
    connection: Connection, asked: _Asked
) -> tuple[Mapping[str, int | None], int | None]:
    """Households of the rows and of the area; None where hidden."""
    area = asked.area
    if asked.level == BUILDING:
        found = count_households_in_buildings(connection, area)
        return found, sum(found.values())
    guarded = asked.guarded(asked.digits)
    scope = area if guarded is None else ""
    counts = count_households(connection, scope, area, asked.digits)
    inside = {code: count for code, count in counts.items() if code.startswith(area)}
    if guarded is None:
        return inside, sum(inside.values())
    codes = sorted(counts)
    column = np.array([[counts[code]] for code in codes], dtype=np.int64).reshape(-1, 1)
    hidden = hide_tree(codes, column, guarded)
    lost = {code for code, is_lost in zip(codes, hidden.rows, strict=True) if is_lost}
    whole = hidden.of_area(area, guarded)
    return (
        {code: None if code in lost else count for code, count in inside.items()},
        None if whole and whole[1] else sum(inside.values()),
    )
