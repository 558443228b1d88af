"""Open cases of the same category near a place and not long ago: likely the same matter."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from layers.core.errors import Forbidden
from layers.core.features import scope_sql
from layers.core.rights import Right
from layers.core.scope import Reader
from layers.incidents.workflow import OVER

MOST = 10
METRES_PER_DEGREE = 111_320.0


@dataclass(frozen=True)
class Similar:
    """An open case nearby; `distance` in metres, `reports` how many told of it."""

    id: int
    code: str | None
    category: str
    state: str
    description: str
    place: str | None
    reported_at: datetime
    warn_at: datetime | None
    due_at: datetime | None
    closed_at: datetime | None
    paused_at: datetime | None
    distance: float
    reports: int
    lon: float
    lat: float


# The rule of the category itself, else of the group above it, else of all.
_SIMILAR = f"""
WITH place AS MATERIALIZED (
  SELECT ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326) AS geom,
    (extra ->> 'radius_metres')::float8 AS radius, (extra ->> 'days')::integer AS days
  FROM core.code
  WHERE table_name = 'similar_incident' AND valid_to IS NULL
    AND code IN (%(category)s, left(%(category)s, -2), 'default')
  ORDER BY code = %(category)s DESC, code <> 'default' DESC LIMIT 1
)
SELECT i.id, i.code, i.category, i.state, i.description, i.place, i.reported_at, i.warn_at,
  i.due_at, i.closed_at, i.paused_at,
  ST_Distance(i.geom::geography, place.geom::geography) AS distance,
  (SELECT count(*) FROM incidents.reporter AS r WHERE r.incident_id = i.id),
  ST_X(i.geom), ST_Y(i.geom)
FROM place JOIN incidents.incident AS i ON i.geom && ST_Expand(
  place.geom, place.radius / {METRES_PER_DEGREE} / cos(radians(%(lat)s)),
  place.radius / {METRES_PER_DEGREE}
)
WHERE i.category = %(category)s AND i.state <> ALL(%(over)s)
  AND i.reported_at > now() - place.days * interval '1 day'
  AND ST_DWithin(i.geom::geography, place.geom::geography, place.radius) AND {{scope}}
ORDER BY distance, i.id LIMIT {MOST}
"""


def find_similar(
    connection: Connection, reader: Reader, category: str, lon: float, lat: float
) -> list[Similar]:
    """Open cases of the category within its radius and days, nearest first; degrees (CRS84).

    Radius and days are those of the code table `similar_incident`.

    Raises: Forbidden without the right to see incidents.
    """
    areas = reader.scope(Right.INCIDENTS_READ)
    if not areas:
        raise Forbidden(f"incidents need the right {Right.INCIDENTS_READ}")
    scope, bounds = scope_sql("i.area_code", areas, "area")
    values = {"category": category, "lon": lon, "lat": lat, "over": list(OVER)}
    rows = connection.exec_driver_sql(_SIMILAR.format(scope=scope), values | bounds)
    return [Similar(*row) for row in rows]
