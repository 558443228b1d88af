"""The tables that migrations make are the tables the layers declare."""

from __future__ import annotations

from sqlalchemy import Engine, text

from layers.migrations import check, upgrade


def test_migrations_and_declarations_agree(database_url: str) -> None:
    check(database_url)


def test_a_second_upgrade_changes_nothing(database_url: str, engine: Engine) -> None:
    upgrade(database_url)
    with engine.connect() as connection:
        versions = connection.execute(text("SELECT count(*) FROM core.alembic_version"))
        assert versions.scalar_one() == 1


def test_a_database_of_this_version_is_only_read(database_url: str, engine: Engine) -> None:
    with engine.connect() as reader:
        # A reader's lock would hold up any statement that alters the table.
        reader.execute(text("SELECT count(*) FROM places.key_site"))
        upgrade(database_url)
