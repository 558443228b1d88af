"""Whether a request costs more the more accounts there are, or the more collections one may see."""

from __future__ import annotations

import secrets
import statistics
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Engine, text

from gisserver.auth.secrets import TOKEN_PREFIX, hash_secret, new_secret
from layers.catalogue import LAYERS
from layers.core.rights import Role
from layers.core.scope import Grant, Reader
from tests.bench.peers.load import Address, ask

FEW, MANY = 10, 1000
PATH = "/ogc/collections/buildings/items?limit=10"
PREFIX = "bench-grown-"

_ACCOUNTS = text(
    "INSERT INTO organisation.account (login, display_name, password_hash) "
    "SELECT login, 'Bench', '' FROM unnest(CAST(:logins AS text[])) AS login RETURNING id"
)
_GRANTS = text(
    "INSERT INTO organisation.account_grant (account_id, role, area_code) "
    "SELECT id, :role, :area FROM unnest(CAST(:ids AS bigint[])) AS id"
)
_TOKENS = text(
    "INSERT INTO organisation.token (account_id, name, token_hash, expires_at) "
    "SELECT id, 'bench', hash, now() + interval '1 day' "
    "FROM unnest(CAST(:ids AS bigint[]), CAST(:hashes AS bytea[])) AS t (id, hash)"
)
_GONE = text("DELETE FROM organisation.account WHERE login LIKE :prefix")


@contextmanager
def token_holders(engine: Engine, role: Role, area: str, count: int) -> Iterator[list[str]]:
    """Tokens of so many accounts, which exist as long as the block; an earlier run's go first."""
    forget(engine)
    logins = [f"{PREFIX}{secrets.token_hex(6)}" for _ in range(count)]
    tokens = [new_secret(TOKEN_PREFIX) for _ in logins]
    with engine.begin() as connection:
        ids = list(connection.execute(_ACCOUNTS, {"logins": logins}).scalars())
        connection.execute(_GRANTS, {"ids": ids, "role": role.value, "area": area})
        hashes = [hash_secret(token) for token in tokens]
        connection.execute(_TOKENS, {"ids": ids, "hashes": hashes})
    try:
        yield tokens
    finally:
        forget(engine)


def forget(engine: Engine) -> None:
    """Takes back the accounts of this measurement."""
    with engine.begin() as connection:
        connection.execute(_GONE, {"prefix": f"{PREFIX}%"})


def by_accounts(
    engine: Engine, port: int, area: str, rounds: int, seconds: float
) -> tuple[float, float]:
    """Requests a second when few accounts ask in turn, and when many do."""
    found: dict[int, list[float]] = {FEW: [], MANY: []}
    for _ in range(rounds):
        for count, rates in found.items():
            with token_holders(engine, Role.COMMANDER, area, count) as tokens:
                rates.append(_rate(port, tokens, seconds))
    return statistics.median(found[FEW]), statistics.median(found[MANY])


def by_collections(
    engine: Engine, port: int, area: str, rounds: int, seconds: float
) -> tuple[tuple[int, float], tuple[int, float]]:
    """The same of who may see the fewest and who may see the most collections, with how many."""
    seen = {role: visible(role, area) for role in Role}
    able = [role for role, names in seen.items() if "buildings" in names]
    least, most = (extreme(able, key=lambda role: len(seen[role])) for extreme in (min, max))
    found: dict[Role, list[float]] = {least: [], most: []}
    for _ in range(rounds):
        for role, rates in found.items():
            with token_holders(engine, role, area, 1) as tokens:
                rates.append(_rate(port, tokens, seconds))
    return (
        (len(seen[least]), statistics.median(found[least])),
        (len(seen[most]), statistics.median(found[most])),
    )


def visible(role: Role, area: str) -> set[str]:
    """Names of the layers that a role may read."""
    reader = Reader(0, "", (Grant(role, area),))
    return {layer.name for layer in LAYERS if reader.scope(layer.read)}


def _rate(port: int, tokens: Sequence[str], seconds: float) -> float:
    messages = [
        Address(port, f"Authorization: Bearer {token}\r\n").message(PATH) for token in tokens
    ]
    ask(Address(port), messages, seconds=0.3, least=len(messages))
    return ask(Address(port), messages, seconds=seconds, least=len(messages)).rate
