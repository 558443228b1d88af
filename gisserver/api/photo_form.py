"""A body that may bring photos: JSON alone, or a form with JSON and pictures."""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from flask import Response, request

from gisserver.context import reader_connection
from gisserver.errors import BadRequest
from gisserver.parameters import json_body, take_parameters
from layers.core.errors import Fault, Invalid
from layers.core.picture import MOST_PHOTOS, Picture, PictureColumns, find_picture

FORM = "multipart/form-data"


def sent_with_photos(
    part: str, members: Sequence[str]
) -> tuple[dict[str, Any], tuple[Picture, ...], bytes]:
    """The object sent, its photos made ready, and the fingerprint of both.

    Sent as JSON, or as a form with a part named `part` (JSON) and parts `photo` (pictures).

    Raises: BadRequest for another form; Invalid for pictures that cannot be kept.
    """
    if request.mimetype != FORM:
        body = json_body(request, members)
        return body, (), sha256(request.get_data()).digest()
    # A part may have no name at all.
    unknown = map(str, (set(request.form) - {part}) | (set(request.files) - {"photo"}))
    if names := ", ".join(sorted(unknown)):
        raise BadRequest(f"unknown parts: {names}", allowed=(part, "photo"))
    written = request.form.get(part, "{}")
    try:
        body = json.loads(written)
    except ValueError as error:
        raise BadRequest(f"{part}: JSON is expected") from error
    if not isinstance(body, dict) or set(body) - set(members):
        raise BadRequest(f"{part}: an object of the members allowed is expected", allowed=members)
    files = request.files.getlist("photo")
    if len(files) > MOST_PHOTOS:
        raise Invalid([Fault("photos", f"{len(files)} given; at most {MOST_PHOTOS}")])
    data = [file.read() for file in files]
    digest = sha256(written.encode())
    for picture in data:
        digest.update(sha256(picture).digest())
    return body, _pictures(data), digest.digest()


def picture_answer(kept: type[PictureColumns], photo_id: int, *, is_small: bool) -> Response:
    """A photo kept in a table, or its thumbnail, as JPEG with its ETag, or 304 to who has it."""
    take_parameters(request)
    with reader_connection() as connection:
        image, digest = find_picture(connection, kept, photo_id, is_small=is_small)
    response = Response(image, mimetype="image/jpeg")
    response.set_etag(f"{digest}-{'small' if is_small else 'full'}")
    response.make_conditional(request)
    return response


def _pictures(data: Sequence[bytes]) -> tuple[Picture, ...]:
    # What reads pictures takes 20 MB; most requests bring none.
    from gisserver.pictures import prepare_picture

    pictures, faults = [], []
    for place, picture in enumerate(data):
        try:
            pictures.append(prepare_picture(picture))
        except ValueError as error:
            faults.append(Fault(f"photos.{place}", str(error)))
    if faults:
        raise Invalid(faults)
    return tuple(pictures)
