"""Key sites: schools, hospitals, venues, special trades and other places of attention."""

from sqlalchemy.orm import Mapped

from layers.core.layer import Layer, Legend
from layers.core.model import Counted, Dated, Feature, WKBElement, field, geometry
from layers.core.paint import by_zoom, circle, label
from layers.core.rights import Right

_COLOUR = [
    "match",
    ["slice", ["coalesce", ["get", "kind"], ""], 0, 3],
    "101",
    "#c8323c",
    "102",
    "#2b7de0",
    "103",
    "#e0488b",
    "202",
    "#6a5acd",
    "204",
    "#e08a1e",
    "206",
    "#8b6f47",
    "207",
    "#c96a28",
    "#3c8f5b",
]


class KeySite(Counted, Feature, Dated):
    """A place of attention by the three-level place types, with the trade where it is special."""

    __tablename__ = "key_site"
    room = "places"

    name: Mapped[str] = field(
        "场所名称", "Site name", search=True, initials=True, required=True, max_length=200
    )
    kind: Mapped[str | None] = field("场所类型", "Site kind", codes="place_type")
    trade: Mapped[str | None] = field("特种行业", "Special trade", codes="special_trade")
    credit_code: Mapped[str | None] = field(
        "统一社会信用代码", "Social credit code", check="credit_code", max_length=18
    )
    address: Mapped[str | None] = field("地址", "Address", search=True, max_length=300)
    phone: Mapped[str | None] = field("电话", "Phone", max_length=60)
    responsible: Mapped[str | None] = field("责任人", "Responsible person", max_length=60)
    capacity: Mapped[int | None] = field(
        "容纳人数", "Capacity", unit="人", minimum=0, maximum=1000000
    )
    hazard: Mapped[str | None] = field("隐患类型", "Hazard", codes="hazard")
    attention: Mapped[str | None] = field("关注程度", "Attention", codes="attention")
    geom: Mapped[WKBElement] = geometry("POINT")


KEY_SITES = Layer(
    name="key_sites",
    title=("重点场所", "Key sites"),
    model=KeySite,
    read=Right.PLACES_READ,
    write=Right.PLACES_WRITE,
    group="places",
    min_zoom=12,
    tile_fields=("name", "kind"),
    title_field="name",
    subtitle_field="address",
    visible=True,
    search_weight=85,
    legend=(
        Legend(("党政机关", "Government"), "#c8323c", "circle"),
        Legend(("学校", "School"), "#2b7de0", "circle"),
        Legend(("医院", "Hospital"), "#e0488b", "circle"),
        Legend(("商贸", "Commerce"), "#e08a1e", "circle"),
        Legend(("其他场所", "Other sites"), "#3c8f5b", "circle"),
    ),
    paint=(
        circle(_COLOUR, _COLOUR, by_zoom(12, 2.5, 15, 5, 18, 8)),
        label(
            "name",
            "#28405c",
            "#dbe6f3",
            by_zoom(15, 11, 18, 13),
            layout={"text-offset": [0, 1], "text-anchor": "top", "text-max-width": 9},
            minzoom=15,
        ),
    ),
)
