"""Personal tokens for GIS clients, notebooks and devices: `wgt_…`, shown once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, text

from gisserver.auth.identity import Identity, identity_of_token
from gisserver.auth.notices import notify_accounts
from gisserver.auth.secrets import TOKEN_PREFIX, hash_secret, new_secret
from layers.catalogue import LAYERS
from layers.core.audit import write_line
from layers.core.errors import Fault, Invalid, NotFound
from layers.core.scope import Reader

MAXIMUM_DAYS = 366

_CREATE = text(
    "INSERT INTO organisation.token "
    "(account_id, name, token_hash, expires_at, areas, layers, is_read_only) "
    "VALUES (:account_id, :name, :hash, now() + make_interval(days => :days), "
    "CAST(:areas AS text[]), CAST(:layers AS text[]), :is_read_only) "
    "RETURNING id, name, created_at, expires_at, last_used_at, areas, layers, is_read_only"
)
_LIST = text(
    "SELECT id, name, created_at, expires_at, last_used_at, areas, layers, is_read_only "
    "FROM organisation.token WHERE account_id = :account_id ORDER BY id"
)
_DELETE = text(
    "DELETE FROM organisation.token WHERE id = :id AND account_id = :account_id RETURNING name"
)
# A client sends its token with every tile; one write a minute tells enough.
_USED = text(
    "UPDATE organisation.token SET last_used_at = now() WHERE token_hash = :hash "
    "AND coalesce(last_used_at < now() - interval '1 minute', true)"
)


@dataclass(frozen=True)
class TokenRow:
    """A token as its owner sees it; the secret itself is not kept."""

    id: int
    name: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    areas: list[str]
    layers: list[str]
    is_read_only: bool


def create_token(
    engine: Engine,
    reader: Reader,
    name: str,
    days: int,
    *,
    areas: Sequence[str] = (),
    layers: Sequence[str] = (),
    is_read_only: bool = False,
) -> tuple[TokenRow, str]:
    """A new token of the account and its secret, valid for `days`.

    No areas, or no layers: all of the account's.

    Raises: Invalid for an area outside the account's own or a layer it may not see.
    """
    visible = [layer.name for layer in LAYERS if reader.areas_to_read(layer)]
    for layer in layers:
        if layer not in visible:
            raise Invalid([Fault("layers", f"you see no layer {layer!r}: {', '.join(visible)}")])
    for area in areas:
        if not any(area.startswith(grant.area_code) for grant in reader.grants):
            raise Invalid([Fault("areas", f"{area} is not within your areas")])
    secret = new_secret(TOKEN_PREFIX)
    values = {
        "account_id": reader.account_id,
        "name": name,
        "hash": hash_secret(secret),
        "days": days,
        "areas": list(areas),
        "layers": list(layers),
        "is_read_only": is_read_only,
    }
    with engine.begin() as connection:
        row = connection.execute(_CREATE, values).one()
        write_line(
            connection,
            "token_create",
            account_id=reader.account_id,
            login=reader.login,
            detail={
                "token": row.id,
                "name": name,
                "days": days,
                "areas": list(areas),
                "layers": list(layers),
                "is_read_only": is_read_only,
            },
        )
    return TokenRow(*row), secret


def list_tokens(engine: Engine, reader: Reader) -> list[TokenRow]:
    """The account's tokens, oldest first, also those that are over."""
    with engine.begin() as connection:
        rows = connection.execute(_LIST, {"account_id": reader.account_id}).all()
    return [TokenRow(*row) for row in rows]


def delete_token(engine: Engine, reader: Reader, token_id: int) -> None:
    """Revoke a token of the account at once.

    Raises: NotFound when the account has no such token.
    """
    with engine.begin() as connection:
        values = {"id": token_id, "account_id": reader.account_id}
        name = connection.execute(_DELETE, values).scalar_one_or_none()
        if name is None:
            raise NotFound(f"you have no token {token_id}")
        write_line(
            connection,
            "token_delete",
            account_id=reader.account_id,
            login=reader.login,
            detail={"token": token_id, "name": name},
        )
        notify_accounts(connection, reader.account_id)


def use_token(engine: Engine, secret_hash: bytes) -> Identity | None:
    """Who a token belongs to, noting that it was used; None when it is unknown or over."""
    with engine.begin() as connection:
        identity = identity_of_token(connection, secret_hash)
        if identity is not None:
            connection.execute(_USED, {"hash": secret_hash})
    return identity
