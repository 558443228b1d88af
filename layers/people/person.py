"""Persons: the minimum a grid needs to know. Identity and contact are sealed, shown masked."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped

from layers.core.calendar import CHINA
from layers.core.errors import Fault
from layers.core.identifiers import id_birth_date
from layers.core.layer import Layer
from layers.core.model import Dated, Feature, field, reference
from layers.core.rights import Right
from layers.core.values import RESIDENT_DOCUMENTS

_FLOATING = ("register", ("POP-02",))
_OVERSEAS = ("register", ("POP-03",))
_NOT_REGISTERED = ("register", ("POP-04",))
_LEFT_BEHIND = ("left_behind", ("LEFT-01", "LEFT-02", "LEFT-03"))


class Person(Feature, Dated):
    """One natural person; `register` says how the person is registered here.

    A row that was entered twice is merged into another and then stands for its history only.
    """

    __tablename__ = "person"
    room = "people"

    name: Mapped[str] = field(
        "姓名",
        "Name",
        sensitivity="identity",
        mask="name",
        search=True,
        required=True,
        max_length=60,
    )
    former_name: Mapped[str | None] = field(
        "曾用名", "Former name", sensitivity="identity", mask="name", max_length=60
    )
    document_type: Mapped[str | None] = field("证件类型", "Document type", codes="id_document")
    id_number: Mapped[str | None] = field(
        "证件号码",
        "ID number",
        sensitivity="identity",
        mask="id_number",
        search=True,
        check="id_number",
    )
    phone: Mapped[str | None] = field(
        "联系电话", "Phone", sensitivity="contact", mask="phone", search=True, check="phone"
    )
    sex: Mapped[str | None] = field("性别", "Sex", codes="sex")
    birth_date: Mapped[date | None] = field("出生日期", "Birth date")
    register: Mapped[str] = field("人口类型", "Register", codes="register", required=True)
    left_behind: Mapped[str | None] = field("留守类型", "Left-behind kind", codes="left_behind")
    guardian_name: Mapped[str | None] = field(
        "监护人或联系人",
        "Guardian or contact",
        sensitivity="identity",
        mask="name",
        max_length=60,
        when=_LEFT_BEHIND,
    )
    guardian_phone: Mapped[str | None] = field(
        "监护人电话",
        "Guardian's phone",
        sensitivity="contact",
        mask="phone",
        check="phone",
        when=_LEFT_BEHIND,
    )
    registered_area: Mapped[str | None] = field("户籍地代码", "Registered area code", max_length=12)
    registered_address: Mapped[str | None] = field(
        "户籍地址", "Registered address", sensitivity="contact", mask="address", max_length=200
    )
    inflow_reason: Mapped[str | None] = field(
        "流入原因", "Inflow reason", codes="inflow_reason", when=_FLOATING
    )
    permit_type: Mapped[str | None] = field(
        "办证类型", "Permit type", codes="permit_type", when=_FLOATING
    )
    permit_expires: Mapped[date | None] = field("证件到期日期", "Permit expires", when=_FLOATING)
    nationality: Mapped[str | None] = field("国籍", "Nationality", max_length=40, when=_OVERSEAS)
    visit_purpose: Mapped[str | None] = field(
        "来华目的", "Purpose of visit", max_length=100, when=_OVERSEAS
    )
    arrival_date: Mapped[date | None] = field("抵达日期", "Arrival date", when=_OVERSEAS)
    departure_date: Mapped[date | None] = field(
        "预计离开日期", "Expected departure", when=_OVERSEAS
    )
    not_registered_reason: Mapped[str | None] = field(
        "未落户原因", "Reason not registered", max_length=200, when=_NOT_REGISTERED
    )
    not_registered_since: Mapped[date | None] = field(
        "未落户时间", "Not registered since", when=_NOT_REGISTERED
    )
    merged_into: Mapped[int | None] = reference(
        "并入人员", "Merged into", "people.person", "persons", read_only=True
    )
    deidentified_on: Mapped[date | None] = field("去标识日期", "De-identified on", read_only=True)

    extra_table_args = (
        CheckConstraint("departure_date >= arrival_date", name="departure_after"),
        # Whether a resident lies in a reader's areas, told without reading the person.
        Index("person_scope_index", "id", postgresql_include=["area_code"]),
    )


def _born(values: Mapping[str, Any]) -> Iterator[Fault]:
    """A birth lies in the past, on the day that a resident's number says."""
    birth, number = values.get("birth_date"), values.get("id_number")
    if birth is None:
        return
    if birth > datetime.now(CHINA).date():
        yield Fault("birth_date", "the birth date lies in the future")
    if number and values.get("document_type") in RESIDENT_DOCUMENTS:
        told = id_birth_date(number)
        if told is not None and told != birth:
            yield Fault("birth_date", f"the ID number says {told}")


def _stays(values: Mapping[str, Any]) -> Iterator[Fault]:
    arrival, departure = values.get("arrival_date"), values.get("departure_date")
    if arrival is not None and departure is not None and departure < arrival:
        yield Fault("departure_date", "it ends before it begins")


PERSONS = Layer(
    name="persons",
    title=("人口", "Persons"),
    model=Person,
    read=Right.PEOPLE_READ,
    write=Right.PEOPLE_WRITE,
    propose=Right.PEOPLE_PROPOSE,
    group="people",
    area_from="given",
    subject_sql="id",
    title_field="name",
    rules=(_born, _stays),
    refusals={
        "person_born": Fault("birth_date", "the birth date lies in the future"),
        "person_departure_after_check": Fault("departure_date", "it ends before it begins"),
    },
    form_groups=(
        (
            ("基本信息", "Basics"),
            ("name", "former_name", "document_type", "id_number", "phone", "sex", "birth_date"),
        ),
        (
            ("登记", "Register"),
            (
                "register",
                "left_behind",
                "guardian_name",
                "guardian_phone",
                "registered_area",
                "registered_address",
            ),
        ),
        (
            ("流动人口", "Floating"),
            ("inflow_reason", "permit_type", "permit_expires"),
        ),
        (
            ("境外人员", "Overseas"),
            ("nationality", "visit_purpose", "arrival_date", "departure_date"),
        ),
        (
            ("未落户人员", "Not registered"),
            ("not_registered_reason", "not_registered_since"),
        ),
    ),
)
