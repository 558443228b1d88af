"""Residences: which person lives in which dwelling, how, and from when to when."""

from sqlalchemy import BigInteger, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from layers.core.layer import Layer
from layers.core.model import Dated, Feature, field, reference
from layers.core.rights import Right


class Residence(Feature, Dated):
    """A person in a dwelling; open while `valid_to` is empty.

    `building_id` repeats the dwelling's building, kept by the database, so that one index scan
    answers who lives in a house.
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

    extra_table_args = (
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
    )


RESIDENCES = Layer(
    name="residences",
    title=("居住登记", "Residences"),
    model=Residence,
    read=Right.PEOPLE_READ,
    write=Right.PEOPLE_WRITE,
    propose=Right.PEOPLE_PROPOSE,
    group="people",
    area_from="dwelling_id",
    title_field="household",
)
