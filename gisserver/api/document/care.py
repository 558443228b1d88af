"""Care: steps of a record, what is due, care of a person and in a building."""

from __future__ import annotations

from gisserver.api.document.operation import (
    NOTHING,
    ONE,
    READ,
    UNCHANGED,
    WRITE,
    Operation,
    Parameter,
)
from gisserver.api.document.shapes import (
    DAY,
    FLAG,
    TEXT,
    WHOLE,
    Schema,
    many,
    or_null,
    record,
    ref,
    thing,
)
from layers.people.care_due import LISTS, MOST_ROWS, CareCounts, DueCare, DueService
from layers.people.care_view import CaredRoom

_LIST = "/api/care/due/{name}"
_FILTERS = (
    Parameter("area", description="Digits that area codes begin with"),
    Parameter("care_group", description="Of records: only this group"),
    Parameter("responsible", description="Of records: only this responsible person"),
    Parameter("service_kind", description="Of services: only this kind"),
)


def _step(step: str, name: str, title: str, body: str, status: int) -> Operation:
    return Operation(
        "post",
        f"/api/care/{{record_id}}/{step}",
        name,
        "people",
        f"{title}, once for each Idempotency-Key; the record's days after it",
        body=body,
        answer="CareStep",
        status=status,
        problems=WRITE,
    )


OPERATIONS: tuple[Operation, ...] = (
    _step("visits", "recordCareVisit", "Record a visit", "NewCareVisit", 201),
    _step("review", "renewCareReview", "Renew the review of a care record", "CareReview", 200),
    _step("end", "endCareRecord", "End a care record", "CareEnd", 200),
    Operation(
        "get",
        "/api/care/due",
        "careFigures",
        "people",
        "How many visits, reviews and services are due: in all, by group, by kind, by area",
        parameters=_FILTERS,
        answer="CareFigures",
        problems=READ,
    ),
    Operation(
        "get",
        _LIST,
        "careDue",
        "people",
        f"Care records or services of a list ({', '.join(LISTS)}), the longest waiting first",
        parameters=(
            *_FILTERS,
            Parameter("limit", "integer", "Most rows of one page", minimum=1, maximum=MOST_ROWS),
            Parameter("after", description="`next` of the page before"),
        ),
        answer="CareRows",
        problems=READ,
    ),
    Operation(
        "get",
        f"{_LIST}/tiles/{{z}}/{{x}}/{{y}}",
        "careTile",
        "people",
        "The homes of a list as a vector tile: buildings from zoom 14, counted cells below",
        parameters=_FILTERS,
        answer="Any",
        media_type="application/vnd.mapbox-vector-tile",
        problems=ONE,
        bare=(NOTHING, UNCHANGED),
    ),
    Operation(
        "get",
        "/api/persons/{person_id}/care",
        "personCare",
        "people",
        "Care records with visits, and elderly services of a person; the look is logged",
        answer="PersonCare",
        problems=ONE,
    ),
    Operation(
        "get",
        "/api/buildings/{building_id}/care",
        "buildingCare",
        "people",
        "Rooms of a building with somebody in care at home; the look is logged",
        answer="BuildingCare",
        problems=ONE,
    ),
)

_STEP: dict[str, Schema] = {"row_version": or_null(WHOLE)}

SCHEMAS: dict[str, Schema] = {
    "NewCareVisit": thing(
        {name: or_null(TEXT) for name in ("found", "next_step", "visited_by")},
        visited_on=DAY,
        kind=TEXT,
    ),
    "CareReview": thing(_STEP, review_date=DAY, reason=TEXT),
    "CareEnd": thing(_STEP, valid_to=DAY, reason=TEXT),
    "CareStep": thing(
        id=WHOLE,
        last_visit=or_null(DAY),
        next_visit=or_null(DAY),
        review_date=DAY,
        valid_to=or_null(DAY),
        row_version=WHOLE,
    ),
    "CareCounts": record(CareCounts),
    "CareFigures": thing(
        total=ref("CareCounts"),
        groups=many(ref("CareCounts")),
        kinds=many(ref("CareCounts")),
        areas=many(ref("CareCounts")),
    ),
    "DueCare": record(DueCare),
    "DueService": record(DueService),
    "CareRows": thing(
        items=many({"anyOf": [ref("DueCare"), ref("DueService")]}),
        next=or_null(TEXT),
        total=WHOLE,
    ),
    "CareVisit": thing(
        id=WHOLE,
        visited_on=DAY,
        kind=TEXT,
        found=or_null(TEXT),
        next_step=or_null(TEXT),
        visited_by=or_null(TEXT),
    ),
    "CareRecord": thing(
        id=WHOLE,
        care_group=TEXT,
        lawful_basis=TEXT,
        purpose=TEXT,
        responsible=TEXT,
        review_date=DAY,
        visit_interval=or_null(WHOLE),
        last_visit=or_null(DAY),
        next_visit=or_null(DAY),
        note=or_null(TEXT),
        valid_from=or_null(DAY),
        valid_to=or_null(DAY),
        ended=FLAG,
        row_version=WHOLE,
        visits=many(ref("CareVisit")),
    ),
    "ElderlyService": thing(
        id=WHOLE,
        kind=TEXT,
        requested_on=DAY,
        wish=or_null(TEXT),
        provider_id=or_null(WHOLE),
        provider_name=or_null(TEXT),
        state=TEXT,
        done_on=or_null(DAY),
        follow_up_on=or_null(DAY),
        satisfaction=or_null(TEXT),
        remark=or_null(TEXT),
        row_version=WHOLE,
    ),
    "PersonCare": thing(
        of_age=FLAG,
        editable=FLAG,
        records=many(ref("CareRecord")),
        services=many(ref("ElderlyService")),
    ),
    "CaredRoom": record(CaredRoom, without=("care_groups",), care_groups=many(TEXT)),
    "BuildingCare": thing(rooms=many(ref("CaredRoom"))),
}
