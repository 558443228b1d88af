"""Inspections of rental dwellings: what was found, what is to be put right and by when.

Who inspects records it directly: it is what somebody saw on a day, not a change of the register.
The database sets from it when the rental is due again (`inspection.sql`).
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped

from layers.core.calendar import CHINA
from layers.core.errors import Fault
from layers.core.layer import Layer
from layers.core.model import Feature, field, reference
from layers.core.rights import Right

HAZARD_FOUND: Final = "hazard"
NOBODY_IN: Final = "nobody"

_FOUND = ("result", (HAZARD_FOUND,))


class Inspection(Feature):
    """One visit to a rental; a hazard is open until it was put right or a later visit passed."""

    __tablename__ = "inspection"
    room = "housing"

    rental_id: Mapped[int] = reference(
        "出租房", "Rental", "housing.rental", "rentals", on_delete="CASCADE", index=False
    )
    inspected_on: Mapped[date] = field("巡查日期", "Inspected on", required=True)
    result: Mapped[str] = field("巡查结果", "Result", codes="inspection_result", required=True)
    hazard: Mapped[str | None] = field("隐患类型", "Hazard", codes="hazard", when=_FOUND)
    rectify_by: Mapped[date | None] = field("整改期限", "Put right by", when=_FOUND)
    rectified_on: Mapped[date | None] = field("整改完成日期", "Put right on", when=_FOUND)
    findings: Mapped[str | None] = field("巡查情况", "Findings", max_length=500)
    inspector: Mapped[str | None] = field("巡查人", "Inspector", read_only=True)

    extra_table_args = (
        CheckConstraint("rectify_by >= inspected_on", name="rectify_by_after"),
        CheckConstraint("rectified_on >= inspected_on", name="rectified_on_after"),
        Index("inspection_rental_id_index", "rental_id", "inspected_on"),
    )


_FUTURE: Final = Fault("inspected_on", "the inspection lies in the future")
_EARLY: Final = "before the inspection"


def _consistent(values: Mapping[str, Any]) -> Iterator[Fault]:
    """A hazard has a kind; days follow one another."""
    on, result = values.get("inspected_on"), values.get("result")
    if on is not None and on > datetime.now(CHINA).date():
        yield _FUTURE
    if result == HAZARD_FOUND and values.get("hazard") in (None, "00"):
        yield Fault("hazard", "required")
    for name in ("rectify_by", "rectified_on"):
        day = values.get(name)
        if on is not None and day is not None and day < on:
            yield Fault(name, _EARLY)


INSPECTIONS = Layer(
    name="inspections",
    title=("出租房巡查", "Inspections"),
    model=Inspection,
    read=Right.HOUSING_READ,
    create=Right.HOUSING_INSPECT,
    write=Right.HOUSING_WRITE,
    group="housing",
    area_from="rental_id",
    title_field="inspected_on",
    rules=(_consistent,),
    refusals={
        "inspection_day": _FUTURE,
        "inspection_rectify_by_after_check": Fault("rectify_by", _EARLY),
        "inspection_rectified_on_after_check": Fault("rectified_on", _EARLY),
    },
)
