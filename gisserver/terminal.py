"""Progress on a terminal: short lines, told at once, readable in a log file too."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


def say(text: str) -> None:
    """Print one line of progress at once."""
    print(f"▸ {text}", flush=True)


@contextmanager
def step(title: str) -> Iterator[None]:
    """Say when a step begins and how long it took."""
    began = time.monotonic()
    say(title)
    yield
    print(f"  ✓ {time.monotonic() - began:.1f} s", flush=True)


class Meter:
    """Progress of one long job: a moving line on a terminal, a line a tenth in a file."""

    def __init__(self) -> None:
        """Nothing is shown before the first report."""
        self._shown = ""
        self._moving = sys.stdout.isatty()

    def share(self, what: str, share: float) -> None:
        """Show what is being done and the share, 0..1, of the whole that is done."""
        self._show(f"{100 * share:3.0f} %  {what}", f"{what} {int(10 * share)}")

    def count(self, done: int, total: int | None) -> None:
        """Show how many rows are done, of how many if that is known."""
        if total:
            self._show(f"{100 * done / total:3.0f} %  {done:,}", str(10 * done // total))
        else:
            self._show(f"{done:,}", str(done // 100_000))

    def close(self) -> None:
        """End the moving line."""
        if self._moving and self._shown:
            print(flush=True)
        self._shown = ""

    def _show(self, line: str, landmark: str) -> None:
        mark = line if self._moving else landmark
        if mark == self._shown:
            return
        self._shown = mark
        if self._moving:
            print(f"\r\x1b[K  {line}", end="", flush=True)
        else:
            print(f"  {line}", flush=True)
