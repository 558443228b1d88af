"""Database logins of analysts: one an account, for the schema `analyst`, for some days.

What such a login sees follows from the account's grants at each statement (core.session_areas), so
that a grant taken away, a closed account or the end of the days closes an open session too.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg2.extensions import encrypt_password, quote_ident
from sqlalchemy import Connection, Engine, text

from gisserver.auth.sign_in import normalise_login
from layers.core.analyst import ANALYSTS, SCHEMA
from layers.core.analyst_doors import close_doors
from layers.core.audit import write_line
from layers.core.errors import Conflict, Fault, Forbidden, Invalid, NotFound
from layers.core.rights import ROLES, Right, Role

MOST_DAYS = 366
MOST_CONNECTIONS = 8
# What the session starts with. It may set them otherwise: that it cannot write is a matter of its
# rights, which it cannot change.
_SETTINGS = {
    "default_transaction_read_only": "on",
    "statement_timeout": "'5min'",
    "idle_in_transaction_session_timeout": "'10min'",
    "search_path": f"{SCHEMA}, public",
    "jit": "off",
    # Starting helpers takes longer than most of what is asked.
    "max_parallel_workers_per_gather": "0",
}
_ACCOUNT = text(
    "SELECT id, login, is_active, "
    "ARRAY(SELECT role FROM organisation.account_grant WHERE account_id = account.id) AS roles "
    "FROM organisation.account WHERE login = :login FOR UPDATE"
)
_KEEP = text(
    "INSERT INTO organisation.sql_access (role_name, account_id, expires_at) "
    "VALUES (:role, :account, now() + make_interval(days => :days)) "
    "ON CONFLICT (account_id) DO UPDATE "
    "SET expires_at = EXCLUDED.expires_at, created_at = now() RETURNING expires_at"
)
_FORGET = text(
    "DELETE FROM organisation.sql_access AS s USING organisation.account AS a "
    "WHERE a.id = s.account_id AND a.login = :login RETURNING s.role_name, a.id"
)
_HELD = text("SELECT EXISTS (SELECT FROM organisation.sql_access WHERE role_name = :role)")
_KNOWN = text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :role)")
_END = text(
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = :role "
    "AND pid <> pg_backend_pid()"
)
_LIST = text(
    "SELECT a.login, s.role_name, s.created_at, s.expires_at, (SELECT count(*) "
    "FROM pg_stat_activity WHERE usename = s.role_name) AS sessions "
    "FROM organisation.sql_access AS s JOIN organisation.account AS a ON a.id = s.account_id "
    "ORDER BY a.login"
)


@dataclass(frozen=True)
class AccessRow:
    """A database login as the operator sees it; `sessions` are those open now."""

    login: str
    role_name: str
    created_at: datetime
    expires_at: datetime
    sessions: int


def give_sql_access(
    engine: Engine, login: str, days: int, *, actor: str = "system"
) -> tuple[str, str, datetime]:
    """Make the account's database login, or make its password and days anew.

    Returns the login's name, its password (kept nowhere else in the clear) and when it is over.

    Raises: NotFound; Invalid for days beyond 1 to 366; Forbidden for an account that is closed or
    may not take data out, or when the database leaves too much open to everybody; Conflict when
    the server has a role of that name that is not ours.
    """
    if not 1 <= days <= MOST_DAYS:
        raise Invalid([Fault("days", f"a whole number from 1 to {MOST_DAYS} is needed")])
    password = secrets.token_urlsafe(24)
    with engine.begin() as connection:
        account = _account(connection, login)
        role = f"sql_{account.login}"
        is_ours = connection.execute(_HELD, {"role": role}).scalar_one()
        is_known = connection.execute(_KNOWN, {"role": role}).scalar_one()
        if is_known and not is_ours:
            raise Conflict(f"the server has a role {role!r} that is not this platform's")
        close_doors(connection)
        values = {"role": role, "account": account.id, "days": days}
        expires_at: datetime = connection.execute(_KEEP, values).scalar_one()
        _make_role(connection, role, password, expires_at, is_known=is_known)
        detail = {"account": account.id, "role": role, "days": days}
        write_line(connection, "sql_access_give", account_id=None, login=actor, detail=detail)
    return role, password, expires_at


def revoke_sql_access(engine: Engine, login: str, *, actor: str = "system") -> str:
    """Take the account's database login away, ending its sessions; its name.

    Raises: NotFound when the account has none.
    """
    with engine.begin() as connection:
        row: Any = connection.execute(_FORGET, {"login": normalise_login(login)}).one_or_none()
        if row is None:
            raise NotFound(f"{login!r} has no database login")
        role: str = row.role_name
        if connection.execute(_KNOWN, {"role": role}).scalar_one():
            connection.exec_driver_sql(f"ALTER ROLE {_quoted(connection, role)} NOLOGIN")
            connection.execute(_END, {"role": role})
            connection.exec_driver_sql(f"DROP ROLE {_quoted(connection, role)}")
        detail = {"account": row.id, "role": role}
        write_line(connection, "sql_access_revoke", account_id=None, login=actor, detail=detail)
    return role


def list_sql_access(engine: Engine) -> list[AccessRow]:
    """Every database login of an account, by login, also those that are over."""
    with engine.begin() as connection:
        return [AccessRow(*row) for row in connection.execute(_LIST)]


def _account(connection: Connection, login: str) -> Any:
    asked = {"login": normalise_login(login)}
    account: Any = connection.execute(_ACCOUNT, asked).one_or_none()
    if account is None:
        raise NotFound(f"no account {login!r}")
    if not account.is_active:
        raise Forbidden(f"the account {login!r} is closed")
    if not any(Right.DATA_EXPORT in ROLES[Role(role)] for role in account.roles):
        raise Forbidden(f"reading in SQL takes data out: {login!r} needs {Right.DATA_EXPORT}")
    return account


def _make_role(
    connection: Connection, role: str, password: str, until: datetime, *, is_known: bool
) -> None:
    driver: Any = connection.connection.driver_connection
    name = _quoted(connection, role)
    # The server is sent the verifier only, so that no log of statements holds the password.
    verifier = encrypt_password(password, role, driver, "scram-sha-256")
    connection.exec_driver_sql(
        f"{'ALTER' if is_known else 'CREATE'} ROLE {name} LOGIN INHERIT NOSUPERUSER NOCREATEDB "
        f"NOCREATEROLE NOREPLICATION NOBYPASSRLS CONNECTION LIMIT {MOST_CONNECTIONS} "
        f"PASSWORD %(verifier)s VALID UNTIL %(until)s",
        {"verifier": verifier, "until": until.isoformat()},
    )
    connection.exec_driver_sql(f"GRANT {ANALYSTS} TO {name}")
    for setting, value in _SETTINGS.items():
        connection.exec_driver_sql(f"ALTER ROLE {name} SET {setting} = {value}")


def _quoted(connection: Connection, role: str) -> str:
    driver: Any = connection.connection.driver_connection
    return str(quote_ident(role, driver))
