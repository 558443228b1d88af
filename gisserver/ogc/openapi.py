"""The OpenAPI document: what pygeoapi writes, without what is not served."""

from collections.abc import Mapping
from typing import Any

from gisserver.ogc.configuration import MAX_LIMIT

_SUPPORTED = ("f", "lang", "limit", "offset", "bbox", "bbox-crs", "crs", "datetime")


def served_only(document: dict[str, Any]) -> dict[str, Any]:
    """The OpenAPI document without operations and parameters that are not served."""
    document["components"]["parameters"]["limit"] = {
        "name": "limit",
        "in": "query",
        "schema": {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": 10},
    }
    for path, operations in list(document["paths"].items()):
        if any(word in path for word in ("/jobs", "/processes", "TileMatrixSets")):
            del document["paths"][path]
            continue
        for verb in [verb for verb in operations if verb not in ("get", "parameters")]:
            del operations[verb]
        if path.endswith("/items") and "get" in operations:
            operations["get"]["parameters"] = [
                parameter for parameter in operations["get"]["parameters"] if _is_served(parameter)
            ]
    return document


def _is_served(parameter: Mapping[str, Any]) -> bool:
    name = str(parameter.get("name") or parameter.get("$ref", "").rsplit("/", 1)[-1])
    unsupported = ("sortby", "properties", "skipGeometry", "resulttype", "q")
    return name in _SUPPORTED or not (name in unsupported or name.startswith("filter"))
