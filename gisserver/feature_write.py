"""What every route that writes a feature shares: why it is written, and what was stored."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from flask import request
from sqlalchemy import Connection

from gisserver.errors import BadRequest
from layers.core.errors import Forbidden, NotFound
from layers.core.features import FoundFeature, find_feature
from layers.core.layer import Layer
from layers.core.scope import Reader
from layers.core.values import is_storable

LONGEST_REASON = 500


def stored(connection: Connection, layer: Layer, reader: Reader, feature_id: int) -> FoundFeature:
    """The feature as written; its id alone when the writer may not see where it now lies."""
    try:
        return find_feature(connection, layer, reader, feature_id)
    except (NotFound, Forbidden):
        bare = {"type": "Feature", "id": feature_id, "geometry": None, "properties": {}}
        return FoundFeature(json.dumps(bare), "", 1, datetime.now(UTC))


def reason_of(body: Mapping[str, Any]) -> str | None:
    """Why a change is made; the header X-Reason carries percent-encoded UTF-8.

    Raises: BadRequest for what is no text, or too long.
    """
    given = body.get("reason", unquote(request.headers.get("X-Reason", "")) or None)
    if given is None:
        return None
    if not isinstance(given, str) or len(given) > LONGEST_REASON or not is_storable(given):
        raise BadRequest(f"reason: a text of at most {LONGEST_REASON} characters")
    return given
