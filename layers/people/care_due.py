"""Care that is due: visits and reviews of care records, the longest overdue first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection

from layers.core.errors import Forbidden
from layers.core.features import scope_sql
from layers.core.rights import Right
from layers.core.scope import Reader

DueKind = Literal["visit", "review"]
DUE_KINDS: tuple[DueKind, ...] = ("visit", "review")

# A record never visited is due one interval after it begins, and at once where that is not known.
_DUE_ON = {
    "visit": "coalesce(c.last_visit + c.visit_interval, c.valid_from + c.visit_interval, "
    "core.today())",
    "review": "c.review_date",
}
_DUE = """
SELECT c.id, c.person_id, p.name AS person_name, c.care_group, c.responsible, c.area_code,
  c.last_visit, c.visit_interval, c.review_date, due.on_day AS due_on,
  core.today() - due.on_day AS days_overdue, h.building_id, h.dwelling_id,
  ST_X(h.spot) AS lon, ST_Y(h.spot) AS lat, count(*) OVER () AS total
FROM people.care_record AS c
CROSS JOIN LATERAL (SELECT {due_on} AS on_day) AS due
LEFT JOIN people.person AS p ON p.id = c.person_id
LEFT JOIN LATERAL (
  SELECT r.building_id, r.dwelling_id, ST_PointOnSurface(b.geom) AS spot
  FROM people.residence AS r JOIN housing.building AS b ON b.id = r.building_id
  WHERE r.person_id = c.person_id AND r.is_home AND r.valid_to IS NULL
  ORDER BY r.id DESC LIMIT 1
) AS h ON true
WHERE (c.valid_to IS NULL OR c.valid_to > core.today()) AND {only}
  AND due.on_day <= core.today() + %(days)s AND {held} AND {within}
  AND (%(care_group)s::text IS NULL OR c.care_group = %(care_group)s)
  AND (%(responsible)s::text IS NULL OR c.responsible = %(responsible)s)
ORDER BY due.on_day, c.id LIMIT %(limit)s OFFSET %(offset)s
"""


class DueCare(NamedTuple):
    """A care record of which a visit or the review is due, and the home to go to.

    `days_overdue` is negative when the day is still to come. The name is masked, and None, like
    the home (degrees, EPSG:4326), for a reader who may not see it.
    """

    id: int
    person_id: int
    person_name: str | None
    care_group: str
    responsible: str
    area_code: str
    last_visit: date | None
    visit_interval: int | None
    review_date: date
    due_on: date
    days_overdue: int
    building_id: int | None
    dwelling_id: int | None
    lon: float | None
    lat: float | None


@dataclass(frozen=True)
class WantedCare:
    """What is due until `days` from today; all conditions hold together."""

    kind: DueKind
    days: int = 0
    area: str = ""
    care_group: str | None = None
    responsible: str | None = None


def find_due(
    connection: Connection, reader: Reader, wanted: WantedCare, limit: int, offset: int
) -> tuple[Sequence[DueCare], int]:
    """A page of what is due, the longest overdue first, and how many there are on all pages.

    Records that have ended are not due. Beyond the last page the number is 0.
    Raises: Forbidden without the right to see care records.
    """
    scope = reader.scope(Right.CARE_READ)
    if not scope:
        raise Forbidden(f"care records need the right {Right.CARE_READ}")
    held, values = scope_sql("c.area_code", scope, "held")
    within, more = scope_sql("c.area_code", (wanted.area,), "within")
    statement = _DUE.format(
        due_on=_DUE_ON[wanted.kind],
        only="c.visit_interval IS NOT NULL" if wanted.kind == "visit" else "TRUE",
        held=held,
        within=within,
    )
    asked: dict[str, Any] = {**values, **more, "limit": limit, "offset": offset}
    asked |= {"days": wanted.days, "care_group": wanted.care_group}
    asked["responsible"] = wanted.responsible
    rows = connection.exec_driver_sql(statement, asked).all()
    return [DueCare(*row[:-1]) for row in rows], rows[0].total if rows else 0
