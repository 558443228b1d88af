"""Hot zones: where many incidents of a time lie close together, kept as features."""

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from layers.core.layer import Layer, Legend
from layers.core.model import Base, Feature, WKBElement, field, geometry
from layers.core.paint import by_zoom, fill, label, line
from layers.core.rights import Right


class HotZone(Feature):
    """One zone with what was counted in it, and the question that finds it again.

    Everything but the name is measured. `area_code` is the smallest area that holds every incident
    counted, so whoever sees a zone may open all of them. The incidents are those of
    `HotZoneIncident`, as they were found on the day the zone was kept.
    """

    __tablename__ = "hot_zone"
    room = "analysis"

    name: Mapped[str] = field(
        "名称", "Name", search=True, initials=True, required=True, max_length=120
    )
    number: Mapped[int] = field("序号", "Number", required=True, read_only=True, minimum=1)
    incidents: Mapped[int] = field(
        "事件数", "Incidents", unit="件", required=True, read_only=True, minimum=0
    )
    incidents_before: Mapped[int] = field(
        "上期事件数", "Incidents before", unit="件", required=True, read_only=True, minimum=0
    )
    residents: Mapped[int | None] = field(
        "居住人口（按五取整）", "Residents (whole fives)", unit="人", read_only=True, minimum=5
    )
    rate: Mapped[float | None] = field(
        "每千人事件数", "Incidents per 1,000 residents", read_only=True, minimum=0
    )
    top_category: Mapped[str | None] = field(
        "首要类别", "Top category", codes="incident_category", read_only=True
    )
    ground: Mapped[float] = field(
        "面积", "Ground", unit="m²", required=True, read_only=True, minimum=0
    )
    since: Mapped[datetime] = field("时段起", "From", required=True, read_only=True)
    until: Mapped[datetime] = field("时段止", "Until", required=True, read_only=True)
    reach: Mapped[float] = field(
        "聚类距离", "Reach", unit="m", required=True, read_only=True, minimum=1
    )
    least: Mapped[int] = field(
        "最少事件数", "Least incidents", unit="件", required=True, read_only=True, minimum=2
    )
    conditions: Mapped[str] = field("条件", "Conditions", required=True, read_only=True)
    found_at: Mapped[datetime] = field("发现时间", "Found", default="now()", read_only=True)
    geom: Mapped[WKBElement] = geometry("MULTIPOLYGON")


class HotZoneIncident(Base):
    """One incident counted in a kept zone, in its time or in the time before (`is_before`)."""

    __tablename__ = "hot_zone_incident"
    __table_args__ = (
        Index("hot_zone_incident_incident_id_index", "incident_id"),
        {"schema": "analysis"},
    )

    hot_zone_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("analysis.hot_zone.id", ondelete="CASCADE"), primary_key=True
    )
    incident_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("incidents.incident.id", ondelete="CASCADE"), primary_key=True
    )
    is_before: Mapped[bool] = mapped_column(Boolean)


HOT_ZONES = Layer(
    name="hot_zones",
    title=("热点区域", "Hot zones"),
    model=HotZone,
    read=Right.INCIDENTS_READ,
    write=Right.ANALYSIS_SAVE,
    group="analysis",
    area_from="given",
    min_zoom=9,
    tile_fields=("name", "incidents", "rate"),
    title_field="name",
    subtitle_field="top_category",
    time_field="until",
    search_weight=30,
    form_groups=((("名称", "Name"), ("name",)),),
    legend=(Legend(("热点区域", "Hot zone"), "#b4235f", "fill"),),
    paint=(
        fill("#b4235f", "#ff7aa8", opacity=0.14),
        line("#b4235f", "#ff7aa8", by_zoom(10, 1.2, 16, 2.4)),
        label(
            ["to-string", ["get", "incidents"]], "#7d1240", "#ffd3e1", 12, minzoom=11, maxzoom=15
        ),
        label("name", "#7d1240", "#ffd3e1", 12, minzoom=15),
    ),
)
