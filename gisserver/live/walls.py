"""Linked screens: one state for each wall, kept by the database and told to every screen at once.

The state lives in PostgreSQL, so a screen that comes back after a cut, or a server started anew,
goes on where the wall is. A notice carries the pairing code only; each screen's stream reads the
state by itself.
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import Engine, text

from layers.core.errors import NotFound

CHANNEL = "wangge_walls"
MOST_SCREENS = 40
# Neither 0 and O nor 1, I and L: a code is read from one screen and typed at another.
LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 8
DAYS_UNUSED = 30

_CREATE = text(
    "INSERT INTO organisation.wall (code, account_id, state) "
    "VALUES (:code, :account_id, CAST(:state AS jsonb)) RETURNING code, state, version"
)
_FORGET_OLD = text(
    "DELETE FROM organisation.wall WHERE used_at < now() - make_interval(days => :days)"
)
_READ = text("SELECT code, state, version FROM organisation.wall WHERE code = :code")
_CHANGE = text(
    "UPDATE organisation.wall SET state = state || CAST(:change AS jsonb), "
    "version = version + 1, used_at = now() WHERE code = :code RETURNING code, state, version"
)
_DELETE = text(
    "DELETE FROM organisation.wall WHERE code = :code AND account_id = :account_id RETURNING code"
)
_TELL = text("SELECT core.tell(:channel, :code)")


class WallState(NamedTuple):
    """What the screens of a wall show; `version` grows with every change."""

    code: str
    state: Mapping[str, Any]
    version: int


class TooManyScreens(Exception):
    """Every stream kept for linked screens is taken."""


class Watcher:
    """One screen's stream waiting for its wall to change."""

    def __init__(self) -> None:
        self._woken = threading.Event()
        self.is_over = False

    def wake(self) -> None:
        """Have the stream look at its wall."""
        self._woken.set()

    def end(self) -> None:
        """Have the stream end."""
        self.is_over = True
        self._woken.set()

    def wait(self, seconds: float) -> bool:
        """Whether the wall may have changed; False after `seconds` without a word."""
        woken = self._woken.wait(seconds)
        self._woken.clear()
        return woken


class Walls:
    """The walls, and the screens of this process that follow them."""

    def __init__(self, engine: Engine, most_screens: int = MOST_SCREENS) -> None:
        self._engine = engine
        self._most_screens = most_screens
        self._lock = threading.Lock()
        self._watchers: dict[str, set[Watcher]] = {}

    def create(self, account_id: int, state: Mapping[str, Any]) -> WallState:
        """A new wall with its pairing code; walls unused for a month are forgotten."""
        code = "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
        values = {"code": code, "account_id": account_id, "state": json.dumps(dict(state))}
        with self._engine.begin() as connection:
            connection.execute(_FORGET_OLD, {"days": DAYS_UNUSED})
            return WallState(*connection.execute(_CREATE, values).one())

    def read(self, code: str) -> WallState:
        """The state of a wall.

        Raises: NotFound.
        """
        with self._engine.connect() as connection:
            row = connection.execute(_READ, {"code": code}).one_or_none()
        if row is None:
            raise NotFound(f"no wall with the pairing code {code!r}")
        return WallState(*row)

    def change(self, code: str, change: Mapping[str, Any]) -> WallState:
        """The state after some of its members were set; every linked screen is told.

        Raises: NotFound.
        """
        with self._engine.begin() as connection:
            values = {"code": code, "change": json.dumps(dict(change))}
            row = connection.execute(_CHANGE, values).one_or_none()
            if row is None:
                raise NotFound(f"no wall with the pairing code {code!r}")
            connection.execute(_TELL, {"channel": CHANNEL, "code": code})
        return WallState(*row)

    def delete(self, code: str, account_id: int) -> None:
        """Unlink the screens of a wall; only whoever made it may.

        Raises: NotFound.
        """
        with self._engine.begin() as connection:
            values = {"code": code, "account_id": account_id}
            if connection.execute(_DELETE, values).one_or_none() is None:
                raise NotFound(f"no wall of yours with the pairing code {code!r}")
            connection.execute(_TELL, {"channel": CHANNEL, "code": code})

    def watch(self, code: str) -> Watcher:
        """A watcher woken at each change of the wall, until it is given back.

        Raises: TooManyScreens.
        """
        watcher = Watcher()
        with self._lock:
            if sum(map(len, self._watchers.values())) >= self._most_screens:
                raise TooManyScreens(f"all {self._most_screens} linked screens are in use")
            self._watchers.setdefault(code, set()).add(watcher)
        return watcher

    def unwatch(self, code: str, watcher: Watcher) -> None:
        """Forget a watcher; once or more often."""
        with self._lock:
            left = self._watchers.get(code, set())
            left.discard(watcher)
            if not left:
                self._watchers.pop(code, None)

    def wake(self, code: str) -> None:
        """Tell the screens of a wall that it has changed."""
        with self._lock:
            for watcher in self._watchers.get(code, ()):
                watcher.wake()

    def wake_all(self) -> None:
        """Have every screen look: notices may have been missed."""
        with self._lock:
            for watchers in self._watchers.values():
                for watcher in watchers:
                    watcher.wake()

    def end_streams(self) -> None:
        """End every stream; screens connect again and go on."""
        with self._lock:
            for watchers in self._watchers.values():
                for watcher in watchers:
                    watcher.end()
