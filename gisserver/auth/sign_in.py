"""Checking login and password: five failures close an account for five minutes.

The answer and the time it takes are the same for an unknown login, a wrong password, a closed
and a paused account, so that nobody learns which logins exist.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, text

from gisserver.auth.passwords import verify_password
from layers.core.audit import write_line

FAILURES = 5
PAUSE_MINUTES = 5
REFUSED = (
    "login or password is wrong, or the account is paused "
    f"({PAUSE_MINUTES} minutes after {FAILURES} failures)"
)

_FIND = text(
    "SELECT id, login, password_hash, is_active, failed_sign_ins, "
    "coalesce(locked_until > now(), false) AS is_paused "
    "FROM organisation.account WHERE login = :login"
)
# The pause is asked for again here: many guesses sent at once must not all pass the first look.
_SUCCEED = text(
    "UPDATE organisation.account SET failed_sign_ins = 0, locked_until = NULL "
    "WHERE id = :id AND is_active AND coalesce(locked_until <= now(), true) RETURNING id"
)
_FAIL = text(
    "UPDATE organisation.account SET failed_sign_ins = new.failures, "
    "locked_until = CASE WHEN new.failures >= :most "
    "THEN greatest(locked_until, now() + make_interval(mins => :minutes)) END "
    "FROM (SELECT CASE WHEN locked_until <= now() THEN 1 ELSE failed_sign_ins + 1 END AS failures "
    "FROM organisation.account WHERE id = :id FOR UPDATE) AS new "
    "WHERE account.id = :id RETURNING failures"
)


@dataclass(frozen=True)
class Proven:
    """An account whose password was right, and the hash it was compared with."""

    account_id: int
    login: str
    password_hash: str


def normalise_login(login: str) -> str:
    """A login as it is kept: NFKC, lower case, no blanks around, nothing that cannot be stored."""
    return unicodedata.normalize("NFKC", login).replace("\x00", "").strip().lower()


def check_password(
    engine: Engine, login: str, password: str, *, via: str, address: str | None
) -> Proven | None:
    """The account when login and password are right and it is open; failures are counted.

    Success and failure both leave a line in the audit log; a login that does not exist is not
    written down, it may be a password typed into the wrong field.
    """
    with engine.begin() as connection:
        account: Any = connection.execute(_FIND, {"login": normalise_login(login)}).one_or_none()
    # No connection is held while argon2 works.
    is_right = verify_password(account.password_hash if account else None, password)
    detail = {"via": via, "address": address}
    with engine.begin() as connection:
        if account is None:
            write_line(connection, "sign_in_failed", account_id=None, login=None, detail=detail)
            return None
        who = {"account_id": account.id, "login": account.login}
        if is_right and connection.execute(_SUCCEED, {"id": account.id}).one_or_none():
            write_line(connection, "sign_in", **who, detail=detail)
            return Proven(account.id, account.login, account.password_hash)
        if not account.is_paused and account.is_active and not is_right:
            limits = {"id": account.id, "most": FAILURES, "minutes": PAUSE_MINUTES}
            failures = connection.execute(_FAIL, limits).scalar_one()
            detail |= {"failures": failures}
        write_line(connection, "sign_in_failed", **who, detail=detail)
    return None
