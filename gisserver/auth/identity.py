"""Accounts that proved who they are, as the database knows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, TextClause, text

from layers.catalogue import LAYERS
from layers.core.rights import Role
from layers.core.scope import Grant, Reader

Method = Literal["session", "token", "basic"]


@dataclass(frozen=True)
class Identity:
    """An account that proved itself; `csrf` and `expires_at` are those of its session or token.

    The reader of a token with areas holds its grants in those areas only, that of one with layers
    sees no other layers.
    """

    reader: Reader
    display_name: str
    method: Method
    csrf: str = field(default="", repr=False)
    expires_at: datetime | None = None
    password_hash: str = field(default="", repr=False)
    token_id: int | None = None
    is_read_only: bool = False


_ACCOUNT = """
  account.id AS account_id, account.login, account.display_name, account.password_hash,
  staff.id AS staff_id, staff.unit_id,
  ARRAY(SELECT role || ' ' || area_code FROM organisation.account_grant
    WHERE account_id = account.id ORDER BY role, area_code) AS grants
"""
# Who has left acts for no unit any more, even where the account is still open.
_STAFF = (
    "LEFT JOIN organisation.staff ON staff.id = account.staff_id "
    "AND (staff.valid_to IS NULL OR staff.valid_to > core.today()) "
)
_BY_SESSION = text(
    f"SELECT {_ACCOUNT}, session.csrf, session.expires_at FROM organisation.session "
    "JOIN organisation.account ON account.id = session.account_id AND account.is_active "
    f"{_STAFF}WHERE session.token_hash = :key AND session.expires_at > now()"
)
_OF_TOKEN = (
    f"SELECT {_ACCOUNT}, '' AS csrf, token.expires_at, token.id AS token_id, "
    "token.name AS token_name, token.areas AS token_areas, "
    "token.layers AS token_layers, token.is_read_only "
    "FROM organisation.token "
    "JOIN organisation.account ON account.id = token.account_id AND account.is_active "
    f"{_STAFF}WHERE token.expires_at > now() AND "
)
_BY_TOKEN = text(f"{_OF_TOKEN}token.token_hash = :key")
_BY_TOKEN_ID = text(f"{_OF_TOKEN}token.id = :key")
_BY_ACCOUNT = text(
    f"SELECT {_ACCOUNT}, '' AS csrf, NULL AS expires_at FROM organisation.account "
    f"{_STAFF}WHERE account.id = :key AND account.is_active"
)


def identity_of_session(connection: Connection, secret_hash: bytes) -> Identity | None:
    """Who a browser session belongs to; None when it is unknown, over, or the account is closed."""
    return _identity(connection, _BY_SESSION, secret_hash, "session")


def identity_of_token(connection: Connection, secret_hash: bytes) -> Identity | None:
    """Who a personal token belongs to; None when it is unknown, over, or the account is closed."""
    return _identity(connection, _BY_TOKEN, secret_hash, "token")


def identity_of_token_id(connection: Connection, token_id: int) -> Identity | None:
    """The same of a token that showed its secret before."""
    return _identity(connection, _BY_TOKEN_ID, token_id, "token")


def identity_of_account(connection: Connection, account_id: int) -> Identity | None:
    """An account that showed its password; None when it is closed."""
    return _identity(connection, _BY_ACCOUNT, account_id, "basic")


def _identity(
    connection: Connection, statement: TextClause, key: object, method: Method
) -> Identity | None:
    row: Any = connection.execute(statement, {"key": key}).one_or_none()
    if row is None:
        return None
    grants = (each.split(" ", 1) for each in row.grants)
    is_token = method == "token"
    reader = Reader(
        account_id=row.account_id,
        login=row.login,
        grants=tuple(Grant(Role(role), area) for role, area in grants),
        staff_id=row.staff_id,
        unit_id=row.unit_id,
        token_name=row.token_name if is_token else "",
    )
    if is_token and row.token_areas:
        reader = reader.only_within(row.token_areas)
    if is_token and row.token_layers:
        reader = reader.only_layers(each for each in LAYERS if each.name in row.token_layers)
    return Identity(
        reader=reader,
        display_name=row.display_name,
        method=method,
        csrf=row.csrf,
        expires_at=row.expires_at,
        password_hash=row.password_hash,
        token_id=row.token_id if is_token else None,
        is_read_only=is_token and row.is_read_only,
    )
