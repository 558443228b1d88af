"""Shifts: when members of staff are on duty; only then are they located."""

from datetime import datetime

from geoalchemy2 import Geometry
from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from layers.core.layer import Layer
from layers.core.model import Feature, WKBElement, field, reference
from layers.core.rights import Right

IS_OPEN = "started_at IS NOT NULL AND ended_at IS NULL"


class Shift(Feature):
    """One spell on duty of one member of staff: planned, begun, ended.

    Planned only while `started_at` is empty, on duty while only `ended_at` is. Nobody has two open
    shifts. `area_code` is the area served when the shift was made; `start_place` and `end_place`
    are where the clocking was done, EPSG:4326.
    """

    __tablename__ = "shift"
    room = "patrol"

    staff_id: Mapped[int] = reference(
        "工作人员", "Staff", "organisation.staff", "staff", on_delete="CASCADE"
    )
    planned_start: Mapped[datetime | None] = field("计划上岗", "Planned start")
    planned_end: Mapped[datetime | None] = field("计划下岗", "Planned end")
    started_at: Mapped[datetime | None] = field("上岗时间", "Clocked in")
    ended_at: Mapped[datetime | None] = field("下岗时间", "Clocked out")
    end_kind: Mapped[str | None] = field("下岗方式", "How it ended", codes="shift_end")
    start_place: Mapped[WKBElement | None] = mapped_column(
        Geometry("POINT", srid=4326, spatial_index=False)
    )
    end_place: Mapped[WKBElement | None] = mapped_column(
        Geometry("POINT", srid=4326, spatial_index=False)
    )

    extra_table_args = (
        Index("shift_one_open_key", "staff_id", unique=True, postgresql_where=text(IS_OPEN)),
        Index("shift_staff_started_at_index", "staff_id", "started_at"),
        Index("shift_started_at_index", "started_at"),
        CheckConstraint("started_at IS NOT NULL OR planned_start IS NOT NULL", name="begins"),
        CheckConstraint("ended_at IS NULL OR ended_at >= started_at", name="ended_at_order"),
        CheckConstraint(
            "(planned_start IS NULL) = (planned_end IS NULL) AND planned_end > planned_start",
            name="planned_end_order",
        ),
    )


SHIFTS = Layer(
    name="shifts",
    title=("班次", "Shifts"),
    model=Shift,
    read=Right.PATROL_READ,
    write=Right.ORGANISATION_WRITE,
    create=Right.ORGANISATION_ASSIGN,
    group="patrol",
    area_from="given",
    time_field="started_at",
    settled="ended_at IS NOT NULL",
)
