"""What belongs to a replayed day beside the tracks: shifts, and incidents where they went."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import Connection, text

from layers.patrol.day_track import day_bounds

MOST_INCIDENTS = 500

_SHIFTS = text(
    "SELECT staff_id, started_at, ended_at FROM patrol.shift WHERE staff_id = ANY(:staff) "
    "AND started_at < :until AND (ended_at IS NULL OR ended_at > :since) ORDER BY started_at"
)
_INCIDENTS = text(
    "SELECT id, reported_at, ST_X(geom) AS longitude, ST_Y(geom) AS latitude, category, "
    "description, count(*) OVER () AS total FROM incidents.incident "
    "WHERE reported_at >= :since AND reported_at < :until AND area_code = ANY(:areas) "
    "ORDER BY reported_at, id LIMIT :limit"
)


class IncidentMark(NamedTuple):
    """An incident on the time axis; degrees, CRS84."""

    id: int
    reported_at: datetime
    longitude: float
    latitude: float
    category: str
    description: str


def find_shifts_of(
    connection: Connection, day: date, staff: Collection[int]
) -> Mapping[int, Sequence[tuple[datetime, datetime | None]]]:
    """Shifts by member of staff that the reader may see, as far as they touch the day."""
    since, until = day_bounds(day)
    worked: dict[int, list[tuple[datetime, datetime | None]]] = {}
    rows = connection.execute(_SHIFTS, {"staff": list(staff), "since": since, "until": until})
    for staff_id, started, ended in rows:
        worked.setdefault(staff_id, []).append((started, ended))
    return worked


def find_reported(
    connection: Connection, day: date, areas: Collection[str]
) -> tuple[Sequence[IncidentMark], int]:
    """Incidents reported on the day in these grids, the first `MOST_INCIDENTS`, and how many."""
    since, until = day_bounds(day)
    rows = connection.execute(
        _INCIDENTS,
        {"since": since, "until": until, "areas": sorted(areas), "limit": MOST_INCIDENTS},
    ).all()
    return [IncidentMark._make(row[:-1]) for row in rows], rows[0].total if rows else 0
