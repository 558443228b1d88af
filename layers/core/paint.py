"""Small words for drawing a layer: MapLibre style fragments with a light and a dark dress."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

Fragment = Mapping[str, Any]
Expression = Sequence[Any]
Colour = str | Expression

# The map where nothing is drawn, by day; the viewer's palette has the same.
GROUND = "#f3f2ee"
LABEL_FONT = ["Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "sans-serif"]


def _fragment(
    kind: str,
    light: Mapping[str, Any],
    dark: Mapping[str, Any],
    common: Mapping[str, Any] | None = None,
    **rest: Any,
) -> Fragment:
    return {
        "type": kind,
        "paint": dict(common or {}),
        "theme": {"light": dict(light), "dark": dict(dark)},
        **rest,
    }


def fill(light: Colour, dark: Colour, *, opacity: Any = 1.0, **rest: Any) -> Fragment:
    """An area of one colour (or an expression of the layer's tile fields)."""
    return _fragment(
        "fill",
        {"fill-color": light},
        {"fill-color": dark},
        {"fill-opacity": opacity, "fill-antialias": True},
        **rest,
    )


def line(
    light: Colour, dark: Colour, width: Any, *, dash: Sequence[float] | None = None, **rest: Any
) -> Fragment:
    """A line; `width` in pixels or an expression of the zoom."""
    common: dict[str, Any] = {"line-width": width}
    if dash:
        common["line-dasharray"] = list(dash)
    layout = {"line-cap": "butt" if dash else "round", "line-join": "round"}
    return _fragment(
        "line", {"line-color": light}, {"line-color": dark}, common, layout=layout, **rest
    )


def circle(
    light: Colour,
    dark: Colour,
    radius: Any,
    *,
    stroke: tuple[str, str] = ("#ffffff", "#10161f"),
    **rest: Any,
) -> Fragment:
    """A point; `radius` in pixels or an expression of the zoom."""
    return _fragment(
        "circle",
        {"circle-color": light, "circle-stroke-color": stroke[0]},
        {"circle-color": dark, "circle-stroke-color": stroke[1]},
        {"circle-radius": radius, "circle-stroke-width": 1.2},
        **rest,
    )


def label(
    text: Any,
    light: Colour,
    dark: Colour,
    size: Any,
    *,
    halo: tuple[str, str] = ("#ffffff", "#10161f"),
    layout: Mapping[str, Any] | None = None,
    **rest: Any,
) -> Fragment:
    """A name; `text` is a field's name or an expression."""
    field = ["get", text] if isinstance(text, str) else text
    return _fragment(
        "symbol",
        {"text-color": light, "text-halo-color": halo[0]},
        {"text-color": dark, "text-halo-color": halo[1]},
        {"text-halo-width": 1.4},
        layout={"text-field": field, "text-font": LABEL_FONT, "text-size": size, **(layout or {})},
        **rest,
    )


def extrusion(light: Colour, dark: Colour, height: Expression, **rest: Any) -> Fragment:
    """A block standing on the ground; `height` in metres. Shown in 3D only."""
    return _fragment(
        "fill-extrusion",
        {"fill-extrusion-color": light},
        {"fill-extrusion-color": dark},
        {"fill-extrusion-height": height, "fill-extrusion-opacity": 0.92},
        mode="3d",
        **rest,
    )


def by_zoom(*stops: float) -> Expression:
    """Linear between (zoom, value) pairs."""
    return ["interpolate", ["linear"], ["zoom"], *stops]


def by_code(field: str, colours: Mapping[str, str], otherwise: str) -> Expression:
    """A colour for each code of a field."""
    pairs = [part for code, colour in colours.items() for part in (code, colour)]
    return ["match", ["get", field], *pairs, otherwise]


def by_light(*, green: Any, yellow: Any, red: Any, none: Any) -> Expression:
    """A value for each light of a case, from the tile fields due_at, warn_at and paused_at.

    The style's state `now`, in seconds since 1970, says what time it is; `none` is for a case
    without a deadline. The rule is that of `layers.incidents.deadline.light`.
    """
    moment = ["coalesce", ["get", "paused_at"], ["global-state", "now"]]
    is_near = ["all", ["has", "warn_at"], [">=", moment, ["get", "warn_at"]]]
    is_over = [">", moment, ["get", "due_at"]]
    return ["case", ["!", ["has", "due_at"]], none, is_over, red, is_near, yellow, green]


def night_colours(paint: Iterable[Fragment]) -> dict[str, str]:
    """What each colour of the light dress becomes in the dark one."""
    found: dict[str, str] = {}
    for fragment in paint:
        for light, dark in _pairs(fragment["theme"]["light"], fragment["theme"]["dark"]):
            found.setdefault(light, dark)
    return found


def _pairs(light: Any, dark: Any) -> Iterator[tuple[str, str]]:
    if isinstance(light, Mapping):
        for name in light:
            if name in dark:
                yield from _pairs(light[name], dark[name])
    elif isinstance(light, str):
        if light.startswith("#"):
            yield light, dark
    elif isinstance(light, Sequence):
        for one, other in zip(light, dark, strict=False):
            yield from _pairs(one, other)
