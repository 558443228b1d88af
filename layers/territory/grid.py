"""Grid cells: unit, duty, governance and dedicated grids (GB/T 30428.1, GB/T 34300)."""

from sqlalchemy import Index, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped

from layers.core.layer import Layer, Legend
from layers.core.model import Dated, Feature, WKBElement, field, geometry
from layers.core.paint import by_zoom, fill, label, line
from layers.core.rights import Right

GOVERNANCE = "governance"


class Grid(Feature, Dated):
    """One grid cell inside one community.

    A governance grid's code is the community's 12 digits and 2 of its own; it is the cell that
    gives `area_code` to everything lying in it. A unit grid's code has 12 + 3 digits. A row with
    `valid_to` is a past version: its code is retired, or goes on with other borders.
    """

    __tablename__ = "grid"
    room = "territory"

    name: Mapped[str] = field(
        "网格名称", "Grid name", search=True, initials=True, required=True, max_length=100
    )
    kind: Mapped[str] = field("网格类型", "Grid kind", codes="grid_kind", required=True)
    land_use: Mapped[str | None] = field("用地类型", "Land use", max_length=60)
    households_target: Mapped[int | None] = field(
        "目标户数", "Household target", unit="户", minimum=0, maximum=100000
    )
    responsible: Mapped[str | None] = field("责任单位", "Responsible body", max_length=120)
    note: Mapped[str | None] = field("备注", "Note", max_length=500)
    geom: Mapped[WKBElement] = geometry("MULTIPOLYGON")

    has_versions = True
    extra_table_args = (
        Index("grid_kind_index", "kind"),
        # Versions of one code follow each other without overlap.
        ExcludeConstraint(
            ("code", "="),
            (text("daterange(valid_from, valid_to)"), "&&"),
            name="grid_code_versions_excl",
            using="gist",
        ),
    )


GRIDS = Layer(
    name="grids",
    title=("网格", "Grids"),
    model=Grid,
    read=Right.BASE_READ,
    write=Right.TERRITORY_WRITE,
    group="territory",
    drawn_by_plan="kind = 'governance' AND valid_to IS NULL",
    min_zoom=11,
    tile_fields=("name", "code", "kind"),
    title_field="name",
    subtitle_field="code",
    visible=True,
    search_weight=80,
    legend=(
        Legend(("治理网格", "Governance grid"), "#e0761a", "line"),
        Legend(("单元网格", "Unit grid"), "#b7a58a", "line"),
    ),
    paint=(
        fill(
            "#f5a04c",
            "#f5a04c",
            opacity=0.04,
            filter=["==", ["get", "kind"], GOVERNANCE],
            minzoom=12,
        ),
        line(
            "#b7a58a",
            "#6f6656",
            0.7,
            dash=(2, 2),
            filter=["==", ["get", "kind"], "unit"],
            minzoom=15,
        ),
        line(
            "#e0761a",
            "#ff9d45",
            by_zoom(12, 0.4, 14, 0.9, 17, 2),
            filter=["==", ["get", "kind"], GOVERNANCE],
            minzoom=12,
        ),
        label(
            "name",
            "#a84f05",
            "#ffc48a",
            by_zoom(15, 11, 17, 14),
            filter=["==", ["get", "kind"], GOVERNANCE],
            minzoom=15,
            maxzoom=17.5,
        ),
    ),
)
