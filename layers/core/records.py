"""Tables the core keeps for every room: history, audit, code tables."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, LargeBinary, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from layers.core.model import Base

SCHEMA = "core"


class History(Base):
    """One change of one row (or one bulk load of a layer), in commit order of `id`."""

    __tablename__ = "history"
    __table_args__ = (
        Index("history_feature_index", "layer", "feature_id", "id"),
        {"schema": SCHEMA},
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    layer: Mapped[str]
    feature_id: Mapped[int | None] = mapped_column(BigInteger)
    action: Mapped[str]
    area_code: Mapped[str] = mapped_column(Text(collation="C"))
    area_code_before: Mapped[str | None] = mapped_column(Text(collation="C"))
    read_right: Mapped[str]
    is_public: Mapped[bool]
    actor: Mapped[str | None]
    reason: Mapped[str | None]
    row_version: Mapped[int | None]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    sealed: Mapped[dict[str, Any] | None] = mapped_column(JSONB)


class Audit(Base):
    """Who looked at or did what; each row's hash covers the row before."""

    __tablename__ = "audit"
    __table_args__ = (Index("audit_at_index", "at"), {"schema": SCHEMA})

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime]
    account_id: Mapped[int | None] = mapped_column(BigInteger)
    login: Mapped[str | None]
    action: Mapped[str]
    layer: Mapped[str | None]
    feature_id: Mapped[int | None] = mapped_column(BigInteger)
    area_code: Mapped[str] = mapped_column(Text(collation="C"), server_default=text("''"))
    reason: Mapped[str | None]
    detail: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    previous_hash: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class CodeTable(Base):
    """A code table with its edition; classes are data, never code."""

    __tablename__ = "code_table"
    __table_args__ = ({"schema": SCHEMA},)

    name: Mapped[str] = mapped_column(primary_key=True)
    title_zh: Mapped[str]
    title_en: Mapped[str]
    version: Mapped[str]
    source: Mapped[str | None]


class Code(Base):
    """One value of a code table, valid in [valid_from, valid_to)."""

    __tablename__ = "code"
    __table_args__ = ({"schema": SCHEMA},)

    table_name: Mapped[str] = mapped_column(
        ForeignKey(f"{SCHEMA}.code_table.name", ondelete="CASCADE"), primary_key=True
    )
    code: Mapped[str] = mapped_column(primary_key=True)
    name_zh: Mapped[str]
    name_en: Mapped[str | None]
    parent: Mapped[str | None]
    position: Mapped[int]
    edition: Mapped[str | None]
    extra: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
