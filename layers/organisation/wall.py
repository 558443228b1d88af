"""Walls: what the linked screens of a command centre show together. Not a layer: never served."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from layers.core.model import Base
from layers.organisation.account import SCHEMA


class Wall(Base):
    """One set of screens; whoever knows the pairing code and is signed in may link another.

    `state` names what is looked at (selection, area, period, filter) by ids and codes only, so that
    each screen shows what its own account may see.
    """

    __tablename__ = "wall"
    __table_args__ = ({"schema": SCHEMA},)

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    account_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey(f"{SCHEMA}.account.id", ondelete="CASCADE")
    )
    state: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    version: Mapped[int] = mapped_column(server_default=text("1"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    used_at: Mapped[datetime] = mapped_column(server_default=func.now())
