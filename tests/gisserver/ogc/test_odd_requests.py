"""Requests that nobody in order sends: each is answered, none is a fault of ours."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from tests.gisserver.ogc.conftest import PASSWORD, ask
from tests.gisserver.ogc.writer import building, faults, new_writer

DOCUMENTS = ("", "/collections", "/collections/buildings", "/conformance")


@pytest.mark.parametrize("path", DOCUMENTS)
@pytest.mark.parametrize("language", ["1", "con", "'", "", "a" * 500, "xx-YY", "%0D%0AX: y"])
def test_a_word_that_is_no_language_is_refused(
    client: FlaskClient, path: str, language: str
) -> None:
    assert "zh-CN" in ask(client, f"{path}?lang={language}", status=400)["allowed"]


@pytest.mark.parametrize("path", DOCUMENTS)
@pytest.mark.parametrize("header", ["", "*", "zh;q=a", "a" * 2_000, "en;q=2", "xx", "zh-CN-x-\xff"])
def test_a_header_that_names_no_language_is_passed_over(
    client: FlaskClient, path: str, header: str
) -> None:
    headers = {"Accept-Language": header}
    answer = client.get(f"/ogc{path}", headers=headers, auth=("chief", PASSWORD))
    assert answer.status_code == 200, answer.text


def test_documents_speak_the_language_asked_for(client: FlaskClient) -> None:
    titles = {
        language: ask(client, f"/collections/buildings?lang={language}")["title"]
        for language in ("zh-CN", "en-US", "en", "zh_TW")
    }
    assert titles == {"zh-CN": "楼栋", "en-US": "Buildings", "en": "Buildings", "zh_TW": "楼栋"}


@pytest.mark.parametrize("digit", ["²", "٣", "１", "½", "Ⅷ"])
def test_an_id_in_other_digits_is_no_feature(client: FlaskClient, digit: str) -> None:
    ask(client, f"/collections/buildings/items/{digit}", status=404)


def test_a_condition_that_does_not_hold_is_answered_as_a_problem(client: FlaskClient) -> None:
    first = ask(client, "/collections/buildings/items?limit=1")["features"][0]["id"]
    answer = client.get(
        f"/ogc/collections/buildings/items/{first}",
        headers={"If-Match": '"another"'},
        auth=("chief", PASSWORD),
    )
    assert (answer.status_code, answer.mimetype) == (412, "application/problem+json")
    assert "geometry" not in answer.text


@pytest.mark.parametrize("far", [10**400, -(10**300), 1e308])
def test_a_place_beyond_all_numbers_is_no_geometry(
    city: Flask, module_engine: Engine, far: float
) -> None:
    ring = [[117.0, 33.0], [117.1, far], [117.1, 33.1], [117.0, 33.0]]
    sent = building(name="a") | {"geometry": {"type": "Polygon", "coordinates": [ring]}}
    answer = new_writer(city, module_engine).post("buildings", sent)
    assert answer.status_code == 400, answer.text
    assert "geometry" in faults(answer)
