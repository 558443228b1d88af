"""Paint as rules: each with a condition, a title, a range of zooms and values that are constant.

What encodings without expressions need. A choice of colours becomes a rule a colour, sizes that
grow with the zoom a rule a stop, a name out of several fields a rule a field. Rules of a fragment
exclude each other, since some programs draw every rule that holds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Any

from layers.core.layer import Layer, Title
from layers.core.paint import Fragment

CodeName = Callable[[str, str], Title | None]
"""The names of a code of a table; None for one that is not there."""
Condition = Any
"""A MapLibre filter expression; None holds always."""

LAST_ZOOM = 24.0
OTHER: Title = ("其他", "Other")
LABEL: Title = ("注记", "Label")
# Size that a name has where the paint does not say.
TEXT_SIZE = 12.0


@dataclass(frozen=True)
class Rule:
    """From `begins` up to `ends` (zooms of the viewer), what fulfils `condition` looks so."""

    title: Title
    condition: Condition
    begins: float
    ends: float
    paint: Mapping[str, Any]
    layout: Mapping[str, Any]


@dataclass(frozen=True)
class _Choice:
    condition: Condition
    title: Title | None
    value: Any


def rules_of(layer: Layer, fragment: Fragment, code_name: CodeName) -> list[Rule]:
    """The rules of one fragment, by day; in the order of the choices."""
    colour_name = f"{'text' if fragment['type'] == 'symbol' else fragment['type']}-color"
    paint = {**fragment["paint"], **fragment["theme"]["light"]}
    layout = dict(fragment.get("layout", {}))
    colours = list(_choices(layer, paint[colour_name], code_name))
    texts = list(_texts(layout.get("text-field")))
    bands = list(_bands(layer, fragment, [*paint.values(), *layout.values()]))
    found = []
    for colour, text, (begins, ends, zoom) in product(colours, texts, bands):
        condition = every(fragment.get("filter"), colour.condition, text.condition)
        found.append(
            Rule(
                colour.title or _title(layer, fragment, colour.value),
                condition,
                begins,
                ends,
                {**_at(paint, zoom), colour_name: colour.value},
                {**_at(layout, zoom), "text-field": text.value},
            )
        )
    return found


def every(*conditions: Condition) -> Condition:
    """That all hold; None among them always does."""
    told = [each for each in conditions if each is not None]
    return None if not told else told[0] if len(told) == 1 else ["all", *told]


def _title(layer: Layer, fragment: Fragment, colour: Any) -> Title:
    """What the legend calls a colour, else what the layer is called."""
    if fragment["type"] == "symbol":
        return f"{layer.title[0]}{LABEL[0]}", f"{layer.title[1]}: {LABEL[1].lower()}"
    return next((each.title for each in layer.legend if each.color == colour), layer.title)


def _choices(layer: Layer, colour: Any, code_name: CodeName) -> Iterator[_Choice]:
    match colour:
        case ["match", subject, *pairs, otherwise]:
            yield from _matches(layer, subject, pairs, otherwise, code_name)
        case ["case", *pairs, otherwise]:
            before: list[Condition] = []
            for condition, value in zip(pairs[::2], pairs[1::2], strict=True):
                yield _Choice(every(*before, condition), None, value)
                before.append(["!", condition])
            yield _Choice(every(*before), None, otherwise)
        case _:
            yield _Choice(None, None, colour)


def _matches(
    layer: Layer, subject: Any, pairs: Sequence[Any], otherwise: Any, code_name: CodeName
) -> Iterator[_Choice]:
    codes = next((layer.fields[name].codes for name in fields_of(subject)), None)
    known: list[Any] = []
    for labels, value in zip(pairs[::2], pairs[1::2], strict=True):
        given = labels if isinstance(labels, list | tuple) else [labels]
        known += given
        legend = next((each.title for each in layer.legend if each.color == value), None)
        named = [code_name(codes, each) for each in given] if codes else []
        title = named[0] if len(named) == 1 else None
        yield _Choice(["in", subject, ["literal", [*given]]], title or legend, value)
    legend = next((each.title for each in layer.legend if each.color == otherwise), OTHER)
    yield _Choice(["!", ["in", subject, ["literal", known]]], legend, otherwise)


def _texts(text: Any) -> Iterator[_Choice]:
    """The field a name is read from; the first of several that is there."""
    match text:
        case None:
            yield _Choice(None, None, None)
        case ["get", str(name)] | ["to-string", ["get", str(name)]]:
            yield _Choice(["has", name], None, name)
        case ["coalesce", *parts]:
            before: list[Condition] = []
            for part in parts:
                if part != "":
                    (name,) = fields_of(part)
                    yield _Choice(every(*before, ["has", name]), None, name)
                    before.append(["!", ["has", name]])
        case _:
            raise ValueError(f"no rule for the text {text!r}")


def fields_of(expression: Any) -> Iterator[str]:
    """Names of the fields an expression reads."""
    match expression:
        case ["get", str(name)]:
            yield name
        case [*parts]:
            for part in parts:
                yield from fields_of(part)


def _bands(
    layer: Layer, fragment: Fragment, values: Iterable[Any]
) -> Iterator[tuple[float, float, float]]:
    """(begins, ends, the zoom whose sizes stand for the band), without gap or overlap."""
    begins = float(max(layer.min_zoom, fragment.get("minzoom", 0)))
    ends = float(fragment.get("maxzoom", LAST_ZOOM))
    stops = sorted({stop for value in values for stop in _stops(value)})
    # Size doubles with the zoom, so the middle of two stops is taken by zoom, not by size.
    edges = [(a + b) / 2 for a, b in pairwise(stops)]
    inside = [begins, *(edge for edge in edges if begins < edge < ends), ends]
    for low, high in pairwise(inside):
        within = [stop for stop in stops if low <= stop < high]
        yield low, high, within[0] if within else (low + min(high, low + 1)) / 2


def _stops(value: Any) -> list[float]:
    match value:
        case ["interpolate", ["linear"], ["zoom"], *stops]:
            return [float(stop) for stop in stops[::2]]
        case _:
            return []


def _at(words: Mapping[str, Any], zoom: float) -> dict[str, Any]:
    return {name: _constant(value, zoom) for name, value in words.items()}


def _constant(value: Any, zoom: float) -> Any:
    """The value at a zoom, linear between its stops."""
    match value:
        case ["interpolate", ["linear"], ["zoom"], *stops]:
            pairs = list(zip(stops[::2], stops[1::2], strict=True))
            if zoom <= pairs[0][0]:
                return pairs[0][1]
            for (low, small), (high, large) in pairwise(pairs):
                if zoom <= high:
                    return small + (large - small) * (zoom - low) / (high - low)
            return pairs[-1][1]
        case _:
            return value


def scale_denominator(zoom: float) -> float:
    """Of the viewer's zoom, whose tiles have 512 pixels, with OGC's pixel of 0.28 mm."""
    return 2 * math.pi * 6378137 / 512 / 0.00028 / 2**zoom
