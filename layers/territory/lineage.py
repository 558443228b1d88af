"""Where a grid comes from and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection

from layers.core.errors import NotFound
from layers.core.rights import Right
from layers.core.scope import Reader


class Kin(NamedTuple):
    """A grid before or after another: how much of the old grid's land, and who lived there.

    `area` in square metres, `area_share` of the old grid; residents None without the right.
    """

    id: int
    code: str | None
    name: str
    valid_from: date | None
    valid_to: date | None
    plan_id: int
    area: float
    area_share: float
    buildings: int
    dwellings: int
    residents: int | None


_KIN = """
SELECT g.id, g.code, g.name, g.valid_from, g.valid_to, l.plan_id, l.area, l.area_share,
  l.buildings, l.dwellings, l.residents
FROM territory.grid_lineage AS l JOIN territory.grid AS g ON g.id = l.{other}
WHERE l.{own} = %(id)s ORDER BY l.area DESC, g.id
"""


def find_lineage(
    connection: Connection, reader: Reader, grid_id: int
) -> tuple[Sequence[Kin], Sequence[Kin]]:
    """The grids a grid was made of, and those it became; the larger part first.

    Raises: NotFound when it does not exist or lies outside the reader's areas.
    """
    code = connection.exec_driver_sql(
        "SELECT area_code FROM territory.grid WHERE id = %(id)s", {"id": grid_id}
    ).scalar_one_or_none()
    if code is None:
        raise NotFound(f"no grid {grid_id}")
    sees = reader.covers(Right.PEOPLE_READ, code)

    def kin(own: str, other: str) -> list[Kin]:
        rows = connection.exec_driver_sql(_KIN.format(own=own, other=other), {"id": grid_id})
        found = [Kin(*row) for row in rows]
        return found if sees else [each._replace(residents=None) for each in found]

    return kin("new_id", "old_id"), kin("old_id", "new_id")
