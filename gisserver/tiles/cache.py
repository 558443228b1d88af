"""Finished tiles, the least recently asked for are dropped first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from gisserver.single_flight import SingleFlight

DEFAULT_BYTES = 256 * 1024 * 1024
# What an entry costs beside its body: key, order and object.
OVERHEAD_BYTES = 600


@dataclass(frozen=True)
class _Kept:
    version: Hashable
    body: bytes


class TileCache:
    """At most `limit` bytes of bodies by key, each of one version; safe across threads."""

    def __init__(self, limit: int = DEFAULT_BYTES) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()
        self._bytes = 0
        self._flights: SingleFlight[bytes] = SingleFlight()

    @property
    def size(self) -> int:
        """Bytes held."""
        return self._bytes

    def get(self, key: Hashable, version: Hashable, make: Callable[[], bytes]) -> bytes:
        """The body of that version, made once however many ask for it at the same time.

        Raises: what `make` raises, in every thread that waits for it.
        """
        found = self._find(key, version)
        if found is not None:
            return found

        def make_and_keep() -> bytes:
            # Somebody may have made it between the look above and this turn.
            body = self._find(key, version)
            if body is None:
                body = make()
                self._keep(key, _Kept(version, body))
            return body

        return self._flights.run((key, version), make_and_keep)

    def _find(self, key: Hashable, version: Hashable) -> bytes | None:
        with self._lock:
            kept = self._kept.get(key)
            if kept is None or kept.version != version:
                return None
            self._kept.move_to_end(key)
            return kept.body

    def _keep(self, key: Hashable, kept: _Kept) -> None:
        with self._lock:
            self._drop(key)
            if len(kept.body) + OVERHEAD_BYTES > self._limit:
                return
            self._kept[key] = kept
            self._bytes += len(kept.body) + OVERHEAD_BYTES
            while self._bytes > self._limit:
                self._drop(next(iter(self._kept)))

    def _drop(self, key: Hashable) -> None:
        dropped = self._kept.pop(key, None)
        if dropped is not None:
            self._bytes -= len(dropped.body) + OVERHEAD_BYTES
