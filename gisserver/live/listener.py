"""The one thread of a process that listens to PostgreSQL, on a connection of its own."""

from __future__ import annotations

import logging
import select
import threading
from collections.abc import Callable
from typing import Any, cast

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812
from sqlalchemy import Engine

from gisserver.live.event import Event, event_of_notice
from gisserver.live.hub import Hub
from gisserver.live.positions import CHANNEL as POSITIONS
from gisserver.live.positions import PositionBoard
from gisserver.live.versions import Versions
from gisserver.live.walls import CHANNEL as WALLS
from gisserver.live.walls import Walls

CHANGES = "wangge"
ACCOUNTS = "wangge_accounts"
MOST_REPLAYED = 1_000
HEARTBEAT_SECONDS = 15.0
START_SECONDS = 5.0
FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 10.0

log = logging.getLogger("wangge.live")


class Listener:
    """Follows changes of layers and of accounts; a lost connection is made anew, without a gap."""

    def __init__(
        self,
        engine: Engine,
        hub: Hub,
        versions: Versions,
        walls: Walls,
        board: PositionBoard,
        forget_accounts: Callable[[], None],
    ) -> None:
        self._engine = engine
        self._hub = hub
        self._versions = versions
        self._walls = walls
        self._board = board
        self._forget_accounts = forget_accounts
        self._suffix = ""
        self._has_begun = False
        self._listening = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="wangge-listener", daemon=True)

    def start(self) -> None:
        """Begin to listen; returns when it does, or after five seconds without a database."""
        self._thread.start()
        self._listening.wait(START_SECONDS)

    def stop(self) -> None:
        """End the thread, its connection and the streams that live on it."""
        self._stopping.set()
        self._hub.end_streams()
        self._walls.end_streams()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while not self._stopping.is_set():
            try:
                connection = self._connect()
                try:
                    self._begin(connection)
                    pause = FIRST_PAUSE_SECONDS
                    self._follow(connection)
                finally:
                    self._versions.follow(is_followed=False)
                    connection.close()
            except psycopg2.Error as error:
                log.warning("listener lost the database: %s", str(error).strip())
                self._stopping.wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    def _connect(self) -> Connection:
        arguments, keywords = self._engine.dialect.create_connect_args(self._engine.url)
        options: dict[str, Any] = {
            **keywords,
            "application_name": "wangge listener",
            "connect_timeout": 10,
            "keepalives_idle": 30,
        }
        connection = cast(Connection, psycopg2.connect(*arguments, **options))
        connection.autocommit = True
        return connection

    def _begin(self, connection: Connection) -> None:
        """Listen first and then read what was missed, so that nothing falls in between."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT suffix FROM core.notice_channel")
            ((self._suffix,),) = cursor.fetchall()
            for channel in (CHANGES, ACCOUNTS, WALLS, POSITIONS):
                cursor.execute(f"LISTEN {channel}_{self._suffix}")
        self._forget_accounts()
        self._hub.check_accounts()
        self._walls.wake_all()
        missed = self._missed(connection)
        if missed is None:
            self._skip(connection)
        else:
            self._hand_on(missed)
        self._board.hear()
        self._has_begun = True
        self._versions.follow(is_followed=True)
        self._listening.set()

    def _missed(self, connection: Connection) -> list[Event] | None:
        """Events since the last one handed on; None when they are too many, or all there are."""
        if not self._has_begun:
            return None
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, layer, feature_id, action, area_code, area_code_before "
                "FROM core.history WHERE id > %s ORDER BY id LIMIT %s",
                (self._hub.last_id, MOST_REPLAYED + 1),
            )
            rows = cursor.fetchall()
        return [Event(*row) for row in rows] if len(rows) <= MOST_REPLAYED else None

    def _skip(self, connection: Connection) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT layer, max(id) FROM core.history GROUP BY layer")
            versions = dict(cursor.fetchall())
            cursor.execute("SELECT last_value FROM patrol.position_change")
            ((change,),) = cursor.fetchall()
        self._versions.move_to(change)
        self._versions.raise_to(versions)
        self._hub.skip_to(max(versions.values(), default=0))

    def _hand_on(self, events: list[Event]) -> None:
        """Versions first: whoever hears of a change and asks again must not get the old tile."""
        self._versions.raise_to({event.layer: event.id for event in events})
        self._hub.publish(events)

    def _follow(self, connection: Connection) -> None:
        waited = 0.0
        while not self._stopping.is_set():
            # Short, so that `stop` is heard; a connection cut without a word shows by asking.
            if not select.select([connection], [], [], 0.5)[0]:
                waited += 0.5
                if waited >= HEARTBEAT_SECONDS:
                    waited = 0.0
                    with connection.cursor() as cursor:
                        cursor.execute("SELECT 1")
            connection.poll()
            self._read_notices(connection)

    def _read_notices(self, connection: Connection) -> None:
        heard, connection.notifies[:] = list(connection.notifies), []
        ending = f"_{self._suffix}"
        notices = [(each.channel.removesuffix(ending), each.payload) for each in heard]
        if any(channel == ACCOUNTS for channel, _ in notices):
            self._forget_accounts()
            self._hub.check_accounts()
        moves = [int(told) for channel, told in notices if channel == POSITIONS and told.isdigit()]
        if moves:
            self._versions.move_to(max(moves))
            self._board.hear()
        events = []
        for channel, payload in notices:
            if channel == WALLS:
                self._walls.wake(payload)
            if channel == CHANGES:
                try:
                    events.append(event_of_notice(payload))
                except (ValueError, KeyError, TypeError):
                    log.warning("a notice of another shape on %s: %.200s", CHANGES, payload)
        if events:
            self._hand_on(events)
