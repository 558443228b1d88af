"""Work lists: counts, pages of rows, tiles for the map and the list as a file."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import cast, get_args

from flask import Blueprint, Response, jsonify, request

from gisserver.api.case_file import Language, case_file
from gisserver.api.cases import both
from gisserver.context import current_reader, one_trip, reader_connection, require
from gisserver.counts import kept
from gisserver.errors import BadRequest
from gisserver.parameters import (
    LANGUAGES,
    LARGEST_ID,
    chosen,
    integer,
    json_body,
    language_of,
    moment,
    take_parameters,
    text_member,
)
from gisserver.tiles.list_answer import list_tile_answer
from gisserver.xlsx import file_answer
from layers.core.database import scope_setting
from layers.core.errors import NotFound
from layers.core.rights import Right
from layers.core.scope import Reader
from layers.core.tiles import Tile
from layers.incidents.incident import INCIDENTS
from layers.incidents.list_page import MOST_ROWS, count_lists, find_page
from layers.incidents.list_tile import list_tile
from layers.incidents.work_list import Filter, LightColor, Sort, WorkList, lists_of, work_list

blueprint = Blueprint("work_lists", __name__, url_prefix="/api/incidents/lists")

FILTERS = ("category", "area", "unit", "light", "text", "since", "until")
SORTS: tuple[str, ...] = get_args(Sort)
LIGHTS: tuple[str, ...] = get_args(LightColor)
LONGEST_TEXT = 80
LONGEST_CODE = 20


@blueprint.get("")
def lists() -> Response:
    """The lists there are for who asks, each with the rows it has under the filters."""
    wanted = wanted_of(take_parameters(request, FILTERS))
    reader = current_reader()
    held = lists_of(reader)
    counts = _counts(held, reader, wanted)
    items = [
        {"name": each.name, **both(each.title), "sort": each.sort, "count": counts[each.name]}
        for each in held
    ]
    return jsonify({"items": items})


def _counts(held: Sequence[WorkList], reader: Reader, wanted: Filter) -> dict[str, int]:
    """Counted once a second at most for all screens of an account: lights change by the clock."""
    asked = one_trip()
    counted: dict[str, int] = kept(
        (
            "work lists",
            reader.login,
            reader.staff_id,
            reader.unit_id,
            scope_setting(reader),
            wanted,
        ),
        INCIDENTS,
        lambda: count_lists(asked, held, reader, wanted),
        int(time.time()),
    )
    return counted


@blueprint.get("/<name>")
def rows(name: str) -> Response:
    """Rows of a list under the filters, in order; `next` is the `after` of the next page."""
    values = take_parameters(request, (*FILTERS, "sort", "limit", "after"))
    reader = current_reader()
    each = work_list(name, reader)
    sort = values.get("sort", each.sort)
    if sort not in SORTS:
        raise BadRequest(f"sort: one of {', '.join(SORTS)} expected", allowed=SORTS)
    limit = integer(values, "limit", 50, minimum=1, maximum=MOST_ROWS)
    page = find_page(
        one_trip(), each, reader, wanted_of(values), cast(Sort, sort), limit, values.get("after")
    )
    return jsonify({"items": [row._asdict() for row in page.rows], "next": page.next_after})


@blueprint.get("/<name>/tiles/<int:z>/<int:x>/<int:y>")
def tile(name: str, z: int, x: int, y: int) -> Response:
    """The list under the filters as a vector tile; 204 when nothing of it lies there."""
    wanted = wanted_of(take_parameters(request, FILTERS))
    reader = current_reader()
    try:
        place = Tile(z, x, y)
    except ValueError as error:
        raise NotFound(str(error)) from error
    # What the list holds changes with the time and with every step.
    return list_tile_answer(list_tile(one_trip(), work_list(name, reader), reader, wanted, place))


@blueprint.post("/<name>/export")
def export(name: str) -> Response:
    """The list under the filters as an Excel file; written to the audit log with the reason."""
    take_parameters(request)
    body = json_body(request, ("reason", "language", *FILTERS))
    reader = require(Right.DATA_EXPORT)
    each = work_list(name, reader)
    reason = text_member(body, "reason", maximum=500)
    spoken = LANGUAGES[language_of(body)]
    wanted = wanted_of({name: str(body[name]) for name in FILTERS if body.get(name) is not None})
    with reader_connection(streams=True) as connection:
        content = case_file(connection, each, reader, wanted, reason, cast(Language, spoken))
    return file_answer(content, f"{each.name}.xlsx")


def wanted_of(values: Mapping[str, str]) -> Filter:
    """The filters among the parameters; raises BadRequest for one that means nothing."""
    for name, longest in (
        ("category", LONGEST_CODE),
        ("area", LONGEST_CODE),
        ("text", LONGEST_TEXT),
    ):
        if len(values.get(name, "")) > longest:
            raise BadRequest(f"{name}: at most {longest} characters")
    light = chosen(values, "light", LIGHTS)
    unit = integer(values, "unit", 0, minimum=1, maximum=LARGEST_ID)
    return Filter(
        category=values.get("category") or None,
        area=values.get("area") or None,
        unit=unit or None,
        light=cast(LightColor | None, light),
        text=values.get("text") or None,
        since=moment(values, "since"),
        until=moment(values, "until"),
    )
