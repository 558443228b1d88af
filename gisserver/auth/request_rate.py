"""How often one account or token may ask for maps: a bucket of requests that fills by itself.

Each server process has buckets of its own: of two processes an account gets up to twice as much.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from math import ceil

KEPT = 10_000


class TooFast(Exception):
    """The bucket is empty; `retry_after` is in whole seconds."""

    def __init__(self, per_second: int, retry_after: int) -> None:
        super().__init__(f"{per_second} requests per second are allowed; wait {retry_after} s")
        self.retry_after = retry_after


class RequestRate:
    """Buckets by account or token: `burst` at once, `per_second` go on; 0 per second: no limit."""

    def __init__(
        self, per_second: int, burst: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._per_second, self._burst, self._clock = per_second, burst, clock
        self._buckets: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def take(self, key: str) -> None:
        """Take one request from the bucket of the key.

        Raises: TooFast (429) when it is empty.
        """
        if not self._per_second:
            return
        with self._lock:
            now = self._clock()
            left = self._left(key, now)
            if left < 1:
                raise TooFast(self._per_second, max(1, ceil((1 - left) / self._per_second)))
            if key not in self._buckets and len(self._buckets) >= KEPT:
                self._drop_full(now)
            self._buckets[key] = (left - 1, now)

    def _left(self, key: str, now: float) -> float:
        left, since = self._buckets.get(key, (float(self._burst), now))
        return min(self._burst, left + (now - since) * self._per_second)

    def _drop_full(self, now: float) -> None:
        """Forget who has not asked for long: a full bucket is the same as none."""
        kept = {
            key: each for key, each in self._buckets.items() if self._left(key, now) < self._burst
        }
        self._buckets = kept
