"""Organisations: companies and social organisations with premises in the district."""

from sqlalchemy.orm import Mapped

from layers.core.layer import Layer, Legend
from layers.core.model import Counted, Dated, Feature, WKBElement, field, geometry
from layers.core.paint import by_zoom, circle
from layers.core.rights import Right


class Organisation(Counted, Feature, Dated):
    """A company, shop or social organisation by its unified social credit code (GB 32100)."""

    __tablename__ = "organisation"
    room = "places"

    name: Mapped[str] = field(
        "单位名称", "Organisation", search=True, initials=True, required=True, max_length=200
    )
    credit_code: Mapped[str | None] = field(
        "统一社会信用代码", "Social credit code", check="credit_code", max_length=18
    )
    kind: Mapped[str | None] = field("单位类型", "Kind", codes="organisation_type")
    industry: Mapped[str | None] = field("行业", "Industry", codes="industry")
    employees: Mapped[int | None] = field(
        "从业人数", "Employees", unit="人", minimum=0, maximum=1000000
    )
    address: Mapped[str | None] = field("地址", "Address", search=True, max_length=300)
    phone: Mapped[str | None] = field("电话", "Phone", max_length=60)
    hazard: Mapped[str | None] = field("隐患类型", "Hazard", codes="hazard")
    attention: Mapped[str | None] = field("关注程度", "Attention", codes="attention")
    geom: Mapped[WKBElement | None] = geometry("POINT")


ORGANISATIONS = Layer(
    name="organisations",
    title=("单位", "Organisations"),
    model=Organisation,
    read=Right.PLACES_READ,
    write=Right.PLACES_WRITE,
    group="places",
    min_zoom=14,
    tile_fields=("name", "kind"),
    title_field="name",
    subtitle_field="address",
    search_weight=50,
    legend=(Legend(("单位", "Organisation"), "#7a5c3e", "circle"),),
    paint=(circle("#7a5c3e", "#d2ad85", by_zoom(14, 2, 18, 6)),),
)
