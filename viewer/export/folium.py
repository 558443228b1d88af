"""The flat map: Leaflet through folium, drawn from a picture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import folium

from viewer.export.offline import leaflet_head, standing_alone
from viewer.export.picture import Picture, geojson, popup_html
from viewer.export.style import Look, look_of

_PLAIN = Look(fill="#e23b3b", fill_opacity=0.35, line="#b42318", line_width=2, radius=6)
_OUTLINE = {
    "color": "#1f5fbf",
    "weight": 2,
    "dashArray": "6 5",
    "fill": False,
    "interactive": False,
}
_GROUND_OPACITY = 0.9


def folium_page(picture: Picture) -> str:
    """The page as text; it opens without a network.

    Raises: TooLarge; NotBuilt when the viewer has not been built.
    """
    west, south, east, north = picture.bounds
    chart = folium.Map(
        location=[(south + north) / 2, (west + east) / 2],
        tiles=None,
        prefer_canvas=True,
        control_scale=True,
        attribution_control=False,
    )
    for ground in picture.ground:
        shapes = ((geojson(shape), _path(look, interactive=False)) for shape, look in ground.shapes)
        _add(chart, shapes)
    if picture.outline is not None:
        _add(chart, [(geojson(picture.outline), dict(_OUTLINE))])
    shown = (
        (
            geojson(item.shape),
            _path(item.look or _look(picture, item.properties)),
            popup_html(item.told),
        )
        for item in picture.items
    )
    _add(chart, shown)
    chart.fit_bounds([[south, west], [north, east]])
    return standing_alone(chart.get_root().render(), picture, head=leaflet_head())


def _look(picture: Picture, properties: Mapping[str, Any]) -> Look:
    """By the layer's paint, close enough for every fragment to be drawn; at least a plain one."""
    if picture.layer is None:
        return _PLAIN
    zoom = max(picture.zoom, 15.0)
    return look_of(picture.layer, properties, zoom) or _PLAIN


def _path(look: Look, *, interactive: bool = True) -> dict[str, Any]:
    """Leaflet's words for a look."""
    path: dict[str, Any] = {
        "stroke": look.line is not None,
        "weight": round(look.line_width, 1),
        "fill": look.fill is not None,
        "fillOpacity": look.fill_opacity if interactive else look.fill_opacity * _GROUND_OPACITY,
        "interactive": interactive,
    }
    if look.line is not None:
        path["color"] = look.line
    if look.fill is not None:
        path["fillColor"] = look.fill
    if look.radius is not None:
        path |= {"radius": max(4.0, round(look.radius, 1)), "fillOpacity": 1.0}
    return path


def _add(chart: folium.Map, shapes: Iterable[tuple[Any, ...]]) -> None:
    """One GeoJSON of shapes with their paths, and popups where there are any."""
    features = []
    for number, (geometry, path, *told) in enumerate(shapes):
        properties = {"key": number, "path": path} | ({"popup": told[0]} if told else {})
        features.append({"type": "Feature", "geometry": geometry, "properties": properties})
    if not features:
        return
    has_popups = "popup" in features[0]["properties"]
    folium.GeoJson(
        {"type": "FeatureCollection", "features": features},
        style_function=lambda feature: feature["properties"]["path"],
        marker=folium.CircleMarker(radius=6, fill=True),
        popup=folium.GeoJsonPopup(fields=["popup"], labels=False) if has_popups else None,
    ).add_to(chart)
