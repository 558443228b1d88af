"""The basemap's own layers: roads, waters, greens. Public to every signed-in account."""

from sqlalchemy.orm import Mapped

from layers.core.layer import Layer, Legend
from layers.core.model import Feature, WKBElement, field, geometry
from layers.core.paint import by_zoom, fill, label, line
from layers.core.rights import Right

MAJOR = ["motorway", "trunk", "primary"]
MIDDLE = ["secondary", "tertiary"]


class Road(Feature):
    """Centre line of a road; `class` as in OpenStreetMap's highway values."""

    __tablename__ = "road"
    room = "territory"

    name: Mapped[str | None] = field(
        "道路名称", "Road name", search=True, initials=True, max_length=120
    )
    road_class: Mapped[str] = field("道路等级", "Road class", codes="road_class", required=True)
    lanes: Mapped[int | None] = field("车道数", "Lanes", minimum=1, maximum=20)
    width: Mapped[float | None] = field("路宽", "Width", unit="m", minimum=0, maximum=200)
    oneway: Mapped[bool | None] = field("单行", "One way")
    surface: Mapped[str | None] = field("路面", "Surface", max_length=40)
    geom: Mapped[WKBElement] = geometry("MULTILINESTRING")


class Water(Feature):
    """Surface of a river, canal, lake or pond."""

    __tablename__ = "water"
    room = "territory"

    name: Mapped[str | None] = field("水系名称", "Water name", max_length=120)
    kind: Mapped[str | None] = field("水系类型", "Water kind", codes="water_kind")
    geom: Mapped[WKBElement] = geometry("MULTIPOLYGON")


class Green(Feature):
    """Park, lawn, wood or other planted land."""

    __tablename__ = "green"
    room = "territory"

    name: Mapped[str | None] = field("绿地名称", "Green name", max_length=120)
    kind: Mapped[str | None] = field("绿地类型", "Green kind", codes="green_kind")
    geom: Mapped[WKBElement] = geometry("MULTIPOLYGON")


GREENS = Layer(
    name="greens",
    title=("绿地", "Greens"),
    model=Green,
    read=Right.BASE_READ,
    write=Right.TERRITORY_WRITE,
    group="basemap",
    scope="public",
    min_zoom=9,
    tile_fields=("name", "kind"),
    title_field="name",
    visible=True,
    legend=(Legend(("绿地", "Greens"), "#cfe8c3", "fill"),),
    paint=(
        fill("#cfe8c3", "#1d3327"),
        label("name", "#4b7d3d", "#7fae86", by_zoom(15, 10, 18, 13), minzoom=15.5),
    ),
)

WATERS = Layer(
    name="waters",
    title=("水系", "Waters"),
    model=Water,
    read=Right.BASE_READ,
    write=Right.TERRITORY_WRITE,
    group="basemap",
    scope="public",
    min_zoom=7,
    tile_fields=("name", "kind"),
    title_field="name",
    visible=True,
    legend=(Legend(("水系", "Waters"), "#a9d3ee", "fill"),),
    paint=(
        fill("#a9d3ee", "#173750"),
        label(
            "name",
            "#2f6f9f",
            "#6fa8cf",
            by_zoom(12, 11, 16, 14),
            halo=("#dcedf8", "#10202e"),
            minzoom=12,
        ),
    ),
)

_IS_MAJOR = ["in", ["get", "road_class"], ["literal", MAJOR]]
_IS_MIDDLE = ["in", ["get", "road_class"], ["literal", MIDDLE]]
_IS_MINOR = ["!", ["in", ["get", "road_class"], ["literal", [*MAJOR, *MIDDLE]]]]

ROADS = Layer(
    name="roads",
    title=("道路", "Roads"),
    model=Road,
    read=Right.BASE_READ,
    write=Right.TERRITORY_WRITE,
    group="basemap",
    scope="public",
    min_zoom=8,
    tile_fields=("name", "road_class"),
    title_field="name",
    visible=True,
    search_weight=40,
    legend=(
        Legend(("主干路", "Major road"), "#dfa93f", "line"),
        Legend(("次干路与支路", "Other roads"), "#ffffff", "line"),
    ),
    paint=(
        line("#d9dde3", "#303a47", by_zoom(13, 0.6, 16, 5, 18, 12), filter=_IS_MINOR, minzoom=13),
        line("#cfd5dd", "#3a4655", by_zoom(10, 0.8, 14, 4, 18, 20), filter=_IS_MIDDLE),
        line("#dfa93f", "#6b5320", by_zoom(8, 1, 14, 6.5, 18, 28), filter=_IS_MAJOR),
        line(
            "#ffffff", "#242d38", by_zoom(13, 0.3, 16, 3.6, 18, 10), filter=_IS_MINOR, minzoom=13.5
        ),
        line("#ffffff", "#2c3644", by_zoom(10, 0.4, 14, 2.8, 18, 17.5), filter=_IS_MIDDLE),
        line("#fbe0a3", "#4d3f1d", by_zoom(8, 0.6, 14, 5, 18, 25), filter=_IS_MAJOR),
        label(
            "name",
            "#5a6472",
            "#a7b3c2",
            by_zoom(13, 10.5, 17, 13),
            layout={"symbol-placement": "line", "symbol-spacing": 320},
            minzoom=13,
        ),
    ),
)
