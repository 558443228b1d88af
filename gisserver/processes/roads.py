"""What the processes along roads have in common: their inputs, and points of what is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from gisserver.parameters import choice
from gisserver.processes.declaration import Asker, Input
from gisserver.processes.shapes import Sent, shapes_sent
from gisserver.processes.words import features_schema
from layers.analysis.roads.travel import (
    DIRECTIONS,
    LARGEST_ACCESS,
    MODES,
    UNITS,
    USUAL_ACCESS,
    Direction,
    Travel,
)
from layers.core.features import areas_read
from layers.territory.basemap import ROADS

_PLACES = ("Point", "Polygon", "MultiPolygon")

MODE = Input(
    ("方式", "Mode"),
    {"type": "string", "enum": list(MODES), "default": MODES[0]},
    (
        "步行、自行车或汽车；速度按道路等级，步行不走高速公路与快速路",
        "On foot, by bicycle or by car; speeds by road class, no walking on motorways and trunks",
    ),
)
UNIT = Input(
    ("单位", "Unit"),
    {"type": "string", "enum": list(UNITS), "default": UNITS[0]},
    ("分钟或米", "Minutes or metres"),
)
ACCESS = Input(
    ("到道路的最远直线距离", "Farthest straight way to a road"),
    {"type": "number", "exclusiveMinimum": 0, "maximum": LARGEST_ACCESS, "default": USUAL_ACCESS},
    ("米；按步行计入", "Metres; counted as walked"),
)


def places_input(title: tuple[str, str]) -> Input:
    """An input of points or areas, sent or linked."""
    return Input(
        title,
        features_schema(*_PLACES),
        (
            "点或面（取面上点）的 GeoJSON（CRS84），或要素链接（可带筛选条件）",
            "GeoJSON (CRS84) of points or areas (their point on surface), or a link to items, "
            "which may be filtered",
        ),
        is_required=True,
        kind="features",
    )


def direction_input(usual: Direction) -> Input:
    """In which direction one goes, which one-way roads ask."""
    return Input(
        ("方向", "Direction"),
        {"type": "string", "enum": list(DIRECTIONS), "default": usual},
        ("从设施出发，或前往设施", "From the facilities, or to them"),
    )


def travel_of(inputs: Mapping[str, Any], asker: Asker) -> Travel:
    """How one goes, of inputs that fit their schemas.

    Raises: Forbidden for who may not see roads.
    """
    areas_read(ROADS, asker.reader)
    return Travel(
        mode=choice(inputs["mode"], "mode", MODES),
        unit=choice(inputs["unit"], "unit", UNITS),
        direction=choice(inputs["direction"], "direction", DIRECTIONS),
        access=float(inputs["access"]),
    )


def places_sent(inputs: Mapping[str, Any], name: str) -> list[Sent]:
    """The features of an input.

    Raises: BadRequest.
    """
    return shapes_sent(inputs[name], name, _PLACES)


def points_of(sent: Sequence[Sent]) -> list[BaseGeometry]:
    """A point for each feature: itself, or one on its surface."""
    return [
        each.shape if each.shape.geom_type == "Point" else shapely.point_on_surface(each.shape)
        for each in sent
    ]


def name_of(sent: Sent) -> str | None:
    """The name of a feature, where it has one."""
    name = sent.feature["properties"].get("name")
    return name if isinstance(name, str) else None


def key_of(sent: Sequence[Sent], number: int) -> str | int:
    """The id of a feature, else its number among those sent."""
    key: str | int = sent[number].feature.get("id", number)
    return key
