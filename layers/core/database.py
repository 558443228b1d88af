"""Engines and transactions. Every reader's transaction carries role and scope.

A reader's transaction runs as the role `wangge_app`, which owns nothing and is held by row-level
security; `wangge.scope` tells the policies in which areas each right is held.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import psycopg2
from psycopg2.extensions import TRANSACTION_STATUS_IDLE
from sqlalchemy import Connection, Engine, Row, create_engine, text

from layers.core.scope import Reader

APP_ROLE = "wangge_app"
STATEMENT_TIMEOUT_MS = 30_000

_ENTER = (
    "SELECT set_config('role', %(app_role)s, true), "
    "set_config('wangge.scope', %(app_scope)s, true), "
    "set_config('wangge.login', %(app_login)s, true), "
    "set_config('statement_timeout', %(app_timeout)s, true), "
    # Starting helpers takes longer than what a reader asks.
    "set_config('max_parallel_workers_per_gather', '0', true)"
)


def connect_engine(url: str, *, pool_size: int = 12) -> Engine:
    """A pooled engine for a `postgresql://` URL or libpq DSN; times are UTC, jit is off."""
    address = url if "://" in url else "postgresql+psycopg2://"
    arguments: dict[str, Any] = {
        "options": "-c timezone=UTC -c jit=off",
        "connection_factory": _Driver,
    }
    if "://" not in url:
        arguments["dsn"] = url
    return create_engine(
        address.replace("postgres://", "postgresql://", 1),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=30,
        pool_pre_ping=False,
        connect_args=arguments,
        use_insertmanyvalues=False,
        hide_parameters=True,  # an error in the log must not carry names and numbers
    )


@lru_cache(maxsize=1024)
def scope_setting(reader: Reader) -> str:
    """The reader's scope as JSON: right → LIKE patterns of area codes; `layers` if not all."""
    patterns = {
        right.value: [f"{prefix}%" for prefix in prefixes]
        for right, prefixes in reader.scopes.items()
    }
    if reader.layers:
        patterns["layers"] = [layer.name for layer in reader.layers]
    return json.dumps(patterns, separators=(",", ":"))


def entering(reader: Reader) -> tuple[str, dict[str, str]]:
    """What brings a transaction into the reader's scope: a statement (pyformat) and its values."""
    return _ENTER, {
        "app_role": APP_ROLE,
        "app_scope": scope_setting(reader),
        "app_login": reader.login,
        "app_timeout": str(STATEMENT_TIMEOUT_MS),
    }


@contextmanager
def reader_transaction(
    engine: Engine, reader: Reader, *, streams: bool = False
) -> Iterator[Connection]:
    """One transaction within the reader's scope; committed at the end, rolled back on error.

    BEGIN travels with the scope, which saves a round trip. With `streams` it goes by itself: the
    driver opens a cursor (`stream_results`) only in a transaction that it began.
    """
    enter, settings = entering(reader)
    if streams:
        with engine.begin() as connection:
            connection.exec_driver_sql(enter, settings)
            yield connection
        return
    with _by_hand(engine) as connection, connection.begin():
        connection.exec_driver_sql(f"BEGIN; {enter}", settings)
        yield connection


class _Driver(psycopg2.extensions.connection):
    """A driver's connection that also ends a transaction that was begun by a statement."""

    def commit(self) -> None:
        self._end("COMMIT", super().commit)

    def rollback(self) -> None:
        self._end("ROLLBACK", super().rollback)

    def _end(self, statement: str, of_driver: Callable[[], None]) -> None:
        if not self.autocommit:
            of_driver()
        elif self.info.transaction_status != TRANSACTION_STATUS_IDLE:
            with self.cursor() as cursor:
                cursor.execute(statement)


@contextmanager
def _by_hand(engine: Engine) -> Iterator[Connection]:
    """A connection whose driver sends no BEGIN by itself."""
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        driver.autocommit = True
        try:
            yield connection
        finally:
            if driver.info.transaction_status == TRANSACTION_STATUS_IDLE:
                driver.autocommit = False
            else:
                connection.invalidate()


def read_within(
    engine: Engine, reader: Reader, statement: str, values: Mapping[str, Any]
) -> Sequence[Row[Any]]:
    """Rows of one reading statement (pyformat) within the reader's scope.

    The same as a `reader_transaction`, but scope and question travel together: what PostgreSQL is
    sent at once is one transaction, so it costs one round trip in place of four.
    """
    enter, settings = entering(reader)
    with _by_hand(engine) as connection:
        return connection.exec_driver_sql(f"{enter}; {statement}", {**values, **settings}).all()


def rows_within(
    engine: Engine, reader: Reader, statement: str, values: Mapping[str, Any]
) -> list[tuple[Any, ...]]:
    """The same rows as plain tuples, by the driver alone: for what is asked hundreds of times.

    Raises: psycopg2.Error.
    """
    enter, settings = entering(reader)
    pooled = engine.raw_connection()
    driver: Any = pooled.driver_connection
    try:
        driver.autocommit = True
        with driver.cursor() as cursor:
            cursor.execute(f"{enter}; {statement}", {**values, **settings})
            found: list[tuple[Any, ...]] = cursor.fetchall()
            return found
    finally:
        if driver.info.transaction_status == TRANSACTION_STATUS_IDLE:
            driver.autocommit = False
        else:
            pooled.invalidate()
        pooled.close()


class Asks(Protocol):
    """What a question of one reading statement needs: a connection, or `OneTrip`."""

    def exec_driver_sql(self, statement: str, parameters: Mapping[str, Any], /) -> Iterable[Any]:
        """Rows of a statement (pyformat)."""


@dataclass(frozen=True)
class OneTrip:
    """Asks each statement by `read_within`: for questions that need one statement only."""

    engine: Engine
    reader: Reader

    def exec_driver_sql(self, statement: str, parameters: Mapping[str, Any], /) -> Iterable[Any]:
        """Rows of a statement (pyformat) within the reader's scope."""
        return read_within(self.engine, self.reader, statement, parameters)

    def rows(self, statement: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """The same as plain tuples."""
        return rows_within(self.engine, self.reader, statement, parameters)


@contextmanager
def owner_transaction(engine: Engine, *, login: str = "system") -> Iterator[Connection]:
    """One transaction as the owner of the tables: sign-in, bulk loads, migrations."""
    with engine.begin() as connection:
        connection.execute(
            text("SELECT set_config('wangge.login', :login, true)"), {"login": login}
        )
        yield connection
