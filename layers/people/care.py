"""Care and service records: help due to a person, with its own right and a lawful basis."""

from datetime import date

from sqlalchemy.orm import Mapped

from layers.core.layer import Layer
from layers.core.model import Dated, Feature, field, reference
from layers.core.rights import Right


class CareRecord(Feature, Dated):
    """A person in care of a group; basis, purpose, responsible person and review are required."""

    __tablename__ = "care_record"
    room = "people"

    person_id: Mapped[int] = reference(
        "人员", "Person", "people.person", "persons", on_delete="CASCADE"
    )
    care_group: Mapped[str] = field("关怀类别", "Care group", codes="care_group", required=True)
    lawful_basis: Mapped[str] = field("法定依据", "Lawful basis", required=True, max_length=300)
    purpose: Mapped[str] = field("目的", "Purpose", required=True, max_length=300)
    responsible: Mapped[str] = field("责任人", "Responsible person", required=True, max_length=60)
    review_date: Mapped[date] = field("复核日期", "Review date", required=True)
    visit_interval: Mapped[int | None] = field(
        "走访间隔", "Visit interval", unit="天", minimum=1, maximum=366
    )
    last_visit: Mapped[date | None] = field("上次走访", "Last visit")
    note: Mapped[str | None] = field(
        "情况说明", "Note", sensitivity="care", mask="hidden", max_length=1000
    )


CARE_RECORDS = Layer(
    name="care_records",
    title=("关怀服务登记", "Care records"),
    model=CareRecord,
    read=Right.CARE_READ,
    write=Right.CARE_WRITE,
    group="people",
    area_from="person_id",
    title_field="care_group",
)
