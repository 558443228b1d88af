"""Documents about tilesets: their list, their metadata (TMS 2.0, 17-083r4), TileJSON 3.0."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gisserver.ogc.configuration import WHOLE_EARTH
from gisserver.ogc.media_types import DOCUMENT_FORMS
from gisserver.tiles.answer import MIME_TYPE
from layers.core.layer import Layer
from layers.core.output_system import CRS84
from layers.core.tile_matrix import (
    MAX_ZOOM,
    TILE_MATRIX_SETS,
    WEB_MERCATOR_QUAD,
    Bounds,
    TileMatrixSet,
)
from layers.core.tile_properties import geometry_dimension, tile_properties
from layers.core.tiles import BUFFER, EXTENT

TILING_SCHEME = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme"
TILING_SCHEMES = "http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes"
TILESETS = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector"
GEODATA = "http://www.opengis.net/def/rel/ogc/1.0/geodata"
TILEJSON = "application/vnd.mapbox.tile+json"
TILESET_FORMS = {**DOCUMENT_FORMS, "tilejson": TILEJSON}
TILE_FORMS = {"mvt": MIME_TYPE}
_DATASET_TITLE = ("网格地图", "Wangge map")
_BUFFER_TILES = BUFFER / EXTENT


@dataclass(frozen=True)
class TileSource:
    """Layers whose tiles come from one address; `address` is without the matrix set.

    `selection` is what follows the question mark where the layers were chosen, `extent` what the
    reader sees of them, in degrees, None when that is nothing.
    """

    base: str
    address: str
    title: tuple[str, str]
    layers: tuple[Layer, ...]
    extent: Bounds | None
    selection: str = ""

    @property
    def levels(self) -> range:
        """Levels at which there are tiles."""
        first = min(layer.min_zoom for layer in self.layers)
        return range(first, min(max(layer.max_zoom for layer in self.layers), MAX_ZOOM) + 1)

    def levels_of(self, quad: TileMatrixSet) -> range:
        """Those of them that a matrix set has."""
        return range(max(self.levels.start, quad.first), self.levels.stop)

    def limits(self, quad: TileMatrixSet, level: int) -> dict[str, int]:
        """First and last row and column that may hold something."""
        return quad.limits(level, self.extent or WHOLE_EARTH, _BUFFER_TILES)

    def holds(self, quad: TileMatrixSet, level: int, row: int, column: int) -> bool:
        """Whether a tile lies within the limits of the tileset."""
        limits = self.limits(quad, level)
        return (
            limits["minTileRow"] <= row <= limits["maxTileRow"]
            and limits["minTileCol"] <= column <= limits["maxTileCol"]
        )

    def href(self, quad: TileMatrixSet, form: str | None = None) -> str:
        """Address of the tileset in a matrix set."""
        words = [word for word in (self.selection, f"f={form}" if form else "") if word]
        return f"{self.address}/{quad.id}{'?' + '&'.join(words) if words else ''}"

    def template(self, quad: TileMatrixSet, level: str, row: str, column: str) -> str:
        """Address of its tiles, with these words for level, row and column."""
        question = f"?{self.selection}" if self.selection else ""
        return f"{self.address}/{quad.id}/{level}/{row}/{column}{question}"


def dataset_title(layers: Sequence[Layer]) -> tuple[str, str]:
    """The title of several layers in one tile."""
    names = [layer.title for layer in layers]
    return (
        f"{_DATASET_TITLE[0]}：{'、'.join(zh for zh, _ in names)}",
        f"{_DATASET_TITLE[1]}: {', '.join(en for _, en in names)}",
    )


def tilesets_document(source: TileSource, language: int) -> dict[str, Any]:
    """The list of tilesets of a collection or of the dataset."""
    here = f"{source.address}{'?' + source.selection if source.selection else ''}"
    return {
        "title": source.title[language],
        "tilesets": [_listed(source, quad, language) for quad in TILE_MATRIX_SETS],
        "links": _here(here, "f=json", "f=html"),
    }


def _listed(source: TileSource, quad: TileMatrixSet, language: int) -> dict[str, Any]:
    return {
        "title": f"{source.title[language]} · {quad.title[language]}",
        "dataType": "vector",
        "crs": quad.crs,
        "tileMatrixSetURI": quad.uri_at(source.base),
        "tileMatrixSetId": quad.id,
        "links": [
            {"rel": "self", "type": "application/json", "href": source.href(quad)},
            _scheme_link(source.base, quad),
            _tiles_link(source, quad),
        ],
    }


def tileset_document(source: TileSource, quad: TileMatrixSet, language: int) -> dict[str, Any]:
    """The metadata of one tileset."""
    found: dict[str, Any] = {
        "title": f"{source.title[language]} · {quad.title[language]}",
        "dataType": "vector",
        "crs": quad.crs,
        "tileMatrixSetURI": quad.uri_at(source.base),
        "tileMatrixSetId": quad.id,
        "mediaTypes": [MIME_TYPE],
        "tileMatrixSetLimits": [
            {"tileMatrix": str(level), **source.limits(quad, level)}
            for level in source.levels_of(quad)
        ],
        "layers": [_layer(source, layer, quad, language) for layer in source.layers],
        "links": _tileset_links(source, quad),
    }
    if source.extent is not None:
        west, south, east, north = source.extent
        found["boundingBox"] = _box(source.extent)
        found["centerPoint"] = {
            "coordinates": [(west + east) / 2, (south + north) / 2],
            "crs": CRS84.uri,
            "tileMatrix": str(source.levels_of(quad)[len(source.levels_of(quad)) // 2]),
        }
    return found


def _tileset_links(source: TileSource, quad: TileMatrixSet) -> list[dict[str, Any]]:
    links = [
        {"rel": "self", "type": "application/json", "href": source.href(quad, "json")},
        {"rel": "alternate", "type": "text/html", "href": source.href(quad, "html")},
        _scheme_link(source.base, quad),
        _tiles_link(source, quad),
    ]
    if quad is WEB_MERCATOR_QUAD:
        links.append({"rel": "alternate", "type": TILEJSON, "href": source.href(quad, "tilejson")})
    for layer in source.layers:
        href = f"{source.base}/collections/{layer.name}"
        links.append({"rel": GEODATA, "type": "application/json", "href": href})
    return links


def tilejson(source: TileSource, language: int) -> dict[str, Any]:
    """TileJSON 3.0, which knows Web Mercator only."""
    levels = source.levels
    found: dict[str, Any] = {
        "tilejson": "3.0.0",
        "name": source.title[language],
        "scheme": "xyz",
        "tiles": [source.template(WEB_MERCATOR_QUAD, "{z}", "{y}", "{x}")],
        "minzoom": levels.start,
        "maxzoom": levels.stop - 1,
        "vector_layers": [
            {
                "id": layer.name,
                "description": layer.title[language],
                "minzoom": layer.min_zoom,
                "maxzoom": layer.max_zoom,
                "fields": {
                    name: words["title"] for name, words in tile_properties(layer, language).items()
                },
            }
            for layer in source.layers
        ],
    }
    if source.extent is not None:
        found["bounds"] = list(source.extent)
    return found


def tile_matrix_sets_document(base: str, language: int) -> dict[str, Any]:
    """The list of tile matrix sets."""
    return {
        "tileMatrixSets": [
            {
                "id": quad.id,
                "title": quad.title[language],
                "crs": quad.crs,
                "uri": quad.uri_at(base),
                "links": [{**_scheme_link(base, quad), "rel": "self"}],
            }
            for quad in TILE_MATRIX_SETS
        ],
        "links": _here(f"{base}/tileMatrixSets", "f=json", "f=html"),
    }


def _here(address: str, json_form: str, html_form: str) -> list[dict[str, Any]]:
    joint = "&" if "?" in address else "?"
    return [
        {"rel": "self", "type": "application/json", "href": f"{address}{joint}{json_form}"},
        {"rel": "alternate", "type": "text/html", "href": f"{address}{joint}{html_form}"},
    ]


def _scheme_link(base: str, quad: TileMatrixSet) -> dict[str, Any]:
    href = f"{base}/tileMatrixSets/{quad.id}"
    return {"rel": TILING_SCHEME, "type": "application/json", "href": href}


def _tiles_link(source: TileSource, quad: TileMatrixSet) -> dict[str, Any]:
    href = source.template(quad, "{tileMatrix}", "{tileRow}", "{tileCol}")
    return {"rel": "item", "type": MIME_TYPE, "href": href, "templated": True}


def _box(extent: Bounds) -> dict[str, Any]:
    west, south, east, north = extent
    return {
        "lowerLeft": [west, south],
        "upperRight": [east, north],
        "crs": CRS84.uri,
        "orderedAxes": ["Lon", "Lat"],
    }


def _layer(source: TileSource, layer: Layer, quad: TileMatrixSet, language: int) -> dict[str, Any]:
    first, last = max(layer.min_zoom, quad.first), layer.max_zoom
    href = f"{source.base}/collections/{layer.name}"
    return {
        "id": layer.name,
        "title": layer.title[language],
        "dataType": "vector",
        "geometryDimension": geometry_dimension(layer),
        "theme": layer.group,
        "minTileMatrix": str(first),
        "maxTileMatrix": str(last),
        "maxScaleDenominator": quad.scale_denominator(first),
        "minScaleDenominator": quad.scale_denominator(last),
        "propertiesSchema": {"type": "object", "properties": tile_properties(layer, language)},
        "links": [{"rel": GEODATA, "type": "application/json", "href": href}],
    }
