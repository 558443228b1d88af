"""Who lives in what a question finds: the figures of the rows, logged each time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text

from layers.analysis.inhabitants import find_inhabitants
from layers.analysis.place import find_place
from layers.analysis.question import read_question
from layers.analysis.record import record_question
from layers.catalogue import LAYERS
from layers.core.database import owner_transaction, reader_transaction
from layers.core.errors import Forbidden, Invalid
from layers.core.rights import Role
from layers.core.scope import Reader
from layers.people.figures import ResidentFigures
from tests.builders.two_sides import reader


@pytest.fixture
def town(city_engine: Engine) -> tuple[str, float, float]:
    """A community's code and a place in the middle of its buildings."""
    with owner_transaction(city_engine) as connection:
        row = connection.execute(
            text(
                "SELECT left(area_code, 12) AS code, avg(ST_X(spot)) AS lon, "
                "avg(ST_Y(spot)) AS lat FROM people.resident_figure "
                "GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"
            )
        ).one()
    return row.code, row.lon, row.lat


@pytest.fixture
def supervisor(town: tuple[str, float, float]) -> Reader:
    return reader(Role.SUPERVISOR, town[0])


@pytest.fixture
def connection(city_engine: Engine, supervisor: Reader) -> Iterator[Connection]:
    with reader_transaction(city_engine, supervisor) as connection:
        yield connection


def ask(connection: Connection, asking: Reader, given: dict[str, Any]) -> ResidentFigures:
    question = read_question(given, LAYERS, asking, lambda _table: ("B1",))
    place = find_place(connection, asking, question.subject, question.relation, question.metres)
    return find_inhabitants(connection, question, place, asking)


_BY_HAND = """
SELECT count(*), count(DISTINCT (r.dwelling_id, coalesce(r.household, ''))),
  count(*) FILTER (WHERE p.sex = '1'), count(*) FILTER (WHERE p.sex = '2'),
  count(*) FILTER (WHERE p.register = 'POP-02'),
  count(*) FILTER (WHERE date_part('year', age(p.birth_date)) >= 80)
FROM people.residence AS r JOIN people.person AS p ON p.id = r.person_id
JOIN housing.building AS b ON b.id = r.building_id
WHERE r.valid_to IS NULL AND {lies}
"""
CIRCLE = "ST_Buffer(ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)::geography, 250, 64)::geometry"
WAYS: list[tuple[dict[str, Any], str]] = [
    ({}, f"ST_Intersects({CIRCLE}, ST_PointOnSurface(b.geom))"),
    ({"part": "any"}, f"ST_Intersects({CIRCLE}, b.geom)"),
    (
        {"conditions": [{"field": "usage", "in": ["B1"]}]},
        f"ST_Intersects({CIRCLE}, ST_PointOnSurface(b.geom)) AND b.usage = 'B1'",
    ),
]


@pytest.mark.parametrize(("changed", "lies"), WAYS)
def test_figures_are_those_of_the_rows(
    connection: Connection,
    supervisor: Reader,
    town: tuple[str, float, float],
    changed: dict[str, Any],
    lies: str,
) -> None:
    _, lon, lat = town
    within = {
        "layer": "buildings",
        "relation": "within",
        "subject": {"center": [lon, lat], "radius": 250},
    }
    found = ask(connection, supervisor, within | changed)
    rows = connection.execute(text(_BY_HAND.format(lies=lies)), {"lon": lon, "lat": lat}).one()
    assert found.residents > 20
    assert tuple(rows) == (
        found.residents,
        found.households,
        found.sexes["1"],
        found.sexes["2"],
        found.registers["POP-02"],
        found.ages[-1].residents,
    )
    assert sum(band.residents for band in found.ages) <= found.residents


def audited(engine: Engine) -> list[Any]:
    with owner_transaction(engine) as connection:
        return list(
            connection.execute(
                text(
                    "SELECT login, area_code, layer, detail FROM core.audit "
                    "WHERE action = 'question' ORDER BY id"
                )
            )
        )


def test_each_question_about_people_is_logged(
    city_engine: Engine, supervisor: Reader, town: tuple[str, float, float]
) -> None:
    code, lon, lat = town
    subject = {"geometry": {"type": "Point", "coordinates": [lon, lat]}}
    near = {"layer": "buildings", "relation": "near", "metres": 100, "subject": subject}
    before = len(audited(city_engine))
    with reader_transaction(city_engine, supervisor) as connection:
        found = ask(connection, supervisor, near)
        listed = read_question(near | {"layer": "persons"}, LAYERS, supervisor, lambda _table: ())
        place = find_place(connection, supervisor, listed.subject, listed.relation, listed.metres)
        record_question(connection, listed, place, supervisor, 3)
        plain = read_question(near, LAYERS, supervisor, lambda _table: ())
        record_question(connection, plain, place, supervisor, 3)
    lines = audited(city_engine)[before:]
    assert [(line.login, line.area_code, line.layer) for line in lines] == [
        (supervisor.login, code, "persons"),
        (supervisor.login, code, "persons"),
    ]
    assert lines[0].detail["residents"] == found.residents
    assert lines[0].detail["question"]["subject"] == {
        "box": pytest.approx([lon, lat, lon, lat], abs=1e-6)
    }
    assert lines[1].detail["returned"] == 3


def test_without_the_right_there_is_neither_figure_nor_line(
    city_engine: Engine, town: tuple[str, float, float]
) -> None:
    _, lon, lat = town
    asking = reader(Role.ANALYST, "")
    subject = {"center": [lon, lat], "radius": 250}
    within = {"layer": "buildings", "relation": "within", "subject": subject}
    before = len(audited(city_engine))
    with (
        pytest.raises(Forbidden, match="people:read"),
        reader_transaction(city_engine, asking) as connection,
    ):
        ask(connection, asking, within)
    assert len(audited(city_engine)) == before


def test_only_buildings_have_inhabitants(
    connection: Connection, supervisor: Reader, town: tuple[str, float, float]
) -> None:
    _, lon, lat = town
    subject = {"center": [lon, lat], "radius": 250}
    with pytest.raises(Invalid, match="residents are counted in buildings"):
        ask(connection, supervisor, {"layer": "roads", "relation": "within", "subject": subject})
