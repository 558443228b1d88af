"""Administrative areas from province down to community, by the 12-digit region code."""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from layers.core.layer import Layer, Legend
from layers.core.model import Dated, Feature, WKBElement, field, geometry
from layers.core.paint import by_zoom, label, line
from layers.core.rights import Right

LEVELS = {2: "province", 4: "city", 6: "county", 9: "street", 12: "community"}


class Area(Feature, Dated):
    """One administrative area; the polygon may be attached after the code is known."""

    __tablename__ = "area"
    room = "territory"

    name: Mapped[str] = field(
        "名称", "Name", search=True, initials=True, required=True, max_length=100
    )
    full_name: Mapped[str | None] = field("全称", "Full name", max_length=300)
    level: Mapped[str] = field("层级", "Level", codes="area_level", required=True)
    urban_rural: Mapped[str | None] = field("城乡分类", "Urban-rural class", codes="urban_rural")
    parent_code: Mapped[str | None] = field("上级代码", "Parent code", max_length=12)
    geom: Mapped[WKBElement | None] = geometry("MULTIPOLYGON")

    extra_table_args = (Index("area_parent_code_index", "parent_code"),)


def prefix_of(code: str) -> str:
    """The region code without the zeros of the levels below: `310112000000` gives `310112`.

    Digits: 2 province, 2 city, 2 county, 3 street, 3 community (GB/T 2260, GB/T 10114).
    """
    for digits in (2, 4, 6, 9):
        if len(code) > digits and set(code[digits:]) == {"0"}:
            return code[:digits]
    return code


def full_code(prefix: str) -> str:
    """The 12-digit region code of an area: `310112` gives `310112000000`."""
    return prefix.ljust(12, "0")


def level_of(code: str) -> str:
    """The level a region code names.

    Raises: ValueError when the code has no length of a level.
    """
    prefix = prefix_of(code)
    if len(prefix) not in LEVELS or not prefix.isdigit():
        raise ValueError(f"region code {code!r}: 2, 4, 6, 9 or 12 digits expected")
    return LEVELS[len(prefix)]


AREAS = Layer(
    name="areas",
    title=("行政区划", "Areas"),
    model=Area,
    read=Right.BASE_READ,
    write=Right.TERRITORY_WRITE,
    group="territory",
    area_from="code",
    tile_fields=("name", "level", "code"),
    title_field="name",
    subtitle_field="full_name",
    visible=True,
    search_weight=90,
    legend=(Legend(("社区、街道界", "Community, street"), "#7c5cc4", "line"),),
    paint=(
        line(
            "#7c5cc4",
            "#a78bfa",
            by_zoom(9, 0.8, 14, 1.6),
            dash=(4, 2),
            filter=["==", ["get", "level"], "community"],
            minzoom=12,
        ),
        line(
            "#6d3fc0",
            "#b794ff",
            by_zoom(9, 1.2, 14, 2.6),
            filter=["in", ["get", "level"], ["literal", ["street", "county"]]],
        ),
        label(
            "name",
            "#4c2a92",
            "#d7c7ff",
            by_zoom(10, 12, 14, 16),
            filter=["==", ["get", "level"], "street"],
            maxzoom=14,
        ),
        label(
            "name",
            "#5b3aa6",
            "#cbb8ff",
            by_zoom(13, 12, 16, 15),
            filter=["==", ["get", "level"], "community"],
            minzoom=13,
            maxzoom=16,
        ),
    ),
)
