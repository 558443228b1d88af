"""The OpenAPI document tells every route under /api, and no other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from gisserver.api.document import OPERATIONS
from gisserver.api.document.operation import Operation
from gisserver.api.openapi import build_document
from gisserver.auth.accounts import create_account
from layers.core.rights import Role
from layers.core.scope import Grant
from tests.gisserver.conftest import signed_in

METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}


def served(app: Flask) -> set[tuple[str, str]]:
    """Method and address of each route, its variables named but not typed."""
    return {
        (method.lower(), re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in (rule.methods or set()) & METHODS
    }


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if "$ref" in node:
            yield str(node["$ref"])
        for each in node.values():
            yield from references(each)
    elif isinstance(node, list):
        for each in node:
            yield from references(each)


def test_the_document_tells_what_is_served_and_nothing_else(app: Flask) -> None:
    paths = build_document()["paths"]
    told = {(method, path) for path, methods in paths.items() for method in methods}
    assert told == served(app)


def test_every_reference_leads_somewhere_and_every_schema_is_used() -> None:
    document = build_document()
    names = {reference.removeprefix("#/components/schemas/") for reference in references(document)}
    assert names == set(document["components"]["schemas"])


def test_every_operation_has_its_own_name_and_its_errors() -> None:
    operations = [
        operation
        for methods in build_document()["paths"].values()
        for operation in methods.values()
    ]
    names = [operation["operationId"] for operation in operations]
    assert len(names) == len(set(names))
    assert all({"400", "401"} <= set(operation["responses"]) for operation in operations)


def test_the_document_is_for_those_signed_in(app: Flask) -> None:
    assert app.test_client().get("/api/openapi.json").status_code == 401


SAMPLES = {"integer": "1", "number": "1", "boolean": "true", "string": "990101"}
FORMATS = {"date": "2024-05-01", "date-time": "2024-05-01T00:00:00Z"}


@pytest.fixture(scope="module")
def everything(app: Flask, module_engine: Engine) -> tuple[FlaskClient, dict[str, str]]:
    """A browser signed in with every role everywhere, and what its writes have to carry."""
    grants = [Grant(role, "") for role in Role]
    create_account(module_engine, "all-roles", "All", "correct horse battery", grants)
    client = signed_in(app, "all-roles", "correct horse battery")
    me = client.get("/api/me").json
    assert me is not None
    return client, {"X-CSRF-Token": me["csrf"]}


def address(operation: Operation) -> str:
    return re.sub(r"\{\w+\}", "1", operation.path.replace("{name}", "buildings"))


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.name)
def test_every_route_refuses_an_unknown_parameter(
    everything: tuple[FlaskClient, dict[str, str]], operation: Operation
) -> None:
    client, headers = everything
    path = f"{address(operation)}?surprise=1"
    answer = client.open(path, method=operation.method.upper(), headers=headers)
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"
    assert "surprise" in answer.text


@pytest.mark.parametrize(
    "operation", [each for each in OPERATIONS if each.parameters], ids=lambda each: each.name
)
def test_every_parameter_told_is_taken(
    everything: tuple[FlaskClient, dict[str, str]], operation: Operation
) -> None:
    client, headers = everything
    for parameter in operation.parameters:
        sample = FORMATS.get(parameter.format or "", SAMPLES[parameter.kind])
        given = {"bbox": "0,0,1,1", "datetime": "2024-05-01T00:00:00Z"}.get(parameter.name, sample)
        name = (parameter.example or "usage") if parameter.is_free else parameter.name
        query = {name: given} | {
            each.name: SAMPLES[each.kind] for each in operation.parameters if each.is_required
        }
        answer = client.open(
            address(operation),
            method=operation.method.upper(),
            query_string=query,
            headers=headers,
        )
        assert "unknown query parameter" not in answer.text, parameter.name
        assert answer.status_code < 500, (parameter.name, answer.text)


@pytest.mark.parametrize(
    "operation", [each for each in OPERATIONS if each.body], ids=lambda each: each.name
)
def test_every_body_is_checked(
    everything: tuple[FlaskClient, dict[str, str]], operation: Operation
) -> None:
    client, headers = everything
    for raw in (b"", b"{", b"[1]", b"null", b'"x"', b'{"surprise": 1}', b"\xff\xfe"):
        answer = client.open(
            address(operation),
            method=operation.method.upper(),
            data=raw,
            content_type="application/json",
            headers=headers,
        )
        assert answer.status_code == 400, (raw, answer.text)
        assert answer.content_type == "application/problem+json"
