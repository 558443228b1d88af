"""The flow record: one row for each step taken, never changed and never taken back."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from layers.core.model import Base


class StepRow(Base):
    """One step of one case: who took it, in what role, when, from and to which state.

    `actor` is the name shown then; `unit_id` the unit the step concerns; `inputs` what was given.
    Whoever may see the incident may see its steps: the row has no area of its own.
    """

    __tablename__ = "step"
    __table_args__ = (Index("step_incident_id_index", "incident_id", "id"), {"schema": "incidents"})

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    incident_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("incidents.incident.id", ondelete="CASCADE")
    )
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    step: Mapped[str]
    from_state: Mapped[str | None]
    to_state: Mapped[str]
    login: Mapped[str | None]
    actor: Mapped[str | None]
    role: Mapped[str | None]
    staff_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("organisation.staff.id", ondelete="SET NULL")
    )
    unit_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("organisation.unit.id", ondelete="SET NULL")
    )
    reason: Mapped[str | None]
    inputs: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
