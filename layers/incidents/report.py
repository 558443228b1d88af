"""Taking in a report: as a new case, or joined to an open one that is the same matter."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text

from layers.core.change import Change, Edit, Tools, apply_change
from layers.core.errors import Conflict, Fault, Forbidden, Invalid
from layers.core.layer import Layer
from layers.core.picture import MOST_PHOTOS, Picture
from layers.core.rights import Right
from layers.core.scope import Reader
from layers.core.values import checked_values, converted
from layers.incidents.deadline import find_condition
from layers.incidents.incident import INCIDENTS
from layers.incidents.photo import add_photos
from layers.incidents.reporter import REPORTERS
from layers.incidents.similar import Similar, find_similar
from layers.incidents.take_step import find_case, take_step
from layers.incidents.workflow import OVER

# Clocks of phones run a little ahead.
CLOCK_SKEW = timedelta(minutes=5)
MOST_REPORTERS = 5


@dataclass(frozen=True)
class Report:
    """A report as sent: place in degrees (CRS84), fields of the incident, who told, photos.

    `condition` registers the case at once when the reader may register there; otherwise it is
    kept as a proposal. `seen` are the similar cases the reader was shown and found to be another
    matter.
    """

    lon: float
    lat: float
    values: Mapping[str, Any]
    condition: str | None = None
    reporters: Sequence[Mapping[str, Any]] = ()
    pictures: Sequence[Picture] = ()
    seen: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Saved:
    """What became of a report: the case it is part of, and whether the case was there before."""

    id: int
    code: str | None
    state: str
    due_at: datetime | None
    joined: bool


class SimilarFound(Conflict):
    """Open cases nearby that the reader was not shown; nothing is written."""

    def __init__(self, similar: Sequence[Similar]) -> None:
        super().__init__("open cases nearby may be the same matter: join one or name them as seen")
        self.similar = similar


def save_report(connection: Connection, reader: Reader, report: Report, tools: Tools) -> Saved:
    """Makes a case of the report, all of it or nothing.

    The connection must be in a `reader_transaction` of the reader. Reports of one category wait
    for each other, so that of two at once the second is shown the first.

    Raises: Invalid with every fault; SimilarFound; Forbidden without the right, or outside the
    reader's areas.
    """
    _check(connection, report, tools)
    category = str(report.values["category"])
    lock = text("SELECT pg_advisory_xact_lock(hashtext('incidents.report'), hashtext(:category))")
    connection.execute(lock, {"category": category})
    similar = find_similar(connection, reader, category, report.lon, report.lat)
    if not {each.id for each in similar} <= report.seen:
        raise SimilarFound(similar)
    case = Edit(
        INCIDENTS,
        "create",
        values=report.values,
        geometry={"type": "Point", "coordinates": [report.lon, report.lat]},
        derived={"condition": report.condition} if report.condition else {},
    )
    (incident_id,) = apply_change(connection, Change([case]), reader, tools)
    source = str(report.values["report_source"])
    _add(connection, reader, incident_id, report, {"report_source": source}, tools)
    if report.condition:
        _register(connection, reader, incident_id, report.condition, tools)
    return _saved(connection, reader, incident_id, joined=False)


def join_report(
    connection: Connection, reader: Reader, incident_id: int, report: Report, tools: Tools
) -> Saved:
    """Adds the report's reporters and photos to an open case, all of it or nothing.

    Of the report's values the source and the description are kept, with the reporter.

    Raises: NotFound; Invalid with every fault; Conflict when the case is closed meanwhile;
    Forbidden without the right to report where the case lies.
    """
    told = {name: report.values.get(name) for name in ("report_source", "description")}
    faults = [*_faults_of(REPORTERS, told, tools), *_reporter_faults(report, tools)]
    if faults:
        raise Invalid(faults)
    case, _ = find_case(connection, reader, incident_id)
    if case.state in OVER:
        raise Conflict(f"case {incident_id} is closed; report it anew")
    if not reader.covers(Right.INCIDENTS_REPORT, case.area_code):
        raise Forbidden(f"reporting there needs the right {Right.INCIDENTS_REPORT}")
    _add(connection, reader, incident_id, report, told, tools)
    return _saved(connection, reader, incident_id, joined=True)


def _add(
    connection: Connection,
    reader: Reader,
    incident_id: int,
    report: Report,
    told: Mapping[str, Any],
    tools: Tools,
) -> None:
    """The reporters, or the account itself when nobody is named, and the photos."""
    edits = [
        Edit(REPORTERS, "create", values={**person, **told, "incident_id": incident_id})
        for person in report.reporters or ({},)
    ]
    ids = apply_change(connection, Change(edits), reader, tools)
    add_photos(connection, incident_id, report.pictures, reporter_id=ids[0])


def _register(
    connection: Connection, reader: Reader, incident_id: int, condition: str, tools: Tools
) -> None:
    case, _ = find_case(connection, reader, incident_id)
    if reader.covers(Right.INCIDENTS_REGISTER, case.area_code):
        inputs = {"condition": condition}
        take_step(
            connection, reader, incident_id, "register", case.row_version, inputs, tools.codes
        )


def _saved(connection: Connection, reader: Reader, incident_id: int, *, joined: bool) -> Saved:
    row = connection.execute(
        text("SELECT code, state, due_at FROM incidents.incident WHERE id = :id"),
        {"id": incident_id},
    ).one()
    return Saved(incident_id, row.code, row.state, row.due_at, joined)


def _check(connection: Connection, report: Report, tools: Tools) -> None:
    faults = [
        *_faults_of(INCIDENTS, report.values, tools),
        *_category_faults(connection, report),
        *_time_faults(report.values.get("occurred_at")),
        *_reporter_faults(report, tools),
    ]
    if faults:
        raise Invalid(faults)


def _faults_of(layer: Layer, values: Mapping[str, Any], tools: Tools) -> Sequence[Fault]:
    try:
        checked_values(layer, values, tools.codes, partial=True)
    except Invalid as error:
        return error.faults
    return ()


def _reporter_faults(report: Report, tools: Tools) -> Iterator[Fault]:
    if len(report.reporters) > MOST_REPORTERS:
        yield Fault("reporters", f"{len(report.reporters)} given; at most {MOST_REPORTERS}")
    for number, person in enumerate(report.reporters):
        for fault in _faults_of(REPORTERS, person, tools):
            yield Fault(f"reporters.{number}.{fault.field}", fault.reason)
    if len(report.pictures) > MOST_PHOTOS:
        yield Fault("photos", f"{len(report.pictures)} given; at most {MOST_PHOTOS}")


def _category_faults(connection: Connection, report: Report) -> Iterator[Fault]:
    category = report.values.get("category")
    if not isinstance(category, str):
        return  # told with the other faults of the values
    is_group = connection.execute(
        text(
            "SELECT EXISTS (SELECT FROM core.code WHERE table_name = 'incident_category' "
            "AND parent = :category AND valid_to IS NULL)"
        ),
        {"category": category},
    ).scalar_one()
    if is_group:
        yield Fault("category", f"{category} is a group of categories; choose one of them")
    if report.condition is None:
        return
    try:
        condition = find_condition(connection, report.condition)
    except Invalid as error:
        yield from error.faults
        return
    if not condition.fits(str(category)):
        yield Fault("condition", f"{condition.code} belongs to {condition.category}")


def _time_faults(occurred: Any) -> Iterator[Fault]:
    try:
        moment = converted(occurred, "datetime")
    except ValueError:
        return  # told with the other faults of the values
    if moment is not None and moment > datetime.now(UTC) + CLOCK_SKEW:
        yield Fault("occurred_at", "lies in the future")
