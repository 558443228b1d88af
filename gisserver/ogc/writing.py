"""OGC API Features Part 4: features added, replaced, changed in part and deleted.

Everything is written by the same `apply_change` as in the viewer. A condition is honoured when it
is sent and never demanded: clients such as QGIS send none, and what they have read comes back as
the property `row_version`.
"""

from __future__ import annotations

from flask import Blueprint, Response, request
from sqlalchemy import Connection
from werkzeug.exceptions import MethodNotAllowed

from gisserver.context import current_reader, reader_connection, services
from gisserver.feature_write import reason_of, stored
from gisserver.ogc.collections import visible_layer
from gisserver.ogc.grid_drafts import added_piece, delete_added, drafted, write_added, write_beside
from gisserver.ogc.items import Asked
from gisserver.ogc.media_types import GEOJSON
from gisserver.ogc.search import filtered_items, sent_filter
from gisserver.ogc.sent import FEATURE_TYPES, PATCH_TYPES, Body, feature_body, patch_body
from gisserver.ogc.shell import base_address
from gisserver.ogc.versions import check_conditions, tag
from gisserver.ogc.writable import (
    collection_methods,
    feature_methods,
    is_changeable,
    is_creatable,
)
from gisserver.parameters import take_parameters
from layers.core.change import Change, Edit, apply_change
from layers.core.errors import Forbidden
from layers.core.layer import Layer
from layers.core.looks import record_feature
from layers.core.output_system import CRS84
from layers.core.scope import Reader
from layers.core.sent_back import GEOMETRY, SentBack, edit_of, lock_feature, without_read_only

_WHOLE = "return=representation"
_MINIMAL = "return=minimal"


def add_writing(blueprint: Blueprint) -> None:
    """The routes that write items, and those that tell what may be written."""
    items, item = "/collections/<name>/items", "/collections/<name>/items/<identifier>"
    rules = (
        (items, "POST", create),
        (items, "OPTIONS", items_options),
        (items, "PUT,PATCH,DELETE", refuse_method),
        (item, "PUT", replace),
        (item, "PATCH", update),
        (item, "DELETE", delete),
        (item, "OPTIONS", item_options),
        (item, "POST", refuse_method),
    )
    blueprint.after_request(_tell_strict)
    for rule, methods, view in rules:
        blueprint.add_url_rule(
            rule,
            f"{view.__name__}_{len(rule)}",
            view,
            methods=methods.split(","),
            strict_slashes=False,
            provide_automatic_options=False,
        )


def items_options(name: str) -> Response:
    """What the reader may do with the collection's items; POST when a feature may be added."""
    return _options(name, None)


def item_options(name: str, identifier: str) -> Response:
    """What the reader may do with items of the collection, whichever is named: clients ask once."""
    return _options(name, identifier)


def refuse_method(name: str, identifier: str | None = None) -> Response:
    """Refuses a method that this resource does not have, naming those it has (405)."""
    raise _not_allowed(visible_layer(name), identifier)


def create(name: str) -> Response:
    """Adds the Feature sent; its address is told in Location (201).

    A body that is a CQL2 filter asks for features instead.
    """
    layer, reader = visible_layer(name), current_reader()
    condition = sent_filter()
    if condition is not None:
        return filtered_items(layer, condition)
    take_parameters(request)
    if not is_creatable(layer):
        raise _not_allowed(layer, None)
    if not reader.areas_to_create(layer):
        raise Forbidden(f"{layer.name} needs the right {layer.create_right}")
    values = {**without_read_only(layer, feature_body().values)}
    geometry = values.pop(GEOMETRY, None)
    edit = Edit(layer, "create", values=values, geometry=geometry)
    with reader_connection() as connection:
        waiting = drafted(connection, edit, None, reader)
        if waiting is not None:
            return waiting
        change = Change([edit], reason_of({}))
        (feature_id,) = apply_change(connection, change, reader, services().tools)
        response = _answer(connection, layer, reader, feature_id, 201)
    response.headers["Location"] = _address(layer, feature_id)
    return response


def replace(name: str, identifier: str) -> Response:
    """Puts the Feature sent in place of the item; what it leaves out becomes empty."""
    layer = _changeable(name, identifier)
    added = added_piece(layer, identifier)
    if added is not None:
        return write_added(added, feature_body().values)
    feature_id = Asked.feature_id(identifier)
    return _write(layer, feature_id, feature_body(feature_id), whole=True)


def update(name: str, identifier: str) -> Response:
    """Changes the parts of the item that the merge patch sent names."""
    layer = _changeable(name, identifier)
    added = added_piece(layer, identifier)
    if added is not None:
        return write_added(added, patch_body(None).values)
    feature_id = Asked.feature_id(identifier)
    return _write(layer, feature_id, patch_body(feature_id), whole=False)


def delete(name: str, identifier: str) -> Response:
    """Deletes the item; its history stays."""
    layer, reader = _changeable(name, identifier), current_reader()
    added = added_piece(layer, identifier)
    if added is not None:
        return delete_added(added)
    feature_id = Asked.feature_id(identifier)
    with reader_connection() as connection:
        locked = lock_feature(connection, layer, feature_id, reader)
        check_conditions(locked.row_version, locked.updated_at)
        edit = Edit(layer, "delete", feature_id, row_version=locked.row_version)
        waiting = drafted(connection, edit, locked, reader)
        if waiting is not None:
            return waiting
        apply_change(connection, Change([edit], reason_of({})), reader, services().tools)
    return Response(status=204)


def _write(layer: Layer, feature_id: int, body: Body, *, whole: bool) -> Response:
    reader = current_reader()
    sent = SentBack(layer, feature_id, body.values, whole, body.row_version, _is_qgis())
    with reader_connection() as connection:
        locked = lock_feature(connection, layer, feature_id, reader)
        check_conditions(locked.row_version, locked.updated_at)
        edit = edit_of(connection, sent, locked, reader)
        waiting = None if edit is None else drafted(connection, edit, locked, reader)
        if waiting is not None:
            return waiting
        if edit is not None:
            write_beside(connection, edit, locked, reader)
        return _answer(connection, layer, reader, feature_id, 200)


def _changeable(name: str, identifier: str) -> Layer:
    """The layer of an item that a request changes, when who asks may write it somewhere."""
    take_parameters(request)
    layer, reader = visible_layer(name), current_reader()
    if not is_changeable(layer):
        raise _not_allowed(layer, identifier)
    if not reader.areas_to_write(layer):
        raise Forbidden(f"{layer.name} needs the right {layer.write}")
    return layer


def _answer(
    connection: Connection, layer: Layer, reader: Reader, feature_id: int, status: int
) -> Response:
    """The feature as stored when the client prefers to have it, else its version alone."""
    found = stored(connection, layer, reader, feature_id)
    preferred = _preferred()
    if _WHOLE in preferred:
        record_feature(connection, reader, layer, feature_id, found.area_code)
        response = Response(found.feature, status, mimetype=GEOJSON)
        response.headers["Content-Crs"] = f"<{CRS84.uri}>"
        response.headers["Preference-Applied"] = _WHOLE
        response.headers["Content-Location"] = _address(layer, feature_id)
    else:
        response = Response(status=204 if status == 200 else status)
        if _MINIMAL in preferred:
            response.headers["Preference-Applied"] = _MINIMAL
    tag(response, found.row_version, found.updated_at)
    return response


def _tell_strict(response: Response) -> Response:
    """Handling is strict whatever is preferred; who asks for it is told so with the refusal."""
    if response.status_code == 400 and "handling=strict" in _preferred():
        response.headers["Preference-Applied"] = "handling=strict"
    return response


def _preferred() -> list[str]:
    return [each.strip() for each in request.headers.get("Prefer", "").split(",")]


def _options(name: str, identifier: str | None) -> Response:
    layer = visible_layer(name)
    methods = _methods(layer, identifier)
    if _is_qgis():
        # It would send PATCH without any version, and overwrite unseen what others have changed.
        # Without, it puts the whole feature with the `row_version` that it has read.
        methods = tuple(method for method in methods if method != "PATCH")
    response = Response(status=200)
    response.headers["Allow"] = ", ".join(methods)
    if "POST" in methods:
        response.headers["Accept-Post"] = ", ".join(FEATURE_TYPES)
    if "PATCH" in methods:
        response.headers["Accept-Patch"] = ", ".join(PATCH_TYPES)
    return response


def _is_qgis() -> bool:
    return "QGIS" in request.headers.get("User-Agent", "")


def _methods(layer: Layer, identifier: str | None) -> tuple[str, ...]:
    reader = current_reader()
    return (collection_methods if identifier is None else feature_methods)(layer, reader)


def _not_allowed(layer: Layer, identifier: str | None) -> MethodNotAllowed:
    methods = _methods(layer, identifier)
    return MethodNotAllowed(methods, f"{request.method} is not possible here; {', '.join(methods)}")


def _address(layer: Layer, feature_id: int) -> str:
    return f"{base_address()}/collections/{layer.name}/items/{feature_id}"
