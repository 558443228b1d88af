"""The plain tables that all peers read, in a database of their own beside the platform's."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import cast

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812
from sqlalchemy.engine import make_url

DATABASE = "wangge_peers"
PROPERTIES = ("code", "name", "usage", "levels", "height")
_TABLES = {
    "building": (
        "housing.building",
        "code text, name text, usage text, levels integer, height double precision, "
        "geom geometry(MultiPolygon, 4326)",
        "code, name, usage, levels, height, geom",
    ),
    "component": (
        "places.component",
        "code text, name text, kind text, state text, geom geometry(Point, 4326)",
        "code, name, kind, state, geom",
    ),
}


@dataclass(frozen=True)
class Place:
    """Where a database is, in the words that every client library knows."""

    host: str
    port: int
    user: str
    password: str
    database: str

    @staticmethod
    def of(url: str) -> Place:
        """The place that a SQLAlchemy address names."""
        parts = make_url(url)
        host = parts.query.get("host") or parts.host or "localhost"
        port = parts.query.get("port") or parts.port or 5432
        return Place(
            str(host),
            int(cast(str, port)),
            parts.username or "",
            parts.password or "",
            parts.database or "",
        )

    def connect(self) -> Connection:
        """A connection of the driver that commits each statement."""
        connection = psycopg2.connect(
            host=self.host,
            port=self.port,
            user=self.user,
            password=self.password,
            dbname=self.database,
            options="-c jit=off -c timezone=UTC",
        )
        connection.autocommit = True
        return connection


@contextmanager
def plain_tables(url: str, area: str) -> Iterator[Place]:
    """A database with an area's rows of the platform's tables, dropped at the end of the block.

    The tables hold what any table of buildings holds, in order of their ids, with a key, an index
    on the geometry and fresh statistics. What an earlier run left is dropped first.
    """
    ours = Place.of(url)
    place = Place(ours.host, ours.port, ours.user, ours.password, DATABASE)
    with closing(ours.connect()) as connection:
        _drop(connection)
        try:
            _run(connection, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
            with closing(place.connect()) as plain:
                _fill(connection, plain, area)
            yield place
        finally:
            _drop(connection)


def _fill(source: Connection, plain: Connection, area: str) -> None:
    _run(plain, sql.SQL("CREATE EXTENSION postgis"))
    for table, (origin, columns, names) in _TABLES.items():
        with plain.cursor() as target, source.cursor() as from_, tempfile.TemporaryFile() as file:
            target.execute(f"CREATE TABLE {table} (id bigint PRIMARY KEY, {columns})")
            rows = f"SELECT id, {names} FROM {origin} WHERE starts_with(area_code, '{area}')"
            from_.copy_expert(f"COPY ({rows} ORDER BY id) TO STDOUT (FORMAT binary)", file)
            file.seek(0)
            target.copy_expert(f"COPY {table} FROM STDIN (FORMAT binary)", file)
            target.execute(f"CREATE INDEX ON {table} USING gist (geom)")
            target.execute(f"VACUUM (FREEZE, ANALYZE) {table}")


def _drop(connection: Connection) -> None:
    statement = "DROP DATABASE IF EXISTS {} WITH (FORCE)"
    _run(connection, sql.SQL(statement).format(sql.Identifier(DATABASE)))


def _run(connection: Connection, statement: sql.Composable) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
