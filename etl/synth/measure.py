"""How fast rows went in, beside a bare COPY of some of the same rows in the same run."""

from __future__ import annotations

import io
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import Connection

from etl.synth.text import Block
from layers.core.bulk import copy_text

EVERY = 16
"""Of so many blocks of a table one is measured, the first among them."""
ROWS = 4_000
"""So many rows of it."""


@dataclass
class Sample:
    """Rows of a table that were copied to measure, and the seconds it took."""

    rows: int = 0
    seconds: float = 0.0


@dataclass
class Figures:
    """What was copied and how long it took."""

    rows: Counter[str] = field(default_factory=Counter)
    copy_seconds: float = 0.0
    index_seconds: float = 0.0
    heap: defaultdict[str, Sample] = field(default_factory=lambda: defaultdict(Sample))
    """COPY into a table that has the columns and nothing else."""
    table: defaultdict[str, Sample] = field(default_factory=lambda: defaultdict(Sample))
    """COPY into a table of the same kind: indexes, unique keys, checks, computed columns."""

    def load_seconds(self) -> float:
        """Seconds the database took for all rows, indexes and checks included."""
        return self.copy_seconds + self.index_seconds

    def estimate(self, samples: dict[str, Sample]) -> float:
        """Seconds a COPY of all rows would take at the speed of the samples of each table."""
        return sum(
            rows * samples[table].seconds / samples[table].rows
            for table, rows in self.rows.items()
            if table in samples
        )


class Measure:
    """Copies the first rows of some blocks into tables of its own, which it takes away again.

    `tables` are those whose indexes will be gone when the rows come; others are met as they are.
    The tables of the same kind stay small, so that their indexes cost less than those of the real
    ones, and have no foreign keys: what is compared with looks faster than it is, never slower.
    """

    def __init__(self, connection: Connection, figures: Figures, tables: Iterable[str]) -> None:
        self._connection = connection
        self._figures = figures
        self._seen: Counter[str] = Counter()
        self._kinds: dict[str, str] = {}
        for table in tables:
            self._make_kind(table)

    def note(self, block: Block, table: str) -> None:
        """Measures a block of `table` if it is its turn."""
        self._seen[table] += 1
        if self._seen[table] % EVERY != 1:
            return
        body, rows = first_rows(block)
        names = ", ".join(f'"{name}"' for name in block.columns)
        self._run(f"CREATE TABLE core.measured AS SELECT {names} FROM {table} WITH NO DATA")
        self._copy("core.measured", block, body, rows, self._figures.heap[block.table])
        self._run("DROP TABLE core.measured")
        kind = self._kinds.get(table) or self._make_kind(table)
        self._copy(kind, block, body, rows, self._figures.table[block.table])

    def finish(self) -> None:
        """Takes the tables away."""
        self._run(f"DROP TABLE {', '.join(self._kinds.values())}")

    def _make_kind(self, table: str) -> str:
        kind = self._kinds[table] = f"core.measured_{len(self._kinds)}"
        self._run(f"CREATE TABLE {kind} (LIKE {table} INCLUDING ALL)")
        return kind

    def _copy(self, into: str, block: Block, body: bytes, rows: int, sample: Sample) -> None:
        began = time.perf_counter()
        copy_text(self._connection, into, block.columns, io.BytesIO(body))
        sample.seconds += time.perf_counter() - began
        sample.rows += rows

    def _run(self, statement: str) -> None:
        self._connection.exec_driver_sql(statement)


def first_rows(block: Block) -> tuple[bytes, int]:
    """The text of a block's first rows, and how many they are."""
    if block.rows <= ROWS:
        return block.body, block.rows
    end = 0
    for _ in range(ROWS):
        end = block.body.index(b"\n", end) + 1
    return block.body[:end], ROWS
