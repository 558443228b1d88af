"""One thread that stores what single requests bring, many fixes to a transaction.

A request waits until its fix is committed. Fixes that arrive while one transaction runs go
together into the next, so that the more there are, the less each costs.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass, field

from layers.patrol.fixes import Fixes, Outcome, Whole, joined
from layers.patrol.intake import Intake

LINGER_SECONDS = 0.012
"""How long the first fix waits for company."""
ENOUGH = 100
MOST_WAITING = 4_000
PATIENCE_SECONDS = 20.0


class TooMuchWaiting(Exception):
    """More fixes wait than can be stored in a few seconds."""


@dataclass
class _Waiting:
    fixes: Fixes
    done: threading.Event = field(default_factory=threading.Event)
    outcome: Whole | None = None
    error: Exception | None = None


class Writer:
    """Stores fixes; safe across threads. Starts by itself with the first fix."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._waiting: deque[_Waiting] = deque()
        self._changed = threading.Condition()
        self._is_stopping = False
        self._thread: threading.Thread | None = None

    def take(self, fixes: Fixes) -> list[Outcome]:
        """What became of each fix; everything taken is committed.

        Raises: TooMuchWaiting; what the database raises, then nothing is kept.
        """
        entry = _Waiting(fixes)
        with self._changed:
            if self._is_stopping or len(self._waiting) >= MOST_WAITING:
                raise TooMuchWaiting(f"{len(self._waiting)} fixes wait")
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="wangge-intake", daemon=True)
                self._thread.start()
            self._waiting.append(entry)
            if len(self._waiting) in (1, ENOUGH):
                self._changed.notify()
        if not entry.done.wait(PATIENCE_SECONDS):
            raise TooMuchWaiting("the database is too slow")
        if entry.error is not None:
            raise entry.error
        assert entry.outcome is not None
        return [Outcome(each) for each in entry.outcome.tolist()]

    def stop(self) -> None:
        """Store what waits and end the thread."""
        with self._changed:
            self._is_stopping = True
            self._changed.notify()
            thread = self._thread
        if thread is not None:
            thread.join(PATIENCE_SECONDS)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._is_stopping)
                if not self._waiting:
                    return
                self._linger()
                batch = list(self._waiting)
                self._waiting.clear()
            self._store(batch)

    def _linger(self) -> None:
        end = time.monotonic() + LINGER_SECONDS
        while len(self._waiting) < ENOUGH and not self._is_stopping:
            left = end - time.monotonic()
            if left <= 0:
                return
            self._changed.wait(left)

    def _store(self, batch: list[_Waiting]) -> None:
        try:
            outcome = self._intake.take(joined([entry.fixes for entry in batch]))
        except Exception as error:  # noqa: BLE001 - whoever waits hears of it, whatever it is
            for entry in batch:
                entry.error = error
                entry.done.set()
            return
        start = 0
        for entry in batch:
            entry.outcome = outcome[start : start + len(entry.fixes)]
            start += len(entry.fixes)
            entry.done.set()
