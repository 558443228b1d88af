"""Devices that send positions: each belongs to one member of staff or one vehicle."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, LargeBinary, func, text
from sqlalchemy.orm import Mapped, mapped_column

from layers.core.model import Base
from layers.patrol.position import ONE_OBJECT


class Device(Base):
    """A phone or tracker with its token, of which only the hash is kept.

    `datum` is that of the coordinates it sends: wgs84 or gcj02. `taken` and `refused` count its
    fixes; `last_refusal` is why the last one was not taken.
    """

    __tablename__ = "device"
    __table_args__ = (
        CheckConstraint(ONE_OBJECT, name="one_object"),
        CheckConstraint("datum IN ('wgs84', 'gcj02')", name="datum"),
        {"schema": "patrol"},
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    staff_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("organisation.staff.id", ondelete="CASCADE"), index=True
    )
    vehicle_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("patrol.vehicle.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str]
    datum: Mapped[str] = mapped_column(server_default=text("'wgs84'"))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    created_by: Mapped[str | None]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    taken: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    refused: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    last_refusal: Mapped[str | None]
