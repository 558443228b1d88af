"""Positions of staff on duty and registered vehicles.

`position` is partitioned by day of the device time; `last_position` keeps one row an object, so
that the live map never searches the big table.
"""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    Index,
    PrimaryKeyConstraint,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from layers.core.layer import Layer, Legend
from layers.core.model import Base, Feature, WKBElement, field, geometry, reference
from layers.core.paint import by_zoom, circle
from layers.core.rights import Right

ONE_OBJECT = "(staff_id IS NULL) <> (vehicle_id IS NULL)"


class LastPosition(Feature):
    """Where one member of staff or one vehicle was last; exactly one of the two is set."""

    __tablename__ = "last_position"
    room = "patrol"

    staff_id: Mapped[int | None] = reference(
        "工作人员", "Staff", "organisation.staff", "staff", on_delete="CASCADE"
    )
    vehicle_id: Mapped[int | None] = reference(
        "车辆", "Vehicle", "patrol.vehicle", "vehicles", on_delete="CASCADE"
    )
    label: Mapped[str | None] = field("名称", "Label", max_length=60)
    device_time: Mapped[datetime] = field("设备时间", "Device time", required=True)
    server_time: Mapped[datetime] = field("接收时间", "Server time", default="now()")
    speed: Mapped[float | None] = field("速度", "Speed", unit="km/h", minimum=0, maximum=400)
    heading: Mapped[float | None] = field("方向", "Heading", unit="°", minimum=0, maximum=360)
    accuracy: Mapped[float | None] = field("精度", "Accuracy", unit="m", minimum=0)
    geom: Mapped[WKBElement] = geometry("POINT")

    extra_table_args = (CheckConstraint(ONE_OBJECT, name="one_object"),)


class Position(Base):
    """One fix; the primary key is object, kind of object and device time."""

    __tablename__ = "position"
    __table_args__ = (
        PrimaryKeyConstraint("device_time", "object_kind", "object_id"),
        Index("position_object_index", "object_kind", "object_id", "device_time"),
        {"schema": "patrol", "postgresql_partition_by": "RANGE (device_time)"},
    )

    object_kind: Mapped[str] = mapped_column(Text)
    object_id: Mapped[int] = mapped_column(BigInteger)
    device_time: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    server_time: Mapped[datetime] = mapped_column(server_default=text("now()"))
    area_code: Mapped[str] = mapped_column(Text(collation="C"), server_default=text("''"))
    longitude: Mapped[float]
    latitude: Mapped[float]
    speed: Mapped[float | None]
    heading: Mapped[float | None]
    accuracy: Mapped[float | None]


POSITIONS = Layer(
    name="positions",
    title=("在岗位置", "Positions"),
    model=LastPosition,
    read=Right.PATROL_READ,
    write=Right.PATROL_WRITE,
    group="patrol",
    min_zoom=10,
    tile_fields=("label", "heading"),
    title_field="label",
    time_field="device_time",
    legend=(Legend(("在岗人员与车辆", "Staff and vehicles"), "#0a9d58", "circle"),),
    paint=(circle("#0a9d58", "#3ddc97", by_zoom(11, 2.5, 17, 6)),),
)
