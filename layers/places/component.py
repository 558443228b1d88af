"""Components (部件): manholes, lamps, bins and other street furniture, classed by edition."""

from sqlalchemy.orm import Mapped

from layers.core.layer import Layer, Legend
from layers.core.model import Counted, Dated, Feature, WKBElement, field, geometry
from layers.core.paint import by_zoom, circle
from layers.core.rights import Right

_COLOUR = [
    "match",
    ["slice", ["get", "kind"], 0, 6],
    ["C07-01", "C13-01"],
    "#3f7fbf",
    ["C07-02", "C13-02"],
    "#c98a1b",
    ["C07-03", "C13-03"],
    "#8b5fbf",
    ["C07-04", "C13-04"],
    "#4f9d4f",
    "#7f8894",
]


class Component(Counted, Feature, Dated):
    """One component; class codes of both editions (CJ/T 214-2007, GB/T 30428.2-2013) are data."""

    __tablename__ = "component"
    room = "places"

    name: Mapped[str | None] = field("部件名称", "Component name", max_length=120)
    kind: Mapped[str] = field("部件类别", "Component class", codes="component_type", required=True)
    state: Mapped[str | None] = field("部件状态", "State", codes="component_state")
    department: Mapped[str | None] = field("主管部门", "Department", max_length=120)
    owner: Mapped[str | None] = field("权属单位", "Owner", max_length=120)
    maintainer: Mapped[str | None] = field("养护单位", "Maintainer", max_length=120)
    geom: Mapped[WKBElement] = geometry("POINT")


COMPONENTS = Layer(
    name="components",
    title=("部件", "Components"),
    model=Component,
    read=Right.PLACES_READ,
    write=Right.PLACES_WRITE,
    group="places",
    min_zoom=15,
    tile_fields=("kind", "state"),
    title_field="name",
    legend=(
        Legend(("公用设施", "Public utilities"), "#3f7fbf", "circle"),
        Legend(("道路交通", "Road and traffic"), "#c98a1b", "circle"),
        Legend(("市容环境", "City appearance"), "#8b5fbf", "circle"),
        Legend(("园林绿化", "Planting"), "#4f9d4f", "circle"),
    ),
    paint=(circle(_COLOUR, _COLOUR, by_zoom(15, 1.4, 18, 4), minzoom=15),),
)
