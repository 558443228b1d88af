"""Dwellings: the rooms (户室) of a building by unit, floor and room number."""

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped

from layers.core.layer import Layer
from layers.core.model import Dated, Feature, field, reference
from layers.core.rights import Right


class Dwelling(Feature, Dated):
    """One room code of a building; floors below ground are negative, there is no floor 0.

    A mezzanine has the floor below it. A room of several floors has the lowest.
    """

    __tablename__ = "dwelling"
    room = "housing"

    building_id: Mapped[int] = reference(
        "所属楼栋", "Building", "housing.building", "buildings", on_delete="CASCADE"
    )
    unit: Mapped[str] = field("单元", "Unit", default="''", max_length=20)
    floor: Mapped[int] = field("楼层", "Floor", required=True, minimum=-20, maximum=200)
    room_number: Mapped[str] = field("室号", "Room", required=True, max_length=30)
    is_mezzanine: Mapped[bool] = field("夹层", "Mezzanine", default="false")
    floors_high: Mapped[int] = field(
        "占用层数", "Floors taken", unit="层", default="1", minimum=1, maximum=10
    )
    columns_wide: Mapped[int] = field(
        "占用开间", "Columns taken", default="1", minimum=1, maximum=20
    )
    column_number: Mapped[int | None] = field(
        "楼盘表列序", "Column in the matrix", minimum=1, maximum=500
    )
    beds: Mapped[int | None] = field("床位数", "Beds", unit="个", minimum=1, maximum=200)
    usage: Mapped[str | None] = field("房屋用途", "Usage", codes="house_use")
    tenure: Mapped[str | None] = field("房屋性质", "Tenure", codes="tenure")
    ownership: Mapped[str | None] = field("产权类型", "Ownership", codes="ownership")
    floor_area: Mapped[float | None] = field(
        "建筑面积", "Floor area", unit="m²", minimum=0, maximum=100000
    )
    state: Mapped[str | None] = field("采集状态", "State", codes="dwelling_state")
    owner_name: Mapped[str | None] = field(
        "房主姓名", "Owner", sensitivity="identity", mask="name", max_length=60
    )
    owner_phone: Mapped[str | None] = field(
        "房主电话", "Owner phone", sensitivity="contact", mask="phone", check="phone"
    )
    address: Mapped[str | None] = field("详细地址", "Full address", max_length=300)

    extra_table_args = (
        # A room that is no more leaves its number to another.
        Index(
            "dwelling_place_index",
            "building_id",
            "unit",
            "floor",
            "room_number",
            unique=True,
            postgresql_where=text("valid_to IS NULL"),
        ),
        # How the rooms of a building are held is counted without reading their rows.
        Index(
            "dwelling_tenure_index",
            "building_id",
            postgresql_include=["tenure", "area_code", "valid_to"],
        ),
    )


DWELLINGS = Layer(
    name="dwellings",
    title=("户室", "Dwellings"),
    model=Dwelling,
    read=Right.HOUSING_READ,
    write=Right.HOUSING_WRITE,
    propose=Right.HOUSING_PROPOSE,
    group="housing",
    area_from="building_id",
    title_field="room_number",
    subtitle_field="address",
)
