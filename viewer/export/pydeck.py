"""The raised map: deck.gl through pydeck, buildings standing as high as they are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import pydeck

from viewer.export.offline import standing_alone
from viewer.export.picture import Picture, geojson, popup_html
from viewer.export.style import Look, look_of

_PLAIN = Look(fill="#e23b3b", fill_opacity=0.9, line="#b42318", line_width=2)
_PITCH = 50
_GROUND_COLOUR = "#f3f2ee"
_HEX = re.compile(r"#[0-9a-fA-F]{6}")
_GREY = [154, 163, 175]
_COLUMN_PIXELS = 160  # a point stands on a column of so small a part of the view's width
_TOOLTIP = {"backgroundColor": "#ffffff", "color": "#1b2432", "fontSize": "13px"}


def pydeck_page(picture: Picture) -> str:
    """The page as text; it opens without a network.

    Raises: TooLarge.
    """
    west, south, east, north = picture.bounds
    layers = [_flat(ground.shapes) for ground in picture.ground]
    if picture.outline is not None:
        edge = Look(line="#1f5fbf", line_width=3)
        layers.append(_flat([(picture.outline, edge)]))
    layers += _raised(picture, (east - west) * 111_000 / _COLUMN_PIXELS)
    deck = pydeck.Deck(
        layers=layers,
        map_provider=None,
        map_style=None,
        initial_view_state=pydeck.ViewState(
            longitude=(west + east) / 2,
            latitude=(south + north) / 2,
            zoom=picture.zoom,
            pitch=_PITCH,
            max_pitch=75,
        ),
        tooltip={"html": "{popup}", "style": _TOOLTIP},
    )
    page = deck.to_html(
        as_string=True,
        offline=True,
        notebook_display=False,
        css_background_color=_GROUND_COLOUR,
    )
    return standing_alone(page, picture)


def _flat(shapes: Iterable[tuple[Any, Look]]) -> pydeck.Layer:
    """Shapes lying on the ground."""
    features = [
        _feature(shape, _colour(look.fill, look.fill_opacity), look, {}) for shape, look in shapes
    ]
    return pydeck.Layer(
        "GeoJsonLayer",
        {"type": "FeatureCollection", "features": features},
        filled=True,
        stroked=True,
        pickable=False,
        get_fill_color="properties.fill",
        get_line_color="properties.line",
        get_line_width="properties.width",
        line_width_units=pydeck.types.String("pixels"),
        # What lies flat is drawn in the order given, not by how deep it is.
        parameters={"depthTest": False},
    )


def _raised(picture: Picture, metres: float) -> list[pydeck.Layer]:
    """The features themselves: areas as blocks, points as columns, lines as they are."""
    features = []
    for item in picture.items:
        zoom = max(picture.zoom, 15.0)
        look = item.look or _layer_look(picture, item.properties, zoom) or _PLAIN
        more = {"popup": popup_html(item.told), "height": look.height or 0.0}
        features.append(_feature(item.shape, _colour(look.fill, 1.0), look, more))
    points = [each for each in features if each["geometry"]["type"].endswith("Point")]
    others = [each for each in features if not each["geometry"]["type"].endswith("Point")]
    layers = []
    if others:
        layers.append(
            pydeck.Layer(
                "GeoJsonLayer",
                {"type": "FeatureCollection", "features": others},
                extruded=True,
                pickable=True,
                auto_highlight=True,
                get_elevation="properties.height",
                get_fill_color="properties.fill",
                get_line_color="properties.line",
                get_line_width="properties.width",
                line_width_units=pydeck.types.String("pixels"),
                line_width_min_pixels=2,
            )
        )
    if points:
        layers.append(
            pydeck.Layer(
                "ColumnLayer",
                [_point(each) for each in points],
                pickable=True,
                auto_highlight=True,
                get_position="position",
                get_fill_color="fill",
                get_elevation=metres * 4,
                radius=metres,
                disk_resolution=24,
            )
        )
    return layers


def _layer_look(picture: Picture, properties: Mapping[str, Any], zoom: float) -> Look | None:
    return None if picture.layer is None else look_of(picture.layer, properties, zoom)


def _point(feature: dict[str, Any]) -> dict[str, Any]:
    geometry = feature["geometry"]
    coordinates = geometry["coordinates"]
    first = coordinates if geometry["type"] == "Point" else coordinates[0]
    return {"position": first, **feature["properties"]}


def _feature(shape: Any, fill: list[int], look: Look, more: dict[str, Any]) -> dict[str, Any]:
    properties = {
        "fill": fill,
        "line": _colour(look.line, 1.0),
        "width": round(look.line_width, 1),
        **more,
    }
    return {"type": "Feature", "geometry": geojson(shape), "properties": properties}


def _colour(text: str | None, opacity: float) -> list[int]:
    """Red, green, blue and opacity of a colour written as #rrggbb; clear for none."""
    if text is None:
        return [0, 0, 0, 0]
    found = _HEX.fullmatch(text)
    parts = [int(text[place : place + 2], 16) for place in (1, 3, 5)] if found else _GREY
    return [*parts, round(255 * opacity)]
