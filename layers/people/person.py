"""Persons: the minimum a grid needs to know. Identity and contact are sealed, shown masked."""

from datetime import date

from sqlalchemy.orm import Mapped

from layers.core.layer import Layer
from layers.core.model import Dated, Feature, field
from layers.core.rights import Right


class Person(Feature, Dated):
    """One natural person; `register` says how the person is registered here."""

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
    registered_area: Mapped[str | None] = field("户籍地代码", "Registered area code", max_length=12)
    registered_address: Mapped[str | None] = field(
        "户籍地址", "Registered address", sensitivity="contact", mask="address", max_length=200
    )
    inflow_reason: Mapped[str | None] = field("流入原因", "Inflow reason", codes="inflow_reason")
    permit_type: Mapped[str | None] = field("办证类型", "Permit type", codes="permit_type")
    permit_expires: Mapped[date | None] = field("证件到期日期", "Permit expires")
    nationality: Mapped[str | None] = field("国籍", "Nationality", max_length=40)
    arrival_date: Mapped[date | None] = field("抵达日期", "Arrival date")
    not_registered_reason: Mapped[str | None] = field(
        "未落户原因", "Reason not registered", max_length=200
    )


PERSONS = Layer(
    name="persons",
    title=("人口", "Persons"),
    model=Person,
    read=Right.PEOPLE_READ,
    write=Right.PEOPLE_WRITE,
    propose=Right.PEOPLE_PROPOSE,
    group="people",
    area_from="given",
    title_field="name",
    form_groups=(
        (
            ("基本信息", "Basics"),
            ("name", "former_name", "document_type", "id_number", "phone", "sex", "birth_date"),
        ),
        (
            ("登记", "Register"),
            ("register", "left_behind", "registered_area", "registered_address"),
        ),
        (
            ("流动人口", "Floating"),
            ("inflow_reason", "permit_type", "permit_expires"),
        ),
        (
            ("境外与未落户", "Overseas and not registered"),
            ("nationality", "arrival_date", "not_registered_reason"),
        ),
    ),
)
