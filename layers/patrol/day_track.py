"""Tracks of days: made once when a day is over, of the fixes themselves before that.

A track belongs to whom it is of: it may be replayed by who holds the right where that object
belongs, all of it, wherever it went (ADR 0016).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Connection,
    Date,
    PrimaryKeyConstraint,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from layers.core.calendar import CHINA
from layers.core.features import after_area
from layers.core.model import Base
from layers.patrol.position import KIND
from layers.patrol.replay import Fixes, Span, Stop, Track, make_track

_RECORD = np.dtype([("time", ">i4"), ("longitude", ">f8"), ("latitude", ">f8")])
BATCH = 50
"""Tracks made in one transaction."""


class DayTrack(Base):
    """One object's track of one day that is over (China time).

    `visited` counts the fixes it was made of, as `grid_visit` tells them: when more have come
    since, it is made anew. `since` and `until` are seconds of the day; `line` is that of `Track`.
    """

    __tablename__ = "day_track"
    __table_args__ = (
        PrimaryKeyConstraint("day", "object_kind", "object_id"),
        CheckConstraint(KIND, name="object_kind"),
        {"schema": "patrol"},
    )

    day: Mapped[date] = mapped_column(Date)
    object_kind: Mapped[str] = mapped_column(Text)
    object_id: Mapped[int] = mapped_column(BigInteger)
    visited: Mapped[int] = mapped_column(BigInteger)
    fixes: Mapped[int]
    metres: Mapped[float]
    since: Mapped[int]
    until: Mapped[int]
    line: Mapped[bytes]
    stops: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    gaps: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)


@dataclass(frozen=True)
class Moving:
    """What can be replayed: staff or a vehicle, as (kind, id)."""

    kind: str
    id: int


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """The moments between which a day of China time lies."""
    begins = datetime.combine(day, time(), CHINA)
    return begins, begins + timedelta(days=1)


_FIXES = text("SELECT kind, id, fixes FROM patrol.fixes_of(:kinds, :ids, :since, :until)")
_VISITS = text(
    "SELECT kind, id, label, icon, visited, area_codes FROM patrol.visits_of(:kinds, :ids, :day)"
)
_STORED = text(
    "SELECT t.object_kind, t.object_id, t.visited, t.fixes, t.metres, t.since, t.until, t.line, "
    "t.stops, t.gaps FROM unnest(CAST(:kinds AS text[]), CAST(:ids AS bigint[])) "
    "AS asked (kind, id) JOIN patrol.day_track AS t "
    "ON t.day = :day AND t.object_kind = asked.kind AND t.object_id = asked.id"
)
_MOVED = text(
    "SELECT m.kind, m.id, m.label, m.icon, m.area_code, m.visited AS fixes, t.metres, m.first_at, "
    "m.last_at FROM patrol.moved_on(:day) AS m LEFT JOIN patrol.day_track AS t ON t.day = :day "
    "AND t.object_kind = m.kind AND t.object_id = m.id "
    "WHERE CAST(:area AS text) = '' OR m.area_code >= :area AND m.area_code < :area_end "
    "ORDER BY m.kind, m.area_code, m.label"
)
_VISITED = (
    "SELECT object_kind, object_id, sum(fixes)::bigint AS visited FROM patrol.grid_visit "
    "WHERE day = :day GROUP BY 1, 2"
)
_DUE_DAYS = text(
    "SELECT day FROM patrol.grid_visit WHERE day < core.today() GROUP BY day ORDER BY day DESC"
)
_DUE = text(
    f"SELECT v.object_kind, v.object_id, v.visited FROM ({_VISITED}) AS v "
    "LEFT JOIN patrol.day_track AS t ON t.day = :day AND t.object_kind = v.object_kind "
    "AND t.object_id = v.object_id WHERE t.visited IS DISTINCT FROM v.visited "
    "ORDER BY 1, 2 LIMIT :limit"
)
_KEEP = text(
    "INSERT INTO patrol.day_track (day, object_kind, object_id, visited, fixes, metres, since, "
    "until, line, stops, gaps) VALUES (:day, :kind, :id, :visited, :fixes, :metres, :since, "
    ":until, :line, CAST(:stops AS jsonb), CAST(:gaps AS jsonb)) "
    "ON CONFLICT (day, object_kind, object_id) DO UPDATE SET visited = EXCLUDED.visited, "
    "fixes = EXCLUDED.fixes, metres = EXCLUDED.metres, since = EXCLUDED.since, "
    "until = EXCLUDED.until, line = EXCLUDED.line, stops = EXCLUDED.stops, gaps = EXCLUDED.gaps"
)
_NOTHING = Track(b"", 0, 0.0, 0, 0, (), ())


class Moved(NamedTuple):
    """Who or what moved on a day; `metres` is None as long as the day is not over."""

    kind: str
    id: int
    label: str
    icon: str | None
    area_code: str
    fixes: int
    metres: float | None
    first_at: datetime
    last_at: datetime


def find_moved(connection: Connection, day: date, area: str = "") -> Sequence[Moved]:
    """Who moved on a day and may be replayed by the reader, in an area or everywhere."""
    values = {"day": day, "area": area, "area_end": after_area(area) if area else ""}
    return [Moved._make(row) for row in connection.execute(_MOVED, values)]


def last_day(connection: Connection) -> date | None:
    """The last day on which anybody moved, None when nobody ever did."""
    found: date | None = connection.execute(text("SELECT patrol.last_day()")).scalar_one()
    return found


class Named(NamedTuple):
    """What an object that moved is called; `icon` is the post of staff, the kind of a vehicle."""

    label: str
    icon: str | None


@dataclass(frozen=True)
class Replayed:
    """What was found of the objects asked for: all that moved and may be replayed are in `names`.

    Tracks are those with a trusted fix; `areas` are codes of the grids or areas they went through.
    """

    names: Mapping[Moving, Named]
    tracks: Mapping[Moving, Track]
    areas: frozenset[str]


def find_tracks(connection: Connection, day: date, objects: Sequence[Moving]) -> Replayed:
    """Tracks of the objects on a day that the reader may replay, none without a trusted fix.

    A track that is kept is taken when it was made of all fixes there are, else it is made now.
    """
    values = {"day": day, **_asked(objects)}
    counts: dict[Moving, int] = {}
    names: dict[Moving, Named] = {}
    areas: set[str] = set()
    for kind, object_id, label, icon, visited, codes in connection.execute(_VISITS, values):
        counts[Moving(kind, object_id)] = visited
        names[Moving(kind, object_id)] = Named(label, icon)
        areas.update(codes)
    found: dict[Moving, Track] = {}
    for row in connection.execute(_STORED, values):
        moving = Moving(row.object_kind, row.object_id)
        if counts.get(moving) == row.visited:
            found[moving] = _track(row)
    missing = [each for each in objects if each not in found and each in counts]
    found |= dict(_made(connection, day, missing))
    tracks = {each: found[each] for each in objects if each in found and found[each].fixes}
    return Replayed(names, tracks, frozenset(areas))


def make_due_tracks(connection: Connection) -> int:
    """Makes up to `BATCH` tracks of days that are over and were not made of all their fixes.

    As the owner; returns how many were made. An object without a trusted fix keeps an empty one.
    """
    for day in connection.execute(_DUE_DAYS).scalars().all():
        due = connection.execute(_DUE, {"day": day, "limit": BATCH}).all()
        if due:
            _keep(connection, day, {Moving(kind, key): visited for kind, key, visited in due})
            return len(due)
    return 0


def _keep(connection: Connection, day: date, due: Mapping[Moving, int]) -> None:
    made = dict(_made(connection, day, list(due)))
    for moving, visited in due.items():
        track = made.get(moving, _NOTHING)
        connection.execute(
            _KEEP,
            {
                "day": day,
                "kind": moving.kind,
                "id": moving.id,
                "visited": visited,
                "fixes": track.fixes,
                "metres": track.metres,
                "since": track.since,
                "until": track.until,
                "line": track.line,
                "stops": json.dumps([asdict(stop) for stop in track.stops]),
                "gaps": json.dumps([asdict(gap) for gap in track.gaps]),
            },
        )


def _made(
    connection: Connection, day: date, objects: Sequence[Moving]
) -> Iterator[tuple[Moving, Track]]:
    since, until = day_bounds(day)
    if not objects:
        return
    rows = connection.execute(_FIXES, {"since": since, "until": until, **_asked(objects)})
    for kind, object_id, packed in rows:
        records = np.frombuffer(bytes(packed or b""), dtype=_RECORD)
        fixes = Fixes(
            records["time"].astype(np.int64),
            records["longitude"].astype(np.float64),
            records["latitude"].astype(np.float64),
        )
        track = make_track(fixes)
        if track is not None:
            yield Moving(kind, object_id), track


def _asked(objects: Iterable[Moving]) -> dict[str, list[Any]]:
    objects = list(objects)
    return {"kinds": [each.kind for each in objects], "ids": [each.id for each in objects]}


def _track(row: Any) -> Track:
    return Track(
        bytes(row.line),
        row.fixes,
        row.metres,
        row.since,
        row.until,
        tuple(Stop(**stop) for stop in row.stops),
        tuple(Span(**gap) for gap in row.gaps),
    )
