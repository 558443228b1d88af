"""`/api/statistics/population`: each number is the number of rows its reader may open."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.gisserver.conftest import signed_in

PATH = "/api/statistics/population"


@pytest.fixture(scope="module")
def commander(city_app: Flask, city_passwords: dict[str, str]) -> FlaskClient:
    return signed_in(city_app, "commander", city_passwords["commander"])


@pytest.fixture(scope="module")
def analyst(city_app: Flask, city_passwords: dict[str, str]) -> FlaskClient:
    return signed_in(city_app, "analyst", city_passwords["analyst"])


def ask(client: FlaskClient, path: str) -> Any:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def test_every_number_opens_its_rows(commander: FlaskClient) -> None:
    """From the top down to a grid, and the numbers of each level add up to the one above."""
    code = ""
    for level in ("county", "street", "community", "grid"):
        found = ask(commander, f"{PATH}?area={code}&by={level},register")
        for name in ("people", "households", "dwellings", "rentals"):
            assert sum(row[name] for row in found["rows"]) == found["total"][name]
        for row in (found["total"], found["rows"][-1]):
            for layer, count in (
                ("persons", row["people"]),
                ("dwellings", row["dwellings"]),
                ("rentals", row["rentals"]),
            ):
                path = f"/api/layers/{layer}/features?area={row['code']}&limit=1&count=true"
                assert ask(commander, path)["numberMatched"] == count, (row["code"], layer)
            for column, cell in zip(found["columns"], row["cells"], strict=True):
                path = f"/api/layers/persons/features?area={row['code']}&limit=1&count=true"
                rows = ask(commander, f"{path}&register={column['register']}")
                assert rows["numberMatched"] == cell
        code = found["rows"][-1]["code"]
    assert len(code) == 14
    buildings = ask(commander, f"{PATH}?area={code}&by=building,age&months=12")
    assert sum(row["people"] for row in buildings["rows"]) == buildings["total"]["people"]
    assert [row["name"] for row in buildings["rows"] if row["code"]]
    assert len(buildings["months"]) == 12
    assert sum(row["dwellings"] for row in buildings["rows"]) == buildings["total"]["dwellings"]
    assert buildings["total"]["rentals"] == found["rows"][-1]["rentals"]
    assert buildings["months"][-1]["people"] == buildings["total"]["people"]


def test_every_cell_opens_its_persons(commander: FlaskClient) -> None:
    area = ask(commander, f"{PATH}?by=community")["rows"][0]["code"]
    found = ask(commander, f"{PATH}?area={area}&by=register,sex,age")
    ends = dict(zip(range(0, 90, 5), [*range(5, 90, 5), None], strict=True))
    for column, cell in list(zip(found["columns"], found["total"]["cells"], strict=True))[::7]:
        asked = {name: "none" if value is None else value for name, value in column.items()}
        if column["age"] is not None and ends[column["age"]] is not None:
            asked["below"] = ends[column["age"]]
        query = "&".join(f"{name}={value}" for name, value in asked.items())
        rows = ask(commander, f"{PATH}/persons?area={area}&{query}&limit=1000")
        assert rows["numberMatched"] == len(rows["features"]) == cell
    first = ask(commander, f"{PATH}/persons?area={area}&age=60&limit=2")
    then = ask(commander, f"{PATH}/persons?area={area}&age=60&limit=2&after={first['next']}")
    assert [each["id"] for each in first["features"] + then["features"]] == sorted(
        {each["id"] for each in first["features"] + then["features"]}
    )


def test_totals_on_the_wall_are_the_same(commander: FlaskClient) -> None:
    totals = ask(commander, "/api/totals")["area"]["counts"]
    found = ask(commander, PATH)["total"]
    assert found["people"] == totals["persons"]
    assert found["dwellings"] == totals["dwellings"]


def test_small_numbers_are_hidden_without_the_right(analyst: FlaskClient) -> None:
    top = ask(analyst, f"{PATH}?by=street,register,age&months=6")
    assert top["is_exact"] is False
    cells = [cell for row in (top["total"], *top["rows"]) for cell in row["cells"]]
    assert None in cells
    assert all(cell is None or cell == 0 or cell >= 5 for cell in cells)
    assert all(month["people"] is None for month in top["months"])
    street = top["rows"][0]["code"]
    assert analyst.get(f"{PATH}?area={street}&on=2026-01-01").status_code == 403
    assert analyst.get(f"{PATH}/persons?area={street}").status_code == 403


def test_what_cannot_be_asked_is_told(commander: FlaskClient) -> None:
    for query in (
        "years=1",
        "by=village",
        "by=county,street",
        "on=tomorrow",
        "by=building&on=2026-01-01",
        "on=0001-01-01&months=60",
        "on=9999-12-31&months=1",
        "months=61",
        "area=x",
    ):
        answer = commander.get(f"{PATH}?{query}")
        assert answer.status_code == 400, query
        assert answer.mimetype == "application/problem+json"
    assert commander.get(f"{PATH}?area=11").status_code == 404


def test_nobody_is_told_nothing(city_app: Flask) -> None:
    assert city_app.test_client().get(PATH).status_code == 401
