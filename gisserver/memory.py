"""What a server process is spared: needless work of the collector, pages that nobody uses."""

from __future__ import annotations

import ctypes
import gc
import os

MALLOC_ARENA_MAX, MMAP_THRESHOLD = -8, -3
"""Of mallopt(3)."""
HEAPS = 2
LARGE_BYTES = 256 * 1024
JEMALLOC, GIVING_BACK = "_RJEM_MALLOC_CONF", "narenas:1,dirty_decay_ms:0,muzzy_decay_ms:0"
"""The allocator within granian, and how it is told (jemalloc(3), TUNING)."""


def have_memory_given_back() -> None:
    """Tells the HTTP server's allocator to keep nothing of large answers.

    What the environment says already stays. Must come before the HTTP server is imported.
    """
    os.environ.setdefault(JEMALLOC, GIVING_BACK)


def settle_memory() -> None:
    """Spare a process that has just begun to serve needless work and pages.

    What it starts with lives as long as it does: no collection has to walk it again. Threads share
    two heaps of the C library, which would else keep one each with what a large batch left behind.
    Large answers are given back when they are sent: the library would else learn to keep them.
    """
    gc.collect()
    gc.freeze()
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        libc.mallopt(MALLOC_ARENA_MAX, HEAPS)
        libc.mallopt(MMAP_THRESHOLD, LARGE_BYTES)
