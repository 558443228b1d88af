"""A database that knew of visits by their last day only keeps that day as a visit."""

from __future__ import annotations

from alembic import command
from sqlalchemy import Engine, text

from layers.migrations import configuration
from tests.builders.two_sides import WEST, build_two_sides


def test_a_last_visit_known_before_becomes_a_visit(database_url: str, engine: Engine) -> None:
    record = build_two_sides(engine).west("care_records")
    command.downgrade(configuration(database_url), "0036")
    with engine.begin() as connection:
        # The triggers are of this version, the tables of that one.
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(
            text("UPDATE people.care_record SET last_visit = '2026-10-01' WHERE id = :id"),
            {"id": record},
        )
        connection.execute(
            text("UPDATE people.care_record SET last_visit = NULL WHERE id <> :id"), {"id": record}
        )
    command.upgrade(configuration(database_url), "head")
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT record_id, visited_on::text, kind, visited_by, left(area_code, 12) "
                "FROM people.care_visit"
            )
        ).all()
    assert [tuple(row) for row in rows] == [(record, "2026-10-01", "home_visit", "责任人", WEST)]


def test_the_tables_are_those_of_the_models(database_url: str, engine: Engine) -> None:
    command.check(configuration(database_url))
