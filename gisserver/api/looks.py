"""Who looked at whom, for auditors: looks and their figures, warnings, an Excel file of looks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, request

from gisserver.context import current_reader, one_trip, reader_connection
from gisserver.errors import BadRequest
from gisserver.parameters import (
    LARGEST_ID,
    area_prefix,
    chosen,
    day,
    integer,
    json_body,
    language_of,
    take_parameters,
    text_member,
    whole_member,
)
from gisserver.xlsx import file_answer, workbook
from layers.core.calendar import CHINA
from layers.core.errors import Fault, Invalid
from layers.core.rights import ROLE_TITLES, Role
from layers.privacy.look_list import (
    KINDS,
    MOST_ROWS,
    Look,
    Wanted,
    look_figures,
    look_page,
)
from layers.privacy.marking import mark_warning, record_taken_out
from layers.privacy.subject_words import LOOKS
from layers.privacy.warning_list import PATTERNS, STATES, Asked, Warned, warning_page

blueprint = Blueprint("looks", __name__, url_prefix="/api/privacy")

DAYS = ("from", "to")
FILTERS = (*DAYS, "login", "subject", "kind", "area")
WARNING_FILTERS = (*DAYS, "login", "subject", "pattern", "state", "area")
USUAL_DAYS = 30
MOST_TAKEN_OUT = 50_000
SHEET = ("查阅记录", "Looks")
HEADS = (
    ("时间", "When"),
    ("账号", "Account"),
    ("角色", "Role"),
    ("单位", "Unit"),
    ("类型", "Kind"),
    ("图层", "Layer"),
    ("人员编号", "Person number"),
    ("字段", "Field"),
    ("条数", "Rows"),
    ("理由", "Reason"),
    ("区域", "Area"),
)


@blueprint.get("/looks")
def looks() -> Response:
    """Looks within the reader's areas, newest first; `next` is the `before` of the next page."""
    values = take_parameters(request, (*FILTERS, "limit", "before"))
    limit = integer(values, "limit", 50, minimum=1, maximum=MOST_ROWS)
    before = integer(values, "before", 0, minimum=0, maximum=LARGEST_ID) or None
    page = look_page(one_trip(), current_reader(), _wanted(values), limit, before)
    return jsonify({"items": [each._asdict() for each in page.rows], "next": page.next_before})


@blueprint.get("/looks/figures")
def figures() -> Response:
    """How many looks of each kind: in all, by account and by day."""
    values = take_parameters(request, FILTERS)
    found = look_figures(one_trip(), current_reader(), _wanted(values))
    accounts = [
        each._asdict() | {"roles": roles, "unit": unit} for each, roles, unit in found.accounts
    ]
    return jsonify(
        {
            "total": found.total._asdict(),
            "accounts": accounts,
            "days": [each._asdict() for each in found.days],
        }
    )


@blueprint.post("/looks/export")
def take_out() -> Response:
    """The looks under the filters as an Excel file, for a reason that the log keeps."""
    take_parameters(request)
    body = json_body(request, ("filters", "reason", "language"))
    at = language_of(body)
    filters = body.get("filters", {})
    if not isinstance(filters, dict) or not all(isinstance(v, str) for v in filters.values()):
        raise BadRequest("filters: an object of texts is needed")
    if unknown := set(filters) - set(FILTERS):
        raise BadRequest(f"unknown filters: {', '.join(sorted(unknown))}", allowed=FILTERS)
    reader = current_reader()
    wanted = _wanted({name: value for name, value in filters.items() if value})
    with reader_connection() as connection:
        page = look_page(connection, reader, wanted, MOST_TAKEN_OUT)
        if page.next_before is not None:
            raise Invalid([Fault("filters", f"more than {MOST_TAKEN_OUT:,} looks; narrow it")])
        detail = {"filters": filters, "rows": len(page.rows)}
        record_taken_out(connection, reader, text_member(body, "reason", maximum=500), detail)
    content = workbook(SHEET[at], [head[at] for head in HEADS], _told(page.rows, at))
    response = file_answer(content, f"looks_{datetime.now(CHINA):%Y%m%d_%H%M}.xlsx")
    response.headers["X-Rows"] = str(len(page.rows))
    return response


@blueprint.get("/warnings")
def warnings() -> Response:
    """Warnings, the latest day first; `next` is the `after` of the next page."""
    values = take_parameters(request, (*WARNING_FILTERS, "limit", "after"))
    limit = integer(values, "limit", 50, minimum=1, maximum=MOST_ROWS)
    since, until = _days(values)
    asked = Asked(
        since,
        until,
        values.get("login") or None,
        integer(values, "subject", 0, minimum=0, maximum=LARGEST_ID) or None,
        chosen(values, "pattern", PATTERNS),
        chosen(values, "state", STATES),
        area_prefix(values),
    )
    page = warning_page(one_trip(), current_reader(), asked, limit, values.get("after"))
    return jsonify(
        {
            "items": [_warning(each) for each in page.rows],
            "counts": dict(page.counts),
            "next": page.next_after,
        }
    )


@blueprint.post("/warnings/state")
def mark() -> Response:
    """Set the state of a warning, with a remark; the warning as it is then."""
    take_parameters(request)
    body = json_body(request, ("key", "state", "remark", "mark"))
    key, state = text_member(body, "key"), text_member(body, "state")
    remark = text_member(body, "remark", maximum=500)
    seen = whole_member(body, "mark")
    with reader_connection() as connection:
        found = mark_warning(connection, current_reader(), key, state, remark, seen)
    return jsonify(_warning(found))


def _warning(each: Warned) -> dict[str, Any]:
    return each._asdict() | {"day": each.day.isoformat()}


def _wanted(values: Mapping[str, str]) -> Wanted:
    since, until = _days(values)
    return Wanted(
        since,
        until,
        values.get("login") or None,
        integer(values, "subject", 0, minimum=0, maximum=LARGEST_ID) or None,
        chosen(values, "kind", KINDS),
        area_prefix(values),
    )


def _days(values: Mapping[str, str]) -> tuple[date, date]:
    """The last thirty days of China when none are asked for."""
    until = day(values, "to") or datetime.now(CHINA).date()
    return day(values, "from") or until - timedelta(days=USUAL_DAYS - 1), until


def _told(rows: list[Look] | Any, at: int) -> Iterator[list[Any]]:
    for each in rows:
        roles = [ROLE_TITLES[Role(role)][at] for role in each.roles]
        yield [
            each.at,
            each.login,
            "、".join(roles),
            each.unit,
            LOOKS[each.kind][at],
            each.layer,
            each.subject,
            each.field,
            each.rows,
            each.reason,
            each.area_code,
        ]
