"""Care that is due: visits and reviews, the longest overdue first."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from gisserver.context import current_reader, reader_connection
from gisserver.errors import BadRequest
from gisserver.parameters import area_prefix, integer, take_parameters
from layers.core.looks import record_list
from layers.people.care import CARE_RECORDS
from layers.people.care_due import DUE_KINDS, WantedCare, find_due

blueprint = Blueprint("care", __name__, url_prefix="/api/care")

MOST_ROWS = 200
MOST_DAYS = 366
MOST_SKIPPED = 1_000_000


@blueprint.get("/due")
def due() -> Response:
    """Care records of which a visit or the review is due; the look is logged."""
    names = ("kind", "days", "area", "care_group", "responsible", "limit", "offset")
    values = take_parameters(request, names)
    kind = values.get("kind")
    if kind not in DUE_KINDS:
        raise BadRequest(f"kind: one of {', '.join(DUE_KINDS)} expected", allowed=DUE_KINDS)
    wanted = WantedCare(
        kind=kind,
        days=integer(values, "days", 0, minimum=0, maximum=MOST_DAYS),
        area=area_prefix(values),
        care_group=values.get("care_group") or None,
        responsible=values.get("responsible") or None,
    )
    limit = integer(values, "limit", 50, minimum=1, maximum=MOST_ROWS)
    offset = integer(values, "offset", 0, minimum=0, maximum=MOST_SKIPPED)
    reader = current_reader()
    with reader_connection() as connection:
        rows, total = find_due(connection, reader, wanted, limit, offset)
        record_list(connection, reader, CARE_RECORDS, values, len(rows))
    items = [
        row._asdict()
        | {name: day.isoformat() if (day := getattr(row, name)) else None for name in _DAYS}
        for row in rows
    ]
    return jsonify({"items": items, "total": total})


_DAYS = ("last_visit", "review_date", "due_on")
