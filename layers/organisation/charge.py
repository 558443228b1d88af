"""Who is in charge of which grid on a day, and which grids nobody is in charge of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection

from layers.core.errors import Forbidden
from layers.core.features import scope_sql
from layers.core.rights import Right
from layers.core.scope import Reader
from layers.organisation.assignment import MAIN_ROLES

MOST = 2_000


class Charge(NamedTuple):
    """One assignment with the names of both; `is_current` says that it holds on the day asked."""

    id: int
    row_version: int
    role: str
    valid_from: date
    valid_to: date | None
    note: str | None
    is_current: bool
    staff_id: int
    staff: str
    post: str
    phone: str | None
    grid_id: int
    grid_code: str | None
    grid: str


class Vacancy(NamedTuple):
    """A grid in force without chief or full-time worker.

    `since` is the day the post was last held until, None when it never was. `lon` and `lat`
    (CRS84) lie in the grid.
    """

    grid_id: int
    code: str
    name: str
    roles: Sequence[str]
    since: date | None
    lon: float
    lat: float


_HOLDS = (
    "a.valid_from <= coalesce(%(on)s::date, core.today()) "
    "AND (a.valid_to IS NULL OR a.valid_to > coalesce(%(on)s::date, core.today()))"
)
_CHARGES = f"""
SELECT a.id, a.row_version, a.role, a.valid_from, a.valid_to, a.note, {_HOLDS},
  s.id, s.name, s.post, s.phone, g.id, g.code, g.name
FROM organisation.assignment AS a
JOIN organisation.staff AS s ON s.id = a.staff_id JOIN territory.grid AS g ON g.id = a.grid_id
WHERE starts_with(a.area_code, %(area)s) AND {{scope}} AND (%(past)s OR {_HOLDS})
  AND (%(grid)s::bigint IS NULL OR g.id = %(grid)s)
  AND (%(staff)s::bigint IS NULL OR s.id = %(staff)s)
ORDER BY g.code, NOT {_HOLDS}, array_position(ARRAY['chief', 'worker', 'part_time'], a.role),
  a.valid_from DESC, a.id LIMIT {MOST}
"""
_VACANCIES = f"""
SELECT g.id, g.code, g.name, array_agg(post.role ORDER BY post.position),
  max((SELECT max(a.valid_to) FROM organisation.assignment AS a
    WHERE a.grid_id = g.id AND a.role = post.role)),
  ST_X(ST_PointOnSurface(g.geom)), ST_Y(ST_PointOnSurface(g.geom))
FROM territory.grid AS g
CROSS JOIN unnest(%(roles)s) WITH ORDINALITY AS post (role, position)
WHERE g.kind = 'governance' AND g.valid_to IS NULL AND starts_with(g.code, %(area)s) AND {{scope}}
  AND NOT EXISTS (SELECT FROM organisation.assignment AS a
    WHERE a.grid_id = g.id AND a.role = post.role AND {_HOLDS})
GROUP BY g.id ORDER BY g.code LIMIT {MOST}
"""


def find_charges(
    connection: Connection,
    reader: Reader,
    area: str = "",
    on: date | None = None,
    *,
    grid: int | None = None,
    staff: int | None = None,
    past: bool = False,
) -> list[Charge]:
    """Assignments in an area (prefix) that hold on a day (None: today), by grid and role.

    `past` adds those that held before or will hold later. At most 2,000.

    Raises: Forbidden without the right to see staff.
    """
    values = {"area": area, "on": on, "grid": grid, "staff": staff, "past": past}
    scope, bounds = scope_sql("a.area_code", _areas(reader), "area")
    statement = _CHARGES.format(scope=scope)
    return [Charge(*row) for row in connection.exec_driver_sql(statement, values | bounds)]


def find_vacancies(
    connection: Connection, reader: Reader, area: str = "", on: date | None = None
) -> list[Vacancy]:
    """Grids in force in an area (prefix) that lack a chief or a full-time worker on a day.

    Raises: Forbidden without the right to see staff.
    """
    scope, bounds = scope_sql("g.area_code", _areas(reader), "area")
    values = {"area": area, "on": on, "roles": list(MAIN_ROLES)} | bounds
    statement = _VACANCIES.format(scope=scope)
    return [Vacancy(*row) for row in connection.exec_driver_sql(statement, values)]


def _areas(reader: Reader) -> Sequence[str]:
    areas = reader.scope(Right.ORGANISATION_READ)
    if not areas:
        raise Forbidden(f"assignments need the right {Right.ORGANISATION_READ}")
    return areas
