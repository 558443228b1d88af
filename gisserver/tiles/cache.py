"""Finished tiles, the least recently asked for are dropped first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass

DEFAULT_BYTES = 256 * 1024 * 1024
# What an entry costs beside its body: key, order and object.
OVERHEAD_BYTES = 600
WAIT_SECONDS = 60.0


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
        self._running: dict[Hashable, Future[bytes]] = {}

    @property
    def size(self) -> int:
        """Bytes held."""
        return self._bytes

    def get(self, key: Hashable, version: Hashable, make: Callable[[], bytes]) -> bytes:
        """The body of that version, made once however many ask for it at the same time.

        Raises: what `make` raises, in every thread that waits for it.
        """
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None and kept.version == version:
                self._kept.move_to_end(key)
                return kept.body
            running = self._running.get((key, version))
            if running is None:
                mine = self._running[key, version] = Future[bytes]()
        if running is not None:
            return running.result(WAIT_SECONDS)
        return self._make(key, version, make, mine)

    def _make(
        self, key: Hashable, version: Hashable, make: Callable[[], bytes], mine: Future[bytes]
    ) -> bytes:
        try:
            body = make()
        except BaseException as error:
            mine.set_exception(error)
            raise
        else:
            self._keep(key, _Kept(version, body))
            mine.set_result(body)
            return body
        finally:
            with self._lock:
                del self._running[key, version]

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
