"""The day set to another: what the database takes for now when it tells the day in China."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, text

from layers.core.database import owner_transaction

_TODAY = text("SELECT prosrc FROM pg_proc WHERE oid = 'core.today()'::regprocedure")
_CREATE = (
    "CREATE OR REPLACE FUNCTION core.today() RETURNS date "
    "LANGUAGE sql STABLE PARALLEL SAFE AS $today${}$today$"
)


@contextmanager
def at_moment(engine: Engine, moment: str) -> Iterator[None]:
    """The day is that of the moment (ISO 8601 with offset) within the block."""
    with owner_transaction(engine) as connection:
        body = str(connection.execute(_TODAY).scalar_one())
        assert "now()" in body
        connection.exec_driver_sql(_CREATE.format(body.replace("now()", f"timestamptz '{moment}'")))
    try:
        yield
    finally:
        with owner_transaction(engine) as connection:
            connection.exec_driver_sql(_CREATE.format(body))
