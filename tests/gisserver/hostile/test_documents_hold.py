"""schemathesis over both OpenAPI documents: what the server answers is what they tell.

WANGGE_SCHEMATHESIS says how many times more cases than usual are tried.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.gisserver.hostile.conftest import PASSWORD, Besieged

TIMES = int(os.environ.get("WANGGE_SCHEMATHESIS", "1"))
# Signing out needs a browser's session; what streams has no end.
LEFT_OUT = frozenset({"DELETE /api/session", "GET /api/walls/{code}/stream"})
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
LISTS = {"rentals": "overdue", "care": "visit_overdue", "incidents": "all"}
TILE = {"z": 14, "x": 13543, "y": 6588}
OGC_TILE = {"tileMatrix": "14", "tileRow": 6588, "tileCol": 13543}


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    """A kept connection that may do everything."""
    with requests.Session() as opened:
        opened.auth = ("everything", PASSWORD)
        yield opened


def known_places(address: str, given: Mapping[str, Any] | None) -> dict[str, Any]:
    """Variables of an address that lead to what is there, most of the time."""
    made = dict(given or {})
    for name, value in made.items():
        if isinstance(value, int) and not isinstance(value, bool):
            made[name] = value % 4 + 1
    if "name" in made:
        made["name"] = LISTS.get(address.split("/")[2], "buildings")
    for tile in (TILE, OGC_TILE):
        if tile.keys() <= made.keys():
            made |= tile
    return made


def untrue(
    document: dict[str, Any], base: str, session: requests.Session, examples: int, only: str = ""
) -> tuple[int, list[str]]:
    """How many cases were tried, and what of the document did not hold."""
    schema = schemathesis.openapi.from_dict(document)

    @schema.hook
    def map_path_parameters(context: Any, path_parameters: Any) -> Any:
        return known_places(context.operation.path, path_parameters)

    bounds = settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    tried: list[str] = []
    faults: list[str] = []

    def hold(case: Any) -> None:
        label = case.operation.label
        tried.append(label)
        answer = case.call(base_url=base, session=session, timeout=20)
        try:
            case.validate_response(answer, checks=CHECKS)
        except schemathesis.errors.FailureGroup as group:
            faults.extend(f"{label}: {each}"[:600] for each in group.exceptions)

    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.label not in LEFT_OUT and only in operation.label:
            bounds(given(case=operation.as_strategy())(hold))()
    return len(tried), faults


def test_the_document_of_the_api_holds(besieged: Besieged, session: requests.Session) -> None:
    document = besieged.ask("/api/openapi.json")
    tried, faults = untrue(document, besieged.address, session, 8 * TIMES)
    assert not faults, "\n\n".join(faults[:5])
    assert tried > 3 * len(document["paths"])


def test_the_document_of_ogc_holds(besieged: Besieged, session: requests.Session) -> None:
    document = besieged.ask("/ogc/openapi")
    tried, faults = untrue(document, f"{besieged.address}/ogc", session, 3 * TIMES)
    assert not faults, "\n\n".join(faults[:5])
    assert tried > len(document["paths"])


def test_nothing_in_the_documents_lies_elsewhere(besieged: Besieged) -> None:
    for path in ("/ogc/openapi", "/api/openapi.json"):
        document = besieged.ask(path)
        for reference in references(document):
            node: Any = document
            assert reference.startswith("#/"), reference
            for part in reference.removeprefix("#/").split("/"):
                node = node[part]


def references(node: Any) -> Iterator[str]:
    inside = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    if isinstance(node, dict) and isinstance(node.get("$ref"), str):
        yield node["$ref"]
    for each in inside:
        yield from references(each)


@pytest.mark.parametrize("lie", ["status", "media type", "schema"])
def test_a_document_that_is_not_true_is_found_out(
    besieged: Besieged, session: requests.Session, lie: str
) -> None:
    document = deepcopy(besieged.ask("/ogc/openapi"))
    answers = document["paths"]["/conformance"]["get"]["responses"]
    if lie == "status":
        answers["299"] = answers.pop("200")
    elif lie == "media type":
        answers["200"]["content"] = {"text/plain": {}}
    else:
        document["components"]["schemas"]["Conformance"] = {"type": "array"}
    _, faults = untrue(document, f"{besieged.address}/ogc", session, 5, "/conformance")
    assert faults
