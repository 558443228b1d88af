"""Where everybody on duty is, kept in memory and told to the streams that show it.

Fixes come by the thousand; a stream is told once a second of the objects that moved, each with its
newest place only. Whoever is slow or comes back gets the newest places, never a queue of old ones.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from gisserver.live.hub import Hub, Move
from layers.core.rights import Right
from layers.core.scope import Reader

CHANNEL = "wangge_positions"
INTERVAL_SECONDS = 1.0
RETRY_SECONDS = 5.0

_MOVED = text(
    "SELECT CASE WHEN p.vehicle_id IS NULL THEN 0 ELSE 1 END AS vehicle, "
    "coalesce(p.staff_id, p.vehicle_id) AS object_id, p.label, coalesce(s.post, v.kind) AS icon, "
    "round(ST_X(p.geom)::numeric, 6)::float8 AS lon, "
    "round(ST_Y(p.geom)::numeric, 6)::float8 AS lat, round(p.heading)::integer AS heading, "
    "round(p.speed::numeric, 1)::float8 AS speed, "
    "extract(epoch FROM p.device_time)::bigint AS time, p.area_code, p.change "
    "FROM patrol.last_position AS p LEFT JOIN organisation.staff AS s ON s.id = p.staff_id "
    "LEFT JOIN patrol.vehicle AS v ON v.id = p.vehicle_id WHERE p.change > :after"
)
_COUNT = text("SELECT count(*) FROM patrol.last_position")
_KEYS = text(
    "SELECT CASE WHEN vehicle_id IS NULL THEN 0 ELSE 1 END, coalesce(staff_id, vehicle_id) "
    "FROM patrol.last_position"
)

Key = tuple[int, int]
Row = list[Any]

log = logging.getLogger("wangge.live")


@dataclass(frozen=True)
class _Place:
    """Where one object is: its area, and the row as streams tell it."""

    area: str
    row: Row


class PositionBoard:
    """The newest place of each object; follows notices while somebody looks."""

    def __init__(self, engine: Engine, hub: Hub) -> None:
        self._engine = engine
        self._hub = hub
        self._places: dict[Key, _Place] = {}
        self._after = -1
        self._lock = threading.Lock()
        self._news = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="wangge-positions", daemon=True)

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stopping.set()
        self._news.set()
        if self._thread.is_alive():
            self._thread.join()

    def hear(self) -> None:
        """Say that something has moved, or may have while nobody listened."""
        self._news.set()

    def rows(self, reader: Reader) -> list[Row]:
        """Every object within the reader's scope as it is now.

        A row is [0 staff or 1 vehicle, id, label, post or kind of vehicle, longitude, latitude,
        heading, km/h, seconds since 1970].
        """
        self._refresh()
        areas = reader.scope(Right.PATROL_READ)
        with self._lock:
            places = list(self._places.values())
        if "" in areas:
            return [place.row for place in places]
        return [place.row for place in places if place.area.startswith(areas)]

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._news.wait()
            self._stopping.wait(INTERVAL_SECONDS)
            self._news.clear()
            if self._stopping.is_set() or not self._hub.shows_positions:
                continue
            try:
                self._refresh()
            except SQLAlchemyError as error:
                log.warning("last positions not read: %s", type(error).__name__)
                self._stopping.wait(RETRY_SECONDS)
                self._news.set()

    def _refresh(self) -> None:
        with self._lock:
            with self._engine.begin() as connection:
                rows = connection.execute(_MOVED, {"after": self._after}).all()
                moves = [self._moved(row) for row in rows]
                count = connection.execute(_COUNT).scalar_one()
                if count != len(self._places):
                    moves += self._gone({tuple(row) for row in connection.execute(_KEYS)})
            self._after = max([self._after, *(row.change for row in rows)])
        if moves:
            self._hub.move(moves)

    def _moved(self, row: Any) -> Move:
        *told, area, _ = row
        key = (row.vehicle, row.object_id)
        before = self._places.get(key)
        self._places[key] = _Place(area, told)
        return Move(key, area, before.area if before else area, told)

    def _gone(self, there: Iterable[Any]) -> list[Move]:
        gone = set(self._places) - set(there)
        return [Move(key, "", self._places.pop(key).area, None) for key in gone]
