"""The bare SQL of a question: the statements the platform itself would run, run by the driver."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from psycopg2.extensions import connection as Connection  # noqa: N812
from sqlalchemy import Connection as SqlConnection
from sqlalchemy import Engine, event

Statements = list[tuple[str, Any]]


def statements_of(engine: Engine, question: Callable[[SqlConnection], object]) -> Statements:
    """What a question asks of the database, as the driver gets it."""
    heard: Statements = []

    def hear(_connection: object, _cursor: object, statement: str, values: Any, *_: object) -> None:
        heard.append((statement, values))

    with engine.begin() as connection:
        event.listen(connection, "before_cursor_execute", hear)
        question(connection)
        event.remove(connection, "before_cursor_execute", hear)
    return heard


def run_bare(connection: Connection, statements: Statements) -> float:
    """Runs statements as the owner of the tables, reads every row; returns seconds."""
    began = time.perf_counter()
    with connection.cursor() as cursor:
        for statement, values in statements:
            cursor.execute(statement, values)
            cursor.fetchall()
    return time.perf_counter() - began
