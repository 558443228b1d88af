"""Rates of cases in a period, the cases behind each number, and the days of the period."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request

from gisserver.context import current_reader, one_trip
from gisserver.errors import BadRequest
from gisserver.parameters import LARGEST_ID, area_prefix, integer, moment, required, take_parameters
from layers.core.layer import Title
from layers.evaluation.rates import (
    MEASURES,
    MOST_ROWS,
    RATES,
    find_cases,
    find_days,
    find_measures,
)

blueprint = Blueprint("rates", __name__, url_prefix="/api/rates")

PERIOD = ("area", "since", "until")


@blueprint.get("")
def rates() -> Response:
    """Every rate of a period in an area, with the two counts it is the ratio of."""
    area, since, until = _period(take_parameters(request, PERIOD))
    counts = find_measures(one_trip(), current_reader(), area, since, until)
    titles = {measure.name: measure.title for measure in MEASURES}

    def count(name: str) -> dict[str, Any]:
        return {"measure": name, **_titled(titles[name]), "count": counts[name]}

    return jsonify(
        {
            "items": [
                {
                    "name": rate.name,
                    **_titled(rate.title),
                    "numerator": count(rate.numerator),
                    "denominator": count(rate.denominator),
                    "rate": _ratio(counts[rate.numerator], counts[rate.denominator]),
                }
                for rate in RATES
            ]
        }
    )


@blueprint.get("/cases")
def cases() -> Response:
    """The cases that a measure counts, by id; `next` is the `after` of the next page."""
    values = take_parameters(request, (*PERIOD, "measure", "limit", "after"))
    area, since, until = _period(values)
    rows, after = find_cases(
        one_trip(),
        current_reader(),
        required(values, "measure"),
        area,
        since,
        until,
        after=integer(values, "after", 0, minimum=0, maximum=LARGEST_ID),
        limit=integer(values, "limit", 50, minimum=1, maximum=MOST_ROWS),
    )
    return jsonify({"items": [row._asdict() for row in rows], "next": after})


@blueprint.get("/days")
def days() -> Response:
    """Cases reported and closed on each day of a period."""
    area, since, until = _period(take_parameters(request, PERIOD))
    found = find_days(one_trip(), current_reader(), area, since, until)
    return jsonify({"items": [day._asdict() for day in found]})


def _period(values: Mapping[str, str]) -> tuple[str, datetime, datetime]:
    since, until = moment(values, "since"), moment(values, "until")
    if since is None or until is None:
        raise BadRequest("since and until: the moments a period begins and ends are needed")
    return area_prefix(values), since, until


def _titled(title: Title) -> dict[str, str]:
    return {"zh": title[0], "en": title[1]}


def _ratio(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
