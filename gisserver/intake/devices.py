"""Whose fixes a token sends, remembered for a few seconds; and how much each device sent."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import Engine

from gisserver.auth.cache import TimedCache
from gisserver.auth.secrets import hash_secret
from layers.patrol.devices import Sender, Use, count_uses, sender_of

DEVICE_PREFIX = "wgd_"
REMEMBERED_SECONDS = 30.0
LONGEST_TOKEN = 100


class DeviceBook:
    """Finds who sends; safe across threads. `cache.clear()` when devices were revoked."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.cache: TimedCache[Sender] = TimedCache(REMEMBERED_SECONDS, size=50_000)
        self._uses: dict[int, Use] = {}
        self._lock = threading.Lock()

    def find(self, token: str) -> Sender | None:
        """Whose fixes a token sends; None for a token that is none, or no longer."""
        if not token.startswith(DEVICE_PREFIX) or len(token) > LONGEST_TOKEN:
            return None
        key = hash_secret(token)
        found = self.cache.get(key)
        if found is None:
            generation = self.cache.generation
            with self._engine.begin() as connection:
                found = sender_of(connection, key)
            if found is not None:
                self.cache.put(key, found, generation)
        return found if found is not None and found.expires_at > datetime.now(UTC) else None

    def count(self, device_id: int, taken: int, refusals: Iterable[str]) -> None:
        """Count what a device sent; `refusals` are the reasons of what was not taken."""
        reasons = list(refusals)
        with self._lock:
            use = self._uses.setdefault(device_id, Use(0, 0, None, datetime.now(UTC)))
            use.taken += taken
            use.refused += len(reasons)
            use.refusal = reasons[-1] if reasons else use.refusal
            use.used = datetime.now(UTC)

    def write_counts(self) -> None:
        """Bring the counts to the database; what cannot be written is kept for the next time."""
        with self._lock:
            uses, self._uses = self._uses, {}
        if not uses:
            return
        try:
            with self._engine.begin() as connection:
                count_uses(connection, uses)
        except BaseException:
            self._give_back(uses)
            raise

    def _give_back(self, uses: dict[int, Use]) -> None:
        with self._lock:
            for device_id, use in uses.items():
                later = self._uses.get(device_id)
                if later is None:
                    self._uses[device_id] = use
                else:
                    later.taken += use.taken
                    later.refused += use.refused
