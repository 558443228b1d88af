"""Rates of cases in a period, and the cases behind each number.

Rates are ratios on "to be" counts: a case is to be handled in a period when its limit ends in it or
when it was handled in it; likewise for closing (practice of digital city management, GB/T 30428.4).
A measure is one condition; the count on a screen and the list it opens both put it into their
statement, so that neither can say anything else than the other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from layers.core.calendar import CHINA
from layers.core.database import Asks
from layers.core.errors import Fault, Forbidden, Invalid
from layers.core.features import scope_sql
from layers.core.layer import Title
from layers.core.rights import Right
from layers.core.scope import Reader

MOST_ROWS = 200
MOST_DAYS = 400

_TO_HANDLE = (
    "registered_at < %(until)s AND ((due_at >= %(since)s AND due_at < %(until)s) "
    "OR (handled_at >= %(since)s AND handled_at < %(until)s))"
)
_HANDLED = f"{_TO_HANDLE} AND handled_at < %(until)s"
_TO_CLOSE = (
    "registered_at < %(until)s AND ((due_at >= %(since)s AND due_at < %(until)s) "
    "OR (closed_at >= %(since)s AND closed_at < %(until)s))"
)
_CLOSED = f"{_TO_CLOSE} AND closed_at < %(until)s"
_ACCEPTED = "accepted_at >= %(since)s AND accepted_at < %(until)s"
_DISPATCHED = "dispatched_at >= %(since)s AND dispatched_at < %(until)s"


@dataclass(frozen=True)
class Measure:
    """What is counted in a period [since, until): a condition on the incident."""

    name: str
    title: Title
    condition: str


MEASURES: tuple[Measure, ...] = (
    Measure("accepted", ("受理数", "Accepted"), _ACCEPTED),
    Measure("registered", ("立案数", "Registered"), f"{_ACCEPTED} AND registered_at < %(until)s"),
    Measure("to_handle", ("应处置数", "To be handled"), _TO_HANDLE),
    Measure("handled", ("处置数", "Handled"), _HANDLED),
    Measure(
        "handled_in_time", ("按期处置数", "Handled in time"), f"{_HANDLED} AND handled_at <= due_at"
    ),
    Measure(
        "overdue",
        ("超期未处置数", "Overdue and not handled"),
        f"{_TO_HANDLE} AND due_at < least(%(until)s, now()) "
        "AND (handled_at IS NULL OR handled_at >= %(until)s)",
    ),
    Measure("extended", ("延期数", "Extended"), f"{_TO_HANDLE} AND extension_count > 0"),
    Measure("to_close", ("应结案数", "To be closed"), _TO_CLOSE),
    Measure("closed", ("结案数", "Closed"), _CLOSED),
    Measure(
        "closed_in_time", ("按期结案数", "Closed in time"), f"{_CLOSED} AND closed_at <= due_at"
    ),
    Measure("reworked", ("返工数", "Reworked"), f"{_TO_CLOSE} AND rework_count > 0"),
    Measure("dispatched", ("派遣数", "Dispatched"), _DISPATCHED),
    Measure("returned", ("退单数", "Returned"), f"{_DISPATCHED} AND return_count > 0"),
)


@dataclass(frozen=True)
class Rate:
    """A ratio of two measures."""

    name: str
    title: Title
    numerator: str
    denominator: str


RATES: tuple[Rate, ...] = (
    Rate("register_rate", ("立案率", "Registration rate"), "registered", "accepted"),
    Rate("handle_rate", ("处置率", "Handling rate"), "handled", "to_handle"),
    Rate("handle_in_time_rate", ("按期处置率", "Handled in time"), "handled_in_time", "to_handle"),
    Rate("close_rate", ("结案率", "Closing rate"), "closed", "to_close"),
    Rate("close_in_time_rate", ("按期结案率", "Closed in time"), "closed_in_time", "to_close"),
    Rate("rework_rate", ("返工率", "Rework rate"), "reworked", "to_close"),
    Rate("extension_rate", ("延期率", "Extension rate"), "extended", "to_handle"),
    Rate("overdue_rate", ("超期待处置率", "Overdue pending rate"), "overdue", "to_handle"),
    Rate("return_rate", ("退单率", "Return rate"), "returned", "dispatched"),
)

_BY_NAME = {measure.name: measure for measure in MEASURES}


class CaseRow(NamedTuple):
    """A case behind a number."""

    id: int
    code: str | None
    category: str
    place: str | None
    state: str
    unit: str | None
    reported_at: datetime
    due_at: datetime | None
    closed_at: datetime | None


class Day(NamedTuple):
    """Cases reported and closed on one day of the local calendar."""

    day: date
    reported: int
    closed: int


def find_measures(
    connection: Asks, reader: Reader, area: str, since: datetime, until: datetime
) -> Mapping[str, int]:
    """Every measure of a period [since, until) by name, in an area and within the reader's scope.

    Raises: Forbidden without the right to see incidents; Invalid when the period ends too early.
    """
    where, values = _within(reader, area, since, until)
    counts = ", ".join(f"count(*) FILTER (WHERE {each.condition})" for each in MEASURES)
    statement = f"SELECT {counts} FROM incidents.incident WHERE {where} AND {_TOUCHED}"
    row = next(iter(connection.exec_driver_sql(statement, values)))
    return dict(zip((each.name for each in MEASURES), row, strict=True))


def find_cases(
    connection: Asks,
    reader: Reader,
    measure: str,
    area: str,
    since: datetime,
    until: datetime,
    *,
    after: int = 0,
    limit: int = 50,
) -> tuple[Sequence[CaseRow], int | None]:
    """The cases that a measure counts, by id, and the id to go on after when there are more.

    Raises: Forbidden; Invalid for a measure that does not exist, naming those that do.
    """
    if measure not in _BY_NAME:
        raise Invalid([Fault("measure", f"one of {', '.join(_BY_NAME)} expected")])
    where, values = _within(reader, area, since, until)
    statement = (
        "SELECT id, code, category, place, state, (SELECT u.name FROM organisation.unit AS u "
        "WHERE u.id = i.unit_id), reported_at, due_at, closed_at FROM incidents.incident AS i "
        f"WHERE {where} AND {_BY_NAME[measure].condition} AND id > %(after)s "
        "ORDER BY id LIMIT %(limit)s"
    )
    found = [
        CaseRow(*row)
        for row in connection.exec_driver_sql(
            statement, values | {"after": after, "limit": min(limit, MOST_ROWS) + 1}
        )
    ]
    kept = found[: min(limit, MOST_ROWS)]
    return kept, kept[-1].id if len(found) > len(kept) else None


def find_days(
    connection: Asks, reader: Reader, area: str, since: datetime, until: datetime
) -> Sequence[Day]:
    """Cases reported and closed on each day from since to until, days without any among them.

    Raises: Forbidden; Invalid when the period is empty or longer than MOST_DAYS days.
    """
    where, values = _within(reader, area, since, until)
    if (until - since).days > MOST_DAYS:
        raise Invalid([Fault("until", f"at most {MOST_DAYS} days after since expected")])
    statement = f"""
      WITH marks AS (
        SELECT reported_at AS at, 1 AS reported, 0 AS closed FROM incidents.incident
        WHERE {where} AND reported_at >= %(since)s AND reported_at < %(until)s
        UNION ALL
        SELECT closed_at, 0, 1 FROM incidents.incident
        WHERE {where} AND closed_at >= %(since)s AND closed_at < %(until)s
      )
      SELECT day::date, coalesce(sum(reported), 0), coalesce(sum(closed), 0)
      FROM generate_series((%(since)s AT TIME ZONE %(zone)s)::date,
        ((%(until)s - interval '1 microsecond') AT TIME ZONE %(zone)s)::date, interval '1 day'
      ) AS day LEFT JOIN marks ON (marks.at AT TIME ZONE %(zone)s)::date = day::date
      GROUP BY day ORDER BY day
    """
    return [Day(*row) for row in connection.exec_driver_sql(statement, values)]


# What no measure of the period can count is left out before anything is compared.
_TOUCHED = (
    "(due_at >= %(since)s AND due_at < %(until)s OR handled_at >= %(since)s AND handled_at < "
    "%(until)s OR closed_at >= %(since)s AND closed_at < %(until)s OR accepted_at >= %(since)s "
    "AND accepted_at < %(until)s OR dispatched_at >= %(since)s AND dispatched_at < %(until)s)"
)


def _within(
    reader: Reader, area: str, since: datetime, until: datetime
) -> tuple[str, dict[str, Any]]:
    areas = reader.scope(Right.INCIDENTS_READ)
    if not areas:
        raise Forbidden(f"incidents need the right {Right.INCIDENTS_READ}")
    if until <= since:
        raise Invalid([Fault("until", "a moment after since expected")])
    scope, values = scope_sql("area_code", areas, "scope")
    below, more = scope_sql("area_code", [area], "area")
    times = {"since": since, "until": until, "zone": str(CHINA)}
    return f"{scope} AND {below}", {**values, **more, **times}
