"""Which state each layer is in: the id of its newest change."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from sqlalchemy import Engine, text

from layers.catalogue import LAYERS

_ALL = text("SELECT layer, max(id) AS id FROM core.history WHERE id > :after GROUP BY layer")
_MOVES = text("SELECT last_value FROM patrol.position_change")
_MOVING = frozenset(layer.name for layer in LAYERS if layer.moving)
_FIRST = text("SELECT extract(epoch FROM at)::text FROM core.history ORDER BY id LIMIT 1")


class Versions:
    """Version by layer; follows the listener, and asks the database itself while that is away."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._versions: dict[str, int] = {}
        self._moves = 0
        self._latest = 0
        self._epoch = ""
        self._is_followed = False

    def current(self, layer: str) -> int:
        """Grows with every change of a layer; 0 when it never changed.

        The id of the newest one, and of a moving layer the moves besides.
        """
        if not self._is_followed:
            self.catch_up()
        return self._versions.get(layer, 0) + (self._moves if layer in _MOVING else 0)

    @property
    def epoch(self) -> str:
        """Tells this database from another whose changes have the same ids."""
        if not self._epoch:
            self.catch_up()
        return self._epoch

    def catch_up(self) -> None:
        """Ask the database what has changed: after a write of one's own, or without a listener."""
        with self._engine.connect() as connection:
            found = {row.layer: row.id for row in connection.execute(_ALL, {"after": self._latest})}
            if not self._epoch:
                self._epoch = connection.execute(_FIRST).scalar_one_or_none() or ""
            self.move_to(connection.execute(_MOVES).scalar_one())
        self.raise_to(found)

    def raise_to(self, versions: Mapping[str, int]) -> None:
        """Take over newer versions."""
        with self._lock:
            for layer, version in versions.items():
                if version > self._versions.get(layer, 0):
                    self._versions[layer] = version
                self._latest = max(self._latest, version)

    def move_to(self, change: int) -> None:
        """Take over the number of the newest move."""
        with self._lock:
            self._moves = max(self._moves, change)

    def follow(self, *, is_followed: bool) -> None:
        """Say whether a listener reports every change from here on."""
        self._is_followed = is_followed
