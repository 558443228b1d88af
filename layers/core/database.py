"""Engines and transactions. Every reader's transaction carries role and scope.

A reader's transaction runs as the role `wangge_app`, which owns nothing and is held by row-level
security; `wangge.scope` tells the policies in which areas each right is held.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any, Protocol

import psycopg2
from psycopg2 import errors
from psycopg2.extensions import TRANSACTION_STATUS_IDLE
from sqlalchemy import Connection, Engine, Row, create_engine, text

from layers.core.scope import Reader

APP_ROLE = "wangge_app"
STATEMENT_TIMEOUT_MS = 30_000
MOST_PREPARED = 64
"""Of one connection; each takes the server some hundred kilobytes."""
_VALUE = re.compile(r"%\((\w+)\)s")

_ENTER = (
    "SELECT set_config('role', %(app_role)s, true), "
    "set_config('wangge.scope', %(app_scope)s, true), "
    "set_config('wangge.login', %(app_login)s, true), "
    "set_config('statement_timeout', %(app_timeout)s, true), "
    # Starting helpers takes longer than what a reader asks.
    "set_config('max_parallel_workers_per_gather', '0', true)"
)


def connect_engine(url: str, *, pool_size: int = 12, of_trips: bool = False) -> Engine:
    """A pooled engine for a `postgresql://` URL or libpq DSN; times are UTC, jit is off.

    One `of_trips` is for `OneTrip` only: its driver begins and ends no transactions, so nothing
    has to be said before and after a statement.
    """
    address = url if "://" in url else "postgresql+psycopg2://"
    arguments: dict[str, Any] = {
        "options": "-c timezone=UTC -c jit=off",
        "connection_factory": _Driver,
    }
    if "://" not in url:
        arguments["dsn"] = url
    trips: dict[str, Any] = {
        "isolation_level": "AUTOCOMMIT",
        "pool_reset_on_return": None,
        # What a connection has learnt of the tables stays warm.
        "pool_use_lifo": True,
    }
    return create_engine(
        address.replace("postgres://", "postgresql://", 1),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=30,
        pool_pre_ping=False,
        connect_args=arguments,
        use_insertmanyvalues=False,
        hide_parameters=True,  # an error in the log must not carry names and numbers
        **(trips if of_trips else {}),
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
    """A driver's connection that also ends a transaction that was begun by a statement.

    `prepared` are the names of statements that it has prepared, the oldest first.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.prepared: dict[str, None] = {}

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
        with _unbegun(driver, connection.invalidate):
            yield connection


@contextmanager
def _unbegun(driver: Any, give_up: Callable[[], None]) -> Iterator[None]:
    """The driver sends no BEGIN within the block; `give_up` when a transaction is left open."""
    is_of_trips = driver.autocommit
    if not is_of_trips:
        driver.autocommit = True
    try:
        yield
    finally:
        if driver.info.transaction_status != TRANSACTION_STATUS_IDLE:
            give_up()
        elif not is_of_trips:
            driver.autocommit = False


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
    with _driver(engine) as driver, driver.cursor() as cursor:
        cursor.execute(f"{enter}; {statement}", {**values, **settings})
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def prepared_rows_within(
    engine: Engine,
    reader: Reader,
    statement: str,
    fixed: Mapping[str, Any],
    values: Mapping[str, Any],
) -> list[tuple[Any, ...]]:
    """The same by a statement that each connection prepares once, for values that are `fixed`.

    For short answers, which take less time than their plan, and only where a plan that knew the
    other values would be the same.

    Raises: psycopg2.Error.
    """
    enter, settings = entering(reader)
    name, numbered, execute = _as_prepared(statement, tuple(fixed.items()))
    with _driver(engine) as driver, driver.cursor() as cursor:
        try:
            if name not in driver.prepared:
                _make_room(driver, cursor)
                preparing = f"{enter}; PREPARE {name} AS {numbered}"
                cursor.execute(preparing, {**fixed, **settings})
                driver.prepared[name] = None
            cursor.execute(f"{enter}; {execute}", {**values, **settings})
            found: list[tuple[Any, ...]] = cursor.fetchall()
        except (errors.InvalidSqlStatementName, errors.DuplicatePreparedStatement):
            # Somebody between us and the server hands its connections around.
            driver.prepared.clear()
        else:
            return found
    return rows_within(engine, reader, statement, {**fixed, **values})


def _make_room(driver: _Driver, cursor: Any) -> None:
    if len(driver.prepared) >= MOST_PREPARED:
        oldest = next(iter(driver.prepared))
        cursor.execute(f"DEALLOCATE {oldest}")
        del driver.prepared[oldest]


@lru_cache(maxsize=1024)
def _as_prepared(statement: str, fixed: tuple[tuple[str, Any], ...]) -> tuple[str, str, str]:
    """A name for a statement (pyformat), the statement with numbered values, and its call."""
    known = dict(fixed)
    names = [each for each in dict.fromkeys(_VALUE.findall(statement)) if each not in known]
    numbered = _VALUE.sub(
        lambda found: found[0] if found[1] in known else f"${names.index(found[1]) + 1}", statement
    )
    name = f"kept_{sha256(repr((statement, fixed)).encode()).hexdigest()[:20]}"
    listed = ", ".join(f"%({each})s" for each in names)
    return name, numbered, f"EXECUTE {name}({listed})" if names else f"EXECUTE {name}"


@contextmanager
def _driver(engine: Engine) -> Iterator[_Driver]:
    """A pooled connection of the driver, on which each statement is a transaction of its own."""
    pooled = engine.raw_connection()
    driver: Any = pooled.driver_connection
    try:
        with _unbegun(driver, pooled.invalidate):
            yield driver
    finally:
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

    def prepared_rows(
        self, statement: str, fixed: Mapping[str, Any], values: Mapping[str, Any]
    ) -> list[tuple[Any, ...]]:
        """The same by a statement that is prepared with its `fixed` values."""
        return prepared_rows_within(self.engine, self.reader, statement, fixed, values)


@contextmanager
def owner_transaction(engine: Engine, *, login: str = "system") -> Iterator[Connection]:
    """One transaction as the owner of the tables: sign-in, bulk loads, migrations."""
    with engine.begin() as connection:
        connection.execute(
            text("SELECT set_config('wangge.login', :login, true)"), {"login": login}
        )
        yield connection
