"""Units: departments, centres and stations, each serving an area."""

from sqlalchemy.orm import Mapped

from layers.core.layer import Layer, Legend
from layers.core.model import Dated, Feature, WKBElement, field, geometry
from layers.core.paint import by_zoom, circle, label
from layers.core.rights import Right


class Unit(Feature, Dated):
    """A department, command centre or service station (GB/T 33200 levels)."""

    __tablename__ = "unit"
    room = "organisation"

    name: Mapped[str] = field(
        "机构名称", "Unit name", search=True, initials=True, required=True, max_length=120
    )
    kind: Mapped[str] = field("机构类型", "Unit kind", codes="unit_kind", required=True)
    level: Mapped[str | None] = field("层级", "Level", codes="area_level")
    function: Mapped[str | None] = field("主要职能", "Function", max_length=500)
    parent_code: Mapped[str | None] = field("上级机构代码", "Parent unit code", max_length=64)
    phone: Mapped[str | None] = field("办公电话", "Office phone", max_length=40)
    address: Mapped[str | None] = field("地址", "Address", max_length=200)
    geom: Mapped[WKBElement | None] = geometry("POINT")


UNITS = Layer(
    name="units",
    title=("机构", "Units"),
    model=Unit,
    read=Right.ORGANISATION_READ,
    write=Right.ORGANISATION_WRITE,
    group="organisation",
    area_from="given",
    min_zoom=10,
    tile_fields=("name", "kind"),
    title_field="name",
    subtitle_field="address",
    search_weight=60,
    legend=(Legend(("机构", "Unit"), "#2456c7", "circle"),),
    paint=(
        circle("#2456c7", "#7aa2ff", by_zoom(11, 3, 16, 7)),
        label(
            "name",
            "#1d3f8f",
            "#bcd0ff",
            12,
            layout={"text-offset": [0, 1.2], "text-anchor": "top"},
            minzoom=14,
        ),
    ),
)
