"""The collection that a request names."""

from gisserver.context import current_reader
from gisserver.ogc.shell import base_address
from layers.catalogue import LAYERS
from layers.core.errors import NotFound
from layers.core.layer import Layer

_BY_NAME = {layer.name: layer for layer in LAYERS}


def visible_layer(name: str) -> Layer:
    """The layer of a collection.

    Raises: NotFound when there is none or the reader may not see it, in the same words.
    """
    layer = _BY_NAME.get(name)
    if layer is not None and current_reader().areas_to_read(layer):
        return layer
    raise NotFound(f"no collection {name!r}; see {base_address()}/collections")
