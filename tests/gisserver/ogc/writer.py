"""A client that writes features, as QGIS shapes its requests."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from shapely.geometry import box, mapping
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from gisserver.auth.accounts import create_account
from layers.core.rights import Role
from layers.core.scope import Grant
from tests.gisserver.ogc.conftest import COMMUNITIES, PASSWORD, SOUTH, WEST

GEOJSON = "application/geo+json"
MERGE_PATCH = "application/merge-patch+json"
QGIS = "Mozilla/5.0 QGIS/34400/Linux"


@dataclass(frozen=True)
class Writer:
    """One account's requests to `/ogc/collections`, with HTTP Basic."""

    client: FlaskClient
    login: str

    def ask(
        self, method: str, path: str, body: Any = None, kind: str | None = None, **headers: str
    ) -> TestResponse:
        """One request; `If_Match` is the header If-Match."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if kind is not None:
            sent["Content-Type"] = kind
        data = None if body is None else json.dumps(body)
        return self.client.open(
            f"/ogc/collections/{path}",
            method=method,
            data=data,
            headers=sent,
            auth=(self.login, PASSWORD),
        )

    def get(self, path: str) -> dict[str, Any]:
        """The item as it is read."""
        answer = self.ask("GET", path)
        assert answer.status_code == 200, answer.text
        assert isinstance(answer.json, dict)
        return answer.json

    def post(self, collection: str, feature: Any, **headers: str) -> TestResponse:
        """Adds a feature."""
        return self.ask("POST", f"{collection}/items", feature, GEOJSON, **headers)

    def put(self, path: str, feature: Any, **headers: str) -> TestResponse:
        """Puts a whole feature in place of the item."""
        return self.ask("PUT", path, feature, GEOJSON, **headers)

    def qgis_put(self, path: str, cached: dict[str, Any]) -> TestResponse:
        """Puts the cached feature as QGIS does: coordinates with six decimals, a box beside."""
        sent = cached | {"geometry": in_six_decimals(cached["geometry"]), "bbox": [0, 0, 1, 1]}
        return self.put(path, sent, User_Agent=QGIS)

    def patch(self, path: str, changes: Any, **headers: str) -> TestResponse:
        """Changes parts of the item."""
        return self.ask("PATCH", path, changes, MERGE_PATCH, **headers)

    def delete(self, path: str, **headers: str) -> TestResponse:
        """Deletes the item, without any body or version, as QGIS does."""
        return self.ask("DELETE", path, **headers)

    def allowed(self, path: str) -> set[str]:
        """The methods that OPTIONS tells."""
        answer = self.ask("OPTIONS", path)
        assert answer.status_code == 200, answer.text
        return set(answer.headers["Allow"].split(", "))

    def building(self, **properties: Any) -> str:
        """A new building's path, in the first community."""
        body = building(name="新楼", **properties)
        return path_of(self.post("buildings", body))


def new_writer(
    app: Flask, engine: Engine, role: Role = Role.SUPERVISOR, area: str = COMMUNITIES[0]
) -> Writer:
    """The client of a new account."""
    login = f"w{secrets.token_hex(4)}"
    create_account(engine, login, login, PASSWORD, [Grant(role, area)])
    return Writer(app.test_client(use_cookies=False), login)


def square(east: float = 0.008, north: float = 0.008, size: float = 0.0002) -> dict[str, Any]:
    """A square polygon, its corner so many degrees from that of the city."""
    west, south = round(WEST + east, 7), round(SOUTH + north, 7)
    made = mapping(box(west, south, round(west + size, 7), round(south + size, 7)))
    return {"type": "MultiPolygon", "coordinates": [json.loads(json.dumps(made["coordinates"]))]}


def in_six_decimals(geometry: dict[str, Any]) -> dict[str, Any]:
    """The geometry as QGIS writes it into a feature."""
    text = json.dumps(geometry["coordinates"])
    short = json.loads(text, parse_float=lambda number: round(float(number), 6))
    return {"type": geometry["type"], "coordinates": short}


def building(**properties: Any) -> dict[str, Any]:
    """A GeoJSON Feature of a building."""
    return {"type": "Feature", "geometry": square(), "properties": properties}


def path_of(answer: TestResponse) -> str:
    """The path below `/collections` of what was added."""
    assert answer.status_code == 201, answer.text
    return answer.headers["Location"].partition("/collections/")[2]


def faults(answer: TestResponse) -> dict[str, str]:
    """Reasons by field of a refusal."""
    assert answer.content_type == "application/problem+json"
    assert answer.json is not None
    return {each["field"]: each["reason"] for each in answer.json["faults"]}
