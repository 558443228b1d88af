"""Every route under /api as the OpenAPI document tells it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Parameter:
    """One query parameter; `is_free` stands for any property of the layer."""

    name: str
    kind: Literal["string", "integer", "number", "boolean"] = "string"
    description: str = ""
    format: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    is_required: bool = False
    is_free: bool = False


@dataclass(frozen=True)
class Operation:
    """One method of one address; `answer` and `body` name schemas, `X[]` a list of them."""

    method: Literal["get", "post", "put", "patch", "delete"]
    path: str
    name: str
    room: str
    summary: str
    parameters: tuple[Parameter, ...] = ()
    answer: str | None = None
    body: str | None = None
    status: int = 200
    problems: tuple[int, ...] = (400, 401)
    is_open: bool = False
    media_type: str = "application/json"
    body_type: str = "application/json"


LIMIT = Parameter("limit", "integer", "Most rows of one page", minimum=1, maximum=1000)
QUESTION = Parameter("q", description="What is looked for", is_required=True)
DAY = Parameter("on", description="As it was on this day", format="date")
VERSION = Parameter("row_version", "integer", "Version it is based on, else If-Match", minimum=1)
LON = Parameter("lon", "number", "Longitude", minimum=-180, maximum=180, is_required=True)
LAT = Parameter("lat", "number", "Latitude", minimum=-90, maximum=90, is_required=True)
READ = (400, 401, 403)
ONE = (400, 401, 403, 404)
WRITE = (400, 401, 403, 404, 409)
GEOJSON = "application/geo+json"

SESSION = (
    Operation(
        "post",
        "/api/session",
        "signIn",
        "session",
        "Sign in; sets the session cookie",
        body="Credentials",
        answer="Me",
        is_open=True,
    ),
    Operation(
        "delete", "/api/session", "signOut", "session", "Sign out", status=204, problems=READ
    ),
    Operation(
        "get", "/api/me", "me", "session", "Who is signed in and what it may do", answer="Me"
    ),
    Operation("get", "/api/tokens", "tokens", "session", "My personal tokens", answer="Token[]"),
    Operation(
        "post",
        "/api/tokens",
        "addToken",
        "session",
        "Make a token; its secret is in this answer only",
        body="NewToken",
        answer="MadeToken",
        status=201,
        problems=READ,
    ),
    Operation(
        "delete",
        "/api/tokens/{token_id}",
        "removeToken",
        "session",
        "Revoke a token at once",
        status=204,
        problems=ONE,
    ),
)

AUDIT = (
    Operation(
        "get",
        "/api/audit",
        "audit",
        "audit",
        "Audit log, newest first; `next` is the `before` of the next page",
        parameters=(
            LIMIT,
            Parameter("before", "integer", "Only lines before this id", minimum=1),
            Parameter("action"),
            Parameter("login"),
            Parameter("layer"),
            Parameter("feature_id", "integer", minimum=0),
            Parameter("from", description="From this moment", format="date-time"),
            Parameter("to", description="Before this moment", format="date-time"),
        ),
        answer="AuditPage",
        problems=READ,
    ),
    Operation(
        "get",
        "/api/audit/check",
        "auditCheck",
        "audit",
        "Whether each line of the audit log follows from the one before",
        answer="AuditCheck",
        problems=READ,
    ),
)

CITY = (
    Operation("get", "/api/codes", "codes", "city", "All code tables", answer="Codes"),
    Operation(
        "get", "/api/summary", "summary", "city", "Extent and counts in scope", answer="Summary"
    ),
    Operation(
        "get",
        "/api/search",
        "search",
        "city",
        "Find by name, address or code",
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

PEOPLE = (
    Operation(
        "get",
        "/api/persons/search",
        "searchPersons",
        "people",
        "Find persons by name, ID number or phone; written to the audit log",
        parameters=(QUESTION, LIMIT),
        answer="FoundPersons",
        problems=READ,
    ),
    Operation(
        "get",
        "/api/buildings/{building_id}/house",
        "house",
        "people",
        "Units, floors and rooms of a building",
        parameters=(DAY,),
        answer="House",
        problems=ONE,
    ),
    Operation(
        "get",
        "/api/dwellings/{dwelling_id}/residents",
        "residents",
        "people",
        "Households of a room, masked",
        parameters=(DAY, Parameter("former", "boolean", "Also those who moved out")),
        answer="Residents",
        problems=ONE,
    ),
    Operation(
        "get",
        "/api/persons/{person_id}/houses",
        "houses",
        "people",
        "Homes and household of a person, masked",
        answer="Houses",
        problems=ONE,
    ),
    Operation(
        "post",
        "/api/reveal",
        "reveal",
        "people",
        "Show one masked field for a reason; written to the audit log first",
        body="RevealRequest",
        answer="Revealed",
        problems=ONE,
    ),
)

_FEATURES = "/api/layers/{name}/features"
_FEATURE = "/api/layers/{name}/features/{feature_id}"

FEATURES = (
    Operation(
        "get",
        _FEATURES,
        "findFeatures",
        "features",
        "Rows of a layer in scope; any property of the layer is a parameter",
        parameters=(
            Parameter("bbox", description="west,south,east,north in degrees (CRS84)"),
            LIMIT,
            Parameter("after", "integer", "Only rows after this id; `next` of the page before"),
            Parameter("datetime", description="An instant, or start/end with .. for open"),
            Parameter("count", "boolean", "Also how many rows there are in all"),
            Parameter("properties", description="Equality by property", is_free=True),
        ),
        answer="FeatureCollection",
        media_type=GEOJSON,
        problems=ONE,
    ),
    Operation(
        "post",
        _FEATURES,
        "createFeature",
        "features",
        "Create a row",
        body="NewFeature",
        answer="Feature",
        status=201,
        media_type=GEOJSON,
        problems=WRITE,
    ),
    Operation(
        "get",
        _FEATURE,
        "feature",
        "features",
        "One row",
        answer="Feature",
        media_type=GEOJSON,
        problems=ONE,
    ),
    Operation(
        "patch",
        _FEATURE,
        "updateFeature",
        "features",
        "Change some properties or the geometry",
        body="FeatureChange",
        answer="Feature",
        media_type=GEOJSON,
        problems=WRITE,
    ),
    Operation(
        "put",
        _FEATURE,
        "replaceFeature",
        "features",
        "Replace a row: what is left out becomes empty",
        body="FeatureChange",
        answer="Feature",
        media_type=GEOJSON,
        problems=WRITE,
    ),
    Operation(
        "delete",
        _FEATURE,
        "deleteFeature",
        "features",
        "Delete a row",
        parameters=(VERSION,),
        status=204,
        problems=WRITE,
    ),
    Operation(
        "get",
        _FEATURE + "/history",
        "history",
        "features",
        "Changes of a row, newest first",
        parameters=(LIMIT,),
        answer="HistoryEntry[]",
        problems=ONE,
    ),
    Operation(
        "get",
        "/api/layers/{name}/schema",
        "layerSchema",
        "features",
        "JSON Schema of a layer's rows",
        answer="Any",
        media_type="application/schema+json",
        problems=ONE,
    ),
)

OPERATIONS: tuple[Operation, ...] = (*SESSION, *CITY, *PEOPLE, *FEATURES, *AUDIT)
