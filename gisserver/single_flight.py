"""Work that many threads want at the same moment, done once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar

WAIT_SECONDS = 60.0

Made = TypeVar("Made")


class SingleFlight(Generic[Made]):
    """Lets the first who asks for a key do the work while the others wait for what it makes."""

    def __init__(self) -> None:
        """Nothing is under way."""
        self._lock = threading.Lock()
        self._running: dict[Hashable, Future[Made]] = {}

    def run(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """What `make` gives, of this call or of one for the same key that is under way.

        Raises: what `make` raises, in every thread that waits for it.
        """
        with self._lock:
            running = self._running.get(key)
            if running is None:
                mine = self._running[key] = Future[Made]()
        if running is not None:
            return running.result(WAIT_SECONDS)
        try:
            made = make()
        except BaseException as error:
            mine.set_exception(error)
            raise
        else:
            mine.set_result(made)
            return made
        finally:
            with self._lock:
                del self._running[key]
