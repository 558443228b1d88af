"""The search box: everything with a name, an address or coordinates, except persons."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request
from flask.blueprints import BlueprintSetupState

from gisserver.context import current_reader, one_trip, services
from gisserver.parameters import integer, take_parameters
from layers.catalogue import LAYERS
from layers.core.database import owner_transaction
from layers.core.pasted_place import pasted_places
from layers.core.scope import Reader
from layers.core.search import (
    MAX_QUERY_CHARACTERS,
    Frequencies,
    Hit,
    searchable,
)
from layers.housing.search_box import search_box

blueprint = Blueprint("search", __name__, url_prefix="/api")

FREQUENCIES = "wangge.frequencies"
MOST = 50


@blueprint.record_once
def _prepare(state: BlueprintSetupState) -> None:
    state.app.extensions[FREQUENCIES] = Frequencies()


@blueprint.get("/search")
def search() -> Response:
    """Places that pasted coordinates mean, else rooms and features by name, address or code."""
    values = take_parameters(request, ("q", "limit"))
    limit = integer(values, "limit", 8, minimum=1, maximum=MOST)
    query = values.get("q", "")[:MAX_QUERY_CHARACTERS]
    reader = current_reader()
    places = pasted_places(query)
    if places:
        return jsonify({"places": [asdict(place) for place in places], "homes": [], "groups": []})
    found = search_box(one_trip(), LAYERS, reader, query, _frequencies(reader), limit)
    groups = [
        {"layer": layer.name, "items": [_item(hit) for hit in hits]} for layer, hits in found.layers
    ]
    homes = [home._asdict() for home in found.homes]
    return jsonify({"places": [], "homes": homes, "groups": groups})


def _frequencies(reader: Reader) -> Frequencies:
    frequencies: Frequencies = current_app.extensions[FREQUENCIES]
    unknown = frequencies.missing(searchable(LAYERS, reader))
    if unknown:
        with owner_transaction(services().engine) as connection:
            frequencies.read(connection, unknown)
    return frequencies


def _item(hit: Hit) -> dict[str, Any]:
    return {
        "id": hit.id,
        "title": hit.title,
        "subtitle": hit.subtitle,
        "lon": hit.lon,
        "lat": hit.lat,
    }
