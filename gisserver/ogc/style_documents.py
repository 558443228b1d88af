"""Documents about styles: their list and the metadata of each (OGC API Styles, 20-009)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from layers.core.layer import Layer, Title
from layers.core.styling.rules import scale_denominator
from layers.core.tile_matrix import MAX_ZOOM

STYLES = "http://www.opengis.net/def/rel/ogc/1.0/styles"
MAP_STYLE = "wangge"
MAP_TITLE: Title = ("网格地图", "Wangge map")
STYLE_FORMS = {
    "mapbox": "application/vnd.mapbox.style+json",
    "sld11": "application/vnd.ogc.sld+xml;version=1.1",
    "sld10": "application/vnd.ogc.sld+xml;version=1.0",
    "html": "text/html",
}
PROJECT_FORMS = {"qgs": "application/x-qgis-project"}
_ENCODINGS = {
    "mapbox": ("Mapbox Style 8", "https://docs.mapbox.com/style-spec/"),
    "sld11": ("OGC SLD 1.1", "https://www.ogc.org/standards/sld"),
    "sld10": ("OGC SLD 1.0", "https://www.ogc.org/standards/sld"),
}


@dataclass(frozen=True)
class Described:
    """A style: its layers, and the address of the list it stands in. Language 0 is Chinese."""

    name: str
    titles: Title
    layers: tuple[Layer, ...]
    base: str
    address: str
    language: int

    @property
    def title(self) -> str:
        """In the language asked for."""
        return self.titles[self.language]


def styles_document(
    listed: Sequence[Described], default: str | None, address: str
) -> dict[str, Any]:
    """The list, with the one that is taken unless another is asked for."""
    return {
        **({"default": default} if default else {}),
        "styles": [
            {
                "id": each.name,
                "title": each.title,
                "links": [*_stylesheets(each), _metadata_link(each)],
            }
            for each in listed
        ],
        "links": [
            {"rel": "self", "type": "application/json", "href": f"{address}?f=json"},
            {"rel": "alternate", "type": "text/html", "href": f"{address}?f=html"},
        ],
    }


def style_metadata(described: Described) -> dict[str, Any]:
    """What a style is for: its layers with their fields, its scales, its encodings."""
    first = min(layer.min_zoom for layer in described.layers)
    return {
        "id": described.name,
        "title": described.title,
        "keywords": [layer.title[described.language] for layer in described.layers],
        "scope": "style",
        "minScaleDenominator": scale_denominator(MAX_ZOOM),
        "maxScaleDenominator": scale_denominator(first),
        "stylesheets": [
            {
                "title": title,
                "version": title.rsplit(" ", 1)[1],
                "specification": specification,
                "native": form == "mapbox",
                "link": _stylesheet(described, form),
            }
            for form, (title, specification) in _ENCODINGS.items()
        ],
        "layers": [_layer(described, layer) for layer in described.layers],
        "links": [
            {
                "rel": "self",
                "type": "application/json",
                "href": f"{described.address}/{described.name}/metadata",
            },
            *_stylesheets(described),
        ],
    }


def _layer(described: Described, layer: Layer) -> dict[str, Any]:
    kind = str(layer.geometry_kind)
    kinds = {"Point": "point", "LineString": "line", "Polygon": "polygon"}
    href = f"{described.base}/collections/{layer.name}"
    return {
        "id": layer.name,
        "title": layer.title[described.language],
        "type": kinds[kind.removeprefix("Multi")],
        "legend": [
            {"title": each.title[described.language], "color": each.color, "shape": each.shape}
            for each in layer.legend
        ],
        "sampleData": {"rel": "data", "type": "application/json", "href": href},
    }


def _stylesheets(described: Described) -> list[dict[str, Any]]:
    return [_stylesheet(described, form) for form in _ENCODINGS]


def _stylesheet(described: Described, form: str) -> dict[str, Any]:
    return {
        "rel": "stylesheet",
        "type": STYLE_FORMS[form],
        "title": _ENCODINGS[form][0],
        "href": f"{described.address}/{described.name}?f={form}",
    }


def _metadata_link(described: Described) -> dict[str, Any]:
    href = f"{described.address}/{described.name}/metadata"
    return {"rel": "describedby", "type": "application/json", "href": href}
