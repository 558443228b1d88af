"""Versions of features on the wire: entity tags, times of change, and conditions made of them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from flask import Response, request
from werkzeug.exceptions import PreconditionFailed

from layers.core.output_system import CRS84

_VERSION = re.compile(r"(\d{1,10})(?:-[\w.-]+)?")


def tag(response: Response, row_version: int, updated_at: datetime) -> None:
    """Gives an answer about one feature its ETag and Last-Modified.

    The tag is the version, and the reference system where it is not CRS84.
    """
    system = response.headers.get("Content-Crs", "").strip("<>")
    suffix = "" if system in ("", CRS84.uri) else "-" + "".join(system.split("/")[-3::2])
    response.set_etag(f"{row_version}{suffix}")
    response.last_modified = updated_at


def check_conditions(row_version: int, updated_at: datetime) -> None:
    """Nothing when the feature, at this version, is what the request's conditions ask for.

    A tag of any representation of the version is good, a weak one too: packing makes them weak.

    Raises: PreconditionFailed (412).
    """
    asked = request.if_match
    if "If-Match" in request.headers and not asked.star_tag:
        tags = asked.as_set(include_weak=True)
        if not any(_is_of(each, row_version) for each in tags):
            raise PreconditionFailed(f"If-Match: the feature is at version {row_version} now")
    unwanted = request.if_none_match
    if unwanted.star_tag or any(_is_of(each, row_version) for each in unwanted.as_set(True)):
        raise PreconditionFailed("If-None-Match: the feature is there")
    since = request.if_unmodified_since
    # If-Match is the exact one of the two (RFC 9110, 13.2.2); a time is told to the second.
    if since is not None and "If-Match" not in request.headers:
        changed = updated_at.astimezone(UTC).replace(microsecond=0)
        if changed > since:
            raise PreconditionFailed(f"If-Unmodified-Since: changed at {changed.isoformat()}")


def _is_of(etag: str | None, row_version: int) -> bool:
    # An empty tag is read as none.
    found = _VERSION.fullmatch(etag or "")
    return found is not None and int(found[1]) == row_version
