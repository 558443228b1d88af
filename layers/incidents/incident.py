"""Incidents: what happened, where, when, and who told of it."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlalchemy.dialects.postgresql import TSTZMULTIRANGE, Range
from sqlalchemy.orm import Mapped, mapped_column

from layers.core.layer import Layer, Legend
from layers.core.model import Counted, Feature, WKBElement, field, geometry
from layers.core.paint import by_light, by_zoom, circle
from layers.core.rights import Right
from layers.incidents.progress import Progress
from layers.incidents.workflow import OVER

_IS_CLOSED = ["in", ["get", "state"], ["literal", [*OVER]]]


class Incident(Counted, Feature, Progress):
    """A located incident of one category; its code is the case number."""

    __tablename__ = "incident"
    room = "incidents"

    category: Mapped[str] = field("类别", "Category", codes="incident_category", required=True)
    report_source: Mapped[str] = field("来源", "Source", codes="report_source", required=True)
    state: Mapped[str] = field(
        "状态", "State", codes="incident_state", default="'reported'", read_only=True
    )
    place: Mapped[str | None] = field("发生地点", "Place", max_length=300, search=True)
    description: Mapped[str] = field(
        "问题描述", "Description", required=True, max_length=2000, search=True
    )
    people_affected: Mapped[int | None] = field(
        "涉及人数", "People affected", unit="人", minimum=0, maximum=1000000
    )
    scale: Mapped[str | None] = field("规模", "Scale", codes="event_scale")
    occurred_at: Mapped[datetime | None] = field("发生时间", "Occurred")
    reported_at: Mapped[datetime] = field("上报时间", "Reported", default="now()")
    closed_at: Mapped[datetime | None] = field("结案时间", "Closed", read_only=True)
    condition: Mapped[str | None] = field(
        "立案条件", "Registration condition", codes="registration_condition", read_only=True
    )
    registered_at: Mapped[datetime | None] = field("立案时间", "Registered", read_only=True)
    warn_at: Mapped[datetime | None] = field("预警时间", "Warning", read_only=True)
    due_at: Mapped[datetime | None] = field("截止时间", "Due", read_only=True)
    paused_at: Mapped[datetime | None] = field("挂账时间", "Suspended", read_only=True)
    # Finished suspensions; the running one is `paused_at`.
    pauses: Mapped[list[Range[datetime]]] = mapped_column(
        TSTZMULTIRANGE(), server_default=text("'{}'")
    )
    geom: Mapped[WKBElement] = geometry("POINT")

    extra_table_args = (
        # With what heat is made of beside the time, so that a count reads the index alone.
        Index(
            "incident_reported_at_index",
            "reported_at",
            postgresql_include=["cell", "category", "area_code"],
        ),
        Index("incident_due_at_index", "due_at", postgresql_where=text("closed_at IS NULL")),
    )


INCIDENTS = Layer(
    name="incidents",
    title=("事件", "Incidents"),
    model=Incident,
    read=Right.INCIDENTS_READ,
    write=Right.INCIDENTS_WRITE,
    create=Right.INCIDENTS_REPORT,
    group="incidents",
    min_zoom=11,
    tile_fields=("category", "state", "due_at", "warn_at", "paused_at"),
    title_field="place",
    subtitle_field="description",
    time_field="reported_at",
    settled=f"state IN {OVER}",
    visible=True,
    form_groups=(
        (
            ("登记", "Registration"),
            (
                "category",
                "description",
                "place",
                "report_source",
                "scale",
                "people_affected",
                "occurred_at",
            ),
        ),
    ),
    legend=(
        Legend(("超期", "Overdue"), "#d92d20", "circle"),
        Legend(("临期", "Due soon"), "#f0a202", "circle"),
        Legend(("正常", "In time"), "#1e9e5a", "circle"),
        Legend(("未定时限", "Without a limit"), "#3b7ddd", "circle"),
        Legend(("已结案", "Closed"), "#8d99a6", "circle"),
    ),
    paint=(
        circle(
            "#8d99a6",
            "#6b7785",
            by_zoom(15, 1.5, 18, 4),
            filter=_IS_CLOSED,
            minzoom=15,
        ),
        circle(
            by_light(green="#1e9e5a", yellow="#f0a202", red="#d92d20", none="#3b7ddd"),
            by_light(green="#3fbf7a", yellow="#f5b73d", red="#f2665c", none="#6ea2ee"),
            by_zoom(11, 2.5, 15, 5, 18, 8),
            filter=["!", _IS_CLOSED],
            layout={"circle-sort-key": by_light(green=2, yellow=3, red=4, none=1)},
        ),
    ),
)
