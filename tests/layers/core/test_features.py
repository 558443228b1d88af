"""Reading any layer: conditions, paging, counting, GeoJSON from the database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, Engine, text

from layers.catalogue import LAYERS, layer_by_name
from layers.core.database import reader_transaction
from layers.core.errors import Forbidden, Invalid, NotFound
from layers.core.features import (
    Query,
    count_by_area,
    count_features,
    count_in_time,
    count_within,
    find_extent,
    find_feature,
    find_features,
    find_history,
)
from layers.core.history import differences
from layers.core.rights import Role
from tests.builders.two_sides import (
    EAST,
    EVERYBODY,
    LEFT,
    SIDES,
    SOUTH,
    SUPERVISOR_WEST,
    WEST,
    TwoSides,
    at,
    build_two_sides,
    reader,
)

BUILDINGS = layer_by_name("buildings")


@pytest.fixture(scope="module")
def town(module_engine: Engine) -> TwoSides:
    return build_two_sides(module_engine)


@pytest.fixture
def everywhere(module_engine: Engine, town: TwoSides) -> Iterator[Connection]:
    with reader_transaction(module_engine, EVERYBODY) as connection:
        yield connection


def ids(connection: Connection, layer: str, query: Query) -> list[int]:
    page = find_features(connection, layer_by_name(layer), EVERYBODY, query)
    return [feature["id"] for feature in json.loads(f"[{page.text}]")]


def test_a_feature_is_geojson_with_every_declared_field(
    everywhere: Connection, town: TwoSides
) -> None:
    feature = json.loads(
        find_feature(everywhere, BUILDINGS, EVERYBODY, town.west("buildings")).feature
    )
    assert feature["type"] == "Feature"
    assert feature["geometry"]["type"] == "MultiPolygon"
    longitude, latitude = feature["geometry"]["coordinates"][0][0][0]
    assert LEFT[WEST] < longitude < LEFT[EAST]
    assert SOUTH < latitude < SOUTH + 0.01
    assert set(feature["properties"]) == {*BUILDINGS.fields, "row_version"}


def test_a_layer_without_geometry_gives_null(everywhere: Connection, town: TwoSides) -> None:
    persons = layer_by_name("persons")
    feature = json.loads(find_feature(everywhere, persons, EVERYBODY, town.west("persons")).feature)
    assert feature["geometry"] is None
    assert feature["properties"]["name"] == "欧***"


def test_boxes_touch_what_they_meet(everywhere: Connection, town: TwoSides) -> None:
    x, y = at(WEST, 5)
    assert ids(everywhere, "buildings", Query(bbox=(x, y, x, y))) == [town.west("buildings")]
    assert ids(everywhere, "buildings", Query(bbox=(0, 0, 1, 1))) == []
    whole = Query(bbox=(-180, -90, 180, 90))
    assert len(ids(everywhere, "buildings", whole)) == 2


def test_properties_are_compared_by_type(everywhere: Connection, town: TwoSides) -> None:
    both = [town.west("buildings"), town.east("buildings")]
    assert ids(everywhere, "buildings", Query(equals={"levels": "3"})) == both
    assert ids(everywhere, "buildings", Query(equals={"levels_estimated": "false"})) == both
    assert ids(everywhere, "buildings", Query(equals={"name": "2幢", "levels": "3"})) == both[1:]
    assert ids(everywhere, "buildings", Query(equals={"height": ""})) == both, "empty finds unknown"


@pytest.mark.parametrize(
    "equals",
    [{"colour": "red"}, {"levels": "many"}, {"levels_estimated": "perhaps"}, {"name": "\x00"}],
)
def test_what_cannot_be_compared_is_invalid(everywhere: Connection, equals: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        find_features(everywhere, BUILDINGS, EVERYBODY, Query(equals=equals))


def test_times(everywhere: Connection, town: TwoSides) -> None:
    positions = layer_by_name("positions")
    moment = datetime(2030, 1, 1, tzinfo=UTC)
    later = datetime(2030, 1, 2, tzinfo=UTC)
    for query, count in (
        (Query(since=moment, until=moment), 2),
        (Query(since=later), 0),
        (Query(until=later), 2),
    ):
        assert count_features(everywhere, positions, EVERYBODY, query) == count
    with pytest.raises(Invalid, match="has no time"):
        find_features(everywhere, BUILDINGS, EVERYBODY, Query(since=moment))


def test_paging_gives_every_row_once(everywhere: Connection, town: TwoSides) -> None:
    seen: list[int] = []
    query = Query(limit=1)
    while True:
        page = find_features(everywhere, layer_by_name("areas"), EVERYBODY, query)
        seen += [feature["id"] for feature in json.loads(f"[{page.text}]")]
        if page.next_after is None:
            break
        query = Query(limit=1, after=page.next_after)
    assert len(seen) == len(set(seen)) == 4
    assert count_features(everywhere, layer_by_name("areas"), EVERYBODY, Query()) == 4


def test_extent_is_that_of_what_may_be_seen(module_engine: Engine, town: TwoSides) -> None:
    with reader_transaction(module_engine, SUPERVISOR_WEST) as connection:
        west = find_extent(connection, layer_by_name("areas"), SUPERVISOR_WEST)
        assert west == pytest.approx((120.0, 30.0, 120.01, 30.01))
        assert find_extent(connection, layer_by_name("persons"), SUPERVISOR_WEST) is None
    elsewhere = reader(Role.SUPERVISOR, "990202")
    with reader_transaction(module_engine, elsewhere) as connection:
        assert find_extent(connection, BUILDINGS, elsewhere) is None


def test_what_takes_too_long_is_not_counted(module_engine: Engine, town: TwoSides) -> None:
    layer = layer_by_name("buildings")
    with reader_transaction(module_engine, EVERYBODY) as connection:
        counted = count_in_time(connection, layer, EVERYBODY, Query(), 1_000)
        assert counted == count_features(connection, layer, EVERYBODY, Query())
    with module_engine.begin() as owner, reader_transaction(module_engine, EVERYBODY) as connection:
        owner.execute(text("LOCK TABLE housing.building IN ACCESS EXCLUSIVE MODE"))
        assert count_in_time(connection, layer, EVERYBODY, Query(), 50) is None
        limit = connection.execute(text("SHOW statement_timeout")).scalar_one()
        assert limit == "30s"  # the reader's own again


def test_counts_by_area_agree_with_counting(module_engine: Engine, town: TwoSides) -> None:
    readers = [reader(role, area) for role in Role for area in ("", *SIDES, "990101", f"{WEST}01")]
    for layer in LAYERS:
        with module_engine.connect() as connection:
            counts = count_by_area(connection, layer)
        for asker in readers:
            if asker.scope(layer.read):
                with reader_transaction(module_engine, asker) as connection:
                    counted = count_features(connection, layer, asker, Query())
                assert count_within(counts, layer, asker) == counted
            else:
                with pytest.raises(Forbidden):
                    count_within(counts, layer, asker)


def test_outside_the_scope_a_feature_is_not_found(module_engine: Engine, town: TwoSides) -> None:
    with reader_transaction(module_engine, SUPERVISOR_WEST) as connection:
        with pytest.raises(NotFound):
            find_feature(connection, BUILDINGS, SUPERVISOR_WEST, town.east("buildings"))
        assert find_history(connection, BUILDINGS, SUPERVISOR_WEST, town.east("buildings")) == []
        assert (
            len(find_history(connection, BUILDINGS, SUPERVISOR_WEST, town.west("buildings"))) == 1
        )


def test_differences_name_declared_fields_only() -> None:
    before = {"name": "1幢", "levels": 3, "updated_at": "a", "secret": 1, "geom": {"type": "Point"}}
    after = {"name": "1幢", "levels": 4, "updated_at": "b", "secret": 2, "geom": None}
    assert differences(BUILDINGS, before, after) == [
        ("levels", 3, 4),
        ("geom", {"type": "Point"}, None),
    ]
    assert ("name", None, "1幢") in differences(BUILDINGS, None, after)


def test_readers_use_the_indexes_in_spite_of_row_level_security(
    module_engine: Engine, town: TwoSides
) -> None:
    """Boxes, blind indexes and pieces of text must reach an index below the policies."""
    questions = {
        "housing.building": "geom && ST_MakeEnvelope(120, 30, 120.001, 30.001, 4326)",
        "people.person": "name_index = '\\x00'::bytea",
        "people.residence": "building_id = 1",
        "territory.road": "search_bigrams @> ARRAY['澄湖']",
    }
    with reader_transaction(module_engine, SUPERVISOR_WEST) as connection:
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        for table, condition in questions.items():
            statement = f"EXPLAIN SELECT id FROM {table} WHERE {condition}"
            plan = "\n".join(connection.execute(text(statement)).scalars())
            assert "Index Cond" in plan, (table, plan)
            assert "Filter" in plan, "the policy is still asked"
