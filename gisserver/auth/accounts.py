"""Accounts and their grants, kept from the command line.

Every change is in the audit log, ends what it must end, and is told to all server processes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, text

from gisserver.auth.notices import notify_accounts
from gisserver.auth.passwords import hash_password
from gisserver.auth.sign_in import normalise_login
from layers.core.audit import write_line
from layers.core.errors import Fault, Invalid, NotFound
from layers.core.rights import Role
from layers.core.scope import Grant

LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
AREA = re.compile(r"(\d{2}|\d{4}|\d{6}|\d{9}|\d{12}|\d{14})?")


@dataclass(frozen=True)
class AccountRow:
    """An account as an administrator sees it."""

    id: int
    login: str
    display_name: str
    is_active: bool
    locked_until: datetime | None
    grants: tuple[Grant, ...]


def create_account(
    engine: Engine,
    login: str,
    display_name: str,
    password: str,
    grants: Iterable[Grant] = (),
    *,
    actor: str = "system",
) -> int:
    """Make an account with its grants; returns its id.

    Raises: Invalid for a login that is taken or malformed, a bad password or area code.
    """
    login, grants = normalise_login(login), tuple(grants)
    if not LOGIN.fullmatch(login):
        raise _invalid("login", "2 to 40 of a-z 0-9 . _ -, beginning with a letter or digit")
    for grant in grants:
        _check_area(grant.area_code)
    values = {"login": login, "name": display_name.strip() or login, "hash": _hashed(password)}
    with engine.begin() as connection:
        account_id: int | None = connection.execute(_CREATE, values).scalar_one_or_none()
        if account_id is None:
            raise _invalid("login", f"{login!r} is taken")
        for grant in grants:
            connection.execute(_GRANT, _grant_values(account_id, grant))
        given = [[grant.role.value, grant.area_code] for grant in grants]
        _record(connection, account_id, actor, "account_create", login=login, grants=given)
    return account_id


def list_accounts(engine: Engine) -> list[AccountRow]:
    """Every account with its grants, by login."""
    with engine.begin() as connection:
        rows: Any = connection.execute(_LIST).all()
    return [
        AccountRow(
            row.id,
            row.login,
            row.display_name,
            row.is_active,
            row.locked_until,
            tuple(Grant(Role(role), area) for role, area in row.grants),
        )
        for row in rows
    ]


def change_password(engine: Engine, login: str, password: str, *, actor: str = "system") -> None:
    """Set a new password; ends the account's browser sessions and lifts a pause.

    Raises: NotFound; Invalid for a bad password.
    """
    hashed = _hashed(password)
    with engine.begin() as connection:
        account_id = _find(connection, login)
        connection.execute(_PASSWORD, {"id": account_id, "hash": hashed})
        connection.execute(_END_SESSIONS, {"id": account_id})
        _record(connection, account_id, actor, "account_password")


def grant_role(
    engine: Engine, login: str, role: Role, area_code: str, *, actor: str = "system"
) -> None:
    """Give a role in an area; '' is everywhere. Giving it twice changes nothing.

    Raises: NotFound; Invalid for an area code of no level.
    """
    _check_area(area_code)
    with engine.begin() as connection:
        account_id = _find(connection, login)
        connection.execute(_GRANT, _grant_values(account_id, Grant(role, area_code)))
        _record(connection, account_id, actor, "account_grant", role=role.value, area=area_code)


def revoke_role(
    engine: Engine, login: str, role: Role, area_code: str, *, actor: str = "system"
) -> None:
    """Take a role in an area away, at once for those signed in.

    Raises: NotFound when there is no such account or grant.
    """
    with engine.begin() as connection:
        account_id = _find(connection, login)
        values = _grant_values(account_id, Grant(role, area_code))
        if connection.execute(_REVOKE, values).one_or_none() is None:
            raise NotFound(f"{login} holds no role {role.value} in area {area_code!r}")
        _record(connection, account_id, actor, "account_revoke", role=role.value, area=area_code)


def set_active(engine: Engine, login: str, is_active: bool, *, actor: str = "system") -> None:
    """Open or close an account; closing ends its sessions and tokens at once.

    Raises: NotFound.
    """
    with engine.begin() as connection:
        account_id = _find(connection, login)
        connection.execute(_ACTIVE, {"id": account_id, "active": is_active})
        if not is_active:
            connection.execute(_END_SESSIONS, {"id": account_id})
            connection.execute(_END_TOKENS, {"id": account_id})
        action = "account_open" if is_active else "account_close"
        _record(connection, account_id, actor, action)


def link_staff(engine: Engine, login: str, code: str | None, *, actor: str = "system") -> None:
    """Say which employee an account belongs to, by staff code; None takes it away.

    Where somebody may act comes from the grants, for which unit from this.

    Raises: NotFound when there is no such account or employee.
    """
    with engine.begin() as connection:
        account_id = _find(connection, login)
        staff_id: int | None = None
        if code is not None:
            staff_id = connection.execute(_STAFF, {"code": code}).scalar_one_or_none()
            if staff_id is None:
                raise NotFound(f"no staff with the code {code!r}")
        connection.execute(_LINK, {"id": account_id, "staff": staff_id})
        _record(connection, account_id, actor, "account_staff", staff=staff_id)


_CREATE = text(
    "INSERT INTO organisation.account (login, display_name, password_hash) "
    "VALUES (:login, :name, :hash) ON CONFLICT (login) DO NOTHING RETURNING id"
)
_LIST = text(
    "SELECT account.*, (SELECT coalesce(json_agg(json_build_array(role, area_code) "
    "ORDER BY role, area_code), '[]') FROM organisation.account_grant "
    "WHERE account_id = account.id) AS grants FROM organisation.account ORDER BY login"
)
_STAFF = text("SELECT id FROM organisation.staff WHERE code = :code")
_LINK = text("UPDATE organisation.account SET staff_id = :staff WHERE id = :id")
_FIND = text("SELECT id FROM organisation.account WHERE login = :login FOR UPDATE")
_PASSWORD = text(
    "UPDATE organisation.account SET password_hash = :hash, failed_sign_ins = 0, "
    "locked_until = NULL WHERE id = :id"
)
_ACTIVE = text(
    "UPDATE organisation.account SET is_active = :active, failed_sign_ins = 0, "
    "locked_until = NULL WHERE id = :id"
)
_END_SESSIONS = text("DELETE FROM organisation.session WHERE account_id = :id")
_END_TOKENS = text("DELETE FROM organisation.token WHERE account_id = :id")
_GRANT = text(
    "INSERT INTO organisation.account_grant (account_id, role, area_code) "
    "VALUES (:id, :role, :area) ON CONFLICT DO NOTHING"
)
_REVOKE = text(
    "DELETE FROM organisation.account_grant "
    "WHERE account_id = :id AND role = :role AND area_code = :area RETURNING id"
)


def _find(connection: Connection, login: str) -> int:
    values = {"login": normalise_login(login)}
    account_id: int | None = connection.execute(_FIND, values).scalar_one_or_none()
    if account_id is None:
        raise NotFound(f"no account {login!r}")
    return account_id


def _record(connection: Connection, account_id: int, actor: str, what: str, **more: Any) -> None:
    detail = {"account": account_id, **more}
    write_line(connection, what, account_id=None, login=actor, detail=detail)
    notify_accounts(connection, account_id)


def _grant_values(account_id: int, grant: Grant) -> dict[str, Any]:
    return {"id": account_id, "role": grant.role.value, "area": grant.area_code}


def _hashed(password: str) -> str:
    try:
        return hash_password(password)
    except ValueError as error:
        raise _invalid("password", str(error)) from error


def _check_area(area_code: str) -> None:
    if not AREA.fullmatch(area_code):
        raise _invalid("area", "2, 4, 6, 9, 12 or 14 digits, or nothing for everywhere")


def _invalid(field: str, reason: str) -> Invalid:
    return Invalid([Fault(field, reason)])
