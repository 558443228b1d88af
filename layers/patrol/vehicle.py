"""Registered vehicles of the services: sprinklers, refuse and patrol cars."""

from sqlalchemy.orm import Mapped

from layers.core.layer import Layer
from layers.core.model import Dated, Feature, field, reference
from layers.core.rights import Right


class Vehicle(Feature, Dated):
    """One registered vehicle; only such and staff on duty are ever located."""

    __tablename__ = "vehicle"
    room = "patrol"

    plate: Mapped[str] = field("车牌号", "Plate", search=True, required=True, max_length=20)
    kind: Mapped[str | None] = field("车辆类型", "Vehicle kind", codes="vehicle_kind")
    unit_id: Mapped[int | None] = reference("所属机构", "Unit", "organisation.unit", "units")


VEHICLES = Layer(
    name="vehicles",
    title=("车辆", "Vehicles"),
    model=Vehicle,
    read=Right.PATROL_READ,
    write=Right.PATROL_WRITE,
    group="patrol",
    area_from="given",
    title_field="plate",
    subtitle_field="kind",
)
