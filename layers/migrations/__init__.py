"""Schema upgrades: early functions, Alembic steps, then triggers, grants and policies whole."""

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from layers.catalogue import LAYERS
from layers.core.analyst import ANALYSTS, VIEW_OWNER
from layers.core.calendar_store import read_calendar_files, store_calendar
from layers.core.codes import read_code_tables, store_code_tables
from layers.core.database import APP_ROLE, connect_engine
from layers.core.security import early_statements, late_statements
from layers.incidents.workflow import step_rule_statement

EXTENSIONS = ("postgis", "pg_trgm", "btree_gist")
DATA = Path(__file__).resolve().parents[2] / "data"
CODES = DATA / "codes"
CALENDAR = DATA / "calendar"
LOCK = 7260000


def configuration(url: str) -> Config:
    """Alembic's configuration for a database, without an ini file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["url"] = url
    return config


def upgrade(url: str) -> None:
    """Brings a database to this version: extensions, tables, triggers, policies, code tables.

    Safe to repeat and to run twice at once: an advisory lock lets one through at a time. A
    database already at this version is only read, so that live work is not held up.
    """
    engine = connect_engine(url, pool_size=2)
    try:
        with engine.connect() as guard:
            guard.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
            guard.commit()
            if _is_current(guard):
                return
            with engine.begin() as connection:
                _run(connection, (f"CREATE EXTENSION IF NOT EXISTS {name}" for name in EXTENSIONS))
                _run(connection, early_statements())
            command.upgrade(configuration(url), "head")
            with engine.begin() as connection:
                _run(connection, (*late_statements(LAYERS), step_rule_statement()))
                store_code_tables(connection, read_code_tables(CODES))
                store_calendar(connection, read_calendar_files(CALENDAR))
                connection.exec_driver_sql(f"COMMENT ON SCHEMA core IS '{_version()}'")
            guard.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": LOCK})
            guard.commit()
    finally:
        engine.dispose()


def _version() -> str:
    """Digest of all that an upgrade brings: steps, statements, code tables, calendar."""
    digest = sha256()
    steps = Path(__file__).parent.glob("versions/*.py")
    for path in (*sorted(steps), *sorted(CODES.iterdir()), *sorted(CALENDAR.iterdir())):
        digest.update(path.read_bytes())
    for statement in (*early_statements(), *late_statements(LAYERS), step_rule_statement()):
        digest.update(statement.encode())
    return f"wangge {digest.hexdigest()}"


def _is_current(connection: Connection) -> bool:
    """Whether this database carries this version and the server knows our roles."""
    held = connection.execute(
        text(
            "SELECT obj_description(oid, 'pg_namespace') = :version AND "
            "(SELECT count(*) FROM pg_roles WHERE rolname = ANY(:roles)) = cardinality(:roles) "
            "FROM pg_namespace WHERE nspname = 'core'"
        ),
        {"version": _version(), "roles": [APP_ROLE, VIEW_OWNER, ANALYSTS]},
    ).scalar_one_or_none()
    connection.commit()
    return bool(held)


def check(url: str) -> None:
    """Nothing when models and database agree.

    Raises: alembic.util.CommandError listing the differences.
    """
    command.check(configuration(url))


def _run(connection: Connection, statements: Iterable[str]) -> None:
    for statement in statements:
        connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
