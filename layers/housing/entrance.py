"""Entrances (单元): the doors of a building by which its dwellings are reached."""

from sqlalchemy.orm import Mapped

from layers.core.layer import Layer, Legend
from layers.core.model import Feature, WKBElement, field, geometry, reference
from layers.core.paint import by_zoom, circle
from layers.core.rights import Right


class Entrance(Feature):
    """One entrance with its unit number and, where there are, its lifts."""

    __tablename__ = "entrance"
    room = "housing"

    building_id: Mapped[int] = reference(
        "所属楼栋", "Building", "housing.building", "buildings", on_delete="CASCADE"
    )
    unit: Mapped[str] = field("单元号", "Unit", required=True, max_length=20)
    lifts: Mapped[int | None] = field("电梯数", "Lifts", minimum=0, maximum=50)
    geom: Mapped[WKBElement | None] = geometry("POINT")


ENTRANCES = Layer(
    name="entrances",
    title=("单元入口", "Entrances"),
    model=Entrance,
    read=Right.BASE_READ,
    write=Right.HOUSING_WRITE,
    group="housing",
    area_from="building_id",
    min_zoom=16,
    tile_fields=("unit",),
    title_field="unit",
    legend=(Legend(("单元入口", "Entrance"), "#8a5a1f", "circle"),),
    paint=(circle("#8a5a1f", "#e0b070", by_zoom(16, 1.5, 19, 4), minzoom=16.5),),
)
