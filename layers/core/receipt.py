"""Receipts: a request sent twice is done once, and answered twice the same."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, LargeBinary, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from layers.core.errors import Conflict
from layers.core.model import Base

KEPT_DAYS = 30


class ReceiptRow(Base):
    """The answer to a request that carried a key, kept for 30 days; keys are each account's own."""

    __tablename__ = "receipt"
    __table_args__ = ({"schema": "core"},)

    login: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    at: Mapped[datetime] = mapped_column(server_default=func.now())


@dataclass(frozen=True)
class Receipt:
    """The answer given when the request was done."""

    answer: dict[str, Any]


_OWN = "login = current_setting('wangge.login', true)"
_FORGET = text(f"DELETE FROM core.receipt WHERE {_OWN} AND at < now() - :days * interval '1 day'")
_CLAIM = text(
    "INSERT INTO core.receipt (login, key, fingerprint) "
    "VALUES (current_setting('wangge.login', true), :key, :fingerprint) "
    "ON CONFLICT (login, key) DO NOTHING RETURNING key"
)
_FIND = text(f"SELECT fingerprint, answer FROM core.receipt WHERE {_OWN} AND key = :key")
_KEEP = text(f"UPDATE core.receipt SET answer = CAST(:answer AS jsonb) WHERE {_OWN} AND key = :key")


def claim(connection: Connection, key: str, fingerprint: bytes) -> Receipt | None:
    """None when the request is to be done now, else the receipt of when it was.

    Waits while the same request is being done elsewhere. Call within the transaction that does
    it, and `keep` the answer before that ends: what is rolled back was never claimed.

    Raises: Conflict when the key came with another request.
    """
    connection.execute(_FORGET, {"days": KEPT_DAYS})
    values = {"key": key, "fingerprint": fingerprint}
    if connection.execute(_CLAIM, values).one_or_none() is not None:
        return None
    kept = connection.execute(_FIND, {"key": key}).one()
    if bytes(kept.fingerprint) != fingerprint:
        raise Conflict("the Idempotency-Key was used for another request; take a new one")
    return Receipt(kept.answer)


def keep(connection: Connection, key: str, answer: dict[str, Any]) -> None:
    """Keeps the answer to the request claimed under the key."""
    connection.execute(_KEEP, {"key": key, "answer": json.dumps(answer, ensure_ascii=False)})
