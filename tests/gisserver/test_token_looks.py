"""What a machine looks at with a personal token stands in the log with the token's name."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from layers.core.rights import Role
from tests.gisserver.desk import Desk
from tests.gisserver.town import PASSWORD, WEST


@pytest.fixture(scope="module")
def auditor(town_app: Flask, module_engine: Engine) -> Desk:
    return Desk(town_app, module_engine, Role.AUDITOR, "")


@pytest.fixture
def supervisor(town_app: Flask, module_engine: Engine) -> Desk:
    """Somebody who has not looked yet."""
    return Desk(town_app, module_engine, Role.SUPERVISOR, WEST)


@pytest.fixture
def machine(town_app: Flask) -> FlaskClient:
    return town_app.test_client(use_cookies=False)


def token_of(machine: FlaskClient, desk: Desk, **wanted: Any) -> dict[str, str]:
    body = {"name": "drainage model", **wanted}
    answer = machine.post("/api/tokens", json=body, auth=(desk.login, PASSWORD))
    assert answer.status_code == 201, answer.text
    return {"Authorization": f"Bearer {answer.get_json()['token']}"}


def lines(auditor: Desk, desk: Desk, action: str) -> list[Any]:
    items = auditor.get("/api/audit?limit=200")["items"]
    return [each for each in items if (each["login"], each["action"]) == (desk.login, action)]


@pytest.mark.parametrize("areas", [[], [WEST]])
def test_lists_and_looks_of_a_token_carry_its_name(
    machine: FlaskClient, supervisor: Desk, auditor: Desk, areas: list[str]
) -> None:
    person = supervisor.make("persons", name="诸葛无名", phone="13800000001", register="POP-01")
    headers = token_of(machine, supervisor, areas=areas)
    for path in ("", f"/{person['id']}"):
        answer = machine.get(f"/ogc/collections/persons/items{path}", headers=headers)
        assert answer.status_code == 200, answer.text
    for action in ("list", "open"):
        found = lines(auditor, supervisor, action)
        assert [each["detail"]["token"] for each in found] == ["drainage model"]


def test_what_the_account_looks_at_itself_names_no_token(
    machine: FlaskClient, supervisor: Desk, auditor: Desk
) -> None:
    token_of(machine, supervisor)
    path = "/ogc/collections/persons/items"
    assert machine.get(path, auth=(supervisor.login, PASSWORD)).status_code == 200
    (line,) = lines(auditor, supervisor, "list")
    assert "token" not in line["detail"]
