"""Mapbox styles from the layers' `paint`: what the viewer draws by day, for other clients.

The same as the viewer's own style without what only it has (lights, shapes, blocks); a file both
are tested against keeps the two together.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from layers.core.layer import Layer
from layers.core.paint import GROUND, Fragment
from layers.core.tile_matrix import Bounds

# Flat things, then points, then names; within a stage layers keep the order of the catalogue.
_STAGES = {"fill": 0, "line": 0, "circle": 2, "symbol": 3}
_MIDDLE_OF_AREA = ["!=", ["get", "label_here"], False]

Template = Callable[[Sequence[Layer]], str]
"""Address of the tiles that hold these layers, with {z}, {y} and {x}."""


@dataclass(frozen=True)
class StyleInput:
    """What a style is made of: `extent` of the layers in degrees, `now` for lights of cases."""

    layers: tuple[Layer, ...]
    template: Template
    now: datetime
    extent: Bounds | None = None


@dataclass(frozen=True)
class _Drawn:
    layer: Layer
    index: int
    fragment: Fragment


def is_styled(layer: Layer) -> bool:
    """Whether there is anything to draw."""
    return layer.geometry_kind is not None and bool(layer.paint)


def map_style(asked: StyleInput, title: str) -> dict[str, Any]:
    """The whole map on its ground; layers not shown from the start are there, but turned off."""
    ground = {"id": "ground", "type": "background", "paint": {"background-color": GROUND}}
    shown = {layer.name for layer in asked.layers if layer.visible}
    return {**_head(asked, title), "layers": [ground, *_style_layers(asked, shown)]}


def layer_style(asked: StyleInput, title: str) -> dict[str, Any]:
    """The given layers alone, all turned on, without a ground."""
    shown = {layer.name for layer in asked.layers}
    return {**_head(asked, title), "layers": list(_style_layers(asked, shown))}


def tile_groups(layers: Sequence[Layer]) -> list[tuple[Layer, ...]]:
    """Layers fetched in one tile: those of a theme that are shown from the start, else alone."""
    groups: dict[str, list[Layer]] = {}
    for layer in layers:
        if is_styled(layer):
            key = f"{layer.group}-{layer.max_zoom}" if layer.visible else layer.name
            groups.setdefault(key, []).append(layer)
    return [tuple(members) for members in groups.values()]


def _head(asked: StyleInput, title: str) -> dict[str, Any]:
    head: dict[str, Any] = {
        "version": 8,
        "name": title,
        "metadata": {"wangge:now": asked.now.isoformat(timespec="seconds")},
    }
    if asked.extent is not None:
        west, south, east, north = asked.extent
        head |= {"center": [(west + east) / 2, (south + north) / 2]}
        head["zoom"] = _zoom_that_shows(max(east - west, north - south))
    sources = dict(_source(group, asked) for group in tile_groups(asked.layers))
    return {**head, "sources": sources}


def _zoom_that_shows(degrees: float) -> float:
    """At which so many degrees, of longitude or of latitude in China, fit into 700 pixels."""
    return min(16.0, round(math.log2(700 * 360 / 512 / max(degrees * 1.3, 1e-6)), 2))


def _source(group: tuple[Layer, ...], asked: StyleInput) -> tuple[str, dict[str, Any]]:
    words: dict[str, Any] = {
        "type": "vector",
        "tiles": [asked.template(group)],
        "minzoom": min(layer.min_zoom for layer in group),
        "maxzoom": max(layer.max_zoom for layer in group),
    }
    if asked.extent is not None:
        words["bounds"] = list(asked.extent)
    return ",".join(layer.name for layer in group), words


def _style_layers(asked: StyleInput, shown: set[str]) -> Iterator[dict[str, Any]]:
    sources = {
        layer.name: ",".join(member.name for member in group)
        for group in tile_groups(asked.layers)
        for layer in group
    }
    drawn = [
        _Drawn(layer, index, fragment)
        for layer in asked.layers
        if is_styled(layer)
        for index, fragment in enumerate(layer.paint)
        if fragment.get("mode", "2d") == "2d"
    ]
    seconds = int(asked.now.timestamp())
    for each in sorted(drawn, key=lambda one: _STAGES[one.fragment["type"]]):
        is_shown = each.layer.name in shown
        yield at_moment(_style_layer(each, sources[each.layer.name], is_shown), seconds)


def _style_layer(drawn: _Drawn, source: str, is_shown: bool) -> dict[str, Any]:
    layer, fragment = drawn.layer, drawn.fragment
    made: dict[str, Any] = {
        "id": f"{layer.name}:{drawn.index}",
        "type": fragment["type"],
        "source": source,
        "source-layer": layer.name,
        "paint": {**fragment["paint"], **fragment["theme"]["light"]},
        "layout": {
            **fragment.get("layout", {}),
            "visibility": "visible" if is_shown else "none",
        },
    }
    begins = max(fragment.get("minzoom", 0), layer.min_zoom)
    if begins > 0:
        made["minzoom"] = begins
    if "maxzoom" in fragment:
        made["maxzoom"] = fragment["maxzoom"]
    condition = _filter(layer, fragment)
    if condition is not None:
        made["filter"] = condition
    return made


def _filter(layer: Layer, fragment: Fragment) -> Any:
    """The fragment's own; the name of an area only in the tile that holds its middle."""
    own = fragment.get("filter")
    if fragment["type"] != "symbol" or not str(layer.geometry_kind).endswith("Polygon"):
        return own
    return _MIDDLE_OF_AREA if own is None else ["all", own, _MIDDLE_OF_AREA]


def at_moment(words: Any, seconds: int) -> Any:
    """The same with the state `now`, which only the viewer's library knows, as a number."""
    if isinstance(words, Mapping):
        return {name: at_moment(value, seconds) for name, value in words.items()}
    if isinstance(words, list | tuple):
        if list(words) == ["global-state", "now"]:
            return seconds
        return [at_moment(each, seconds) for each in words]
    return words
