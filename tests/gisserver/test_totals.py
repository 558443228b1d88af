"""`/api/totals`: each number is the number of rows its reader may open."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.gisserver.conftest import signed_in


@pytest.fixture(scope="module", params=["commander", "supervisor", "worker", "auditor"])
def client(
    request: pytest.FixtureRequest, city_app: Flask, city_passwords: dict[str, str]
) -> FlaskClient:
    return signed_in(city_app, request.param, city_passwords[request.param])


def ask(client: FlaskClient, path: str) -> Any:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def test_every_number_opens_its_rows(client: FlaskClient) -> None:
    """From the top down to a grid; what is told of a place is what a list of its rows counts."""
    code = ""
    while True:
        totals = ask(client, f"/api/totals?area={code}")
        for place in (totals["area"], *totals["children"][-2:]):
            for layer, count in place["counts"].items():
                rows = ask(
                    client,
                    f"/api/layers/{layer}/features?area={place['code']}&limit=1&count=true",
                )
                assert rows["numberMatched"] == count, (place, layer)
        if not totals["children"]:
            break
        code = totals["children"][-1]["code"]
    assert len(code) == 14
    assert totals["buildings"]
    assert totals["above"] == [] or totals["above"][-1]["code"] == code[:12]


def test_an_area_elsewhere_is_not_there(client: FlaskClient) -> None:
    assert client.get("/api/totals?area=11").status_code == 404
    assert client.get("/api/totals?area=11x").status_code == 400
