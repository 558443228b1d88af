"""Rental dwellings: class, inspection interval, lessor and number of tenants."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped

from layers.core.errors import Fault
from layers.core.layer import Layer
from layers.core.model import Dated, Feature, field, reference
from layers.core.rights import Right


class Rental(Feature, Dated):
    """A dwelling that is let; the interval comes from the class unless set here."""

    __tablename__ = "rental"
    room = "housing"

    dwelling_id: Mapped[int] = reference(
        "出租户室", "Dwelling", "housing.dwelling", "dwellings", on_delete="CASCADE"
    )
    rental_class: Mapped[str | None] = field("管理等级", "Class", codes="rental_class")
    usage: Mapped[str | None] = field("出租用途", "Rental usage", codes="rental_use")
    inspection_interval: Mapped[int | None] = field(
        "巡查间隔", "Inspection interval", unit="天", minimum=1, maximum=366
    )
    last_inspection: Mapped[date | None] = field("上次巡查", "Last inspection")
    next_inspection: Mapped[date | None] = field("下次巡查", "Next inspection")
    hazard: Mapped[str | None] = field("隐患类型", "Hazard", codes="hazard")
    tenants: Mapped[int | None] = field("承租人数", "Tenants", unit="人", minimum=0, maximum=1000)
    lessor_name: Mapped[str | None] = field(
        "出租人姓名", "Lessor", sensitivity="identity", mask="name", max_length=60
    )
    lessor_id_number: Mapped[str | None] = field(
        "出租人证件号",
        "Lessor ID number",
        sensitivity="identity",
        mask="id_number",
        check="id_number",
    )
    lessor_phone: Mapped[str | None] = field(
        "出租人电话", "Lessor phone", sensitivity="contact", mask="phone", check="phone"
    )

    extra_table_args = (CheckConstraint("valid_to >= valid_from", name="valid_to_after"),)


_ENDED: Final = Fault("valid_to", "it ends before it begins")


def _in_order(values: Mapping[str, Any]) -> Iterator[Fault]:
    begins, ends = values.get("valid_from"), values.get("valid_to")
    if begins is not None and ends is not None and ends < begins:
        yield _ENDED


RENTALS = Layer(
    name="rentals",
    title=("出租房", "Rentals"),
    model=Rental,
    read=Right.HOUSING_READ,
    write=Right.HOUSING_WRITE,
    propose=Right.HOUSING_PROPOSE,
    group="housing",
    area_from="dwelling_id",
    title_field="rental_class",
    rules=(_in_order,),
    refusals={"rental_valid_to_after_check": _ENDED},
)
