"""How many live in a set of buildings: by sex, age and register, without reading a person.

`people.resident_figure` keeps one row a building with anybody in it. The database itself counts
a building again when a residence or a person is written (`people.sql`), so the figures are those
of the rows. Birth dates are kept in order, so that ages are right on every day without a new count.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import BigInteger, Connection, Date, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from layers.core.database import Asks
from layers.core.errors import Forbidden
from layers.core.features import scope_sql
from layers.core.model import Base
from layers.core.rights import Right
from layers.core.scope import Reader

# Years of age at which a band begins: school at 6 and 15, of age at 18, old at 60 and 80.
AGE_BANDS = (0, 6, 15, 18, 35, 60, 80)
REGISTERS = ("POP-01", "POP-02", "POP-03", "POP-04")
SEXES = ("1", "2")
FIGURES = "people.resident_figure"


class ResidentFigure(Base):
    """Open residences of one building; kept by the database, never written by hand.

    `spot` is the building's point on surface, by which it also has its area. `elsewhere` counts
    residents whose person belongs to another area, such as a second home: who may see the building
    may not always see the person, so nothing else in the row covers them.
    """

    __tablename__ = "resident_figure"
    __table_args__ = (
        Index("resident_figure_area_index", "area_code", postgresql_include=["households"]),
        {"schema": "people"},
    )

    building_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    area_code: Mapped[str] = mapped_column(Text(collation="C"))
    spot: Mapped[WKBElement] = mapped_column(Geometry("POINT", srid=4326, spatial_index=True))
    residents: Mapped[int]
    households: Mapped[int]
    elsewhere: Mapped[int]
    men: Mapped[int]
    women: Mapped[int]
    registered: Mapped[int]
    floating: Mapped[int]
    overseas: Mapped[int]
    unregistered: Mapped[int]
    men_born: Mapped[list[date]] = mapped_column(ARRAY(Date()))
    women_born: Mapped[list[date]] = mapped_column(ARRAY(Date()))
    others_born: Mapped[list[date]] = mapped_column(ARRAY(Date()))


class LivesElsewhere(Base):
    """An open residence whose person belongs to another area, such as a second home.

    Kept by the database with the figures. All others belong where they live, so that who may see a
    residence may see the person, and a question of an area need not read the persons to count them.
    """

    __tablename__ = "lives_elsewhere"
    __table_args__ = (
        Index("lives_elsewhere_building_index", "building_id"),
        {"schema": "people"},
    )

    residence_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    building_id: Mapped[int] = mapped_column(BigInteger)
    area_code: Mapped[str] = mapped_column(Text(collation="C"))
    person_area: Mapped[str] = mapped_column(Text(collation="C"))


class AgeBand(NamedTuple):
    """Residents from `age` years up to the next band, all of them and by sex where it is known."""

    age: int
    residents: int
    men: int
    women: int


class ResidentFigures(NamedTuple):
    """Who lives in a set of buildings now.

    `residents` and `households` count every open residence. Sex, register and age cover those
    whose person the reader may see; what is missing to `residents` is unknown.
    """

    buildings: int
    residents: int
    households: int
    sexes: Mapping[str, int]
    registers: Mapping[str, int]
    ages: tuple[AgeBand, ...]


_COUNTED = ("men", "women", "registered", "floating", "overseas", "unregistered")
_BORN = {
    "men_born": "p.sex = '1'",
    "women_born": "p.sex = '2'",
    "others_born": "(p.sex IS NULL OR p.sex NOT IN ('1', '2'))",
}


def _kept() -> str:
    """Sums over the rows kept: as many are of an age as bisecting the sorted births finds."""
    older = (
        f"sum(width_bucket(cut.age_{age}, f.{born}))" if age else f"sum(cardinality(f.{born}))"
        for born in _BORN
        for age in AGE_BANDS
    )
    return ", ".join((*(f"sum(f.{name})" for name in _COUNTED), *older))


def _read() -> str:
    """The same sums over persons themselves."""
    sexes = (f"p.sex = '{code}'" for code in SEXES)
    registers = (f"p.register = '{code}'" for code in REGISTERS)
    older = (
        f"{sex} AND p.birth_date <= cut.age_{age}" if age else f"{sex} AND p.birth_date IS NOT NULL"
        for sex in _BORN.values()
        for age in AGE_BANDS
    )
    conditions = (*sexes, *registers, *older)
    return ", ".join(f"count(*) FILTER (WHERE {condition})" for condition in conditions)


_CUTS = ", ".join(
    f"((SELECT core.today()) - interval '{age} years')::date AS age_{age}" for age in AGE_BANDS
)

_FIGURES = f"""
WITH cut AS MATERIALIZED (SELECT {_CUTS}), {{before}}
found AS MATERIALIZED (
  SELECT f.* FROM people.resident_figure AS f WHERE {{scope}} AND {{where}}
), kept AS (
  SELECT ARRAY[count(*), sum(f.residents), sum(f.households)] AS totals, ARRAY[{_kept()}] AS sums
  FROM found AS f, cut
), away AS (
  SELECT ARRAY[{_read()}] AS sums
  FROM found AS f JOIN people.residence AS r
    ON r.building_id = f.building_id AND r.valid_to IS NULL
  JOIN people.person AS p ON p.id = r.person_id AND p.area_code <> r.area_code, cut
  WHERE f.elsewhere > 0
)
SELECT kept.totals, kept.sums, away.sums FROM kept, away
"""


def find_resident_figures(
    connection: Asks, reader: Reader, where: str, values: Mapping[str, Any], before: str = ""
) -> ResidentFigures:
    """Who lives in the buildings for which `where` (pyformat) holds of their row `f`.

    `before` are common table expressions that `where` needs, each ending in a comma.

    Raises: Forbidden without the right to see persons.
    """
    areas = reader.scope(Right.PEOPLE_READ)
    if not areas:
        raise Forbidden(f"residents need the right {Right.PEOPLE_READ}")
    scope, scoped = scope_sql("f.area_code", areas, "people_area")
    statement = _FIGURES.format(before=before, scope=scope, where=where)
    totals, kept, away = next(iter(connection.exec_driver_sql(statement, {**values, **scoped})))
    sums = [int(a or 0) + int(b or 0) for a, b in zip(kept, away, strict=True)]
    buildings, residents, households = (int(total or 0) for total in totals)
    bands = sums[len(SEXES) + len(REGISTERS) :]
    return ResidentFigures(
        buildings=buildings,
        residents=residents,
        households=households,
        sexes=dict(zip(SEXES, sums, strict=False)),
        registers=dict(zip(REGISTERS, sums[len(SEXES) :], strict=False)),
        ages=_ages(bands),
    )


def _ages(older: list[int]) -> tuple[AgeBand, ...]:
    """Bands from how many men, then women, then others are at least of each age."""
    width = len(AGE_BANDS)
    by_sex = [older[start : start + width] for start in range(0, len(older), width)]
    inside = [
        [first - second for first, second in zip(row, [*row[1:], 0], strict=True)] for row in by_sex
    ]
    return tuple(
        AgeBand(age, men + women + others, men, women)
        for age, men, women, others in zip(AGE_BANDS, *inside, strict=True)
    )


def recount_residents(connection: Connection) -> None:
    """Counts every building anew, after rows came in with the triggers off."""
    connection.execute(text("SELECT people.recount_residents()"))
    connection.exec_driver_sql(f"ANALYZE {FIGURES}")
