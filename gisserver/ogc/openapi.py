"""The OpenAPI document: its head as pygeoapi writes it, what is served in words of our own.

What pygeoapi tells of paths refers to schemas of other servers, which many a reader of the
document cannot reach, and to answers that are not ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gisserver.ogc.openapi_features import LIMIT, collection_paths, document_paths, feature_schemas
from gisserver.ogc.openapi_words import query
from layers.core.layer import Layer


def served_only(document: Mapping[str, Any], layers: Sequence[Layer]) -> dict[str, Any]:
    """The OpenAPI document of what is served of these layers."""
    names = {layer.name for layer in layers}
    return {
        "openapi": document["openapi"],
        "info": document["info"],
        "tags": [each for each in document["tags"] if each["name"] in {"server", *names}],
        "security": [{"basic": []}, {"token": []}, {"session": []}],
        "paths": document_paths() | collection_paths(layers),
        "components": {
            # GDAL reads the longest page from here.
            "parameters": {"limit": query("limit", LIMIT)},
            "schemas": feature_schemas(layers),
            "securitySchemes": {
                "basic": {"type": "http", "scheme": "basic"},
                "token": {"type": "http", "scheme": "bearer", "bearerFormat": "wgt_…"},
                "session": {"type": "apiKey", "in": "cookie", "name": "wangge_session"},
            },
        },
    }
