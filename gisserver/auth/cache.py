"""A small bounded memory that forgets by itself, and at once when told."""

from __future__ import annotations

import threading
import time
from typing import Generic, TypeVar

Value = TypeVar("Value")


class TimedCache(Generic[Value]):
    """Values by key for `seconds`, at most `size` of them; safe across threads."""

    def __init__(self, seconds: float, size: int = 10_000) -> None:
        self.seconds = seconds
        self.size = size
        self._kept: dict[bytes, tuple[float, Value]] = {}
        self._lock = threading.Lock()
        self._generation = 0

    @property
    def generation(self) -> int:
        """Read before a look-up and handed to `put`, so that a clear in between is not undone."""
        return self._generation

    def get(self, key: bytes) -> Value | None:
        """The value kept under the key, None when unknown or too old."""
        kept = self._kept.get(key)
        return kept[1] if kept is not None and kept[0] > time.monotonic() else None

    def put(self, key: bytes, value: Value, generation: int) -> None:
        """Keep a value, unless everything was forgotten since `generation`."""
        with self._lock:
            if generation != self._generation:
                return
            if len(self._kept) >= self.size:
                self._drop_old()
            self._kept[key] = (time.monotonic() + self.seconds, value)

    def clear(self) -> None:
        """Forget everything now: an account, a grant, a session or a token has changed."""
        with self._lock:
            self._generation += 1
            self._kept.clear()

    def _drop_old(self) -> None:
        now = time.monotonic()
        self._kept = {key: kept for key, kept in self._kept.items() if kept[0] > now}
        if len(self._kept) >= self.size:
            self._kept.clear()
