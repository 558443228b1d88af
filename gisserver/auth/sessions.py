"""Browser sessions: twelve hours from signing in, ended by signing out."""

from __future__ import annotations

from sqlalchemy import Engine, text

from gisserver.auth.identity import Identity, identity_of_session
from gisserver.auth.notices import notify_accounts
from gisserver.auth.secrets import hash_secret, new_secret
from gisserver.auth.sign_in import Proven
from layers.core.audit import write_line
from layers.core.scope import Reader

HOURS = 12

_CREATE = text(
    "INSERT INTO organisation.session (token_hash, account_id, csrf, expires_at) "
    "VALUES (:hash, :account_id, :csrf, now() + make_interval(hours => :hours))"
)
_FORGET_OVER = text("DELETE FROM organisation.session WHERE expires_at < now()")
_DELETE = text("DELETE FROM organisation.session WHERE token_hash = :hash")


def create_session(engine: Engine, proven: Proven) -> tuple[str, Identity | None]:
    """The cookie's secret and who it stands for; None when the account was closed meanwhile."""
    secret = new_secret()
    values = {
        "hash": hash_secret(secret),
        "account_id": proven.account_id,
        "csrf": new_secret(),
        "hours": HOURS,
    }
    with engine.begin() as connection:
        connection.execute(_FORGET_OVER)
        connection.execute(_CREATE, values)
        return secret, identity_of_session(connection, hash_secret(secret))


def end_session(engine: Engine, secret: str, reader: Reader) -> None:
    """Sign out: the cookie is worth nothing from here on, in every process."""
    with engine.begin() as connection:
        connection.execute(_DELETE, {"hash": hash_secret(secret)})
        write_line(connection, "sign_out", account_id=reader.account_id, login=reader.login)
        notify_accounts(connection, reader.account_id)
