"""The search box: everything with a name or an address, except persons."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request
from flask.blueprints import BlueprintSetupState

from gisserver.context import current_reader, one_trip, services
from gisserver.parameters import integer, take_parameters
from layers.catalogue import LAYERS
from layers.core.database import owner_transaction
from layers.core.search import Frequencies, Hit, search_layers, searchable

blueprint = Blueprint("search", __name__, url_prefix="/api")

FREQUENCIES = "wangge.frequencies"
MOST = 50


@blueprint.record_once
def _prepare(state: BlueprintSetupState) -> None:
    state.app.extensions[FREQUENCIES] = Frequencies()


@blueprint.get("/search")
def search() -> Response:
    """Features by name or address in groups by layer, the best group first."""
    values = take_parameters(request, ("q", "limit"))
    limit = integer(values, "limit", 8, minimum=1, maximum=MOST)
    reader = current_reader()
    frequencies: Frequencies = current_app.extensions[FREQUENCIES]
    unknown = frequencies.missing(searchable(LAYERS, reader))
    if unknown:
        with owner_transaction(services().engine) as connection:
            frequencies.read(connection, unknown)
    found = search_layers(one_trip(), LAYERS, reader, values.get("q", ""), frequencies, limit)
    groups = [{"layer": layer.name, "items": [_item(hit) for hit in hits]} for layer, hits in found]
    return jsonify({"groups": groups})


def _item(hit: Hit) -> dict[str, Any]:
    return {
        "id": hit.id,
        "title": hit.title,
        "subtitle": hit.subtitle,
        "lon": hit.lon,
        "lat": hit.lat,
    }
