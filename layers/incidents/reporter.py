"""Who told of an incident: one row a report, so that a joined case keeps all of them."""

from datetime import datetime

from sqlalchemy.orm import Mapped

from layers.core.layer import Layer
from layers.core.model import Feature, field, reference
from layers.core.rights import Right


class Reporter(Feature):
    """One report of a case; without name and phone it is the account's own."""

    __tablename__ = "reporter"
    room = "incidents"

    incident_id: Mapped[int] = reference(
        "事件", "Incident", "incidents.incident", "incidents", on_delete="CASCADE"
    )
    name: Mapped[str | None] = field(
        "上报人", "Reporter", sensitivity="contact", mask="name", max_length=60
    )
    phone: Mapped[str | None] = field(
        "联系电话", "Phone", sensitivity="contact", mask="phone", check="phone", max_length=30
    )
    report_source: Mapped[str] = field("来源", "Source", codes="report_source", required=True)
    description: Mapped[str | None] = field("所述情况", "What was told", max_length=2000)
    reported_at: Mapped[datetime] = field("上报时间", "Reported", default="now()", read_only=True)
    reported_by: Mapped[str | None] = field(
        "上报账号",
        "Reported by",
        default="nullif(current_setting('wangge.login', true), '')",
        read_only=True,
    )


REPORTERS = Layer(
    name="reporters",
    title=("上报人", "Reporters"),
    model=Reporter,
    read=Right.INCIDENTS_READ,
    write=Right.INCIDENTS_WRITE,
    create=Right.INCIDENTS_REPORT,
    group="incidents",
    area_from="incident_id",
    time_field="reported_at",
)
