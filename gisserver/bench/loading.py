"""Loading a file with all its checks, beside a bare COPY of the same rows."""

from __future__ import annotations

import io
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import geopandas
from sqlalchemy import Connection, Engine

from etl.load import LoadOptions, load_file
from gisserver.bench.figures import Comparison, Times
from layers.core.bulk import begin_bulk, copy_text

ROWS = 20_000
ROUNDS = 3
FILE = "bench.gpkg"
QUERY = (
    "SELECT name, number, usage, structure, levels, levels_below, height, built_year, "
    "management_company, street, house_number, address, geom "
    f"FROM housing.building ORDER BY id LIMIT {ROWS}"
)
COLUMNS = (
    "source, source_key, area_code, name, number, usage, structure, levels, levels_below, height, "
    "built_year, management_company, street, house_number, address, geom"
)


def loading(engine: Engine) -> tuple[Comparison, int]:
    """Loads a GeoPackage of buildings and copies its rows in turn; gives times and rows.

    Everything is taken back. The load reads the file, checks every value and outline, finds each
    row's grid and compares keys; the COPY gets text that is ready, into the same table with the
    same indexes.
    """
    bare: list[float] = []
    loaded: list[float] = []
    with tempfile.TemporaryDirectory(prefix="wangge-bench-") as folder:
        path = Path(folder) / FILE
        rows = _write(engine, path)
        with engine.connect() as connection:
            begin_bulk(connection)
            try:
                for _ in range(ROUNDS):
                    seconds, text = _loaded(engine, connection, path)
                    loaded.append(seconds)
                    bare.append(_bare(connection, text))
            finally:
                connection.rollback()
    found = Comparison("load buildings", Times(tuple(bare)), Times(tuple(loaded)))
    speeds = (rows / times.p50 * 1000 for times in (found.served, found.bare))
    note = "{:,.0f} rows/s, bare COPY {:,.0f} rows/s".format(*speeds)
    return replace(found, note=note), rows


def _write(engine: Engine, path: Path) -> int:
    with engine.connect() as connection:
        frame = geopandas.read_postgis(QUERY, connection, geom_col="geom")
    frame.to_file(path, layer="buildings", driver="GPKG")
    return len(frame)


def _loaded(engine: Engine, connection: Connection, path: Path) -> tuple[float, bytes]:
    """Seconds of the whole load, and its rows as text for COPY."""
    text = io.BytesIO()
    with _taken_back(connection):
        began = time.perf_counter()
        load_file(
            engine,
            path,
            LoadOptions(reports=path.parent),
            None,
            transaction=lambda: _within(connection),
        )
        seconds = time.perf_counter() - began
        raw = connection.connection.cursor()
        try:
            raw.copy_expert(
                f"COPY (SELECT {COLUMNS} FROM housing.building WHERE source = '{FILE}') TO STDOUT",
                text,
            )
        finally:
            raw.close()
    return seconds, text.getvalue()


def _bare(connection: Connection, text: bytes) -> float:
    with _taken_back(connection):
        began = time.perf_counter()
        copy_text(connection, "housing.building", COLUMNS.split(", "), io.BytesIO(text))
        return time.perf_counter() - began


@contextmanager
def _within(connection: Connection) -> Iterator[Connection]:
    """A transaction that is part of another."""
    yield connection


@contextmanager
def _taken_back(connection: Connection) -> Iterator[None]:
    started = connection.begin_nested()
    try:
        yield
    finally:
        started.rollback()
