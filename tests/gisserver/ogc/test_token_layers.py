"""Tokens for some layers: what a machine sees of these, and that it sees nothing else."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from gisserver.app import OPEN_ENDPOINTS
from gisserver.auth.identity import identity_of_token
from gisserver.auth.secrets import hash_secret
from layers.catalogue import LAYERS, layer_by_name
from layers.core.database import reader_transaction
from layers.core.rights import Right, Role
from layers.core.scope import Grant, Reader
from tests.gisserver.ogc.conftest import BUILDINGS, COMMUNITIES, PASSWORD, SOUTH, WEST, ask

GRID = {
    "type": "Feature",
    "properties": {"name": "一号", "kind": "governance"},
    "geometry": {
        "type": "Polygon",
        "coordinates": [[[WEST, SOUTH], [WEST + 0.01, SOUTH], [WEST, SOUTH + 0.01], [WEST, SOUTH]]],
    },
}


def made(client: FlaskClient, *layers: str, login: str = "chief", **wanted: Any) -> dict[str, str]:
    """Headers of a new token."""
    body = {"name": "model", "layers": layers, **wanted}
    answer = client.post("/api/tokens", json=body, auth=(login, PASSWORD))
    assert answer.status_code == 201, answer.text
    assert answer.json is not None
    assert answer.json["layers"] == list(layers)
    return {"Authorization": f"Bearer {answer.json['token']}"}


def reader_of(engine: Engine, headers: dict[str, str]) -> Reader:
    secret = headers["Authorization"].removeprefix("Bearer ")
    with engine.begin() as connection:
        identity = identity_of_token(connection, hash_secret(secret))
    assert identity is not None
    return identity.reader


def test_only_its_layers_are_there(client: FlaskClient) -> None:
    headers = made(client, "buildings", "incidents")
    listed = client.get("/ogc/collections?f=json", headers=headers).json
    assert listed is not None
    assert [each["id"] for each in listed["collections"]] == ["buildings", "incidents"]
    items = client.get("/ogc/collections/buildings/items?limit=1", headers=headers).json
    assert items is not None
    assert items["numberMatched"] == 2 * BUILDINGS
    assert "/collections/areas" not in client.get("/ogc/openapi", headers=headers).text
    assert "/collections/areas" in client.get("/ogc/openapi", auth=("chief", PASSWORD)).text
    styles = client.get("/ogc/styles?f=json", headers=headers).text
    assert "buildings" in styles
    assert "areas" not in styles
    project = client.get("/ogc/qgis-project", headers=headers).text
    assert "incidents" in project
    assert "areas" not in project


@pytest.mark.parametrize(
    "path",
    [
        "/ogc/collections/areas",
        "/ogc/collections/areas/items",
        "/ogc/collections/areas/items/1",
        "/ogc/collections/areas/queryables",
        "/ogc/collections/areas/schema",
        "/ogc/collections/areas/tiles",
        "/ogc/collections/areas/tiles/WebMercatorQuad/14/6600/13500",
        "/ogc/collections/areas/styles",
        "/ogc/styles/areas",
        "/ogc/collections/persons/items",
        "/tiles/areas/14/13500/6600",
        "/tiles/buildings,areas/14/13500/6600",
        "/api/layers/areas/features",
        "/api/layers/areas/features/1",
        "/api/layers/areas/features/1/history",
        "/api/layers/areas/schema",
    ],
)
def test_another_layer_is_not_there(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers=made(client, "buildings"))
    assert answer.status_code == 404, answer.text


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_another_layer_is_not_written(client: FlaskClient, method: str) -> None:
    headers = made(client, "buildings", login="one")
    for path in ("/ogc/collections/areas/items", "/api/layers/areas/features"):
        address = path if method == "POST" else f"{path}/1"
        answer = client.open(address, method=method, json={}, headers=headers)
        assert answer.status_code == 404, answer.text


def test_its_layer_is_written(client: FlaskClient) -> None:
    headers = made(client, "buildings", login="one")
    page = ask(client, "/collections/buildings/items?limit=1", "one")
    address = f"/ogc/collections/buildings/items/{page['features'][0]['id']}"
    answer = client.patch(
        address,
        json={"properties": {"levels": 9}},
        headers=headers | {"Content-Type": "application/merge-patch+json"},
    )
    assert answer.status_code == 204, answer.text
    assert ask(client, address.removeprefix("/ogc"))["properties"]["levels"] == 9
    told = address.replace("/ogc/collections", "/api/layers").replace("items", "features")
    history = client.get(f"{told}/history", headers=headers).json
    assert history is not None
    assert history["items"][0]["actor"] == "one"


def test_a_grid_is_not_drafted_by_who_sees_no_plans(
    client: FlaskClient, module_engine: Engine
) -> None:
    headers = made(client, "grids", "areas", login="one")
    answer = client.post("/ogc/collections/grids/items", json=GRID, headers=headers)
    assert answer.status_code == 403, answer.text
    with module_engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM territory.plan")).scalar_one() == 0


def test_what_names_no_layer_is_closed(city: Flask, client: FlaskClient) -> None:
    """Every route there is: what is added later is closed until somebody opens it."""
    headers = made(client, "buildings", login="one")
    open_routes = set()
    for rule in city.url_map.iter_rules():
        path = re.sub(r"<(int:)?[a-z_]+>", "1", rule.rule)
        is_read = "GET" in (rule.methods or ()) and rule.endpoint not in OPEN_ENDPOINTS
        if is_read and rule.rule.startswith(("/api", "/ogc", "/live")):
            answer = client.get(path, headers=headers)
            assert answer.status_code in {200, 302, 400, 403, 404}, (path, answer.text)
            if answer.status_code != 403:
                open_routes.add(rule.rule)
    named = {each for each in open_routes if "/<name>" in each}
    assert all(each.startswith(("/ogc/collections/", "/api/layers/")) for each in named)
    assert open_routes - named == {
        "/api/codes",
        "/api/me",
        "/api/openapi.json",
        "/ogc/",
        "/ogc/help",
        "/ogc/static/<path:filename>",
        "/ogc/collections",
        "/ogc/conformance",
        "/ogc/openapi",
        "/ogc/qgis-project",
        "/ogc/styles",
        "/ogc/styles/<style>",
        "/ogc/styles/<style>/metadata",
        "/ogc/tileMatrixSets",
        "/ogc/tileMatrixSets/<matrix_set>",
        "/ogc/tiles",
        "/ogc/tiles/<matrix_set>",
        "/ogc/tiles/<matrix_set>/<level>/<row>/<column>",
    }


def test_the_database_is_told_the_layers(client: FlaskClient, module_engine: Engine) -> None:
    reader = reader_of(module_engine, made(client, "buildings"))
    seen = set()
    with reader_transaction(module_engine, reader) as connection:
        for layer in LAYERS:
            statement = text(f"SELECT count(*) FROM {layer.qualified_table}")
            if connection.execute(statement).scalar_one():
                seen.add(layer.name)
        history = connection.execute(text("SELECT DISTINCT layer FROM core.history")).scalars()
        assert set(history) == {"buildings"}
    assert seen == {"buildings"}


def test_only_the_rights_of_its_layers_are_held(client: FlaskClient, module_engine: Engine) -> None:
    headers = made(client, "buildings", login="one", areas=[COMMUNITIES[0]])
    reader = reader_of(module_engine, headers)
    assert reader.rights == {Right.BASE_READ, Right.HOUSING_WRITE}
    me = client.get("/api/me", headers=headers).json
    assert me is not None
    assert me["rights"] == ["base:read", "housing:write"]


def test_areas_and_layers_hold_together(client: FlaskClient) -> None:
    headers = made(client, "buildings", areas=[COMMUNITIES[1]])
    items = client.get("/ogc/collections/buildings/items?limit=1", headers=headers).json
    assert items is not None
    assert items["numberMatched"] == BUILDINGS
    assert client.get("/ogc/collections/incidents", headers=headers).status_code == 404


@pytest.mark.parametrize("layers", [["nothing"], ["persons"], [1], "buildings", ["buildings"] * 99])
def test_layers_that_one_does_not_see_are_refused(client: FlaskClient, layers: Any) -> None:
    body = {"name": "wide", "layers": layers}
    answer = client.post("/api/tokens", json=body, auth=("auditor", PASSWORD))
    assert answer.status_code == 400, answer.text


def test_a_reader_of_no_layer_holds_nothing() -> None:
    reader = Reader(1, "one", (Grant(Role.COMMANDER, "990101"),), staff_id=3, unit_id=4)
    assert reader.only_layers(()).rights == frozenset()
    narrow = reader.only_layers([layer_by_name("incidents")])
    assert (narrow.staff_id, narrow.unit_id) == (None, None)
    assert narrow.only_within(["990101001"]).layers == narrow.layers
    assert narrow.areas_to_read(layer_by_name("areas")) == ()


def test_nobody_asks_a_layer_s_right_past_the_layer() -> None:
    """`reader.scope(layer.read)` would forget for which layers a token is."""
    past = re.compile(r"\.(scope|covers)\(\s*[\w.]+\.(read|create_right)\b")
    found = [
        f"{path}:{i}"
        for folder in ("layers", "gisserver")
        for path in Path(folder).rglob("*.py")
        for i, line in enumerate(path.read_text().splitlines(), 1)
        if past.search(line) and path.name != "scope.py"
    ]
    assert found == []
