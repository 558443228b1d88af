"""How many belong to each area: by register, sex and age, without reading a person.

`people.population_figure` keeps one row for each area, register and sex. The database itself counts
a row again when a person is written (`population.sql`). Birth dates are kept in order, so that
ages are right on every day without a new count.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import Connection, Date, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from layers.core.cells import Ints
from layers.core.features import scope_sql
from layers.core.model import Base
from layers.people.figures import REGISTERS, SEXES

# Years of age at which a band of five years begins; the last is open.
AGES = tuple(range(0, 90, 5))
POPULATION = "people.population_figure"
NOT_KNOWN = ""


class PopulationFigure(Base):
    """Persons of one area, register and sex; kept by the database, never written by hand.

    `sex` is empty where it is not known. `born` lacks those whose birth date is not known.
    """

    __tablename__ = "population_figure"
    __table_args__ = ({"schema": "people"},)

    area_code: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)
    register: Mapped[str] = mapped_column(primary_key=True)
    sex: Mapped[str] = mapped_column(primary_key=True)
    people: Mapped[int]
    born: Mapped[list[date]] = mapped_column(ARRAY(Date()))


class Counted(NamedTuple):
    """Persons by row code (ascending), register, sex and age; the last age is not known.

    `counts` has an axis for each; those of `registers` not in the code table come after it.
    """

    codes: Sequence[str]
    registers: Sequence[str]
    counts: Ints


_ON = "coalesce(%(on)s::date, core.today())"
_OLDER = ", ".join(
    f"sum(width_bucket(cut.age_{age}, f.born))" if age else "sum(cardinality(f.born))"
    for age in AGES
)
_CUTS = ", ".join(f"({_ON} - interval '{age} years')::date AS age_{age}" for age in AGES)

_COUNTED = f"""
WITH cut AS MATERIALIZED (SELECT {_CUTS})
SELECT {{row}} COLLATE "C", {{register}}, {{sex}}, sum(f.people), {{ages}}
FROM {{source}} AS f, cut WHERE {{scope}} GROUP BY 1, 2, 3
"""
_ROW = "people.row_of(f.area_code, %(area)s, %(digits)s)"
_GROUP = """people.known_sex(p.sex) AS sex, count(*) AS people,
    coalesce(array_agg(p.birth_date ORDER BY p.birth_date)
      FILTER (WHERE p.birth_date IS NOT NULL), '{}') AS born"""

# Who has left for where the reader sees nobody is counted, and not described.
_LIVED = f"""(
  SELECT r.area_code, coalesce(p.register, '') AS register, {_GROUP}
  FROM people.residence AS r LEFT JOIN people.person AS p ON p.id = r.person_id
  WHERE (r.is_home OR r.valid_to IS NOT NULL)
    AND (r.valid_from IS NULL OR r.valid_from <= %(on)s::date)
    AND (r.valid_to IS NULL OR r.valid_to > %(on)s::date)
  GROUP BY 1, 2, 3
)"""
_HOUSED = f"""(
  SELECT p.area_code, coalesce(r.building_id::text, '') AS building, p.register, {_GROUP}
  FROM people.person AS p LEFT JOIN LATERAL (
    SELECT building_id FROM people.residence
    WHERE person_id = p.id AND is_home AND valid_to IS NULL ORDER BY id DESC LIMIT 1
  ) AS r ON TRUE
  GROUP BY 1, 2, 3, 4
)"""
_HOUSEHOLDS = text(
    'SELECT code COLLATE "C", households '
    "FROM people.households_by_area(:scope, :area, :digits) ORDER BY 1"
)
_HOUSEHOLDS_OF_BUILDINGS = text(
    "SELECT building_id::text, households FROM people.resident_figure "
    "WHERE starts_with(area_code, :area)"
)


def count_population(
    connection: Connection,
    area: str,
    digits: int,
    scope: Sequence[str],
    *,
    apart: Collection[str],
    on: date | None = None,
) -> Counted:
    """Persons in rows of `digits` within an area, and beside the way down to it within `scope`.

    On a day that is given: who lived there then, from the residences, by the ages of that day.
    `apart` names what is told apart (register, sex, age); the rest counts as not known.
    """
    source = _LIVED if on else POPULATION
    values = {"area": area, "digits": digits, "on": on}
    return _counted(connection, source, _ROW, scope, values, apart)


def count_in_buildings(connection: Connection, area: str, *, apart: Collection[str]) -> Counted:
    """Persons of an area by the id of the building of their home; empty for who has none."""
    values = {"on": None}
    return _counted(connection, _HOUSED, "f.building", (area,), values, apart)


def count_households(
    connection: Connection, scope: str, area: str, digits: int
) -> Mapping[str, int]:
    """Households by row code, in rows as those of `count_population`."""
    values = {"scope": scope, "area": area, "digits": digits}
    return {row[0]: int(row[1]) for row in connection.execute(_HOUSEHOLDS, values)}


def count_households_in_buildings(connection: Connection, area: str) -> Mapping[str, int]:
    """Households by the id of their building."""
    rows = connection.execute(_HOUSEHOLDS_OF_BUILDINGS, {"area": area})
    return {row[0]: int(row[1]) for row in rows}


def _counted(
    connection: Connection,
    source: str,
    row: str,
    scope: Sequence[str],
    values: Mapping[str, Any],
    apart: Collection[str],
) -> Counted:
    where, scoped = scope_sql("f.area_code", scope, "within")
    told = {name: f"f.{name}" if name in apart else "''" for name in ("register", "sex")}
    ages = _OLDER if "age" in apart else ", ".join("0" for _ in AGES)
    statement = _COUNTED.format(row=row, ages=ages, source=source, scope=where, **told)
    rows = connection.exec_driver_sql(statement, {**values, **scoped}).all()
    codes = sorted({row[0] for row in rows})
    registers = [*REGISTERS, *sorted({row[1] for row in rows}.difference(REGISTERS))]
    counts = np.zeros((len(codes), len(registers), len(SEXES) + 1, len(AGES) + 1), dtype=np.int64)
    if rows:
        places = {code: place for place, code in enumerate(codes)}
        at = (
            [places[each[0]] for each in rows],
            [registers.index(each[1]) for each in rows],
            [SEXES.index(each[2]) if each[2] in SEXES else len(SEXES) for each in rows],
        )
        people, *older = np.array([each[3:] for each in rows], dtype=np.int64).T
        inside = [first - second for first, second in pairwise(older)]
        counts[at] = np.array([*inside, older[-1], people - older[0]]).T
    return Counted(codes, registers, counts)


def recount_population(connection: Connection) -> None:
    """Counts every area anew, after rows came in with the triggers off."""
    connection.execute(text("SELECT people.recount_population()"))
    connection.exec_driver_sql(f"ANALYZE {POPULATION}")
