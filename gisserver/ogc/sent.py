"""Bodies that write features: one GeoJSON Feature, or a merge patch in the shape of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import request
from werkzeug.exceptions import UnsupportedMediaType

from gisserver.errors import BadRequest
from gisserver.ogc.content_crs import body_in_crs84
from gisserver.ogc.media_types import GEOJSON
from gisserver.parameters import LARGEST_VERSION
from layers.core.errors import Fault
from layers.core.sent_back import GEOMETRY, VERSION

FEATURE_TYPES = (GEOJSON, "application/json")
PATCH_TYPES = ("application/merge-patch+json",)
# What GeoJSON knows beside the three; links come with what was read.
_MEMBERS = ("type", "id", "geometry", "properties", "bbox", "links")


@dataclass(frozen=True)
class Body:
    """What was sent: values by field, the geometry (CRS84) under `geometry` when it was sent."""

    values: Mapping[str, Any]
    row_version: int | None


def feature_body(feature_id: int | None = None) -> Body:
    """The Feature sent, for a new feature or in place of another.

    Raises: BadRequest; UnsupportedMediaType (415).
    """
    body = _object(FEATURE_TYPES)
    if body.get("type") != "Feature":
        raise _wrong("type", f"one GeoJSON Feature expected, got {body.get('type')!r:.40}")
    if feature_id is not None and "geometry" not in body:
        raise _wrong(GEOMETRY, "a Feature has a geometry, or null")
    return _taken(body, feature_id)


def patch_body(feature_id: int | None) -> Body:
    """The merge patch sent (RFC 7396): `geometry`, some `properties`, or both; null empties.

    Raises: BadRequest; UnsupportedMediaType (415).
    """
    body = _object(PATCH_TYPES)
    if body.get("type", "Feature") != "Feature":
        raise _wrong("type", "a Feature stays a Feature")
    if not {"geometry", "properties"} & set(body):
        raise _wrong("", "geometry or properties expected")
    return _taken(body, feature_id)


def _object(media_types: tuple[str, ...]) -> dict[str, Any]:
    if not request.content_type:
        raise BadRequest("Content-Type is missing", allowed=media_types)
    if request.mimetype not in media_types:
        raise UnsupportedMediaType(f"Content-Type: {' or '.join(media_types)} expected")
    try:
        body = request.get_json(force=True, silent=True)
    except RecursionError as error:
        raise BadRequest("the body is nested too deeply") from error
    if not isinstance(body, dict):
        raise BadRequest("the body is not a JSON object")
    unknown = sorted(set(body) - set(_MEMBERS))
    if unknown:
        faults = [Fault(name[:40], "no member of a Feature here") for name in unknown[:20]]
        raise BadRequest("unknown members", allowed=_MEMBERS, faults=faults)
    return body


def _taken(body: Mapping[str, Any], feature_id: int | None) -> Body:
    _check_id(body.get("id"), feature_id)
    properties = body.get("properties", {})
    if properties is None and "properties" in body and feature_id is None:
        properties = {}
    if not isinstance(properties, dict):
        raise _wrong("properties", "an object expected")
    if GEOMETRY in properties:
        raise _wrong(GEOMETRY, "it stands beside the properties, not among them")
    # Some clients keep the id among the properties too.
    _check_id(properties.get("id"), feature_id)
    values = {name: value for name, value in properties.items() if name not in ("id", VERSION)}
    if GEOMETRY in body:
        geometry = body[GEOMETRY]
        if geometry is not None and not isinstance(geometry, dict):
            raise _wrong(GEOMETRY, "a GeoJSON geometry or null expected")
        values[GEOMETRY] = body_in_crs84(geometry)
    return Body(values, _version(properties.get(VERSION)))


def _check_id(named: Any, feature_id: int | None) -> None:
    if feature_id is not None and named is not None and str(named) != str(feature_id):
        raise _wrong("id", f"the feature's id is {feature_id} and does not change")


def _version(given: Any) -> int | None:
    if given is None:
        return None
    is_whole = isinstance(given, int | float) and not isinstance(given, bool)
    if not is_whole or not 1 <= given <= LARGEST_VERSION or int(given) != given:
        raise _wrong(VERSION, "the version that was read expected")
    return int(given)


def _wrong(field: str, reason: str) -> BadRequest:
    return BadRequest(f"{field}: {reason}".strip(": "), faults=[Fault(field, reason)])
