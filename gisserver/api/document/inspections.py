"""Inspections of rentals and which of them are due."""

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
from layers.housing.due_list import LISTS, MOST_ROWS, Counts, DueRental
from layers.housing.inspection_photo import InspectionPhoto

_LIST = "/api/rentals/due/{name}"
_PHOTO = "/api/inspections/photos/{photo_id}"
_FILTERS = (
    Parameter("area", description="Digits that the area code begins with"),
    Parameter("rental_class", description="Only of this class"),
)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "post",
        "/api/rentals/{rental_id}/inspections",
        "inspectRental",
        "housing",
        "Record an inspection, with photos as a form, once for each Idempotency-Key",
        body="NewInspection",
        form="InspectionForm",
        answer="RecordedInspection",
        status=201,
        problems=WRITE,
    ),
    Operation(
        "get",
        "/api/rentals/{rental_id}/inspections/photos",
        "inspectionPhotos",
        "housing",
        "The photos of every inspection of a rental",
        answer="InspectionPhotos",
        problems=ONE,
    ),
    Operation(
        "get",
        _PHOTO,
        "inspectionPhoto",
        "housing",
        "A photo of an inspection",
        media_type="image/jpeg",
        problems=ONE,
    ),
    Operation(
        "get",
        f"{_PHOTO}/thumbnail",
        "inspectionThumbnail",
        "housing",
        "A photo of an inspection, small",
        media_type="image/jpeg",
        problems=ONE,
    ),
    Operation(
        "get",
        "/api/rentals/due",
        "dueFigures",
        "housing",
        "How many rentals are overdue, due soon or to put right: in all, by class, by area",
        parameters=_FILTERS,
        answer="DueFigures",
        problems=READ,
    ),
    Operation(
        "get",
        _LIST,
        "dueRentals",
        "housing",
        f"Rentals of a list ({', '.join(LISTS)}), the longest overdue first",
        parameters=(
            *_FILTERS,
            Parameter("limit", "integer", "Most rows of one page", minimum=1, maximum=MOST_ROWS),
            Parameter("after", description="`next` of the page before"),
        ),
        answer="DueRentals",
        problems=READ,
    ),
    Operation(
        "get",
        f"{_LIST}/tiles/{{z}}/{{x}}/{{y}}",
        "dueTile",
        "housing",
        "A list as a vector tile: buildings from zoom 14, counted cells below",
        parameters=_FILTERS,
        answer="Any",
        media_type="application/vnd.mapbox-vector-tile",
        problems=ONE,
        bare=(NOTHING, UNCHANGED),
    ),
)

SCHEMAS: dict[str, Schema] = {
    "NewInspection": thing(
        {
            "hazard": or_null(TEXT),
            "rectify_by": or_null(DAY),
            "rectified_on": or_null(DAY),
            "findings": or_null(TEXT),
        },
        inspected_on=DAY,
        result=TEXT,
    ),
    "InspectionForm": thing({"photo": PHOTOS}, inspection=ref("NewInspection")),
    "InspectionPhotos": thing(photos=many(record(InspectionPhoto))),
    "RecordedInspection": thing(
        id=WHOLE,
        last_inspection=or_null(DAY),
        next_inspection=or_null(DAY),
        hazard=or_null(TEXT),
    ),
    "DueCounts": record(Counts),
    "DueFigures": thing(
        total=ref("DueCounts"), classes=many(ref("DueCounts")), areas=many(ref("DueCounts"))
    ),
    "DueRental": record(DueRental),
    "DueRentals": thing(items=many(ref("DueRental")), next=or_null(TEXT)),
}
