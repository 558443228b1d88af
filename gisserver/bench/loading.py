"""Loading by COPY with checks of area and key, beside a bare COPY of the same rows."""

from __future__ import annotations

import io
import time
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection, Engine

from gisserver.bench.figures import Comparison, Times
from layers.catalogue import layer_by_name
from layers.core.bulk import begin_bulk, bulk_load, copy_text

ROWS = 20_000
ROUNDS = 3
SOURCE = "bench"
QUERY = (
    f"SELECT '{SOURCE}', id::text, name, number, usage, levels, height, geom::text "
    f"FROM housing.building ORDER BY id LIMIT {ROWS}"
)
COLUMNS = ("source", "source_key", "name", "number", "usage", "levels", "height", "geom")


def loading(engine: Engine) -> tuple[Comparison, int]:
    """Loads copies of buildings both ways in turn and takes all back; gives times and rows."""
    bare: list[float] = []
    loaded: list[float] = []
    with engine.connect() as connection:
        try:
            begin_bulk(connection)
            rows = [tuple(row) for row in connection.exec_driver_sql(QUERY)]
            for _ in range(ROUNDS):
                bare.append(_bare(connection))
                loaded.append(_loaded(connection, rows))
        finally:
            connection.rollback()
    found = Comparison("load buildings", Times(tuple(bare)), Times(tuple(loaded)))
    speeds = (len(rows) / times.p50 * 1000 for times in (found.served, found.bare))
    note = "{:,.0f} rows/s, bare COPY {:,.0f} rows/s".format(*speeds)
    return replace(found, note=note), len(rows)


def _loaded(connection: Connection, rows: Sequence[tuple[object, ...]]) -> float:
    started = connection.begin_nested()
    began = time.perf_counter()
    bulk_load(connection, layer_by_name("buildings"), COLUMNS, rows)
    seconds = time.perf_counter() - began
    started.rollback()
    return seconds


def _bare(connection: Connection) -> float:
    """COPY of text that is ready into the same table: same indexes, no areas, no keys compared."""
    lines = io.BytesIO()
    raw = connection.connection.cursor()
    try:
        raw.copy_expert(f"COPY ({QUERY}) TO STDOUT", lines)
    finally:
        raw.close()
    lines.seek(0)
    copied = connection.begin_nested()
    began = time.perf_counter()
    copy_text(connection, "housing.building", COLUMNS, lines)
    seconds = time.perf_counter() - began
    copied.rollback()
    return seconds
