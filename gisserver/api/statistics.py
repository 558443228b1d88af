"""Statistics of the population, for drilling down from the district to a house."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import Connection

from gisserver.context import current_reader, reader_connection
from gisserver.counts import rows_by_area
from gisserver.errors import BadRequest
from gisserver.parameters import LARGEST_ID, area_prefix, integer, take_parameters
from layers.core.calendar import CHINA
from layers.core.features import Query, find_features
from layers.core.layer import Layer
from layers.core.looks import record_list
from layers.core.scope import Reader
from layers.evaluation.totals import (
    Place,
    find_above,
    find_buildings,
    find_level,
    find_place,
    sums_below,
)
from layers.housing.dwelling import DWELLINGS
from layers.housing.rental import RENTALS
from layers.people.cell import UNKNOWN, Cell, count_persons, find_persons
from layers.people.moves import months_until
from layers.people.person import PERSONS
from layers.people.statistics import BUILDING, DIGITS, LEVELS, Row, Statistics, find_population

blueprint = Blueprint("statistics", __name__, url_prefix="/api/statistics")

HOMES = (DWELLINGS, RENTALS)
MOST_MONTHS = 60
EARLIEST, LATEST = date(1900, 1, 1), date(2100, 12, 31)
MOST_ROWS = 1000
OLDEST = 200
CELL = ("area", "register", "sex", "age", "below", "after", "limit")

# Homes of a row by layer; None without the right to see them.
Homes = Mapping[str, Mapping[str, int] | None]


@blueprint.get("/population")
def population() -> Response:
    """Who lives in an area and in those below it, by register, sex and age, and who moved."""
    values = take_parameters(request, ("area", "by", "on", "months"))
    area, on = area_prefix(values), _day(values)
    by = [each for each in values.get("by", "").split(",") if each]
    count = integer(values, "months", 0, minimum=0, maximum=MOST_MONTHS)
    months = months_until(on or datetime.now(CHINA).date(), count) if count else ()
    level = next((each for each in by if each in LEVELS), None)
    reader = current_reader()
    with reader_connection() as connection:
        place = find_place(connection, reader, area)
        above = find_above(connection, area)
        found = find_population(connection, reader, area, by, on=on, months=months)
        below, homes = _below(connection, reader, area, level)
        whole = {layer.name: _homes(layer, reader, area, len(area)) for layer in HOMES}
    return jsonify(
        {
            "is_exact": found.is_exact,
            "above": [each._asdict() for each in above],
            "columns": found.columns,
            "total": _row(place, found.total, whole),
            "rows": _rows(found, below, homes) if level else [],
            "months": [each._asdict() | {"month": each.month.isoformat()} for each in found.months],
        }
    )


@blueprint.get("/population/persons")
def persons() -> Response:
    """The persons that a number counts, by id; `next` is the `after` of the next page."""
    values = take_parameters(request, CELL)
    after = integer(values, "after", 0, minimum=0, maximum=LARGEST_ID)
    limit = integer(values, "limit", 100, minimum=1, maximum=MOST_ROWS)
    cell, reader = _cell(values), current_reader()
    with reader_connection() as connection:
        ids = find_persons(connection, reader, cell, after, limit + 1)
        matched = None if "after" in values else count_persons(connection, reader, cell)
        query = Query(ids=ids[:limit], limit=limit)
        page = find_features(connection, PERSONS, reader, query)
        record_list(connection, reader, PERSONS, values, page.count)
    following = json.dumps(str(ids[limit - 1]) if len(ids) > limit else None)
    counted = "" if matched is None else f'"numberMatched":{matched},'
    body = (
        f'{{"type":"FeatureCollection",{counted}"numberReturned":{page.count},'
        f'"next":{following},"features":[{page.text}]}}'
    )
    return Response(body, mimetype="application/geo+json")


def _cell(values: Mapping[str, str]) -> Cell:
    ages: dict[str, int | None] = {
        name: integer(values, name, 0, minimum=0, maximum=OLDEST) if name in values else None
        for name in ("age", "below")
        if values.get(name) != UNKNOWN
    }
    return Cell(
        area_prefix(values),
        values.get("register"),
        values.get("sex"),
        UNKNOWN if values.get("age") == UNKNOWN else ages["age"],
        ages.get("below"),
    )


def _below(
    connection: Connection, reader: Reader, area: str, level: str | None
) -> tuple[Sequence[Place], Homes]:
    """The areas or buildings of the rows, and how many homes are in each."""
    if level == BUILDING:
        buildings = find_buildings(connection, reader, area)
        places = [
            Place(str(each.id), each.name or each.number or "", BUILDING) for each in buildings
        ]
        dwellings = {
            str(each.id): each.dwellings for each in buildings if each.dwellings is not None
        }
        return places, {DWELLINGS.name: dwellings or None, RENTALS.name: None}
    places = list(find_level(connection, reader, area, level)) if level else []
    digits = DIGITS.get(level or "", len(area))
    return places, {layer.name: _homes(layer, reader, area, digits) for layer in HOMES}


def _homes(layer: Layer, reader: Reader, area: str, digits: int) -> Mapping[str, int] | None:
    areas = reader.areas_to_read(layer)
    return sums_below(rows_by_area(layer), area, digits, areas) if areas else None


def _rows(found: Statistics, below: Sequence[Place], homes: Homes) -> list[dict[str, Any]]:
    """Every area of the level, also where nobody lives; then what belongs to none of them."""
    rows = {row.code: row for row in found.rows}
    nobody = Row("", 0, None if found.total.households is None else 0, [0] * len(found.columns))
    counted: set[str] = set(rows).union(*(each for each in homes.values() if each))
    apart = sorted(counted.difference(place.code for place in below))
    every: Iterable[Place] = (*below, *(Place(code, "", "") for code in apart))
    return [_row(place, rows.get(place.code, nobody), homes) for place in every]


def _row(place: Place, row: Row, homes: Homes) -> dict[str, Any]:
    counts = {
        name: None if found is None else found.get(place.code, 0) for name, found in homes.items()
    }
    return {
        **place._asdict(),
        "people": row.people,
        "households": row.households,
        **counts,
        "cells": row.cells,
    }


def _day(values: Mapping[str, str]) -> date | None:
    if "on" not in values:
        return None
    try:
        day = date.fromisoformat(values["on"])
    except ValueError:
        day = None
    if day is None or not EARLIEST <= day <= LATEST:
        raise BadRequest(
            f"on: a day from {EARLIEST} to {LATEST} expected, such as 2026-03-31, "
            f"not {values['on'][:40]!r}"
        )
    return day
