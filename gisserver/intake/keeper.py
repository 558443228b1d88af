"""What is done about positions without being asked: days' tables and tracks, shifts, counts.

One process does it at a time, whichever comes first.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from gisserver.intake.devices import DeviceBook
from layers.core.database import owner_transaction
from layers.patrol.day_track import make_due_tracks

EVERY_SECONDS = 30.0
LOCK = 7260006

log = logging.getLogger("wangge.intake")


class Keeper:
    """A thread that keeps house; `start` it in a serving process."""

    def __init__(self, engine: Engine, devices: DeviceBook) -> None:
        self._engine = engine
        self._devices = devices
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="wangge-keeper", daemon=True)

    def start(self) -> None:
        """Begin; the first round is at once."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread; counts not yet written are written."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()
            self._try(self._devices.write_counts)

    def keep(self) -> bool:
        """One round; False when another process is at it."""
        with owner_transaction(self._engine) as connection:
            free = connection.execute(text("SELECT pg_try_advisory_xact_lock(:l)"), {"l": LOCK})
            if not free.scalar_one():
                return False
            connection.execute(text("SELECT patrol.ensure_days()")).all()
            connection.execute(text("SELECT patrol.close_forgotten()")).all()
        return True

    def make_tracks(self) -> int:
        """Tracks of days that are over, a batch a transaction; returns how many were made.

        Ends early when the process does, or another process is at it.
        """
        made = 0
        while not self._stopping.is_set():
            with owner_transaction(self._engine) as connection:
                free = connection.execute(text("SELECT pg_try_advisory_xact_lock(:l)"), {"l": LOCK})
                batch = make_due_tracks(connection) if free.scalar_one() else 0
            made += batch
            if not batch:
                break
        return made

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._try(self.keep)
            self._try(self.make_tracks)
            self._try(self._devices.write_counts)
            self._stopping.wait(EVERY_SECONDS)

    def _try(self, what: Callable[[], object]) -> None:
        try:
            what()
        except SQLAlchemyError as error:
            log.warning("not done this time: %s", type(error).__name__)
