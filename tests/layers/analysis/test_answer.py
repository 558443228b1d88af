"""Pages, counts and scope of an answer: what is told is what may be opened."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from shapely.geometry import box, mapping
from sqlalchemy import Connection, Engine, text

from layers.analysis.answer import Answer, Paging, answer_statement, find_answer, find_shapes
from layers.analysis.grouping import group_condition, years_before
from layers.analysis.place import Place, find_place
from layers.analysis.question import Question, read_question
from layers.catalogue import LAYERS, layer_by_name
from layers.core.database import owner_transaction, reader_transaction
from layers.core.errors import Forbidden, Invalid, NotFound
from layers.core.rights import Role
from layers.core.scope import Reader
from layers.people.figures import AGE_BANDS
from layers.people.person import PERSONS
from tests.builders.scatter import AREA, SIZE, SOUTH, WEST, Scatter, build_scatter
from tests.builders.two_sides import (
    SUPERVISOR_EAST,
    SUPERVISOR_WEST,
    build_two_sides,
    insert,
    reader,
)

EVERYWHERE = reader(Role.COMMANDER, "")
NORTH, EAST = SOUTH + SIZE, WEST + SIZE
BOX = {
    "type": "Polygon",
    "coordinates": [
        [[WEST, SOUTH], [EAST, SOUTH], [EAST, NORTH], [WEST, NORTH], [WEST, SOUTH]],
    ],
}
ALL = {"layer": "buildings", "relation": "within", "part": "any", "subject": {"geometry": BOX}}
CODES = {"building_use": ("B1", "B2", "B3"), "road_class": ("primary",)}


@pytest.fixture(scope="module")
def scatter(module_engine: Engine) -> Scatter:
    return build_scatter(module_engine)


@pytest.fixture
def connection(module_engine: Engine, scatter: Scatter) -> Iterator[Connection]:
    with reader_transaction(module_engine, EVERYWHERE) as connection:
        yield connection


def prepared(
    connection: Connection, given: Mapping[str, Any], asking: Reader = EVERYWHERE
) -> tuple[Question, Place]:
    question = read_question(given, LAYERS, asking, lambda table: CODES.get(table, ()))
    place = find_place(connection, asking, question.subject, question.relation, question.metres)
    return question, place


def answer(
    connection: Connection, given: Mapping[str, Any], asking: Reader = EVERYWHERE, **paging: Any
) -> Answer:
    question, place = prepared(connection, given, asking)
    return find_answer(connection, question, place, asking, Paging(**paging))


def properties(found: Answer) -> list[dict[str, Any]]:
    features = [json.loads(text) for text in found.features]
    return [feature["properties"] | {"id": feature["id"]} for feature in features]


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("sort", ["id", "usage", "levels", "updated_at", "area_code", "height"])
def test_pages_hold_every_row_once_in_order(
    connection: Connection, scatter: Scatter, sort: str, descending: bool
) -> None:
    rows: list[dict[str, Any]] = []
    after: str | None = None
    while True:
        page = answer(connection, ALL, sort=sort, descending=descending, after=after, limit=33)
        assert (page.total is None) == (after is not None)
        rows += properties(page)
        if page.next is None:
            break
        after = page.next
    assert len(rows) == len({row["id"] for row in rows}) == len(scatter.shapes["buildings"])
    values = [row[sort] for row in rows]
    known = [value for value in values if value is not None]
    assert values == known + [None] * (len(values) - len(known)), "without a value: last"
    assert known == sorted(known, reverse=descending)


def test_groups_add_up_and_open_their_rows(connection: Connection, scatter: Scatter) -> None:
    counted = answer(connection, ALL, group="usage", limit=1)
    assert counted.groups is not None
    assert sum(count for _, count in counted.groups) == counted.total == 120
    assert [count for _, count in counted.groups] == sorted(
        (count for _, count in counted.groups), reverse=True
    )
    for code, count in counted.groups:
        only = {"field": "usage", "in": [code]} if code else {"field": "usage", "empty": True}
        opened = answer(connection, ALL | {"conditions": [only]}, limit=1000)
        assert opened.total == count == len(opened.features)


@pytest.mark.parametrize("today", [date(2024, 2, 29), date(2026, 11, 20)])
def test_an_age_band_is_from_one_birthday_to_the_next(today: date) -> None:
    bands = [group_condition(PERSONS, "birth_date", str(age), today) for age in AGE_BANDS]
    assert bands[0]["maximum"] == today.isoformat()
    assert bands[3]["maximum"] == years_before(today, 18).isoformat()
    assert "minimum" not in bands[-1]
    for younger, older in pairwise(bands):
        first = date.fromisoformat(younger["minimum"])
        assert first - date.fromisoformat(older["maximum"]) == timedelta(days=1)
    assert years_before(date(2024, 2, 29), 6) == date(2018, 2, 28)


CONDITIONS: list[tuple[list[dict[str, Any]], Any]] = [
    ([{"field": "levels", "minimum": 7, "maximum": 12}], lambda r: 7 <= r["levels"] <= 12),
    ([{"field": "usage", "in": ["B1", "B3"]}], lambda r: r["usage"] in ("B1", "B3")),
    ([{"field": "name", "contains": "乙1"}], lambda r: "乙1" in r["name"]),
    ([{"field": "name", "begins": "丙"}], lambda r: r["name"].startswith("丙")),
    ([{"field": "levels_estimated", "is": True}], lambda r: r["levels_estimated"]),
    (
        [{"field": "usage", "empty": False}, {"field": "levels", "maximum": 9}],
        lambda r: r["usage"] is not None and r["levels"] <= 9,
    ),
    ([{"field": "name", "contains": "%"}], lambda r: "%" in r["name"]),
]


@pytest.mark.parametrize(("conditions", "holds"), CONDITIONS)
def test_conditions_hold_together(
    connection: Connection, scatter: Scatter, conditions: list[dict[str, Any]], holds: Any
) -> None:
    everything = properties(answer(connection, ALL, limit=1000))
    expected = {row["id"] for row in everything if holds(row)}
    found = properties(answer(connection, ALL | {"conditions": conditions}, limit=1000))
    assert {row["id"] for row in found} == expected


def test_near_tells_how_far_and_sorts_by_it(connection: Connection, scatter: Scatter) -> None:
    point = {"type": "Point", "coordinates": [WEST + SIZE / 2, SOUTH + SIZE / 2]}
    near = {"layer": "incidents", "relation": "near", "metres": 900, "subject": {"geometry": point}}
    rows = properties(answer(connection, near, sort="distance", limit=1000))
    assert rows
    distances = [row["distance"] for row in rows]
    assert distances == sorted(distances)
    assert 0 < distances[-1] <= 900
    first = answer(connection, near, sort="distance", descending=True, limit=3)
    assert [row["distance"] for row in properties(first)] == distances[:-4:-1]
    second = answer(connection, near, sort="distance", descending=True, limit=3, after=first.next)
    assert [row["distance"] for row in properties(second)] == distances[-4:-7:-1]


def test_shapes_are_those_of_all_rows(connection: Connection, scatter: Scatter) -> None:
    question, place = prepared(connection, ALL)
    shapes = find_shapes(connection, question, place, EVERYWHERE)
    rows = properties(answer(connection, ALL, limit=1000))
    assert [json.loads(text)["id"] for text in shapes.features] == [row["id"] for row in rows]
    assert shapes.complete


@pytest.mark.parametrize(
    ("paging", "field"),
    [
        ({"sort": "nothing"}, "sort"),
        ({"sort": "distance"}, "sort"),
        ({"group": "name"}, "group"),
        ({"group": "colour"}, "group"),
        ({"after": "!!"}, "after"),
        ({"after": "W10"}, "after"),
        ({"after": "WyLnlLIiLDEsMF0", "sort": "levels"}, "after"),
    ],
)
def test_a_page_that_cannot_be_is_refused(
    connection: Connection, scatter: Scatter, paging: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        answer(connection, ALL, **paging)
    assert [fault.field for fault in refused.value.faults] == [field]


def test_nothing_outside_the_readers_areas_is_found(
    module_engine: Engine, scatter: Scatter
) -> None:
    """The other side of the same square belongs to a neighbour whose rows do not count."""
    ids = sorted(scatter.shapes["buildings"])
    with owner_transaction(module_engine) as connection:
        connection.execute(
            text("UPDATE housing.building SET area_code = '990101001002' WHERE id = ANY(:ids)"),
            {"ids": ids[::3]},
        )
    try:
        own = reader(Role.SUPERVISOR, AREA)
        with reader_transaction(module_engine, own) as connection:
            found = answer(connection, ALL, own, group="usage", limit=1000)
            assert {row["id"] for row in properties(found)} == set(ids) - set(ids[::3])
            assert found.total == sum(count for _, count in found.groups or ()) == 80
            foreign = {"layer": "buildings", "ids": [ids[0]]}
            near = {"layer": "incidents", "relation": "near", "metres": 50, "subject": foreign}
            with pytest.raises(NotFound, match=f"no feature {ids[0]} in buildings"):
                answer(connection, near, own)
    finally:
        with owner_transaction(module_engine) as connection:
            connection.execute(text("UPDATE housing.building SET area_code = :a"), {"a": AREA})


def test_a_layer_without_the_right_is_not_asked(connection: Connection) -> None:
    for layer in ("persons", "residences", "care_records"):
        with pytest.raises(Forbidden, match="needs the right"):
            prepared(connection, ALL | {"layer": layer}, reader(Role.ANALYST, ""))


def plan_nodes(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from plan_nodes(child)


GEOMETRY_INDEX = {
    "buildings": "idx_building_geom",
    "incidents": "idx_incident_geom",
    "roads": "idx_road_geom",
    "persons": "idx_building_geom",
    "dwellings": "idx_building_geom",
}
# Where people live is asked of the centres that their figures keep.
CENTRE_INDEX = GEOMETRY_INDEX | {"persons": "idx_resident_figure_spot"}


@pytest.mark.parametrize("relation", ["within", "near"])
@pytest.mark.parametrize("layer", GEOMETRY_INDEX)
def test_the_index_finds_the_rows_under_row_level_security(
    city_engine: Engine, layer: str, relation: str
) -> None:
    """On the demo city, as a supervisor's statement is run: no table is read from end to end."""
    with owner_transaction(city_engine) as connection:
        code, lon, lat = connection.execute(
            text(
                "SELECT left(area_code, 12), ST_X(p), ST_Y(p) FROM (SELECT area_code, "
                "ST_PointOnSurface(geom) AS p FROM housing.building WHERE length(area_code) > 12 "
                "ORDER BY id LIMIT 1) AS one"
            )
        ).one()
    asking = reader(Role.SUPERVISOR, code)
    subject: dict[str, Any] = {"center": [lon, lat], "radius": 150}
    given = {"layer": layer, "relation": relation, "subject": subject}
    if relation == "near":
        given |= {"metres": 150}
    with reader_transaction(city_engine, asking) as connection:
        question, place = prepared(connection, given, asking)
        statement, values = answer_statement(question, place, asking, Paging(limit=50))
        explained = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", values)
        nodes = list(plan_nodes(explained.scalar_one()[0]["Plan"]))
    used = Counter(node.get("Index Name") for node in nodes)
    index = CENTRE_INDEX if relation == "within" else GEOMETRY_INDEX
    assert used[index[layer]] == 1
    assert not [n["Relation Name"] for n in nodes if n["Node Type"] == "Seq Scan"]


def test_people_are_found_where_they_live(city_engine: Engine) -> None:
    """In a grid: residences, persons and dwellings as many as the area codes say, all masked."""
    with owner_transaction(city_engine) as connection:
        grid, code = connection.execute(
            text(
                "SELECT g.id, g.code FROM territory.grid AS g WHERE g.kind = 'governance' AND "
                "EXISTS (SELECT FROM people.residence AS r WHERE r.area_code = g.code) "
                "ORDER BY g.code LIMIT 1"
            )
        ).one()
        expected = {
            "residences": "SELECT count(*) FROM people.residence WHERE area_code = :code",
            "persons": "SELECT count(*) FROM people.residence "
            "WHERE valid_to IS NULL AND area_code = :code",
            "dwellings": "SELECT count(*) FROM housing.dwelling WHERE area_code = :code",
            "buildings": "SELECT count(*) FROM housing.building WHERE area_code = :code",
        }
        counts = {
            layer: connection.execute(text(statement), {"code": code}).scalar_one()
            for layer, statement in expected.items()
        }
    asking = reader(Role.SUPERVISOR, code)
    for layer, count in counts.items():
        within = {
            "layer": layer,
            "relation": "within",
            "subject": {"layer": "grids", "ids": [grid]},
        }
        with reader_transaction(city_engine, asking) as connection:
            found = answer(connection, within, asking, limit=5)
        assert found.total == count, layer
        for feature in map(json.loads, found.features):
            sealed = [feature["properties"][name] for name in layer_by_name(layer).sensitive_fields]
            assert all(value is None or "*" in value for value in sealed)
            if layer != "buildings":
                assert feature["geometry"]["type"] == "Point"
                assert feature["properties"]["building_id"]


def test_people_found_without_reading_them_are_those_that_are_read(engine: Engine) -> None:
    """A second home on the other side shows to whom the person shows, counted as listed."""
    town = build_two_sides(engine)
    with owner_transaction(engine) as connection:
        for home, guest in (("west", "east"), ("east", "west")):
            stay = {"dwelling_id": getattr(town, home)("dwellings"), "kind": "L01"}
            lodger = {"person_id": getattr(town, guest)("persons"), "is_home": False}
            insert(connection, "residences", stay | lodger | {"household": "H2"})
    around = mapping(box(119.9, 29.9, 120.1, 30.1))
    given = {"layer": "persons", "relation": "within", "subject": {"geometry": around}}
    expected = {EVERYWHERE: 4, SUPERVISOR_WEST: 1, SUPERVISOR_EAST: 1}
    for asking, rows in expected.items():
        with reader_transaction(engine, asking) as connection:
            unread = answer(connection, given, asking)
            read = answer(connection, given, asking, sort="register")
            assert unread.total == read.total == len(unread.features) == rows
            assert sorted(unread.features) == sorted(read.features)
