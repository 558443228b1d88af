"""Puts blocks into tables: ids, COPY, indexes made after the rows, and the figures of it."""

from __future__ import annotations

import io
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta

from sqlalchemy import Connection, Engine, text

from etl.synth.measure import Figures, Measure
from etl.synth.text import Block
from layers.core.bulk import copy_text

TABLES = (
    "territory.area",
    "territory.grid",
    "territory.road",
    "territory.water",
    "territory.green",
    "organisation.unit",
    "organisation.staff",
    "organisation.assignment",
    "housing.compound",
    "housing.building",
    "housing.entrance",
    "housing.dwelling",
    "people.person",
    "people.residence",
    "housing.rental",
    "people.care_record",
    "places.key_site",
    "places.facility",
    "places.component",
    "places.camera",
    "places.organisation",
    "incidents.incident",
    "patrol.vehicle",
    "patrol.last_position",
    "patrol.shift",
)
"""Tables of the synthetic city, owners before those that refer to them."""
STEPS = "incidents.step"
"""The flow record: filled with the incidents and gone with them."""


class Store:
    """Copies blocks within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.figures = Figures()
        self._measure = Measure(connection, self.figures, (*TABLES, "patrol.position"))
        self._parts: dict[str, str] = {}

    def first_id(self, table: str) -> int:
        """Return an id above all ids of the table."""
        return int(
            self.connection.execute(
                text(f"SELECT coalesce(max(id), 0) + 1 FROM {table}")
            ).scalar_one()
        )

    def put(self, block: Block) -> None:
        """Copy one block in."""
        if not block.rows:
            return
        self._measure.note(block, self._parts.get(block.table, block.table))
        began = time.perf_counter()
        copy_text(self.connection, block.table, block.columns, io.BytesIO(block.body))
        self.figures.copy_seconds += time.perf_counter() - began
        self.figures.rows[block.table] += block.rows

    @contextmanager
    def day(self, day: date) -> Iterator[str]:
        """Make the table of one day's positions (China time); it becomes a partition at the end."""
        name = f"patrol.position_{day:%Y%m%d}"
        run = self.connection.exec_driver_sql
        following = day + timedelta(days=1)
        bounds = f"'{day} 00:00+08'", f"'{following} 00:00+08'"
        held = run(
            "SELECT EXISTS (SELECT FROM patrol.position "
            f"WHERE device_time >= {bounds[0]} AND device_time < {bounds[1]})"
        ).scalar_one()
        if held:
            yield "patrol.position"
            return
        run(f"DROP TABLE IF EXISTS {name}")
        run(f"CREATE TABLE {name} (LIKE patrol.position INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
        self._parts[name] = "patrol.position"
        yield name
        began = time.perf_counter()
        run(
            f"ALTER TABLE patrol.position ATTACH PARTITION {name} "
            f"FOR VALUES FROM ({bounds[0]}) TO ({bounds[1]})"
        )
        self.figures.index_seconds += time.perf_counter() - began

    def finish(self) -> None:
        """Let new rows get ids above the copied ones and renew the planner's statistics."""
        self._measure.finish()
        for table in (*TABLES, STEPS):
            if self.figures.rows[table]:
                self.connection.execute(
                    text(
                        "SELECT setval(pg_get_serial_sequence(:table, 'id'), "
                        f"(SELECT max(id) FROM {table}))"
                    ),
                    {"table": table},
                )
                self.connection.exec_driver_sql(f"ANALYZE {table}")


@contextmanager
def late_indexes(store: Store, tables: Sequence[str]) -> Iterator[None]:
    """Take indexes, keys and triggers off empty tables, and put them back after the rows are in.

    A primary key stays where a table that is not among `tables` refers to it. The caller's
    transaction holds the tables until it ends, so that nobody sees them without.
    """
    run = store.connection.exec_driver_sql
    empty = [t for t in tables if not run(f"SELECT EXISTS (SELECT FROM {t})").scalar_one()]
    after: list[str] = []
    for kind in ("f", "u", "p"):
        for table in empty:
            after[:0] = list(_drop_constraints(store.connection, table, kind))
    for table in empty:
        after[:0] = list(_drop_indexes(store.connection, table))
        run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    yield
    began = time.perf_counter()
    for statement in after:
        run(statement)
    for table in empty:
        run(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    store.figures.index_seconds += time.perf_counter() - began


def _drop_constraints(connection: Connection, table: str, kind: str) -> Iterator[str]:
    """Drop foreign (f), unique (u) or primary (p) keys; yield what makes them again."""
    run = connection.exec_driver_sql
    found = run(
        "SELECT c.conname, pg_get_constraintdef(c.oid) FROM pg_constraint AS c "
        f"WHERE c.conrelid = '{table}'::regclass AND c.contype = '{kind}' AND NOT EXISTS "
        "(SELECT FROM pg_constraint AS f WHERE f.contype = 'f' AND f.conindid = c.conindid "
        "AND c.contype <> 'f')"
    ).all()
    for name, definition in found:
        run(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        yield f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}'


def _drop_indexes(connection: Connection, table: str) -> Iterator[str]:
    """Drop the indexes no constraint needs; yield what makes them again."""
    run = connection.exec_driver_sql
    found = run(
        "SELECT i.relname, n.nspname, pg_get_indexdef(x.indexrelid) FROM pg_index AS x "
        "JOIN pg_class AS i ON i.oid = x.indexrelid "
        "JOIN pg_namespace AS n ON n.oid = i.relnamespace "
        f"WHERE x.indrelid = '{table}'::regclass AND NOT EXISTS "
        "(SELECT FROM pg_constraint AS c WHERE c.conindid = x.indexrelid AND c.contype <> 'f')"
    ).all()
    for name, schema, definition in found:
        run(f'DROP INDEX {schema}."{name}"')
        yield definition


MOVED = ("patrol.position", "patrol.grid_visit", "patrol.day_track")


def holds_synthetic(connection: Connection) -> bool:
    """Tell whether any synthetic row is there."""
    checks = " OR ".join(f"EXISTS (SELECT FROM {t} WHERE source = 'synthetic')" for t in TABLES)
    return bool(connection.exec_driver_sql(f"SELECT {checks}").scalar_one())


def remove_synthetic(connection: Connection) -> None:
    """Delete every synthetic row, and the positions of synthetic staff and vehicles."""
    run = connection.exec_driver_sql
    run(
        "DELETE FROM territory.plan WHERE area_code IN "
        "(SELECT area_code FROM territory.area WHERE source = 'synthetic')"
    )
    run(
        "DELETE FROM organisation.assignment WHERE "
        "grid_id IN (SELECT id FROM territory.grid WHERE source = 'synthetic') OR "
        "staff_id IN (SELECT id FROM organisation.staff WHERE source = 'synthetic')"
    )
    others = " OR ".join(
        f"EXISTS (SELECT FROM {t} WHERE source IS DISTINCT FROM 'synthetic')" for t in TABLES
    )
    if not run(f"SELECT {others}").scalar_one() and _let_go(connection):
        return
    for kind, table in (("staff", "organisation.staff"), ("vehicle", "patrol.vehicle")):
        for moved in MOVED:
            run(
                f"DELETE FROM {moved} AS p USING "
                f"(SELECT id FROM {table} WHERE source = 'synthetic') AS s "
                f"WHERE p.object_kind = '{kind}' AND p.object_id = s.id"
            )
    first = (
        "people.care_record",
        "housing.rental",
        "people.residence",
        "patrol.last_position",
        "patrol.shift",
    )
    for table in (*first, *(t for t in reversed(TABLES) if t not in first)):
        run(f"DELETE FROM {table} WHERE source = 'synthetic'")


def _let_go(connection: Connection) -> bool:
    """Empty all tables at once, with those whose rows go along by their keys.

    False when a table we do not know depends on their rows in another way.
    """
    run = connection.exec_driver_sql
    going = set(TABLES)
    while more := {table for table, _, _, action, _ in _links(connection, going) if action == "c"}:
        going |= more
    links = _links(connection, going)
    if any(action != "n" for _, _, _, action, _ in links):
        return False
    for table, name, _, _, column in links:
        run(f'UPDATE {table} SET "{column}" = NULL WHERE "{column}" IS NOT NULL')
        run(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    tables = (*TABLES, *sorted(going - set(TABLES)), *MOVED)
    run(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY")
    for table, name, definition, _, _ in links:
        run(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
    return True


def _links(connection: Connection, tables: Iterable[str]) -> list[tuple[str, ...]]:
    """Keys by which other tables depend on these: table, name, definition, action, column."""
    ours = ", ".join(f"'{table}'::regclass" for table in tables)
    rows = connection.exec_driver_sql(
        "SELECT c.conrelid::regclass::text, c.conname, pg_get_constraintdef(c.oid), "
        "c.confdeltype, a.attname FROM pg_constraint AS c "
        "JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] "
        f"WHERE c.contype = 'f' AND c.confrelid IN ({ours}) AND c.conrelid NOT IN ({ours})"
    )
    return [tuple(row) for row in rows]


def tidy(engine: Engine, tables: Iterable[str]) -> None:
    """Vacuum what was filled, so that the first readers don't pay for it."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in tables:
            connection.exec_driver_sql(f"VACUUM {table}")
