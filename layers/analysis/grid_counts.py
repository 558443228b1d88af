"""Counts by grid as the grids were on a day; what a plan moved since is counted where it lay."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection

from layers.core.errors import Fault, Forbidden, Invalid
from layers.core.features import after_area
from layers.core.rights import Right
from layers.core.scope import Reader
from layers.incidents.workflow import OVER


class GridCount(NamedTuple):
    """One version of a grid; counts are None without the right to what is counted.

    `closed` are incidents that are over, void ones included.
    """

    id: int
    code: str
    name: str
    valid_from: date | None
    valid_to: date | None
    buildings: int
    residents: int | None
    incidents: int | None
    closed: int | None


# The code a row had on the day: that before the first plan that moved it afterwards.
_CODE_THEN = (
    "coalesce((SELECT r.from_code FROM territory.rehomed AS r WHERE r.layer = '{layer}' "
    "AND r.feature_id = t.id AND r.on_day > %(on)s ORDER BY r.on_day, r.plan_id LIMIT 1), "
    "t.area_code)"
)
_IN_COMMUNITY = "t.area_code >= %(code)s AND t.area_code < %(end)s"
_THEN = (
    "(t.valid_from IS NULL OR t.valid_from <= %(on)s) "
    "AND (t.valid_to IS NULL OR t.valid_to > %(on)s)"
)
_COUNTS = f"""
WITH building AS (
  SELECT {_CODE_THEN.format(layer="buildings")} AS code, count(*) AS number
  FROM housing.building AS t WHERE {_IN_COMMUNITY} AND {_THEN} GROUP BY 1
), resident AS (
  SELECT {_CODE_THEN.format(layer="residences")} AS code, count(*) AS number
  FROM people.residence AS t WHERE {_IN_COMMUNITY} AND {_THEN} GROUP BY 1
), incident AS (
  SELECT {_CODE_THEN.format(layer="incidents")} AS code, count(*) AS number,
    count(*) FILTER (WHERE t.state IN {OVER}) AS closed
  FROM incidents.incident AS t WHERE {_IN_COMMUNITY}
    AND t.reported_at >= CAST(%(since)s AS timestamp) AT TIME ZONE 'Asia/Shanghai'
    AND t.reported_at < CAST(%(until)s AS timestamp) AT TIME ZONE 'Asia/Shanghai' GROUP BY 1
)
SELECT t.id, t.code, t.name, t.valid_from, t.valid_to, coalesce(b.number, 0),
  coalesce(r.number, 0), coalesce(i.number, 0), coalesce(i.closed, 0)
FROM territory.grid AS t LEFT JOIN building AS b USING (code) LEFT JOIN resident AS r USING (code)
LEFT JOIN incident AS i USING (code)
WHERE t.kind = 'governance' AND {_IN_COMMUNITY} AND {_THEN} ORDER BY t.code
"""


def count_on_grids(
    connection: Connection, reader: Reader, community: str, since: date, until: date, on: date
) -> Sequence[GridCount]:
    """Grids of a community as they were on a day, with what lay in each on that day.

    Incidents are those reported in [since, until), China days; buildings and residents those of
    the day `on`. A plan put in force later changes none of it.

    Raises: Forbidden without the right to see the grids; Invalid when `until` is before `since`.
    """
    if not reader.scope(Right.BASE_READ):
        raise Forbidden(f"counting by grid needs the right {Right.BASE_READ}")
    if until < since:
        raise Invalid([Fault("until", f"{since} or later expected")])
    values = {
        "code": community,
        "end": after_area(community),
        "since": since,
        "until": until,
        "on": on,
    }
    rows = connection.exec_driver_sql(_COUNTS, values)
    found = [GridCount(*row) for row in rows]
    if not reader.scope(Right.PEOPLE_READ):
        found = [each._replace(residents=None) for each in found]
    if not reader.scope(Right.INCIDENTS_READ):
        found = [each._replace(incidents=None, closed=None) for each in found]
    return found
