"""Code tables, counts, search and places."""

from __future__ import annotations

from gisserver.api.document.operation import LAT, LIMIT, LON, QUESTION, Operation
from gisserver.api.document.shapes import (
    NUMBER,
    TEXT,
    WHOLE,
    Schema,
    by_name,
    many,
    or_null,
    record,
    thing,
)
from layers.core.pasted_place import PastedPlace
from layers.housing.named_home import NamedHome

OPERATIONS: tuple[Operation, ...] = (
    Operation("get", "/api/codes", "codes", "city", "All code tables", answer="Codes"),
    Operation(
        "get", "/api/summary", "summary", "city", "Extent and counts in scope", answer="Summary"
    ),
    Operation(
        "get",
        "/api/search",
        "search",
        "city",
        "Find by name, initials, address, code or coordinates",
        parameters=(QUESTION, LIMIT),
        answer="SearchResult",
    ),
    Operation(
        "get",
        "/api/locate",
        "locate",
        "city",
        "Areas, grid, address and staff of a place",
        parameters=(LON, LAT),
        answer="Location",
    ),
    Operation("get", "/api/openapi.json", "openapi", "city", "This document", answer="Any"),
)

SCHEMAS: dict[str, Schema] = {
    "Codes": by_name(many(thing({"parent": or_null(TEXT)}, code=TEXT, zh=TEXT, en=or_null(TEXT)))),
    "Summary": thing(
        extent=or_null(many(NUMBER)),
        counts=by_name(WHOLE),
        area=or_null(thing(code=TEXT, name=TEXT)),
    ),
    "SearchResult": thing(
        places=many(record(PastedPlace)),
        homes=many(record(NamedHome)),
        groups=many(
            thing(
                layer=TEXT,
                items=many(
                    thing(
                        id=WHOLE,
                        title=TEXT,
                        subtitle=or_null(TEXT),
                        lon=or_null(NUMBER),
                        lat=or_null(NUMBER),
                    )
                ),
            )
        ),
    ),
    "Location": thing(
        area_code=TEXT,
        areas=many(thing(code=TEXT, name=TEXT, level=TEXT)),
        grid=or_null(thing(code=TEXT, name=TEXT)),
        address=or_null(TEXT),
        staff=many(thing(name=TEXT, post=TEXT)),
    ),
}
