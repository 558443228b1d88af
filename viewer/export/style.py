"""How a feature looks at one zoom, by its layer's own `paint`, for maps that know no expressions.

Covers the MapLibre style expressions that the declarations use; an unknown one raises, so that a
new word in a declaration shows in the tests rather than as a wrong colour.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from layers.core.layer import Layer

Properties = Mapping[str, Any]
_DRAWN = ("fill", "line", "circle", "fill-extrusion")


@dataclass(frozen=True, slots=True)
class Look:
    """One feature as drawn on a light ground; None is what is not drawn. Sizes are pixels."""

    fill: str | None = None
    fill_opacity: float = 1.0
    line: str | None = None
    line_width: float = 1.0
    core: str | None = None  # a second, narrower line upon the first, as roads have
    core_width: float = 1.0
    radius: float | None = None
    height: float | None = None  # metres above the ground


class UnknownExpression(ValueError):
    """A style expression that is not understood here."""


def look_of(layer: Layer, properties: Properties, zoom: float) -> Look | None:
    """How a layer's paint draws a feature at a zoom, or None when it does not."""
    look: dict[str, Any] = {}
    for fragment in layer.paint:
        if fragment["type"] in _DRAWN and _applies(fragment, properties, zoom):
            _FRAGMENTS[fragment["type"]](_painted(fragment), properties, zoom, look)
    return Look(**look) if look else None


def _applies(fragment: Mapping[str, Any], properties: Properties, zoom: float) -> bool:
    if not fragment.get("minzoom", 0) <= zoom < fragment.get("maxzoom", 30):
        return False
    condition = fragment.get("filter")
    return condition is None or bool(evaluate(condition, properties, zoom))


def _painted(fragment: Mapping[str, Any]) -> dict[str, Any]:
    return {**fragment["paint"], **fragment.get("theme", {}).get("light", {})}


def _fill(paint: Mapping[str, Any], properties: Properties, zoom: float, look: Any) -> None:
    look["fill"] = evaluate(paint["fill-color"], properties, zoom)
    look["fill_opacity"] = evaluate(paint.get("fill-opacity", 1.0), properties, zoom)


def _line(paint: Mapping[str, Any], properties: Properties, zoom: float, look: Any) -> None:
    name = "core" if "line" in look else "line"
    look[name] = evaluate(paint["line-color"], properties, zoom)
    look[f"{name}_width"] = evaluate(paint.get("line-width", 1), properties, zoom)


def _circle(paint: Mapping[str, Any], properties: Properties, zoom: float, look: Any) -> None:
    look["fill"] = evaluate(paint["circle-color"], properties, zoom)
    look["radius"] = evaluate(paint.get("circle-radius", 5), properties, zoom)
    look["line"] = evaluate(paint.get("circle-stroke-color", "#ffffff"), properties, zoom)


def _extrusion(paint: Mapping[str, Any], properties: Properties, zoom: float, look: Any) -> None:
    look["height"] = evaluate(paint["fill-extrusion-height"], properties, zoom)


_FRAGMENTS: Mapping[str, Callable[..., None]] = {
    "fill": _fill,
    "line": _line,
    "circle": _circle,
    "fill-extrusion": _extrusion,
}


def evaluate(expression: Any, properties: Properties, zoom: float) -> Any:
    """The value of a style expression for one feature.

    Raises: UnknownExpression.
    """
    if not isinstance(expression, list | tuple):
        return expression
    word, *arguments = expression
    if word not in _WORDS:
        raise UnknownExpression(f"style expression {word!r} is not understood")
    return _WORDS[word](arguments, properties, zoom)


def _each(arguments: Sequence[Any], properties: Properties, zoom: float) -> list[Any]:
    return [evaluate(argument, properties, zoom) for argument in arguments]


def _match(arguments: Sequence[Any], properties: Properties, zoom: float) -> Any:
    value = evaluate(arguments[0], properties, zoom)
    *pairs, otherwise = arguments[1:]
    for label, result in zip(pairs[::2], pairs[1::2], strict=True):
        if value in label if isinstance(label, list | tuple) else value == label:
            return evaluate(result, properties, zoom)
    return evaluate(otherwise, properties, zoom)


def _case(arguments: Sequence[Any], properties: Properties, zoom: float) -> Any:
    *pairs, otherwise = arguments
    for condition, result in zip(pairs[::2], pairs[1::2], strict=True):
        if evaluate(condition, properties, zoom):
            return evaluate(result, properties, zoom)
    return evaluate(otherwise, properties, zoom)


def _coalesce(arguments: Sequence[Any], properties: Properties, zoom: float) -> Any:
    values = (evaluate(argument, properties, zoom) for argument in arguments)
    return next((value for value in values if value is not None), None)


def _interpolate(arguments: Sequence[Any], properties: Properties, zoom: float) -> Any:
    """Linear between stops; of colours the nearer one below."""
    value = evaluate(arguments[1], properties, zoom)
    stops = list(zip(arguments[2::2], arguments[3::2], strict=True))
    if value is None or value <= stops[0][0]:
        return evaluate(stops[0][1], properties, zoom)
    for (low, first), (high, second) in pairwise(stops):
        if value < high:
            a, b = evaluate(first, properties, zoom), evaluate(second, properties, zoom)
            if not isinstance(a, int | float):
                return a
            return a + (b - a) * (value - low) / (high - low)
    return evaluate(stops[-1][1], properties, zoom)


def _step(arguments: Sequence[Any], properties: Properties, zoom: float) -> Any:
    value = evaluate(arguments[0], properties, zoom)
    found = arguments[1]
    for bound, result in zip(arguments[2::2], arguments[3::2], strict=True):
        if value is not None and value >= bound:
            found = result
    return evaluate(found, properties, zoom)


def _product(arguments: Sequence[Any], properties: Properties, zoom: float) -> Any:
    result = 1.0
    for value in _each(arguments, properties, zoom):
        result *= value
    return result


def _in(arguments: Sequence[Any], properties: Properties, zoom: float) -> bool:
    value, members = _each(arguments, properties, zoom)
    return value in members


_WORDS: Mapping[str, Callable[[Sequence[Any], Properties, float], Any]] = {
    "get": lambda a, p, _: p.get(a[0]),
    "has": lambda a, p, _: p.get(a[0]) is not None,
    "literal": lambda a, _p, _z: a[0],
    "zoom": lambda _a, _p, z: z,
    "linear": lambda _a, _p, _z: None,
    "match": _match,
    "case": _case,
    "coalesce": _coalesce,
    "interpolate": _interpolate,
    "step": _step,
    "in": _in,
    "*": _product,
    "+": lambda a, p, z: sum(_each(a, p, z)),
    "-": lambda a, p, z: evaluate(a[0], p, z) - evaluate(a[1], p, z),
    "/": lambda a, p, z: evaluate(a[0], p, z) / evaluate(a[1], p, z),
    "!": lambda a, p, z: not evaluate(a[0], p, z),
    "all": lambda a, p, z: all(_each(a, p, z)),
    "any": lambda a, p, z: any(_each(a, p, z)),
    "==": lambda a, p, z: evaluate(a[0], p, z) == evaluate(a[1], p, z),
    "!=": lambda a, p, z: evaluate(a[0], p, z) != evaluate(a[1], p, z),
    ">": lambda a, p, z: _ordered(a, p, z, lambda x, y: x > y),
    ">=": lambda a, p, z: _ordered(a, p, z, lambda x, y: x >= y),
    "<": lambda a, p, z: _ordered(a, p, z, lambda x, y: x < y),
    "<=": lambda a, p, z: _ordered(a, p, z, lambda x, y: x <= y),
    "slice": lambda a, p, z: (evaluate(a[0], p, z) or "")[slice(*_each(a[1:], p, z))],
    "to-string": lambda a, p, z: str(evaluate(a[0], p, z) or ""),
}


def _ordered(
    arguments: Sequence[Any], properties: Properties, zoom: float, holds: Callable[[Any, Any], bool]
) -> bool:
    first, second = _each(arguments, properties, zoom)
    return first is not None and second is not None and holds(first, second)
