"""`/api/openapi.json`: one document of every route under /api, for people and generators."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from flask import Blueprint, Response, jsonify, request

from gisserver.api.document import OPERATIONS, SCHEMAS
from gisserver.api.document.operation import QUOTA, Operation, Parameter
from gisserver.parameters import take_parameters

blueprint = Blueprint("openapi", __name__, url_prefix="/api")

PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
FORM = "multipart/form-data"
TEXT_IN_PATH = frozenset({"name", "code"})
RETRY_AFTER = {
    "Retry-After": {
        "description": "Seconds until the account may look again",
        "schema": {"type": "integer", "minimum": 1},
    }
}
PATH_PARAMETER = re.compile(r"\{(\w+)\}")


@blueprint.get("/openapi.json")
def document() -> Response:
    """The OpenAPI 3.1 document."""
    take_parameters(request)
    return jsonify(build_document())


@cache
def build_document() -> dict[str, Any]:
    """The document: paths by address and method, schemas, the three ways to sign in."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "网格 Wangge API",
            "version": "1",
            "description": "What OGC has no word for; features are at /ogc too, tiles at /tiles. "
            "An unknown query parameter is a 400. Coordinates are longitude, latitude (CRS84).",
        },
        "security": [{"session": []}, {"token": []}, {"basic": []}],
        "paths": paths,
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "wangge_session"},
                "token": {"type": "http", "scheme": "bearer", "bearerFormat": "wgt_…"},
                "basic": {"type": "http", "scheme": "basic"},
            },
        },
    }


def _operation(operation: Operation) -> dict[str, Any]:
    content = {operation.media_type: {"schema": schema_of(operation.answer)}}
    success: dict[str, Any] = {"description": operation.summary}
    if operation.answer is not None:
        success["content"] = content
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "tags": [operation.room],
        "parameters": list(_parameters(operation)),
        "responses": {
            str(operation.status): success,
            **{str(status): {"description": MEANINGS[status]} for status in operation.bare},
            **{str(status): _problem(status) for status in _refusals(operation)},
        },
    }
    if operation.body is not None:
        contents = {operation.body_type: {"schema": schema_of(operation.body)}}
        if operation.form is not None:
            contents[FORM] = {"schema": schema_of(operation.form)}
        described["requestBody"] = {"required": True, "content": contents}
    if operation.is_open:
        described["security"] = []
    return described


def _refusals(operation: Operation) -> tuple[int, ...]:
    """Its own and those that no route tells by itself."""
    return (*operation.problems, *((413,) if operation.body is not None else ()), 503)


def _parameters(operation: Operation) -> Iterable[dict[str, Any]]:
    for name in PATH_PARAMETER.findall(operation.path):
        kind = "string" if name in TEXT_IN_PATH else "integer"
        yield {"name": name, "in": "path", "required": True, "schema": {"type": kind}}
    for parameter in operation.parameters:
        yield _query(parameter)
    is_write = operation.method != "get" and not operation.is_open
    if is_write:
        yield {
            "name": "X-CSRF-Token",
            "in": "header",
            "required": False,
            "description": "`csrf` of Me; needed with the session cookie only",
            "schema": {"type": "string"},
        }


def _query(parameter: Parameter) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": parameter.kind}
    if parameter.format:
        schema["format"] = parameter.format
    if parameter.minimum is not None:
        schema["minimum"] = parameter.minimum
    if parameter.maximum is not None:
        schema["maximum"] = parameter.maximum
    if parameter.example is not None and not parameter.is_free:
        schema["examples"] = [parameter.example]
    if parameter.is_free:
        # Any property of the layer is a parameter of its own.
        return {
            "name": parameter.name,
            "in": "query",
            "style": "form",
            "explode": True,
            "description": parameter.description,
            "schema": {"type": "object", "additionalProperties": {"type": "string"}},
        }
    return {
        "name": parameter.name,
        "in": "query",
        "required": parameter.is_required,
        "description": parameter.description,
        "schema": schema,
    }


def _problem(status: int) -> dict[str, Any]:
    told = {"description": MEANINGS[status], "content": PROBLEM}
    return told | {"headers": RETRY_AFTER} if status == QUOTA else told


MEANINGS = {
    204: "Nothing is there",
    304: "The client's copy still holds",
    400: "The request cannot be read or breaks the declaration",
    401: "Not signed in",
    403: "The account lacks the right, or the place lies outside its areas",
    404: "Not there, or not for this reader",
    409: "Changed by somebody else since it was read",
    413: "The body is larger than is taken",
    429: "The account has looked as often as it may; `Retry-After` says when it may again",
    503: "Busy or without its database",
}


def schema_of(name: str | None) -> dict[str, Any]:
    """A reference to a named schema; `Name[]` in `items` of an object for lists."""
    if name is None:
        return {}
    if name.endswith("[]"):
        items = {"type": "array", "items": schema_of(name.removesuffix("[]"))}
        return {"type": "object", "required": ["items"], "properties": {"items": items}}
    return {"$ref": f"#/components/schemas/{name}"}
