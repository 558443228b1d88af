"""Compounds: housing estates, villages, campuses and other walled or named groups of buildings."""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from layers.core.layer import Layer, Legend
from layers.core.model import Dated, Feature, WKBElement, field, geometry, reference
from layers.core.paint import by_zoom, fill, label, line
from layers.core.rights import Right


class Compound(Feature, Dated):
    """A housing estate (小区), natural village or compound of one organisation."""

    __tablename__ = "compound"
    room = "housing"

    name: Mapped[str] = field(
        "小区名称", "Compound name", search=True, initials=True, required=True, max_length=120
    )
    alias: Mapped[str | None] = field("别名", "Alias", search=True, initials=True, max_length=200)
    kind: Mapped[str | None] = field("小区类型", "Compound kind", codes="compound_kind")
    address: Mapped[str | None] = field("地址", "Address", search=True, max_length=200)
    built_year: Mapped[int | None] = field("建成年份", "Year built", minimum=1800, maximum=2100)
    management_company: Mapped[str | None] = field("物业公司", "Property company", max_length=120)
    company_id: Mapped[int | None] = reference(
        "物业单位",
        "Registered company",
        "places.organisation",
        "organisations",
        on_delete="SET NULL",
    )
    management_phone: Mapped[str | None] = field(
        "物业电话", "Property company phone", max_length=40
    )
    geom: Mapped[WKBElement | None] = geometry("MULTIPOLYGON")

    extra_table_args = (Index("compound_name_index", "name"),)


COMPOUNDS = Layer(
    name="compounds",
    title=("小区", "Compounds"),
    model=Compound,
    read=Right.BASE_READ,
    write=Right.HOUSING_WRITE,
    group="housing",
    min_zoom=12,
    tile_fields=("name", "kind"),
    title_field="name",
    subtitle_field="address",
    visible=True,
    search_weight=100,
    legend=(Legend(("小区", "Compound"), "#f1ece0", "fill"),),
    paint=(
        fill("#f1ece0", "#1b222c", opacity=0.9),
        line("#d9cfb8", "#39424f", 0.8, minzoom=13),
        label(
            "name",
            "#7a6a45",
            "#d3c7a8",
            by_zoom(14, 11, 17, 14),
            minzoom=14,
            maxzoom=18,
        ),
    ),
)
