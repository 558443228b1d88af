"""Care that is due over HTTP: who sees it, in which order, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from layers.core.rights import Role
from tests.builders.two_sides import NAMES, WEST, TwoSides, build_two_sides
from tests.gisserver.conftest import app_over
from tests.gisserver.test_proposals import Desk

DUE = "/api/care/due"


@pytest.fixture(scope="module")
def sides(module_engine: Engine) -> TwoSides:
    built = build_two_sides(module_engine)
    with module_engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE people.care_record SET visit_interval = 7, "
                "last_visit = core.today() - 10, review_date = core.today() + 5"
            )
        )
    return built


@pytest.fixture(scope="module")
def care_app(
    sides: TwoSides, module_database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    path: Path = tmp_path_factory.mktemp("var")
    with app_over(module_database_url, path) as app:
        yield app


def test_due_visits_are_those_of_ones_own_area_and_the_look_is_logged(
    care_app: Flask, module_engine: Engine, sides: TwoSides
) -> None:
    desk = Desk(care_app, module_engine, Role.SUPERVISOR, WEST)
    found = desk.get(f"{DUE}?kind=visit")
    assert [each["id"] for each in found["items"]] == [sides.west("care_records")]
    assert found["total"] == 1
    (row,) = found["items"]
    assert row["days_overdue"] == 3
    assert row["building_id"] == sides.west("buildings")
    assert "*" in row["person_name"]
    assert row["person_name"] != NAMES[WEST]
    with module_engine.connect() as connection:
        asked = connection.execute(
            text("SELECT count(*) FROM core.audit WHERE layer = 'care_records' AND login = :who"),
            {"who": desk.login},
        ).scalar_one()
    assert asked == 1
    assert desk.get(f"{DUE}?kind=visit&area=990101001002") == {"items": [], "total": 0}
    assert desk.get(f"{DUE}?kind=visit&responsible=别人")["items"] == []


def test_a_review_is_listed_from_as_many_days_before_as_asked(
    care_app: Flask, module_engine: Engine
) -> None:
    desk = Desk(care_app, module_engine, Role.SUPERVISOR, WEST)
    assert desk.get(f"{DUE}?kind=review")["total"] == 0
    assert desk.get(f"{DUE}?kind=review&days=4")["total"] == 0
    assert desk.get(f"{DUE}?kind=review&days=5")["items"][0]["days_overdue"] == -5


def test_without_the_right_nothing_is_told(care_app: Flask, module_engine: Engine) -> None:
    Desk(care_app, module_engine, Role.WORKER, WEST).get(f"{DUE}?kind=visit", 403)


@pytest.mark.parametrize("query", ["", "?kind=birthday", "?kind=visit&days=-1", "?kind=visit&x=1"])
def test_a_wrong_question_is_refused(care_app: Flask, module_engine: Engine, query: str) -> None:
    Desk(care_app, module_engine, Role.SUPERVISOR, WEST).get(f"{DUE}{query}", 400)
