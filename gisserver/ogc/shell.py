"""One pygeoapi `API` for each set of visible layers, made once and kept."""

from collections.abc import Mapping
from copy import deepcopy
from functools import lru_cache
from threading import Lock
from typing import Any

from flask import has_request_context, request
from pygeoapi.api import API
from pygeoapi.openapi import get_oas
from werkzeug.sansio.utils import get_current_url

from gisserver.ogc.configuration import ogc_configuration
from gisserver.ogc.openapi import served_only
from gisserver.ogc.openapi_narrowing import with_narrowing
from gisserver.ogc.openapi_styles import style_paths
from gisserver.ogc.openapi_tiles import tile_paths
from layers.catalogue import LAYERS
from layers.core.features import BoundingBox
from layers.core.layer import Layer
from layers.core.scope import Reader

BUILD_URL = "http://localhost/ogc"
KEPT = 64


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
    return _address(request.scheme, request.host)


@lru_cache(maxsize=256)
def _address(scheme: str, host: str) -> str:
    """The same as `request.host_url` makes it, which takes a tenth of a short answer's time."""
    return f"{get_current_url(scheme, host).rstrip('/')}/ogc"


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
    return tuple(layer for layer in LAYERS if reader.areas_to_read(layer))


def _make(layers: tuple[Layer, ...], extents: Mapping[str, BoundingBox | None]) -> Shell:
    configuration = ogc_configuration(layers, extents, BUILD_URL)
    document = get_oas(deepcopy(configuration), fail_on_invalid_collection=False)
    described = with_narrowing(served_only(document, layers), layers)
    described["paths"] |= tile_paths(layers) | style_paths(layers)
    return Shell(configuration, described)
