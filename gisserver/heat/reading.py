"""What a request asks of heat: its parameters, or its JSON body, as a question of the layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import Request

from gisserver.errors import BadRequest
from gisserver.parameters import (
    area_prefix,
    bbox,
    degrees_box,
    integer,
    interval,
    json_body,
    number,
    take_parameters,
    text_member,
)
from layers.analysis.heat.frames import Step
from layers.analysis.heat.places import Places, countable
from layers.analysis.heat.surface import RADIUS, HeatQuestion
from layers.analysis.heat.zones import LEAST_INCIDENTS, REACH, ZoneQuestion
from layers.catalogue import LAYERS
from layers.core.layer import Layer
from layers.core.values import is_storable
from layers.incidents.incident import INCIDENTS

COUNTED = {layer.name: layer for layer in LAYERS if countable(layer)}
USUAL_LAYER = INCIDENTS.name
PLACES = ("datetime", "area", "bbox")
SURFACE = ("layer", "radius", "weight", "step", *PLACES)
ZONES = ("reach", "least", *PLACES)
BODY = ("name", "where", *ZONES)
MOST_VALUES = 200

Values = Mapping[str, str]


def surface_question(request: Request, more: Sequence[str] = ()) -> tuple[HeatQuestion, Values]:
    """The question of a surface and all parameters given; `more` names further ones.

    Raises: BadRequest.
    """
    layer = counted_layer(request.args.get("layer", USUAL_LAYER))
    values = take_parameters(request, (*SURFACE, *more, *layer.fields))
    return heat_question(_places(layer, values), values), values


def heat_question(places: Places, values: Values) -> HeatQuestion:
    """The question of the surface of some places: `radius`, `weight` and `step` of the values.

    Raises: BadRequest.
    """
    low, high = RADIUS
    radius = number(values, "radius", minimum=low, maximum=high)
    return HeatQuestion(places, radius, values.get("weight"), _step(values))


def zone_question(request: Request, more: Sequence[str] = ()) -> tuple[ZoneQuestion, Values]:
    """The question of hot zones and all parameters given; `more` names further ones.

    Raises: BadRequest.
    """
    values = take_parameters(request, (*ZONES, *more, *INCIDENTS.fields))
    low, high = REACH
    fewest, most = LEAST_INCIDENTS
    question = ZoneQuestion(
        _places(INCIDENTS, values),
        number(values, "reach", minimum=low, maximum=high),
        integer(values, "least", 0, minimum=fewest, maximum=most),
    )
    return question, values


def zones_to_keep(request: Request) -> tuple[ZoneQuestion, str]:
    """The same question from a JSON body, and the name under which its zones are kept.

    Raises: BadRequest.
    """
    take_parameters(request)
    body = json_body(request, BODY)
    name = text_member(body, "name", maximum=100)
    texts = {key: body[key] for key in ("datetime", "area", "bbox") if body.get(key) is not None}
    for key, value in texts.items():
        if not isinstance(value, str):
            raise BadRequest(f"{key}: a text is expected")
    reach, least = body.get("reach"), body.get("least")
    if not isinstance(reach, int | float) or isinstance(reach, bool):
        raise BadRequest("reach: a number of metres is needed")
    if not isinstance(least, int) or isinstance(least, bool):
        raise BadRequest("least: a whole number is needed")
    places = _places(INCIDENTS, texts, _where(body.get("where") or {}))
    return ZoneQuestion(places, float(reach), least), name


def places_of(layer: Layer, inputs: Mapping[str, Any]) -> Places:
    """Places of inputs whose kinds are known: `datetime`, `area`, `bbox` (four numbers), `where`.

    Raises: BadRequest.
    """
    since, until = _time(inputs)
    box = inputs.get("bbox")
    bounds = None if box is None else degrees_box((box[0], box[1], box[2], box[3]))
    return Places(layer, _where(inputs.get("where", {})), since, until, area_prefix(inputs), bounds)


def counted_layer(name: str) -> Layer:
    """The layer of that name, whose places are counted.

    Raises: BadRequest.
    """
    if name not in COUNTED:
        raise BadRequest(f"layer: {name[:40]!r} has no places that are counted", allowed=COUNTED)
    return COUNTED[name]


def _step(values: Values) -> Step | None:
    if "step" not in values:
        return None
    try:
        return Step(values["step"])
    except ValueError as error:
        raise BadRequest(f"step: {values['step'][:40]!r} is none", allowed=Step) from error


def _places(
    layer: Layer, values: Values, where: Mapping[str, Sequence[str]] | None = None
) -> Places:
    since, until = _time(values)
    area = area_prefix(values)
    if where is None:
        where = conditions(layer, values)
    return Places(layer, where, since, until, area, bbox(values))


def conditions(layer: Layer, values: Values) -> Mapping[str, Sequence[str]]:
    """The values given for fields of the layer, of which one is enough for each."""
    return {name: _several(layer, name, values[name]) for name in layer.fields if name in values}


def _time(values: Values) -> tuple[datetime | None, datetime | None]:
    if "datetime" in values and "/" not in values["datetime"]:
        raise BadRequest("datetime: start/end expected, with .. for open")
    return interval(values) or (None, None)


def _several(layer: Layer, name: str, text: str) -> list[str]:
    """Values of which one is enough: of a code table several, parted by commas."""
    return text.split(",") if layer.fields[name].codes else [text]


def _where(given: Any) -> Mapping[str, Sequence[str]]:
    if not isinstance(given, dict):
        raise BadRequest("where: an object of fields is expected")
    for name, values in given.items():
        is_list = isinstance(values, list) and 0 < len(values) <= MOST_VALUES
        if not is_list or not all(isinstance(each, str) and is_storable(each) for each in values):
            raise BadRequest(f"where.{name[:40]}: a list of 1 to {MOST_VALUES} texts is expected")
    return given
