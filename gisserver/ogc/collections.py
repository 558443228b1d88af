"""The collection that a request names."""

from gisserver.context import current_reader
from gisserver.ogc.shell import base_address, visible_layers
from layers.core.errors import NotFound
from layers.core.layer import Layer


def visible_layer(name: str) -> Layer:
    """The layer of a collection.

    Raises: NotFound when there is none or the reader may not see it, in the same words.
    """
    for layer in visible_layers(current_reader()):
        if layer.name == name:
            return layer
    raise NotFound(f"no collection {name!r}; see {base_address()}/collections")
