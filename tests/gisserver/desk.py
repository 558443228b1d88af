"""A signed-in person of the test town who sends what forms send."""

from __future__ import annotations

from typing import Any

from flask import Flask
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from layers.core.rights import Role
from tests.gisserver.conftest import signed_in
from tests.gisserver.town import PASSWORD, add_account


class Desk:
    """A signed-in person who sends what forms send."""

    def __init__(self, app: Flask, engine: Engine, role: Role, area: str) -> None:
        self.login = add_account(engine, role, area)
        self.client = signed_in(app, self.login, PASSWORD)
        self.headers = {"X-CSRF-Token": self.client.get("/api/me").get_json()["csrf"]}

    def get(self, path: str, status: int = 200) -> Any:
        answer = self.client.get(path)
        assert answer.status_code == status, answer.text
        return answer.get_json()

    def post(self, path: str, body: Any, status: int = 200, **headers: str) -> Any:
        answer = self.client.post(path, json=body, headers=self.headers | headers)
        assert answer.status_code == status, answer.text
        return answer.get_json()

    def send_form(self, path: str, parts: dict[str, Any]) -> TestResponse:
        return self.client.post(path, data=parts, headers=self.headers)

    def make(self, layer: str, **values: Any) -> Any:
        body = {"type": "Feature", "properties": values}
        return self.post(f"/api/layers/{layer}/features", body, 201)

    def propose(self, status: int = 201, /, **body: Any) -> Any:
        return self.post("/api/proposals", body, status)

    def change(self, person: Any, values: dict[str, Any], **more: Any) -> Any:
        version = person["properties"]["row_version"]
        return self.propose(
            layer="persons",
            operation="update",
            feature_id=person["id"],
            row_version=version,
            values=values,
            **more,
        )
