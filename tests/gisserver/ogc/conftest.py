"""A small city that GIS clients ask about: two communities side by side."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from shapely.geometry import Point, box, mapping
from sqlalchemy import Engine

from gisserver.auth.accounts import create_account
from layers.catalogue import layer_by_name
from layers.core.change import Change, Edit, apply_change
from layers.core.database import reader_transaction
from layers.core.rights import Role
from layers.core.scope import Grant, Reader

PASSWORD = "correct horse battery"
COMMUNITIES = ("990101001001", "990101001002")
WEST, SOUTH = 117.0, 33.0
BUILDINGS = 25


@pytest.fixture(scope="module")
def city(app: Flask, module_engine: Engine) -> Flask:
    """Two communities side by side, 25 buildings in each, an incident in the first."""
    accounts = {"chief": (Role.COMMANDER, "990101"), "one": (Role.SUPERVISOR, COMMUNITIES[0])}
    accounts["auditor"] = (Role.AUDITOR, "990101")
    for login, (role, area) in accounts.items():
        create_account(module_engine, login, login, PASSWORD, [Grant(role, area)])
    admin = Reader(0, "admin", (Grant(Role.ADMIN, ""), Grant(Role.OPERATOR, "")))
    with reader_transaction(module_engine, admin) as connection:
        apply_change(
            connection, Change([*_areas(), *_buildings()]), admin, app.extensions["wangge"].tools
        )
    return app


def _areas() -> list[Edit]:
    return [
        Edit(
            layer_by_name("areas"),
            "create",
            values={"name": f"社区{i}", "level": "community", "code": code},
            geometry=mapping(box(WEST + i * 0.01, SOUTH, WEST + (i + 1) * 0.01, SOUTH + 0.01)),
        )
        for i, code in enumerate(COMMUNITIES)
    ]


def _buildings() -> list[Edit]:
    edits = []
    for i in range(2 * BUILDINGS):
        west = WEST + (0.01 if i >= BUILDINGS else 0) + 0.0003 * (i % BUILDINGS) + 0.0001
        edits.append(
            Edit(
                layer_by_name("buildings"),
                "create",
                values={"name": f"{i}号楼", "levels": 1 + i % 6, "usage": "B1"},
                geometry=mapping(box(west, SOUTH + 0.001, west + 0.0001, SOUTH + 0.002)),
            )
        )
    incident = {"category": "UM-0101", "report_source": "SRC01", "description": "测试"}
    incident |= {"reported_at": "2026-01-31T08:00:00+08:00"}
    place = mapping(Point(WEST + 0.005, SOUTH + 0.005))
    edits.append(Edit(layer_by_name("incidents"), "create", values=incident, geometry=place))
    return edits


@pytest.fixture
def client(city: Flask) -> FlaskClient:
    """A GIS client, which keeps no cookies."""
    return city.test_client(use_cookies=False)


def feature_collections(client: FlaskClient, login: str = "chief") -> list[Any]:
    """The descriptions of the collections that hold features; the others are coverages."""
    listed = ask(client, "/collections", login)["collections"]
    return [each for each in listed if each["itemType"] == "feature"]


def ask(client: FlaskClient, path: str, login: str = "chief", status: int = 200) -> Any:
    answer = client.get(f"/ogc{path}", auth=(login, PASSWORD))
    assert answer.status_code == status, answer.text
    return answer.json
