"""Reporting incidents: similar cases, conditions, reports, who told, photos."""

from __future__ import annotations

from gisserver.api.document.operation import LAT, LON, ONE, READ, WRITE, Operation, Parameter
from gisserver.api.document.shapes import (
    MOMENT,
    NUMBER,
    PHOTOS,
    TEXT,
    WHOLE,
    Schema,
    many,
    or_null,
    record,
    ref,
    thing,
)
from layers.incidents.photo import KeptPhoto
from layers.incidents.report import Saved
from layers.incidents.similar import Similar

_CASE = "/api/incidents/{incident_id}"
_PHOTO = "/api/incidents/photos/{photo_id}"
_CATEGORY = Parameter("category", description="Category of the incident", is_required=True)
_FORM = "multipart/form-data"

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "get",
        "/api/incidents/nearby",
        "similarIncidents",
        "incidents",
        "Open cases of a category near a place, within the radius and days of the category",
        parameters=(LON, LAT, _CATEGORY),
        answer="SimilarIncidents",
        problems=READ,
    ),
    Operation(
        "get",
        "/api/incidents/conditions",
        "conditions",
        "incidents",
        "Registration conditions of a category with their limits, and what they would be due now",
        parameters=(_CATEGORY,),
        answer="Conditions",
        problems=READ,
    ),
    Operation(
        "post",
        "/api/incidents",
        "reportIncident",
        "incidents",
        "Report an incident; once for each Idempotency-Key, 409 with similar open cases not `seen`",
        body="ReportForm",
        body_type=_FORM,
        answer="SavedReport",
        status=201,
        problems=WRITE,
    ),
    Operation(
        "post",
        f"{_CASE}/reports",
        "joinReport",
        "incidents",
        "Join a report to an open case, once for each Idempotency-Key",
        body="ReportForm",
        body_type=_FORM,
        answer="SavedReport",
        problems=WRITE,
    ),
    Operation(
        "get",
        f"{_CASE}/reports",
        "reports",
        "incidents",
        "Who told of a case, masked, and its photos",
        answer="Reports",
        problems=ONE,
    ),
    Operation(
        "post",
        f"{_CASE}/photos",
        "addPhotos",
        "incidents",
        "Add photos to a case",
        body="ReportForm",
        body_type=_FORM,
        answer="Photos",
        status=201,
        problems=ONE,
    ),
    Operation(
        "get", _PHOTO, "photo", "incidents", "A photo", media_type="image/jpeg", problems=ONE
    ),
    Operation(
        "get",
        f"{_PHOTO}/thumbnail",
        "thumbnail",
        "incidents",
        "A photo, small",
        media_type="image/jpeg",
        problems=ONE,
    ),
)

_PERSON = thing({"name": or_null(TEXT), "phone": or_null(TEXT)})

SCHEMAS: dict[str, Schema] = {
    "SimilarIncidents": thing(items=many(record(Similar))),
    "Conditions": thing(
        items=many(
            thing(
                code=TEXT,
                name_zh=TEXT,
                name_en=or_null(TEXT),
                limit_value=WHOLE,
                limit_unit=TEXT,
                limit_seconds=WHOLE,
                closing_zh=or_null(TEXT),
                closing_en=or_null(TEXT),
                warn_at=or_null(MOMENT),
                due_at=or_null(MOMENT),
            )
        )
    ),
    "Report": thing(
        {
            "place": or_null(TEXT),
            "people_affected": or_null(WHOLE),
            "scale": or_null(TEXT),
            "occurred_at": or_null(MOMENT),
            "condition": or_null(TEXT),
            "reporters": many(_PERSON),
            "seen": many(WHOLE),
        },
        category=TEXT,
        description=TEXT,
        report_source=TEXT,
        lon=NUMBER,
        lat=NUMBER,
    ),
    "ReportForm": thing({"photo": PHOTOS}, report=ref("Report")),
    "SavedReport": record(Saved),
    "Photos": thing(photos=many(record(KeptPhoto))),
    "Reports": thing(
        reporters=many(
            thing(
                id=WHOLE,
                row_version=WHOLE,
                name=or_null(TEXT),
                phone=or_null(TEXT),
                report_source=TEXT,
                description=or_null(TEXT),
                reported_at=MOMENT,
                reported_by=or_null(TEXT),
            )
        ),
        photos=many(record(KeptPhoto)),
    ),
}
