"""Answers taken out: with the right, a reason and a line in the log; as many rows as on screen."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import openpyxl
import pyogrio
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from werkzeug.test import TestResponse

from gisserver.viewer_build import build_viewer
from layers.core.rights import Role
from tests.gisserver.conftest import signed_in
from tests.gisserver.town import PASSWORD, add_account

REASON = "编制应急预案"


@pytest.fixture(scope="module")
def clients(city_app: Flask, city_passwords: dict[str, str]) -> dict[str, FlaskClient]:
    """A signed-in browser for each demo account."""
    return {login: signed_in(city_app, login, word) for login, word in city_passwords.items()}


@pytest.fixture(scope="module")
def grid(city_engine: Engine, clients: dict[str, FlaskClient]) -> int:
    """A governance grid of the supervisor's community with people in it."""
    areas = clients["supervisor"].get("/api/me").get_json()["areas"]
    with city_engine.begin() as connection:
        return int(
            connection.execute(
                text(
                    "SELECT g.id FROM territory.grid AS g WHERE starts_with(g.code, :area) AND "
                    "EXISTS (SELECT FROM people.resident_figure AS f WHERE f.area_code = g.code) "
                    "ORDER BY g.code LIMIT 1"
                ),
                {"area": areas[0]["code"]},
            ).scalar_one()
        )


def within(grid: int, layer: str = "buildings", **more: Any) -> dict[str, Any]:
    subject = {"layer": "grids", "ids": [grid]}
    return {"layer": layer, "relation": "within", "subject": subject, **more}


def post(client: FlaskClient, path: str, **body: Any) -> TestResponse:
    headers = {"X-CSRF-Token": client.get("/api/me").get_json()["csrf"]}
    return client.post(path, json=body, headers=headers)


def counted(client: FlaskClient, question: dict[str, Any]) -> int:
    answer = post(client, "/api/questions/answer", question=question, limit=1)
    return int(answer.get_json()["numberMatched"])


def exported(engine: Engine) -> list[Any]:
    with engine.begin() as connection:
        return list(
            connection.execute(
                text(
                    "SELECT login, layer, area_code, reason, detail FROM core.audit "
                    "WHERE action = 'export' ORDER BY id"
                )
            )
        )


def read_back(suffix: str, content: bytes, folder: Path) -> tuple[list[str], list[list[Any]]]:
    """Titles and rows of a file, by the programs people use."""
    path = folder / f"back.{suffix}"
    path.write_bytes(content)
    if suffix == "xlsx":
        head, *rows = openpyxl.load_workbook(path).active.iter_rows(values_only=True)
        return list(head), [list(row) for row in rows]
    if suffix == "csv":
        head, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig")))
        return head, rows
    frame = pyogrio.read_dataframe(path)
    return list(frame.columns), frame.to_numpy().tolist()


@pytest.mark.parametrize("suffix", ["gpkg", "geojson", "xlsx", "csv"])
def test_the_file_holds_what_the_screen_counts(
    city_engine: Engine,
    clients: dict[str, FlaskClient],
    grid: int,
    tmp_path: Path,
    suffix: str,
) -> None:
    supervisor = clients["supervisor"]
    question = within(grid, conditions=[{"field": "levels", "minimum": 2}])
    before = len(exported(city_engine))
    answer = post(supervisor, "/api/exports", question=question, format=suffix, reason=REASON)
    assert answer.status_code == 200, answer.text
    titles, rows = read_back(suffix, answer.data, tmp_path)
    assert len(rows) == counted(supervisor, question) == int(answer.headers["X-Rows"])
    assert {"编号", "楼栋名称", "用途代码", "用途", "地上层数 (层)", "所属区域"} <= set(titles)
    usage = titles.index("用途代码")
    assert {(row[usage], row[usage + 1]) for row in rows} & {("B1", "住宅")}
    assert "filename" in answer.headers["Content-Disposition"]
    (line,) = exported(city_engine)[before:]
    assert (line.login, line.layer, line.reason) == ("supervisor", "buildings", REASON)
    assert (line.detail["format"], line.detail["rows"]) == (suffix, len(rows))
    assert line.detail["question"]["conditions"] == question["conditions"]


def test_persons_leave_masked_and_where_they_live(
    clients: dict[str, FlaskClient], grid: int, tmp_path: Path
) -> None:
    supervisor = clients["supervisor"]
    question = within(grid, "persons")
    answer = post(supervisor, "/api/exports", question=question, format="gpkg", reason=REASON)
    titles, rows = read_back("gpkg", answer.data, tmp_path)
    assert len(rows) == counted(supervisor, question) > 0
    name, number = titles.index("姓名"), titles.index("证件号码")
    assert all("*" in row[name] for row in rows)
    assert not any(re.fullmatch(r"\d{17}[\dX]", str(row[number])) for row in rows)
    assert not any("cipher" in title or "index" in title for title in titles)
    assert titles[-1] == "geometry"
    assert rows[0][titles.index("所在楼栋编号")] is not None


def test_near_tells_the_distance_and_english_its_titles(
    clients: dict[str, FlaskClient], grid: int, tmp_path: Path
) -> None:
    near = {"layer": "components", "relation": "near", "metres": 300}
    question = near | {"subject": {"layer": "grids", "ids": [grid]}}
    answer = post(
        clients["supervisor"],
        "/api/exports",
        question=question,
        format="csv",
        reason=REASON,
        language="en",
    )
    titles, rows = read_back("csv", answer.data, tmp_path)
    assert {"ID", "Distance (m)", "Longitude"} <= set(titles)
    distances = [float(row[titles.index("Distance (m)")]) for row in rows]
    assert distances
    assert max(distances) <= 300


def test_no_right_no_reason_no_file(
    city_engine: Engine, clients: dict[str, FlaskClient], grid: int
) -> None:
    before = len(exported(city_engine))
    good = {"question": within(grid), "format": "csv", "reason": REASON}
    refused = post(clients["worker"], "/api/exports", **good)
    assert (refused.status_code, "data:export" in refused.text) == (403, True)
    for changed, words in (
        ({"reason": ""}, "4 to 500 characters"),
        ({"reason": " 核 "}, "4 to 500 characters"),
        ({"reason": None}, "4 to 500 characters"),
        ({"reason": 12345}, "text expected"),
        ({"reason": "x" * 501}, "4 to 500 characters"),
        ({"format": "dwg"}, "one of gpkg, geojson, xlsx, csv"),
        ({"language": "fr"}, "one of zh, en"),
        ({"colour": 1}, "unknown members: colour"),
        ({"question": {}}, "a layer with a place expected"),
    ):
        answer = post(clients["supervisor"], "/api/exports", **good | changed)
        assert answer.status_code == 400, changed
        assert words in answer.text
    answer = post(clients["supervisor"], "/api/exports/map", **good | {"format": None})
    assert answer.status_code == 400
    assert len(exported(city_engine)) == before


def test_rows_that_may_be_seen_but_not_taken_out_are_named(
    city_app: Flask, city_engine: Engine, clients: dict[str, FlaskClient], grid: int
) -> None:
    """An analyst of one grid who also sees the whole city as an operator."""
    with city_engine.begin() as connection:
        code = connection.execute(
            text("SELECT code FROM territory.grid WHERE id = :id"), {"id": grid}
        ).scalar_one()
    login = add_account(city_engine, Role.ANALYST, code)
    with city_engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO organisation.account_grant (account_id, role, area_code) "
                "SELECT id, 'operator', '' FROM organisation.account WHERE login = :login"
            ),
            {"login": login},
        )
    client = signed_in(city_app, login, PASSWORD)
    inside = {"question": within(grid), "format": "csv", "reason": REASON}
    assert post(client, "/api/exports", **inside).status_code == 200
    near = within(grid) | {"relation": "near", "metres": 500}
    refused = post(client, "/api/exports", **inside | {"question": near})
    assert refused.status_code == 403
    outside = counted(client, near) - counted(client, within(grid))
    found = re.search(r"([\d,]+) of ([\d,]+) rows", refused.get_json()["detail"])
    assert found is not None
    assert int(found[2].replace(",", "")) == counted(client, near)
    assert 0 < int(found[1].replace(",", "")) <= outside


@pytest.mark.parametrize("kind", ["2d", "3d"])
def test_a_map_in_one_file(
    city_engine: Engine, clients: dict[str, FlaskClient], grid: int, kind: str
) -> None:
    build_viewer(lambda _: None)
    supervisor = clients["supervisor"]
    question, title = within(grid), "三网格<楼栋>"
    before = len(exported(city_engine))
    answer = post(
        supervisor,
        "/api/exports/map",
        question=question,
        kind=kind,
        reason=REASON,
        title=title,
    )
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "text/html"
    count = counted(supervisor, question)
    assert f"{count:,} 个要素" in answer.text
    assert "三网格&lt;楼栋&gt;" in answer.text
    assert 'data-watermark="supervisor' in answer.text
    assert not re.search(r"<(?:script|link)[^>]+(?:src|href)=.?https?:", answer.text)
    (line,) = exported(city_engine)[before:]
    assert (line.detail["map"], line.detail["rows"]) == (kind, count)


def test_a_map_of_too_much_is_refused(city_engine: Engine, clients: dict[str, FlaskClient]) -> None:
    commander = clients["commander"]
    extent = commander.get("/api/summary").get_json()["extent"]
    west, south, east, north = extent
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    everywhere = {"geometry": {"type": "Polygon", "coordinates": [ring]}}
    question = {"layer": "dwellings", "relation": "within", "subject": everywhere}
    count = counted(commander, question)
    assert count > 5000
    before = len(exported(city_engine))
    refused = post(commander, "/api/exports/map", question=question, kind="2d", reason=REASON)
    assert refused.status_code == 400
    reason = refused.get_json()["faults"][0]["reason"]
    assert reason == f"{count:,} rows; at most 5,000 go into one file. Narrow the question"
    assert len(exported(city_engine)) == before
    whole = post(commander, "/api/exports", question=question, format="geojson", reason=REASON)
    assert len(json.loads(whole.data)["features"]) == count
