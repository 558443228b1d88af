"""Inspections of rentals: recorded once, and which are due, as figures, rows and tiles."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict

from flask import Blueprint, Response, jsonify, request

from gisserver.api.photo_form import picture_answer, sent_with_photos
from gisserver.context import current_reader, one_trip, reader_connection, services
from gisserver.once import done_once, tell_replayed
from gisserver.parameters import area_prefix, integer, take_parameters
from gisserver.tiles.list_answer import list_tile_answer
from layers.core.change import Change, Edit, apply_change
from layers.core.errors import NotFound
from layers.core.features import find_feature
from layers.core.tiles import Tile
from layers.housing.due_list import (
    MOST_ROWS,
    Wanted,
    due_figures,
    due_list,
    due_page,
    due_tile,
)
from layers.housing.inspection import INSPECTIONS
from layers.housing.inspection_photo import (
    InspectionPhotoRow,
    add_inspection_photos,
    find_inspection_photos,
)
from layers.housing.rental import RENTALS

blueprint = Blueprint("inspections", __name__, url_prefix="/api")

FILTERS = ("area", "rental_class")
BODY = ("inspected_on", "result", "hazard", "rectify_by", "rectified_on", "findings")


@blueprint.post("/rentals/<int:rental_id>/inspections")
def inspect(rental_id: int) -> tuple[Response, int]:
    """Record an inspection and its photos, once for each Idempotency-Key; when it is due again."""
    take_parameters(request)
    body, pictures, digest = sent_with_photos("inspection", BODY)
    values = body | {"rental_id": rental_id}
    reader = current_reader()
    fingerprint = services().sealer.blind("inspection", f"{rental_id} {digest.hex()}")
    with reader_connection() as connection:
        find_feature(connection, RENTALS, reader, rental_id)

        def do() -> dict[str, int]:
            edit = Edit(INSPECTIONS, "create", values=values)
            (made,) = apply_change(connection, Change([edit]), reader, services().tools)
            add_inspection_photos(connection, made, pictures)
            return {"id": made}

        answer, was_done = done_once(connection, fingerprint, do)
        rental = find_feature(connection, RENTALS, reader, rental_id)
    properties = json.loads(rental.feature)["properties"]
    told = {name: properties[name] for name in ("last_inspection", "next_inspection", "hazard")}
    response = jsonify({**answer, **told})
    tell_replayed(response, was_done)
    return response, 201


@blueprint.get("/rentals/<int:rental_id>/inspections/photos")
def photos(rental_id: int) -> Response:
    """The photos of every inspection of a rental."""
    take_parameters(request)
    with reader_connection() as connection:
        find_feature(connection, RENTALS, current_reader(), rental_id)
        found = find_inspection_photos(connection, rental_id)
    return jsonify({"photos": [asdict(each) for each in found]})


@blueprint.get("/inspections/photos/<int:photo_id>")
def photo(photo_id: int) -> Response:
    """The picture of a photo, a JPEG."""
    return picture_answer(InspectionPhotoRow, photo_id, is_small=False)


@blueprint.get("/inspections/photos/<int:photo_id>/thumbnail")
def thumbnail(photo_id: int) -> Response:
    """The picture of a photo, small."""
    return picture_answer(InspectionPhotoRow, photo_id, is_small=True)


@blueprint.get("/rentals/due")
def figures() -> Response:
    """How many rentals are in each list, by class and by the areas below."""
    wanted = _wanted(take_parameters(request, FILTERS))
    found = due_figures(one_trip(), current_reader(), wanted)
    return jsonify(
        {
            "total": found.total._asdict(),
            "classes": [each._asdict() for each in found.classes],
            "areas": [each._asdict() for each in found.areas],
        }
    )


@blueprint.get("/rentals/due/<name>")
def rows(name: str) -> Response:
    """Rentals of a list, the longest overdue first; `next` is the `after` of the next page."""
    values = take_parameters(request, (*FILTERS, "limit", "after"))
    limit = integer(values, "limit", 50, minimum=1, maximum=MOST_ROWS)
    page = due_page(
        one_trip(), due_list(name), current_reader(), _wanted(values), limit, values.get("after")
    )
    items = [
        each._asdict()
        | {
            field: str(day) if (day := getattr(each, field)) else None
            for field in ("last_inspection", "next_inspection", "rectify_by")
        }
        for each in page.rows
    ]
    return jsonify({"items": items, "next": page.next_after})


@blueprint.get("/rentals/due/<name>/tiles/<int:z>/<int:x>/<int:y>")
def tile(name: str, z: int, x: int, y: int) -> Response:
    """The list as a vector tile; 204 when nothing of it lies there."""
    wanted = _wanted(take_parameters(request, FILTERS))
    try:
        place = Tile(z, x, y)
    except ValueError as error:
        raise NotFound(str(error)) from error
    # What is due changes with the day and with every visit.
    return list_tile_answer(due_tile(one_trip(), due_list(name), current_reader(), wanted, place))


def _wanted(values: Mapping[str, str]) -> Wanted:
    return Wanted(area_prefix(values), values.get("rental_class") or None)
