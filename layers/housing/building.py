"""Buildings: footprint, levels, use and management. The heart of find-by-house."""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from layers.core.layer import Layer, Legend
from layers.core.model import Counted, Dated, Feature, WKBElement, field, geometry, reference
from layers.core.paint import by_code, by_zoom, extrusion, fill, label, line
from layers.core.rights import Right

METRES_PER_LEVEL = 3.0

_LIGHT = {
    "B1": "#f3d9b1",
    "B2": "#f2b8a2",
    "B3": "#b9cdea",
    "B4": "#c9c3d6",
    "B5": "#e9c7c1",
    "B6": "#d5d2c4",
}
_DARK = {
    "B1": "#5a4a33",
    "B2": "#663c31",
    "B3": "#324a69",
    "B4": "#453f57",
    "B5": "#5c403d",
    "B6": "#47453b",
}
_FILL = (by_code("usage", _LIGHT, "#dcd6cc"), by_code("usage", _DARK, "#3b3f46"))


class Building(Counted, Feature, Dated):
    """Footprint of one building; levels and height describe the part above ground."""

    __tablename__ = "building"
    room = "housing"

    name: Mapped[str | None] = field(
        "楼栋名称", "Building name", search=True, initials=True, max_length=120
    )
    alias: Mapped[str | None] = field("别名", "Alias", search=True, initials=True, max_length=200)
    number: Mapped[str | None] = field("楼号", "Building number", max_length=30)
    compound_id: Mapped[int | None] = reference(
        "所属小区", "Compound", "housing.compound", "compounds"
    )
    usage: Mapped[str | None] = field("用途", "Usage", codes="building_use")
    structure: Mapped[str | None] = field("结构", "Structure", codes="building_structure")
    levels: Mapped[int | None] = field(
        "地上层数", "Levels above ground", unit="层", minimum=1, maximum=200
    )
    levels_below: Mapped[int | None] = field(
        "地下层数", "Levels below ground", unit="层", minimum=0, maximum=20
    )
    skipped_floors: Mapped[str | None] = field(
        "不用的楼层号", "Floor numbers not used", max_length=60
    )
    height: Mapped[float | None] = field("高度", "Height", unit="m", minimum=0, maximum=1000)
    levels_estimated: Mapped[bool] = field("层数为估计", "Levels estimated", default="false")
    height_estimated: Mapped[bool] = field("高度为估计", "Height estimated", default="false")
    built_year: Mapped[int | None] = field("建成年份", "Year built", minimum=1800, maximum=2100)
    management_company: Mapped[str | None] = field("物业公司", "Property company", max_length=120)
    street: Mapped[str | None] = field("街路巷", "Street", max_length=120)
    house_number: Mapped[str | None] = field("门牌号", "House number", max_length=40)
    address: Mapped[str | None] = field("标准地址", "Standard address", search=True, max_length=300)
    geom: Mapped[WKBElement] = geometry("MULTIPOLYGON")

    extra_table_args = (
        Index("building_street_number_index", "street", "house_number"),
        Index("building_name_index", "name"),
        Index("building_alias_index", "alias"),
    )


BUILDINGS = Layer(
    name="buildings",
    title=("楼栋", "Buildings"),
    model=Building,
    read=Right.BASE_READ,
    write=Right.HOUSING_WRITE,
    group="housing",
    min_zoom=12,
    tile_fields=("name", "number", "usage", "levels", "height", "built_year"),
    title_field="name",
    subtitle_field="address",
    visible=True,
    search_weight=70,
    form_groups=(
        (
            ("基本信息", "Basics"),
            ("name", "alias", "number", "compound_id", "usage", "structure", "built_year"),
        ),
        (
            ("层数与高度", "Levels and height"),
            (
                "levels",
                "levels_below",
                "skipped_floors",
                "height",
                "levels_estimated",
                "height_estimated",
            ),
        ),
        (
            ("地址与物业", "Address and management"),
            ("street", "house_number", "address", "management_company"),
        ),
    ),
    legend=(
        Legend(("住宅", "Residential"), "#f3d9b1", "fill"),
        Legend(("商业", "Commercial"), "#f2b8a2", "fill"),
        Legend(("办公", "Office"), "#b9cdea", "fill"),
        Legend(("工业、仓储", "Industrial, storage"), "#c9c3d6", "fill"),
        Legend(("其他", "Other"), "#dcd6cc", "fill"),
    ),
    paint=(
        fill(*_FILL, minzoom=13),
        line("#c3ad86", "#77694f", by_zoom(14, 0.3, 17, 1), minzoom=14.5, mode="2d"),
        extrusion(
            *_FILL,
            [
                "coalesce",
                ["get", "height"],
                ["*", METRES_PER_LEVEL, ["coalesce", ["get", "levels"], 2]],
            ],
            minzoom=13,
        ),
        label(
            ["coalesce", ["get", "number"], ["get", "name"], ""],
            "#6b5a36",
            "#dccfae",
            by_zoom(16, 10, 18, 13),
            minzoom=16,
        ),
    ),
)
