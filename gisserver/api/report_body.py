"""The body of a report: JSON alone, or a form with JSON and photos; each part taken or refused."""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from flask import request

from gisserver.errors import BadRequest
from gisserver.parameters import is_storable, json_body
from gisserver.pictures import prepare_picture
from layers.core.errors import Fault, Invalid
from layers.incidents.photo import Picture
from layers.incidents.report import MOST_PHOTOS

FORM = "multipart/form-data"
PERSON = ("name", "phone")
NEEDED = ("category", "description", "report_source")


def sent_report(members: Sequence[str]) -> tuple[dict[str, Any], tuple[Picture, ...], bytes]:
    """The report, its photos made ready, and the fingerprint of both.

    Sent as JSON, or as a form with a part `report` (JSON) and parts `photo` (pictures).

    Raises: BadRequest for another form; Invalid for pictures that cannot be kept.
    """
    if request.mimetype != FORM:
        body = json_body(request, members)
        return body, (), sha256(request.get_data()).digest()
    unknown = (set(request.form) - {"report"}) | (set(request.files) - {"photo"})
    if unknown:
        raise BadRequest(
            f"unknown parts: {', '.join(sorted(unknown))}", allowed=("report", "photo")
        )
    written = request.form.get("report", "{}")
    try:
        body = json.loads(written)
    except ValueError as error:
        raise BadRequest("report: JSON is expected") from error
    if not isinstance(body, dict) or set(body) - set(members):
        raise BadRequest("report: an object of the members allowed is expected", allowed=members)
    files = request.files.getlist("photo")
    if len(files) > MOST_PHOTOS:
        raise Invalid([Fault("photos", f"{len(files)} given; at most {MOST_PHOTOS}")])
    data = [file.read() for file in files]
    digest = sha256(written.encode())
    for picture in data:
        digest.update(sha256(picture).digest())
    return body, _pictures(data), digest.digest()


def _pictures(data: Sequence[bytes]) -> tuple[Picture, ...]:
    pictures, faults = [], []
    for place, picture in enumerate(data):
        try:
            pictures.append(prepare_picture(picture))
        except ValueError as error:
            faults.append(Fault(f"photos.{place}", str(error)))
    if faults:
        raise Invalid(faults)
    return tuple(pictures)


def needed_fields(body: dict[str, Any]) -> dict[str, Any]:
    """Fields that must be there, so that their lack is told with the other faults."""
    return {name: body.get(name) for name in NEEDED if body.get(name) is None}


def coordinate(body: dict[str, Any], name: str, most: float) -> float:
    """Degrees of the report's place; raises Invalid when missing or out of range."""
    value = body.get(name)
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= most:
        return float(value)
    raise Invalid([Fault(name, f"degrees from {-most:g} to {most:g} expected")])


def condition_code(body: dict[str, Any]) -> str | None:
    """The registration condition proposed, None for none; raises Invalid for no text."""
    value = body.get("condition") or None
    if value is not None and (not isinstance(value, str) or not is_storable(value)):
        raise Invalid([Fault("condition", "the code of a registration condition expected")])
    return value


def reporters(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Who told, those of whom nothing is said left out; raises Invalid for anything else."""
    given = body.get("reporters") or []
    if not isinstance(given, list) or not all(isinstance(person, dict) for person in given):
        raise Invalid([Fault("reporters", "a list of objects expected")])
    faults = [
        Fault(f"reporters.{place}.{name}", "unknown field; there are: name, phone")
        for place, person in enumerate(given)
        for name in sorted(set(person) - set(PERSON))
    ]
    if faults:
        raise Invalid(faults)
    return [person for person in given if any(person.values())]


def seen_cases(body: dict[str, Any]) -> frozenset[int]:
    """Ids of the similar cases shown to the reader; raises Invalid for anything else."""
    given = body.get("seen") or []
    if not isinstance(given, list) or not all(
        isinstance(each, int) and not isinstance(each, bool) for each in given
    ):
        raise Invalid([Fault("seen", "a list of ids of incidents expected")])
    return frozenset(given)
