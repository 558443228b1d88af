"""One route under /api as the OpenAPI document tells it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Parameter:
    """One query parameter; `is_free` stands for any property of the layer, such as `example`."""

    name: str
    kind: Literal["string", "integer", "number", "boolean"] = "string"
    description: str = ""
    format: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    is_required: bool = False
    is_free: bool = False
    example: str | None = None


@dataclass(frozen=True)
class Operation:
    """One method of one address; `answer` and `body` name schemas, `X[]` a list of them.

    `form` names the schema of the body sent as multipart/form-data instead; `bare` are statuses
    that answer without a body.
    """

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
    bare: tuple[int, ...] = ()
    is_open: bool = False
    media_type: str = "application/json"
    body_type: str = "application/json"
    form: str | None = None


LIMIT = Parameter("limit", "integer", "Most rows of one page", minimum=1, maximum=1000)
QUESTION = Parameter("q", description="What is looked for", is_required=True)
DAY = Parameter("on", description="As it was on this day", format="date")
VERSION = Parameter("row_version", "integer", "Version it is based on, else If-Match", minimum=1)
LON = Parameter("lon", "number", "Longitude", minimum=-180, maximum=180, is_required=True)
LAT = Parameter("lat", "number", "Latitude", minimum=-90, maximum=90, is_required=True)
READ = (400, 401, 403)
ONE = (400, 401, 403, 404)
WRITE = (400, 401, 403, 404, 409)
QUOTA = 429
NOTHING, UNCHANGED = 204, 304
GEOJSON = "application/geo+json"
AREA = Parameter("area", description="Digits its area code begins with: the area and all below")
