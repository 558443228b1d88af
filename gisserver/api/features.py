"""Features of any layer: list, one, create, change, delete, history, schema."""

from __future__ import annotations

import json
import re
from typing import Any

from flask import Blueprint, Response, jsonify, request

from gisserver.context import current_reader, reader_connection, services
from gisserver.errors import STATUS, BadRequest, problem
from gisserver.feature_write import reason_of, stored
from gisserver.parameters import (
    LARGEST_ID,
    area_prefix,
    bbox,
    integer,
    interval,
    json_body,
    take_parameters,
)
from layers.catalogue import layer_by_name
from layers.core.change import Change, Edit, apply_change
from layers.core.errors import Forbidden, Stale
from layers.core.features import (
    FoundFeature,
    Query,
    count_features,
    find_feature,
    find_features,
    find_history,
)
from layers.core.history import HistoryEntry, history_entries
from layers.core.layer import Layer
from layers.core.looks import record_feature, record_list
from layers.core.schema import layer_schema
from layers.core.scope import Reader

blueprint = Blueprint("features", __name__, url_prefix="/api/layers")

MOST = 1000
PAGING = ("bbox", "area", "limit", "after", "datetime", "count")
MEMBERS = ("type", "id", "geometry", "properties", "row_version", "reason", "editable")
GEOJSON = "application/geo+json"
_ETAG = re.compile(r'(?:W/)?"(\d{1,18})"')


@blueprint.get("/<name>/features")
def features(name: str) -> Response:
    """Features by id within bbox, datetime and equal properties; `next` continues by `after`."""
    layer = layer_by_name(name)
    values = take_parameters(request, (*PAGING, *layer.fields))
    since, until = interval(values) or (None, None)
    after = integer(values, "after", -1, minimum=-1, maximum=LARGEST_ID)
    query = Query(
        bbox=bbox(values),
        area=area_prefix(values),
        equals={field: value for field, value in values.items() if field in layer.fields},
        since=since,
        until=until,
        after=after if after >= 0 else None,
        limit=integer(values, "limit", 100, minimum=1, maximum=MOST),
    )
    if values.get("count", "false") not in ("true", "false"):
        raise BadRequest("count: true or false expected")
    with reader_connection() as connection:
        page = find_features(connection, layer, current_reader(), query)
        matched = None
        if values.get("count") == "true":
            matched = count_features(connection, layer, current_reader(), query)
        record_list(connection, current_reader(), layer, values, page.count)
    following = json.dumps(None if page.next_after is None else str(page.next_after))
    counted = "" if matched is None else f'"numberMatched":{matched},'
    body = (
        f'{{"type":"FeatureCollection",{counted}"numberReturned":{page.count},'
        f'"next":{following},"features":[{page.text}]}}'
    )
    return Response(body, mimetype=GEOJSON)


@blueprint.get("/<name>/features/<int:feature_id>")
def feature(name: str, feature_id: int) -> Response:
    """One feature; its ETag is its version.

    `editable` tells whether the reader may change it, `proposable` whether to propose changes.
    """
    take_parameters(request)
    layer, reader = layer_by_name(name), current_reader()
    with reader_connection() as connection:
        found = find_feature(connection, layer, reader, feature_id)
        record_feature(connection, reader, layer, feature_id, found.area_code)
    return _answer(layer, reader, found)


@blueprint.post("/<name>/features")
def create(name: str) -> Response:
    """Add the feature sent; answers it as stored, with its address in Location."""
    take_parameters(request)
    layer, body = layer_by_name(name), _feature_body()
    properties = {**body["properties"]}
    properties.pop("row_version", None)
    edit = Edit(layer, "create", values=properties, geometry=body.get("geometry"))
    feature_id, response = _write(edit, reason_of(body))
    response.status_code = 201
    response.headers["Location"] = f"/api/layers/{layer.name}/features/{feature_id}"
    return response


@blueprint.patch("/<name>/features/<int:feature_id>")
def update(name: str, feature_id: int) -> Response:
    """Change the properties and geometry sent, if the feature is still at the version named."""
    take_parameters(request)
    layer, body = layer_by_name(name), _feature_body()
    properties = {**body["properties"]}
    version = _version(body.get("row_version", properties.pop("row_version", None)))
    edit = Edit(layer, "update", feature_id, properties, body.get("geometry"), version)
    return _write(edit, reason_of(body))[1]


@blueprint.put("/<name>/features/<int:feature_id>")
def replace(name: str, feature_id: int) -> Response:
    """Replace the feature: what is left out becomes empty, sealed fields alone stay as they are."""
    take_parameters(request)
    layer, body = layer_by_name(name), _feature_body()
    properties = {
        field: None
        for field, info in layer.fields.items()
        if not info.read_only and not info.sensitivity
    } | body["properties"]
    version = _version(body.get("row_version", properties.pop("row_version", None)))
    edit = Edit(layer, "update", feature_id, properties, body.get("geometry"), version)
    return _write(edit, reason_of(body))[1]


@blueprint.delete("/<name>/features/<int:feature_id>")
def delete(name: str, feature_id: int) -> Response:
    """Delete the feature, if it is still at the version named; its history stays."""
    values = take_parameters(request, ("row_version",))
    version = integer(values, "row_version", 0, minimum=1, maximum=2**31 - 1)
    edit = Edit(layer_by_name(name), "delete", feature_id, row_version=_version(version or None))
    return _write(edit, reason_of({}))[1]


@blueprint.get("/<name>/features/<int:feature_id>/history")
def history(name: str, feature_id: int) -> Response:
    """Changes of one feature, newest first, field by field; sealed fields stay masked."""
    values = take_parameters(request, ("limit",))
    limit = integer(values, "limit", 100, minimum=1, maximum=MOST)
    layer, reader = layer_by_name(name), current_reader()
    with reader_connection() as connection:
        rows = find_history(connection, layer, reader, feature_id, limit)
        if rows:
            area = rows[0]["area_code"]
        else:
            area = find_feature(connection, layer, reader, feature_id).area_code
        record_feature(connection, reader, layer, feature_id, area)
    return jsonify({"items": [_entry(entry) for entry in history_entries(layer, rows)]})


@blueprint.get("/<name>/schema")
def schema(name: str) -> Response:
    """JSON Schema of the layer's properties, for readers of the layer."""
    take_parameters(request)
    layer = layer_by_name(name)
    if not current_reader().areas_to_read(layer):
        raise Forbidden(f"{layer.name} needs the right {layer.read}")
    response = jsonify(layer_schema(layer))
    response.mimetype = "application/schema+json"
    return response


def _write(edit: Edit, reason: str | None) -> tuple[int, Response]:
    layer, reader = edit.layer, current_reader()
    try:
        with reader_connection() as connection:
            ids = apply_change(connection, Change([edit], reason), reader, services().tools)
            if edit.action == "delete":
                return ids[0], Response(status=204)
            found = stored(connection, layer, reader, ids[0])
    except Stale as error:
        return error.feature_id, _stale(layer, reader, error)
    return ids[0], _answer(layer, reader, found)


def _stale(layer: Layer, reader: Reader, error: Stale) -> Response:
    with reader_connection() as connection:
        found = find_feature(connection, layer, reader, error.feature_id)
    status, title = STATUS[Stale]
    members = {"asked": error.asked, "current": error.current, "feature": json.loads(found.feature)}
    return problem(status, title, str(error), **members)


def _answer(layer: Layer, reader: Reader, found: FoundFeature) -> Response:
    editable = json.dumps(reader.covers(layer.write, found.area_code))
    may_propose = layer.propose is not None and reader.covers(layer.propose, found.area_code)
    body = (
        f'{found.feature.rstrip().removesuffix("}")},"editable":{editable},'
        f'"proposable":{json.dumps(may_propose)}}}'
    )
    response = Response(body, mimetype=GEOJSON)
    response.set_etag(str(found.row_version))
    if request.method == "GET":
        response.make_conditional(request)
    return response


def _feature_body() -> dict[str, Any]:
    body = json_body(request, MEMBERS)
    properties = body.get("properties", {})
    geometry = body.get("geometry")
    if body.get("type", "Feature") != "Feature":
        raise BadRequest("a GeoJSON Feature is expected", allowed=("Feature",))
    if not isinstance(properties, dict):
        raise BadRequest("properties: an object is expected")
    if geometry is not None and not isinstance(geometry, dict):
        raise BadRequest("geometry: a GeoJSON geometry or null is expected")
    return body | {"properties": properties}


def _version(given: Any) -> int:
    """The version a change is based on: If-Match first, then what the body or query says."""
    header = request.headers.get("If-Match")
    if header is not None:
        matched = _ETAG.fullmatch(header.strip())
        if matched is None:
            raise BadRequest('If-Match: one ETag such as "3" expected')
        return int(matched[1])
    if not isinstance(given, int) or isinstance(given, bool):
        raise BadRequest("row_version: the version the change is based on is needed")
    return given


def _entry(entry: HistoryEntry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "at": entry.at,
        "actor": entry.actor,
        "action": entry.action,
        "reason": entry.reason,
        "row_version": entry.row_version,
        "differences": [
            {"field": field, "before": before, "after": after}
            for field, before, after in entry.differences
        ],
    }
