"""Residences: which person lives in which dwelling, how, and from when to when."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from layers.core.errors import Fault
from layers.core.layer import Layer
from layers.core.model import Dated, Feature, field, reference
from layers.core.rights import Right

HOUSEHOLDERS: Final = ("0", "02", "03")
"""Relations (GB/T 4761) of who heads a household."""

_HEADS = f"valid_to IS NULL AND relation IN {HOUSEHOLDERS}"


class Residence(Feature, Dated):
    """A person in a dwelling; open while `valid_to` is empty.

    `building_id` repeats the dwelling's building, kept by the database, so that one index scan
    answers who lives in a house. Those who rent a dwelling together are told apart by the room in
    it and the bed.
    """

    __tablename__ = "residence"
    room = "people"

    person_id: Mapped[int] = reference(
        "人员", "Person", "people.person", "persons", on_delete="CASCADE"
    )
    dwelling_id: Mapped[int] = reference("户室", "Dwelling", "housing.dwelling", "dwellings")
    building_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = field("居住方式", "Residence kind", codes="residence_kind", required=True)
    is_home: Mapped[bool] = field("现住地", "Home", default="true")
    household: Mapped[str | None] = field("户号", "Household", max_length=40)
    relation: Mapped[str | None] = field("与户主关系", "Relation to householder", codes="relation")
    rented_room: Mapped[str | None] = field("合租房间", "Room let to them", max_length=20)
    bed: Mapped[str | None] = field("床位", "Bed", max_length=20)
    leaving_reason: Mapped[str | None] = field(
        "迁出原因", "Reason for leaving", codes="leaving_reason"
    )

    extra_table_args = (
        CheckConstraint("valid_to >= valid_from", name="valid_to_after"),
        Index("residence_building_index", "building_id", "dwelling_id"),
        Index(
            "residence_began_index",
            "valid_from",
            "area_code",
            postgresql_where=text("is_home OR valid_to IS NOT NULL"),
        ),
        Index(
            "residence_ended_index",
            "valid_to",
            "area_code",
            postgresql_where=text("valid_to IS NOT NULL"),
        ),
        Index(
            "residence_householder_key",
            "dwelling_id",
            text("coalesce(household, '')"),
            unique=True,
            postgresql_where=text(_HEADS),
        ),
        Index(
            "residence_bed_key",
            "dwelling_id",
            text("coalesce(rented_room, '')"),
            "bed",
            unique=True,
            postgresql_where=text("valid_to IS NULL AND bed IS NOT NULL"),
        ),
    )


def _in_order(values: Mapping[str, Any]) -> Iterator[Fault]:
    begins, ends = values.get("valid_from"), values.get("valid_to")
    if begins is not None and ends is not None and ends < begins:
        yield REFUSALS["residence_valid_to_after_check"]


REFUSALS: Final[Mapping[str, Fault]] = {
    "residence_valid_to_after_check": Fault("valid_to", "it ends before it begins"),
    "residence_householder_key": Fault("relation", "the household has a householder already"),
    "residence_bed_key": Fault("bed", "somebody has this bed already"),
    "residence_dwelling_stands": Fault("dwelling_id", "the dwelling or its building is gone"),
}


RESIDENCES = Layer(
    name="residences",
    title=("居住登记", "Residences"),
    model=Residence,
    read=Right.PEOPLE_READ,
    write=Right.PEOPLE_WRITE,
    propose=Right.PEOPLE_PROPOSE,
    group="people",
    area_from="dwelling_id",
    subject_sql="person_id",
    title_field="household",
    subtitle_field="kind",
    rules=(_in_order,),
    refusals=REFUSALS,
)
