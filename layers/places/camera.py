"""Cameras: position, heading, field of view and range (GB/T 28181 codes)."""

from sqlalchemy.orm import Mapped

from layers.core.layer import Layer, Legend
from layers.core.model import Counted, Dated, Feature, WKBElement, field, geometry
from layers.core.paint import by_zoom, circle
from layers.core.rights import Right


class Camera(Counted, Feature, Dated):
    """One camera; heading in degrees clockwise from true north, range in metres."""

    __tablename__ = "camera"
    room = "places"

    name: Mapped[str | None] = field(
        "摄像机名称", "Camera name", search=True, initials=True, max_length=120
    )
    kind: Mapped[str | None] = field("摄像机类型", "Camera type", codes="camera_type")
    owner: Mapped[str | None] = field("权属单位", "Owner", max_length=120)
    mount_height: Mapped[float | None] = field(
        "安装高度", "Mounting height", unit="m", minimum=0, maximum=500
    )
    heading: Mapped[float | None] = field("朝向", "Heading", unit="°", minimum=0, maximum=360)
    field_of_view: Mapped[float | None] = field(
        "视场角", "Field of view", unit="°", minimum=1, maximum=360
    )
    range: Mapped[float | None] = field("可视距离", "Range", unit="m", minimum=0, maximum=5000)
    indoor: Mapped[bool | None] = field("室内", "Indoor")
    geom: Mapped[WKBElement] = geometry("POINT")


CAMERAS = Layer(
    name="cameras",
    title=("摄像机", "Cameras"),
    model=Camera,
    read=Right.PLACES_READ,
    write=Right.PLACES_WRITE,
    group="places",
    min_zoom=13,
    tile_fields=("name", "kind", "heading"),
    title_field="name",
    subtitle_field="owner",
    search_weight=30,
    legend=(Legend(("摄像机", "Camera"), "#5b3fd6", "circle"),),
    paint=(circle("#5b3fd6", "#a594ff", by_zoom(13, 1.5, 18, 6)),),
)
