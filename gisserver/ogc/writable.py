"""What may be written in a collection, by its kind and by whom: the `Allow` of its resources."""

from __future__ import annotations

from layers.core.layer import Layer
from layers.core.model import Feature
from layers.core.scope import Reader

READ_METHODS = ("GET", "HEAD", "OPTIONS")


def collection_methods(layer: Layer, reader: Reader) -> tuple[str, ...]:
    """Methods of `/items` that the reader may use somewhere."""
    adds = is_creatable(layer) and reader.areas_to_create(layer)
    return (*READ_METHODS, "POST") if adds else READ_METHODS


def feature_methods(layer: Layer, reader: Reader) -> tuple[str, ...]:
    """Methods of one item that the reader may use somewhere in the collection."""
    changes = is_changeable(layer) and reader.areas_to_write(layer)
    return (*READ_METHODS, "PUT", "PATCH", "DELETE") if changes else READ_METHODS


def is_changeable(layer: Layer) -> bool:
    """Whether rows are changed by hand at all, and not only by steps of their own."""
    return any(
        not info.read_only and name not in Feature.__dict__ for name, info in layer.fields.items()
    )


def is_creatable(layer: Layer) -> bool:
    """Whether a row can be made of what people enter, everything it needs being writable."""
    return is_changeable(layer) and not _missing(layer)


def _missing(layer: Layer) -> list[str]:
    """Columns a new row must have that nobody enters and the database does not find by itself."""
    return [
        column.name
        for column in layer.table.columns
        if not (column.nullable or column.server_default is not None)
        and column.identity is None
        and column.computed is None
        and column.name != "geom"
        and not _is_entered(layer, column.name)
    ]


def _is_entered(layer: Layer, name: str) -> bool:
    info = layer.fields.get(name)
    # A reference that is read only is copied from the row above.
    return info is not None and (not info.read_only or info.reference is not None)
