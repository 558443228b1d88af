"""The audit log for those who watch over the watchers: newest first, and whether it is whole."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import RowMapping, text

from gisserver.context import reader_connection, require
from gisserver.parameters import integer, moment, take_parameters
from layers.core.rights import Right

blueprint = Blueprint("audit", __name__, url_prefix="/api/audit")

PARAMETERS = ("limit", "before", "action", "login", "layer", "feature_id", "from", "to")
NO_LIMIT = 2**63 - 1
MOST_SHOWN = 100
PIECE = 100_000

_PAGE = text(
    "SELECT id, at, account_id, login, action, layer, feature_id, area_code, reason, detail "
    "FROM core.audit WHERE id < :before "
    "AND (CAST(:action AS text) IS NULL OR action = :action) "
    "AND (CAST(:login AS text) IS NULL OR login = :login) "
    "AND (CAST(:layer AS text) IS NULL OR layer = :layer) "
    "AND (CAST(:feature_id AS bigint) IS NULL OR feature_id = :feature_id) "
    "AND (CAST(:from AS timestamptz) IS NULL OR at >= :from) "
    "AND (CAST(:to AS timestamptz) IS NULL OR at < :to) "
    "ORDER BY id DESC LIMIT :limit"
)
_CHECK = text("SELECT checked, last_id, broken FROM core.check_audit(:after, :limit)")


@blueprint.get("")
def page() -> Response:
    """Lines within the reader's areas, newest first; `next` is the `before` of the next page."""
    given = take_parameters(request, PARAMETERS)
    require(Right.AUDIT_READ)
    limit = integer(given, "limit", 100, minimum=1, maximum=1000)
    values = {
        "limit": limit + 1,
        "before": integer(given, "before", NO_LIMIT, minimum=1, maximum=NO_LIMIT),
        "feature_id": integer(given, "feature_id", 0, minimum=0, maximum=NO_LIMIT) or None,
        "from": moment(given, "from"),
        "to": moment(given, "to"),
    } | {name: given.get(name) for name in ("action", "login", "layer")}
    with reader_connection() as connection:
        rows = connection.execute(_PAGE, values).mappings().all()
    items = [_line(row) for row in rows[:limit]]
    following = items[-1]["id"] if len(rows) > limit else None
    return jsonify({"items": items, "next": following})


@blueprint.get("/check")
def check() -> Response:
    """Whether each of a number of lines follows from the one before; ids of those that do not.

    `next` is the `after` of the next piece, null when the last line is checked.
    """
    given = take_parameters(request, ("after", "limit"))
    require(Right.AUDIT_READ)
    limit = integer(given, "limit", PIECE, minimum=1, maximum=PIECE)
    after = integer(given, "after", 0, minimum=0, maximum=NO_LIMIT)
    with reader_connection() as connection:
        found = connection.execute(_CHECK, {"after": after, "limit": limit}).one()
    return jsonify(
        {
            "broken": bool(found.broken),
            "ids": found.broken[:MOST_SHOWN],
            "checked": found.checked,
            "next": found.last_id if found.checked == limit else None,
        }
    )


def _line(row: RowMapping) -> dict[str, Any]:
    return dict(row) | {"at": row["at"].isoformat()}
