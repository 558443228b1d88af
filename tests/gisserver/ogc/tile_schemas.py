"""The JSON encoding of tile matrix sets and tilesets as 17-083r4 (TMS 2.0) prescribes it.

Closed (`additionalProperties`) where the standard lists all members, so that a misspelt one fails.
"""

from __future__ import annotations

from typing import Any

WHOLE = {"type": "integer", "minimum": 0}
POINT = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
URI = {"type": "string", "pattern": "^https?://"}

LINK: dict[str, Any] = {
    "type": "object",
    "required": ["rel", "href"],
    "properties": {
        "rel": {"type": "string", "minLength": 1},
        "href": URI,
        "type": {"type": "string"},
        "title": {"type": "string"},
        "templated": {"const": True},
    },
    "additionalProperties": False,
}
LINKS: dict[str, Any] = {"type": "array", "minItems": 1, "items": LINK}

TILE_MATRIX: dict[str, Any] = {
    "type": "object",
    "required": [
        "id",
        "scaleDenominator",
        "cellSize",
        "pointOfOrigin",
        "tileWidth",
        "tileHeight",
        "matrixWidth",
        "matrixHeight",
    ],
    "properties": {
        "id": {"type": "string"},
        "scaleDenominator": {"type": "number", "exclusiveMinimum": 0},
        "cellSize": {"type": "number", "exclusiveMinimum": 0},
        "cornerOfOrigin": {"enum": ["topLeft", "bottomLeft"]},
        "pointOfOrigin": POINT,
        "tileWidth": {"type": "integer", "minimum": 1},
        "tileHeight": {"type": "integer", "minimum": 1},
        "matrixWidth": {"type": "integer", "minimum": 1},
        "matrixHeight": {"type": "integer", "minimum": 1},
    },
    "additionalProperties": False,
}
TILE_MATRIX_SET: dict[str, Any] = {
    "type": "object",
    "required": ["crs", "tileMatrices"],
    "properties": {
        "id": {"type": "string"},
        "title": {"type": "string"},
        "uri": URI,
        "crs": URI,
        "orderedAxes": {"type": "array", "items": {"type": "string"}, "minItems": 2},
        "tileMatrices": {"type": "array", "minItems": 1, "items": TILE_MATRIX},
    },
    "additionalProperties": False,
}
LIMITS: dict[str, Any] = {
    "type": "object",
    "required": ["tileMatrix", "minTileRow", "maxTileRow", "minTileCol", "maxTileCol"],
    "properties": {
        "tileMatrix": {"type": "string"},
        **dict.fromkeys(("minTileRow", "maxTileRow", "minTileCol", "maxTileCol"), WHOLE),
    },
    "additionalProperties": False,
}
PROPERTIES: dict[str, Any] = {
    "type": "object",
    "required": ["type", "properties"],
    "properties": {
        "type": {"const": "object"},
        "properties": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "required": ["type", "title"],
                "properties": {
                    "type": {"enum": ["boolean", "integer", "number", "string"]},
                    "title": {"type": "string"},
                    "description": {"type": "string"},
                    "format": {"type": "string"},
                    "uom": {"type": "string"},
                },
                "additionalProperties": False,
            },
        },
    },
}
LAYER: dict[str, Any] = {
    "type": "object",
    "required": ["id", "dataType"],
    "properties": {
        "id": {"type": "string"},
        "title": {"type": "string"},
        "dataType": {"const": "vector"},
        "geometryDimension": {"enum": [0, 1, 2, 3]},
        "theme": {"type": "string"},
        "minTileMatrix": {"type": "string"},
        "maxTileMatrix": {"type": "string"},
        "minScaleDenominator": {"type": "number"},
        "maxScaleDenominator": {"type": "number"},
        "propertiesSchema": PROPERTIES,
        "links": LINKS,
    },
    "additionalProperties": False,
}
# /req/tilesets-list/tileset-links: what each element of the list must tell.
LISTED: dict[str, Any] = {
    "type": "object",
    "required": ["dataType", "crs", "links"],
    "properties": {
        "title": {"type": "string"},
        "dataType": {"const": "vector"},
        "crs": URI,
        "tileMatrixSetURI": URI,
        "tileMatrixSetId": {"type": "string"},
        "links": LINKS,
    },
    "additionalProperties": False,
}
TILESET: dict[str, Any] = {
    **LISTED,
    "properties": {
        **LISTED["properties"],
        "mediaTypes": {"type": "array", "items": {"type": "string"}},
        "tileMatrixSetLimits": {"type": "array", "minItems": 1, "items": LIMITS},
        "layers": {"type": "array", "minItems": 1, "items": LAYER},
        "boundingBox": {
            "type": "object",
            "required": ["lowerLeft", "upperRight"],
            "properties": {
                "lowerLeft": POINT,
                "upperRight": POINT,
                "crs": URI,
                "orderedAxes": {"type": "array", "minItems": 2, "maxItems": 2},
            },
            "additionalProperties": False,
        },
        "centerPoint": {
            "type": "object",
            "required": ["coordinates"],
            "properties": {
                "coordinates": POINT,
                "crs": URI,
                "tileMatrix": {"type": "string"},
            },
            "additionalProperties": False,
        },
    },
}
