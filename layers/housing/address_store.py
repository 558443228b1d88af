"""What is kept of addresses beside the houses: other names of places, and matches to be looked at.

Neither is a layer. Row-level security (`address.sql`) decides who sees and changes them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Text, func
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from layers.core.model import Base

SCHEMA = "housing"


class AddressAlias(Base):
    """An old name, nickname or short form of a road, compound or building, known in one area.

    `area_code` is a prefix: the area in which the name is used for this place.
    """

    __tablename__ = "address_alias"
    __table_args__ = (
        CheckConstraint("kind IN ('street', 'compound', 'building')", name="kind"),
        CheckConstraint("reason IN ('former', 'nickname', 'short')", name="reason"),
        Index("address_alias_place_index", "alias", "kind", "name", "area_code", unique=True),
        {"schema": SCHEMA},
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    kind: Mapped[str]
    alias: Mapped[str]
    name: Mapped[str]
    reason: Mapped[str]
    area_code: Mapped[str] = mapped_column(Text(collation="C"))


class AddressReview(Base):
    """A text whose house was not sure, with the best candidates, until somebody decides."""

    __tablename__ = "address_review"
    __table_args__ = (
        CheckConstraint("state IN ('pending', 'accepted', 'rejected')", name="state"),
        Index(
            "address_review_pending_index",
            "text",
            "area_code",
            unique=True,
            postgresql_where=sql("state = 'pending'"),
        ),
        Index("address_review_area_index", "area_code", "state", "id"),
        {"schema": SCHEMA},
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    text: Mapped[str]
    source: Mapped[str]
    score: Mapped[float]
    candidates: Mapped[list[Any]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(server_default=sql("'pending'"))
    building_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey(f"{SCHEMA}.building.id", ondelete="SET NULL"), index=True
    )
    dwelling_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey(f"{SCHEMA}.dwelling.id", ondelete="SET NULL"), index=True
    )
    area_code: Mapped[str] = mapped_column(Text(collation="C"))
    created_by: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
