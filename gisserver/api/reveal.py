"""The open text of one masked value, for a reason that the audit log keeps."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from gisserver.context import counted_connection, current_reader, services
from gisserver.errors import BadRequest
from gisserver.parameters import json_body, take_parameters, text_member
from layers.catalogue import layer_by_name
from layers.core.reveal import reveal as reveal_value

blueprint = Blueprint("reveal", __name__, url_prefix="/api")


@blueprint.post("/reveal")
def reveal() -> Response:
    """The open text of {layer, id, field} for {reason}; never stored by a cache."""
    take_parameters(request)
    body = json_body(request, ("layer", "id", "field", "reason"))
    layer = layer_by_name(text_member(body, "layer"))
    field, reason = text_member(body, "field"), text_member(body, "reason", maximum=500)
    feature_id = body.get("id")
    if not isinstance(feature_id, int) or isinstance(feature_id, bool):
        raise BadRequest("id: a whole number is needed")
    with counted_connection() as connection:
        value = reveal_value(
            connection, layer, current_reader(), feature_id, field, reason, services().sealer
        )
    response = jsonify({"value": value})
    response.headers["Cache-Control"] = "no-store"
    return response
