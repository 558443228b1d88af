"""Key facilities: fire-fighting, emergency, energy and other equipment of public weight."""

from sqlalchemy.orm import Mapped

from layers.core.layer import Layer, Legend
from layers.core.model import Counted, Dated, Feature, WKBElement, field, geometry
from layers.core.paint import by_zoom, circle, label
from layers.core.rights import Right


class Facility(Counted, Feature, Dated):
    """A key facility such as a shelter, an AED, a pumping station or a substation."""

    __tablename__ = "facility"
    room = "places"

    name: Mapped[str] = field(
        "设施名称", "Facility name", search=True, initials=True, required=True, max_length=200
    )
    kind: Mapped[str | None] = field("设施类型", "Facility kind", codes="facility_kind")
    owner: Mapped[str | None] = field("权属单位", "Owner", max_length=120)
    address: Mapped[str | None] = field("地址", "Address", search=True, max_length=300)
    phone: Mapped[str | None] = field("电话", "Phone", max_length=60)
    capacity: Mapped[int | None] = field("容量", "Capacity", minimum=0, maximum=10000000)
    geom: Mapped[WKBElement] = geometry("POINT")


FACILITIES = Layer(
    name="facilities",
    title=("重点设施", "Key facilities"),
    model=Facility,
    read=Right.PLACES_READ,
    write=Right.PLACES_WRITE,
    group="places",
    min_zoom=13,
    tile_fields=("name", "kind"),
    title_field="name",
    subtitle_field="address",
    search_weight=55,
    legend=(Legend(("重点设施", "Key facility"), "#0f8b8d", "circle"),),
    paint=(
        circle("#0f8b8d", "#4fd1c5", by_zoom(13, 2.5, 18, 7)),
        label(
            "name",
            "#0b5f61",
            "#b6efe9",
            11,
            layout={"text-offset": [0, 1], "text-anchor": "top"},
            minzoom=16,
        ),
    ),
)
