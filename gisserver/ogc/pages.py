"""HTML of the OGC documents: our own pages, drawn without anything from outside."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from math import cos, radians
from typing import Any

from flask import Response, render_template
from shapely.geometry import shape

from gisserver.context import services
from gisserver.ogc.shell import base_address
from layers.core.calendar import CHINA
from layers.core.layer import Layer

MAP_WIDTH = 560.0
MAP_HEIGHT = 420.0
MARGIN = 12.0


def html_page(page: str, data: Mapping[str, Any], layer: Layer | None = None) -> Response:
    """The document as a page; features come with a small map."""
    features = data.get("features", [data] if page == "item" else [])
    text = render_template(
        f"ogc/{page}.html",
        data=data,
        layer=layer,
        base=base_address(),
        sketch=list(sketch(features)),
        width=MAP_WIDTH,
        height=MAP_HEIGHT,
    )
    return Response(text, mimetype="text/html")


def told(layer: Layer, name: str, value: Any) -> str:
    """A value as people say it: the meaning of a code, yes or no, nothing for none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    table = layer.fields[name].codes
    names = services().codes.tables().names.get((table, str(value))) if table else None
    return names[0] if names else str(value)


def moment(text: str) -> str:
    """A moment (RFC 3339) as clocks in China show it."""
    return datetime.fromisoformat(text).astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")


def sketch(features: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str, str]]:
    """(id, kind, SVG path data) of each feature, scaled together into the map's frame.

    Plate carrée shrunk by the cosine of the latitude, enough to recognise a shape by.
    """
    shapes = [(str(f["id"]), shape(f["geometry"])) for f in features if f.get("geometry")]
    if not shapes:
        return
    west = min(made.bounds[0] for _, made in shapes)
    south = min(made.bounds[1] for _, made in shapes)
    east = max(made.bounds[2] for _, made in shapes)
    north = max(made.bounds[3] for _, made in shapes)
    place = _projection(west, south, east, north)
    for identifier, made in shapes:
        kind = made.geom_type.removeprefix("Multi")
        yield identifier, kind, " ".join(_paths(made, place))


def _projection(west: float, south: float, east: float, north: float) -> Any:
    shrink = cos(radians((south + north) / 2))
    width, height = max((east - west) * shrink, 1e-6), max(north - south, 1e-6)
    scale = min((MAP_WIDTH - 2 * MARGIN) / width, (MAP_HEIGHT - 2 * MARGIN) / height)
    left = (MAP_WIDTH - width * scale) / 2
    top = (MAP_HEIGHT - height * scale) / 2

    def place(longitude: float, latitude: float) -> str:
        x = left + (longitude - west) * shrink * scale
        y = top + (north - latitude) * scale
        return f"{x:.1f} {y:.1f}"

    return place


def _paths(made: Any, place: Any) -> Iterator[str]:
    if hasattr(made, "geoms"):
        for part in made.geoms:
            yield from _paths(part, place)
    elif made.geom_type == "Point":
        yield f"M{place(made.x, made.y)}h0"
    elif made.geom_type == "Polygon":
        for ring in (made.exterior, *made.interiors):
            yield "M" + "L".join(place(x, y) for x, y, *_ in ring.coords) + "Z"
    else:
        yield "M" + "L".join(place(x, y) for x, y, *_ in made.coords)
