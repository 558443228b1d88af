"""Tokens with areas and read-only tokens: what a machine sees and does with them."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from gisserver.auth.accounts import create_account
from gisserver.auth.identity import identity_of_token
from gisserver.auth.secrets import hash_secret
from layers.core.database import reader_transaction
from layers.core.rights import Role
from layers.core.scope import Grant, Reader
from tests.gisserver.ogc.conftest import BUILDINGS, COMMUNITIES, PASSWORD, WEST, ask


def made(client: FlaskClient, login: str = "chief", **wanted: Any) -> dict[str, str]:
    """Headers of a new token."""
    body = {"name": "notebook", **wanted}
    answer = client.post("/api/tokens", json=body, auth=(login, PASSWORD))
    assert answer.status_code == 201, answer.text
    assert answer.json is not None
    assert answer.json["areas"] == wanted.get("areas", [])
    return {"Authorization": f"Bearer {answer.json['token']}"}


def matched(client: FlaskClient, headers: dict[str, str]) -> int:
    answer = client.get("/ogc/collections/buildings/items?limit=1", headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.json is not None
    return int(answer.json["numberMatched"])


def test_a_token_without_areas_sees_what_its_account_sees(client: FlaskClient) -> None:
    assert matched(client, made(client)) == 2 * BUILDINGS


def test_a_token_sees_its_areas_only(client: FlaskClient) -> None:
    headers = made(client, areas=[COMMUNITIES[0]])
    assert matched(client, headers) == BUILDINGS
    page = ask(client, "/collections/buildings/items?limit=100")["features"]
    for feature in page:
        is_inside = feature["properties"]["area_code"].startswith(COMMUNITIES[0])
        address = f"/ogc/collections/buildings/items/{feature['id']}"
        assert client.get(address, headers=headers).status_code == (200 if is_inside else 404)


def test_extents_and_tiles_end_where_the_token_ends(client: FlaskClient) -> None:
    headers = made(client, areas=[COMMUNITIES[0]])
    answer = client.get("/ogc/collections/buildings", headers=headers).json
    assert answer is not None
    assert answer["extent"]["spatial"]["bbox"][0][2] < WEST + 0.01
    whole = ask(client, "/collections/buildings")
    assert whole["extent"]["spatial"]["bbox"][0][2] > WEST + 0.01
    column = int((WEST + 0.015 + 180) / 360 * 2**14)
    address = next(
        path
        for path in (f"/tiles/buildings/14/{column}/{row}" for row in range(6500, 6700))
        if len(client.get(path, auth=("chief", PASSWORD)).data) > 0
    )
    full = client.get(address, auth=("chief", PASSWORD))
    part = client.get(address, headers=headers)
    assert full.status_code == 200
    assert len(part.data) < len(full.data)


def test_the_database_is_given_the_token_s_areas(
    client: FlaskClient, module_engine: Engine
) -> None:
    secret = made(client, areas=[COMMUNITIES[1]])["Authorization"].removeprefix("Bearer ")
    with module_engine.begin() as connection:
        identity = identity_of_token(connection, hash_secret(secret))
    assert identity is not None
    with reader_transaction(module_engine, identity.reader) as connection:
        rows = connection.execute(text("SELECT area_code FROM housing.building")).scalars().all()
    assert len(rows) == BUILDINGS
    assert all(code.startswith(COMMUNITIES[1]) for code in rows)


def test_a_token_ends_with_the_grant_it_was_made_under(
    client: FlaskClient, module_engine: Engine
) -> None:
    grants = [Grant(Role.SUPERVISOR, code) for code in COMMUNITIES]
    create_account(module_engine, "mover", "mover", PASSWORD, grants)
    headers = made(client, "mover", areas=[COMMUNITIES[1]])
    with module_engine.begin() as connection:
        connection.execute(
            text(
                "DELETE FROM organisation.account_grant WHERE area_code = :area AND account_id = "
                "(SELECT id FROM organisation.account WHERE login = 'mover')"
            ),
            {"area": COMMUNITIES[1]},
        )
    assert client.get("/ogc/collections/buildings", headers=headers).status_code == 404
    items = client.get("/ogc/collections/buildings/items", headers=headers)
    assert items.status_code == 404
    assert client.get("/ogc/collections/buildings", auth=("mover", PASSWORD)).status_code == 200


@pytest.mark.parametrize(
    "areas", [["990102"], ["9901"], [""], ["x"], "990101", [7], ["990101"] * 51]
)
def test_areas_that_are_not_one_s_own_are_refused(client: FlaskClient, areas: Any) -> None:
    body = {"name": "wide", "areas": areas}
    answer = client.post("/api/tokens", json=body, auth=("chief", PASSWORD))
    assert answer.status_code == 400, answer.text


def test_a_token_that_may_only_read_writes_nothing(client: FlaskClient, city: Flask) -> None:
    reading, writing = made(client, is_read_only=True), made(client)
    assert matched(client, reading) == 2 * BUILDINGS
    search = client.post("/ogc/collections/buildings/search", json={"limit": 1}, headers=reading)
    assert search.status_code == 200, search.text
    building = ask(client, "/collections/buildings/items?limit=1")["features"][0]["id"]
    item = f"/ogc/collections/buildings/items/{building}"
    for method in ("PUT", "PATCH", "DELETE"):
        answer = client.open(item, method=method, json={}, headers=reading)
        assert answer.status_code == 403
        assert "only read" in answer.text
    listed = client.get("/api/tokens", headers=reading).json
    assert listed is not None
    address = f"/api/tokens/{listed['items'][-1]['id']}"
    refused = client.delete(address, headers=reading)
    assert refused.status_code == 403
    assert "only read" in refused.text
    assert client.delete(address, headers=writing).status_code == 204


def test_a_reader_in_no_area_holds_nothing() -> None:
    reader = Reader(1, "one", (Grant(Role.COMMANDER, "990101"),), staff_id=3, unit_id=4)
    assert reader.only_within(["990102"]).rights == frozenset()
    within = reader.only_within(["990101001"])
    assert within.grants == (Grant(Role.COMMANDER, "990101001"),)
    assert (within.staff_id, within.unit_id) == (None, None)
