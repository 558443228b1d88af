"""One pygeoapi `API` for each set of visible layers, made once and kept."""

from collections.abc import Mapping
from copy import deepcopy
from threading import Lock
from typing import Any

from flask import has_request_context, request
from pygeoapi.api import API
from pygeoapi.openapi import get_oas

from gisserver.ogc.configuration import MAX_LIMIT, ogc_configuration
from layers.catalogue import LAYERS
from layers.core.features import BoundingBox
from layers.core.layer import Layer
from layers.core.scope import Reader

BUILD_URL = "http://localhost/ogc"
KEPT = 64

# What is implemented and tested, and no more.
CONFORMANCE = (
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/html",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables-query-parameters",
)

_SUPPORTED = ("f", "lang", "limit", "offset", "bbox", "bbox-crs", "crs", "datetime")


class Shell(API):  # type: ignore[misc]
    """pygeoapi's API whose links follow the request's host instead of the configuration."""

    _built_for = ""

    @property
    def base_url(self) -> str:
        """Address of `/ogc` as the client sees it."""
        return base_address() if has_request_context() else self._built_for

    @base_url.setter
    def base_url(self, url: str) -> None:
        self._built_for = url


def base_address() -> str:
    """Address of `/ogc` for the current request, without a slash at the end."""
    return f"{request.host_url.rstrip('/')}/ogc"


class Shells:
    """Shells by visible layers and extents; the oldest goes when there are too many."""

    def __init__(self) -> None:
        self._made: dict[tuple[Any, ...], Shell] = {}
        self._lock = Lock()

    def shell(self, reader: Reader, extents: Mapping[str, BoundingBox | None]) -> Shell:
        """The shell that shows just what the reader may see."""
        layers = visible_layers(reader)
        key = tuple((layer.name, extents.get(layer.name)) for layer in layers)
        with self._lock:
            if key not in self._made:
                if len(self._made) >= KEPT:
                    self._made.pop(next(iter(self._made)))
                self._made[key] = _make(layers, extents)
            return self._made[key]


def visible_layers(reader: Reader) -> tuple[Layer, ...]:
    """Layers that the reader may read somewhere, in catalogue order."""
    return tuple(layer for layer in LAYERS if reader.scope(layer.read))


def _make(layers: tuple[Layer, ...], extents: Mapping[str, BoundingBox | None]) -> Shell:
    configuration = ogc_configuration(layers, extents, BUILD_URL)
    document = get_oas(deepcopy(configuration), fail_on_invalid_collection=False)
    return Shell(configuration, _pruned(document))


def _pruned(document: dict[str, Any]) -> dict[str, Any]:
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
