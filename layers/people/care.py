"""Care records and the visits made under them: help due to a person, with its own right.

The database keeps the day of the last visit of a record from its visits (`care.sql`).
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped

from layers.core.calendar import CHINA
from layers.core.errors import Fault
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
    last_visit: Mapped[date | None] = field("上次走访", "Last visit", read_only=True)
    note: Mapped[str | None] = field(
        "情况说明", "Note", sensitivity="care", mask="hidden", max_length=1000
    )

    extra_table_args = (
        CheckConstraint("valid_to >= valid_from", name="valid_to_after"),
        CheckConstraint("last_visit <= valid_to", name="visited_before_end"),
    )


class CareVisit(Feature):
    """One visit or help given under a care record; what was found is sealed."""

    __tablename__ = "care_visit"
    room = "people"

    record_id: Mapped[int] = reference(
        "关怀登记",
        "Care record",
        "people.care_record",
        "care_records",
        on_delete="CASCADE",
        index=False,
    )
    visited_on: Mapped[date] = field("走访日期", "Visited on", required=True)
    kind: Mapped[str] = field("服务方式", "Kind of help", codes="care_visit_kind", required=True)
    found: Mapped[str | None] = field(
        "走访情况", "Found and helped", sensitivity="care", mask="hidden", max_length=1000
    )
    next_step: Mapped[str | None] = field("后续安排", "Next step", max_length=300)
    visited_by: Mapped[str | None] = field("走访人", "Visited by", max_length=60)

    extra_table_args = (Index("care_visit_record_id_index", "record_id", "visited_on"),)


TODAY: Final = "(SELECT core.today())"  # asked once in a statement, not for each row


def has_ended(record: str) -> str:
    """SQL of whether a care record, an alias, has ended; its last day is the one before."""
    return f"({record}.valid_to <= {TODAY}) IS TRUE"


def next_visit(record: str) -> str:
    """SQL of the day of a care record's next visit, NULL where no interval is set.

    A record never visited is due one interval after it begins, and at once where that is not known.
    """
    return (
        f"CASE WHEN {record}.visit_interval IS NOT NULL THEN "
        f"coalesce(coalesce({record}.last_visit, {record}.valid_from) + {record}.visit_interval, "
        f"{TODAY}) END"
    )


ENDS_BEFORE: Final = Fault("valid_to", "it ends before it begins")
_VISITED_LATER: Final = Fault("valid_to", "it was visited after that day")
_FUTURE: Final = Fault("visited_on", "the visit lies in the future")
_ENDED: Final = Fault("visited_on", "the record has ended by then")


def _in_order(values: Mapping[str, Any]) -> Iterator[Fault]:
    begins, ends = values.get("valid_from"), values.get("valid_to")
    if begins is not None and ends is not None and ends < begins:
        yield ENDS_BEFORE


def _visited(values: Mapping[str, Any]) -> Iterator[Fault]:
    on = values.get("visited_on")
    if on is not None and on > datetime.now(CHINA).date():
        yield _FUTURE


CARE_RECORDS = Layer(
    name="care_records",
    title=("关怀服务登记", "Care records"),
    model=CareRecord,
    read=Right.CARE_READ,
    write=Right.CARE_WRITE,
    group="people",
    area_from="person_id",
    subject_sql="person_id",
    title_field="care_group",
    rules=(_in_order,),
    refusals={
        "care_record_valid_to_after_check": ENDS_BEFORE,
        "care_record_visited_before_end_check": _VISITED_LATER,
    },
)

CARE_VISITS = Layer(
    name="care_visits",
    title=("走访记录", "Care visits"),
    model=CareVisit,
    read=Right.CARE_READ,
    write=Right.CARE_WRITE,
    group="people",
    area_from="record_id",
    subject_sql="(SELECT person_id FROM people.care_record WHERE id = care_visit.record_id)",
    title_field="visited_on",
    rules=(_visited,),
    refusals={
        "care_visit_day": _FUTURE,
        "care_visit_begun": Fault("visited_on", "the visit lies before the record begins"),
        "care_visit_ended": _ENDED,
        "care_record_visited_before_end_check": _ENDED,
    },
)
