"""The persons that a number of the statistics counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from layers.core.errors import Forbidden
from layers.core.features import scope_sql
from layers.core.rights import Right
from layers.core.scope import Reader
from layers.people.figures import SEXES

UNKNOWN = "none"


@dataclass(frozen=True)
class Cell:
    """Which persons of an area: None leaves open, `UNKNOWN` wants those of whom it is not known.

    `age` is the least age in years; `below` the first that is too old.
    """

    area: str
    register: str | None = None
    sex: str | None = None
    age: int | str | None = None
    below: int | None = None

    def sql(self) -> tuple[str, dict[str, Any]]:
        """The condition on a person `p` (pyformat) and its values."""
        found, values = scope_sql("p.area_code", (self.area,), "cell_area")
        parts = [found]
        if self.register is not None:
            parts.append("p.register = %(register)s")
        if self.sex is not None:
            known = ", ".join(f"'{sex}'" for sex in SEXES)
            no_sex = f"(p.sex IS NULL OR p.sex NOT IN ({known}))"
            parts.append(no_sex if self.sex == UNKNOWN else "p.sex = %(sex)s")
        if self.age == UNKNOWN:
            parts.append("p.birth_date IS NULL")
        elif self.age is not None:
            # Nobody is younger than nought: who is born tomorrow counts among the youngest.
            is_open = self.age == 0
            parts.append(
                "p.birth_date IS NOT NULL" if is_open else f"p.birth_date <= {_ago('age')}"
            )
        if self.below is not None:
            parts.append(f"p.birth_date > {_ago('below')}")
        told = {"register": self.register, "sex": self.sex, "age": self.age, "below": self.below}
        return " AND ".join(parts), values | told


def find_persons(
    connection: Connection, reader: Reader, cell: Cell, after: int, limit: int
) -> Sequence[int]:
    """Ids of the persons of a cell by id, those after one id.

    Raises: Forbidden without the right to see persons.
    """
    where, values = _where(reader, cell)
    statement = (
        f"SELECT p.id FROM people.person AS p WHERE {where} AND p.id > %(after)s "
        "ORDER BY p.id LIMIT %(limit)s"
    )
    rows = connection.exec_driver_sql(statement, {**values, "after": after, "limit": limit})
    return [int(row[0]) for row in rows]


def count_persons(connection: Connection, reader: Reader, cell: Cell) -> int:
    """How many persons of a cell the reader may see; the same that the statistics count.

    Raises: Forbidden without the right to see persons.
    """
    where, values = _where(reader, cell)
    statement = f"SELECT count(*) FROM people.person AS p WHERE {where}"
    return int(connection.exec_driver_sql(statement, values).scalar_one())


def _where(reader: Reader, cell: Cell) -> tuple[str, dict[str, Any]]:
    areas = reader.scope(Right.PEOPLE_READ)
    if not areas:
        raise Forbidden(f"persons need the right {Right.PEOPLE_READ}")
    scope, scoped = scope_sql("p.area_code", areas, "people_area")
    where, values = cell.sql()
    return f"{scope} AND {where}", {**values, **scoped}


def _ago(name: str) -> str:
    return f"(core.today() - make_interval(years => %({name})s))::date"
