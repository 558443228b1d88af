"""What became of rooms: merged into, split from, numbered anew (户室沿革)."""

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from layers.core.model import Base


class LineageRow(Base):
    """One room that stays (`dwelling_id`), and the other that was merged into or split from it.

    `was` is the place of the room that stays before: unit, floor (a level), room, column_number,
    columns_wide, floors_high. `residences` are those that moved along from the other room.
    """

    __tablename__ = "dwelling_lineage"
    __table_args__ = (
        CheckConstraint("kind IN ('merge', 'split', 'renumber')", name="kind"),
        Index("dwelling_lineage_residences_index", "residences", postgresql_using="gin"),
        {"schema": "housing"},
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    kind: Mapped[str]
    dwelling_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("housing.dwelling.id", ondelete="CASCADE"), index=True
    )
    other_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("housing.dwelling.id", ondelete="CASCADE"), index=True
    )
    was: Mapped[dict[str, Any]] = mapped_column(JSONB)
    residences: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default=text("'{}'"))
    on_day: Mapped[date] = mapped_column(server_default=func.core.today())
    made_by: Mapped[str]
