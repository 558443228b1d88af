"""What of a layer may be filtered and sorted by, and a filter over it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement

from layers.core.filtering.compiler import Compiler
from layers.core.filtering.spatial import stored_from
from layers.core.filtering.tree import checked_tree
from layers.core.filtering.value import Kind
from layers.core.layer import Layer
from layers.core.model import field_kind

GEOMETRY = "geom"
IDENTIFIER = "id"
SEALED = "it is sealed, and found only by searching persons, which is logged"


def queryable_names(layer: Layer) -> tuple[str, ...]:
    """Names of the fields that may be asked for: declared, and not sealed.

    Sealed ones are shown masked; a filter over them would write what was guessed into addresses
    and logs, and invite guessing.
    """
    return tuple(name for name, info in layer.fields.items() if not info.sensitivity)


def sortable_names(layer: Layer) -> tuple[str, ...]:
    """Names of what a layer may be sorted by."""
    return (IDENTIFIER, *queryable_names(layer))


def filter_condition(layer: Layer, tree: Any, epsg: int | None = None) -> ColumnElement[bool]:
    """The condition of a filter (a tree of CQL2 JSON) over a layer.

    `epsg` is the reference system of its geometries, axes in its own order; None is CRS84.

    Raises: Invalid for a property the layer does not offer, values of the wrong type, or a filter
    beyond the limits.
    """
    closed = dict.fromkeys(layer.sensitive_fields, SEALED)
    compiler = Compiler(_columns(layer), stored_from(epsg), closed)
    return compiler.condition(checked_tree(tree))


def _columns(layer: Layer) -> Mapping[str, tuple[Kind, ColumnElement[Any]]]:
    columns: dict[str, tuple[Kind, ColumnElement[Any]]] = {IDENTIFIER: ("number", layer.table.c.id)}
    for name in queryable_names(layer):
        column = layer.column(name)
        kind = field_kind(column)
        columns[name] = ("number" if kind == "integer" else kind, column)
    if layer.geometry_kind is not None:
        columns[GEOMETRY] = ("geometry", layer.table.c.geom)
    return columns
