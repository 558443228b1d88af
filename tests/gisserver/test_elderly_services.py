"""Services for elderly people: their steps, for whom they are, and who may be given them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from layers.core.bulk import begin_bulk
from layers.core.database import owner_transaction
from layers.core.rights import Role
from tests.builders.two_sides import WEST, TwoSides, build_two_sides
from tests.gisserver.care_town import (
    TODAY,
    ask,
    day,
    faults,
    listed,
    person,
    provider,
    step,
    written,
)
from tests.gisserver.conftest import app_over
from tests.gisserver.desk import Desk


@pytest.fixture(scope="module")
def sides(module_engine: Engine) -> TwoSides:
    return build_two_sides(module_engine)


@pytest.fixture(scope="module")
def care_app(
    sides: TwoSides, module_database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    with app_over(module_database_url, tmp_path_factory.mktemp("var")) as app:
        yield app


@pytest.fixture(scope="module")
def west(care_app: Flask, module_engine: Engine) -> Desk:
    return Desk(care_app, module_engine, Role.SUPERVISOR, WEST)


def test_a_service_goes_from_request_to_follow_up(west: Desk) -> None:
    repairs = provider(west, offers_repair=True)
    service = ask(west, person(west), wish="水龙头漏水")["id"]
    assert service in {row["id"] for row in listed(west, "service_open")}
    assert faults(step(west, service, 400, state="assigned")) == {"provider_id": "required"}
    assert faults(step(west, service, 400, state="done", done_on=day(0))) == {
        "state": "no such step from the present state"
    }
    step(west, service, state="assigned", provider_id=repairs)
    assert faults(step(west, service, 400, state="done")) == {
        "done_on": "with and only with a service done"
    }
    early = step(west, service, 400, state="done", done_on=day(-6))
    assert faults(early) == {"done_on": "before it was requested"}
    step(west, service, state="done", done_on=day(-1))
    (row,) = [row for row in listed(west, "service_follow_up") if row["id"] == service]
    assert row["provider_name"].startswith("乐龄")
    assert faults(step(west, service, 400, follow_up_on=day(0))) == {
        "satisfaction": "with and only with the day of the follow-up"
    }
    early = step(west, service, 400, follow_up_on=day(-2), satisfaction="satisfied")
    assert faults(early) == {"follow_up_on": "before it was done"}
    step(west, service, follow_up_on=day(0), satisfaction="fairly_satisfied", remark="尚可")
    for name in ("service_open", "service_follow_up"):
        assert service not in {row["id"] for row in listed(west, name)}
    assert "state" in faults(step(west, service, 400, state="requested", done_on=None))


def test_a_service_is_for_people_of_sixty(west: Desk, module_engine: Engine) -> None:
    turned = TODAY.replace(year=TODAY.year - 60)
    before = TODAY - timedelta(days=1)
    young = person(west, (turned + timedelta(days=1)).isoformat())
    unknown = person(west, None)
    on_the_day = person(west, turned.isoformat())
    rows = written(module_engine)
    for someone in (young, unknown):
        answer = faults(ask(west, someone, 400))
        assert answer == {"person_id": "the person is under 60, or the birth date is not known"}
    assert written(module_engine) == rows
    assert ask(west, on_the_day, requested_on=before.isoformat())["id"]


def test_a_load_is_held_to_the_age_and_may_tell_of_what_is_over(
    west: Desk, module_engine: Engine
) -> None:
    elder, young = person(west), person(west, "1990-01-01")
    load = text(
        "INSERT INTO people.elderly_service "
        "(person_id, kind, requested_on, provider_id, state, done_on, area_code, source) "
        "VALUES (:person, 'repair', '2026-01-02', :by, 'done', '2026-01-05', :area, 'register')"
    )
    values = {"by": provider(west, offers_repair=True), "area": WEST}
    with owner_transaction(module_engine) as connection:
        begin_bulk(connection)
        connection.execute(load, values | {"person": elder})
    with owner_transaction(module_engine) as connection:
        begin_bulk(connection)
        with pytest.raises(IntegrityError, match="elderly_service_age"):
            connection.execute(load, values | {"person": young})
        connection.rollback()


def test_only_a_provider_that_offers_the_kind_is_taken(west: Desk, sides: TwoSides) -> None:
    elder, cleaners = person(west), provider(west, offers_housekeeping=True)
    reason = {"provider_id": "the provider does not offer this kind"}
    assert faults(ask(west, elder, 400, provider_id=cleaners)) == reason
    service = ask(west, elder, provider_id=cleaners, kind="housekeeping", state="assigned")["id"]
    assert faults(step(west, service, 400, kind="repair")) == reason
    other = person(west)
    assert "person_id" in faults(step(west, service, 400, person_id=other))
    assert faults(ask(west, elder, 400, requested_on=day(1))) == {
        "requested_on": "the day lies in the future"
    }
    assert faults(ask(west, elder, 400, provider_id=sides.east("service_providers"))) == {
        "provider_id": "no such row in service_providers"
    }
    cancelled = ask(west, elder)["id"]
    step(west, cancelled, state="cancelled")
    assert "state" in faults(step(west, cancelled, 400, state="requested"))


def test_services_go_along_when_two_rows_of_a_person_become_one(
    west: Desk, module_engine: Engine
) -> None:
    elder, twice = person(west), person(west, "1999-01-01")
    with module_engine.begin() as owner:
        statement = text("UPDATE people.person SET birth_date = '1940-01-01' WHERE id = :id")
        owner.execute(statement, {"id": twice})
    service = ask(west, twice)["id"]
    with module_engine.begin() as owner:
        owner.execute(
            text("UPDATE people.person SET birth_date = NULL WHERE id = :id"), {"id": elder}
        )
        owner.execute(text("SELECT people.merge_persons(:one, :two)"), {"one": elder, "two": twice})
    found = west.get(f"/api/layers/elderly_services/features/{service}")["properties"]
    assert found["person_id"] == elder
