"""Positions of staff on duty and registered vehicles.

`position` is partitioned by day of the device time (China time); `last_position` keeps one row an
object, so that the live map never searches the big table; `grid_visit` keeps which grids each
object was in on which day.
"""

from datetime import date, datetime

from sqlalchemy import (
    REAL,
    BigInteger,
    CheckConstraint,
    Date,
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
KIND = "object_kind IN ('staff', 'vehicle')"


class LastPosition(Feature):
    """Where one member of staff or one vehicle was last; exactly one of the two is set.

    Who is not on duty has none. `change` grows with every batch of fixes, in commit order, so that
    a listener may ask for what moved since.
    """

    __tablename__ = "last_position"
    room = "patrol"

    staff_id: Mapped[int | None] = reference(
        "工作人员", "Staff", "organisation.staff", "staff", on_delete="CASCADE", index=False
    )
    vehicle_id: Mapped[int | None] = reference(
        "车辆", "Vehicle", "patrol.vehicle", "vehicles", on_delete="CASCADE", index=False
    )
    label: Mapped[str | None] = field("名称", "Label", max_length=60)
    device_time: Mapped[datetime] = field("定位时间", "Device time")
    server_time: Mapped[datetime] = field("接收时间", "Server time", default="now()")
    speed: Mapped[float | None] = field("速度", "Speed", unit="km/h", minimum=0, maximum=400)
    heading: Mapped[float | None] = field("方向", "Heading", unit="°", minimum=0, maximum=360)
    accuracy: Mapped[float | None] = field("精度", "Accuracy", unit="m", minimum=0)
    battery: Mapped[int | None] = field("电量", "Battery", unit="%", minimum=0, maximum=100)
    geom: Mapped[WKBElement] = geometry("POINT")
    change: Mapped[int] = mapped_column(BigInteger, server_default=text("0"), index=True)

    extra_table_args = (
        Index("last_position_staff_id_key", "staff_id", unique=True),
        Index("last_position_vehicle_id_key", "vehicle_id", unique=True),
        CheckConstraint(ONE_OBJECT, name="one_object"),
    )


class Position(Base):
    """One fix; the primary key is kind of object, object and device time.

    The key carries what a track is made of, so that one day of one object is read from the index.
    `flag` says why a fix is not trusted (`jump`); such a fix is kept and shown to nobody.
    """

    __tablename__ = "position"
    __table_args__ = (
        PrimaryKeyConstraint(
            "object_kind",
            "object_id",
            "device_time",
            postgresql_include=["longitude", "latitude", "speed", "area_code"],
        ),
        {"schema": "patrol", "postgresql_partition_by": "RANGE (device_time)"},
    )

    object_kind: Mapped[str] = mapped_column(Text)
    object_id: Mapped[int] = mapped_column(BigInteger)
    device_time: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    server_time: Mapped[datetime] = mapped_column(server_default=text("now()"))
    area_code: Mapped[str] = mapped_column(Text(collation="C"), server_default=text("''"))
    longitude: Mapped[float]
    latitude: Mapped[float]
    speed: Mapped[float | None] = mapped_column(REAL)
    heading: Mapped[float | None] = mapped_column(REAL)
    accuracy: Mapped[float | None] = mapped_column(REAL)
    flag: Mapped[str | None]


class GridVisit(Base):
    """One object in one grid (or, outside of grids, one area) on one day of China time."""

    __tablename__ = "grid_visit"
    __table_args__ = (
        PrimaryKeyConstraint("day", "object_kind", "object_id", "area_code"),
        CheckConstraint(KIND, name="object_kind"),
        Index("grid_visit_area_code_index", "area_code", "day"),
        {"schema": "patrol"},
    )

    day: Mapped[date] = mapped_column(Date)
    object_kind: Mapped[str] = mapped_column(Text)
    object_id: Mapped[int] = mapped_column(BigInteger)
    area_code: Mapped[str] = mapped_column(Text(collation="C"))
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    fixes: Mapped[int]


POSITIONS = Layer(
    name="positions",
    title=("在岗位置", "Positions"),
    model=LastPosition,
    read=Right.PATROL_READ,
    write=Right.PATROL_WRITE,
    group="patrol",
    moving=True,
    min_zoom=10,
    tile_fields=("label", "heading"),
    title_field="label",
    time_field="device_time",
    legend=(Legend(("在岗人员与车辆", "Staff and vehicles"), "#0a9d58", "circle"),),
    paint=(circle("#0a9d58", "#3ddc97", by_zoom(11, 2.5, 17, 6)),),
)
