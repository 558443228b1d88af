"""What is read in one trip is what is read step by step, within the same scope."""

from __future__ import annotations

import json

import psycopg2
import pytest
from sqlalchemy import Engine, text

from layers.catalogue import LAYERS, layer_by_name
from layers.core import feature_reading
from layers.core.database import OneTrip, owner_transaction, reader_transaction, rows_within
from layers.core.errors import Forbidden, NotFound
from layers.core.feature_reading import is_plain, read_feature, read_page
from layers.core.features import Page, Query, count_features, find_feature, find_features
from layers.core.layer import Layer
from layers.core.rights import Role
from layers.core.scope import Reader
from layers.core.sorting import SortKey
from tests.builders.two_sides import (
    EAST,
    EVERYBODY,
    LEFT,
    SOUTH,
    SUPERVISOR_WEST,
    WEST,
    TwoSides,
    build_two_sides,
    reader,
)

BUILDINGS = layer_by_name("buildings")
WESTERN = (LEFT[WEST], SOUTH, LEFT[WEST] + 0.004, SOUTH + 0.009)
BOTH = (LEFT[WEST], SOUTH, LEFT[EAST] + 0.009, SOUTH + 0.009)


@pytest.fixture(scope="module")
def town(module_engine: Engine) -> TwoSides:
    return build_two_sides(module_engine)


def ids_of(page: Page) -> list[int]:
    return [feature["id"] for feature in json.loads(f"[{page.text}]")]


def agree(engine: Engine, layer: Layer, who: Reader, query: Query) -> int | None:
    """How many match, once both ways have read the same features."""
    read = read_page(OneTrip(engine, who), layer, who, query, counted=True)
    uncounted = read_page(OneTrip(engine, who), layer, who, query, counted=False)
    with reader_transaction(engine, who) as connection:
        found = find_features(connection, layer, who, query)
        count = count_features(connection, layer, who, query)
    assert read.text == uncounted.text == found.text
    assert read.count == uncounted.count == found.count == len(json.loads(f"[{read.text}]"))
    assert read.next_after == uncounted.next_after == found.next_after
    assert read.matched == count
    assert uncounted.matched is None
    return read.matched


@pytest.mark.parametrize("who", [EVERYBODY, SUPERVISOR_WEST], ids=["everybody", "west"])
@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_one_trip_reads_what_steps_read(
    module_engine: Engine, town: TwoSides, layer: Layer, who: Reader
) -> None:
    if not who.scope(layer.read):
        with pytest.raises(Forbidden):
            read_page(OneTrip(module_engine, who), layer, who, Query(), counted=True)
        return
    for query in (Query(), Query(bbox=BOTH), Query(bbox=WESTERN, limit=1), Query(offset=1)):
        agree(module_engine, layer, who, query)
    for side in (WEST, EAST):
        number = town.ids[layer.name][side]
        with reader_transaction(module_engine, who) as connection:
            try:
                found = find_feature(connection, layer, who, number)
            except NotFound:
                found = None
        trip = OneTrip(module_engine, who)
        if found is None:
            with pytest.raises(NotFound):
                read_feature(trip, layer, who, number)
        else:
            assert read_feature(trip, layer, who, number) == found


@pytest.mark.usefixtures("town")
def test_pages_of_a_box_go_on_and_tell_the_same_number(
    module_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with owner_transaction(module_engine) as connection:
        connection.execute(
            text(
                "INSERT INTO housing.building (name, geom) SELECT n::text, ST_Multi(ST_Buffer("
                "ST_SetSRID(ST_MakePoint(:x + n * 0.0001, :y), 4326), 0.00001)) "
                "FROM generate_series(1, 20) AS n"
            ),
            {"x": LEFT[WEST] + 0.001, "y": SOUTH + 0.002},
        )
    first = Query(bbox=WESTERN, limit=7)
    count = agree(module_engine, BUILDINGS, SUPERVISOR_WEST, first)
    assert count is not None
    assert count >= 20
    who = SUPERVISOR_WEST
    page = read_page(OneTrip(module_engine, who), BUILDINGS, who, first, counted=True)
    seen = ids_of(page)
    while page.next_after is not None:
        query = Query(bbox=WESTERN, limit=7, after=page.next_after)
        assert agree(module_engine, BUILDINGS, who, query) == count
        page = read_page(OneTrip(module_engine, who), BUILDINGS, who, query, counted=True)
        seen += ids_of(page)
    assert len(seen) == len(set(seen)) == count
    monkeypatch.setattr(feature_reading, "PIECE", 3)
    for asked in (first, Query(limit=100), Query(limit=8, offset=2), Query(limit=6, after=seen[1])):
        agree(module_engine, BUILDINGS, who, asked)
    beyond = Query(bbox=WESTERN, limit=7, offset=1000)
    assert agree(module_engine, BUILDINGS, who, beyond) == count
    assert agree(module_engine, BUILDINGS, who, Query(bbox=(1, 1, 2, 2))) == 0


def test_a_cut_is_kept_and_no_other_reader_is_answered_by_its_statement(
    module_engine: Engine, town: TwoSides
) -> None:
    number = town.east("buildings")
    cut = read_feature(OneTrip(module_engine, EVERYBODY), BUILDINGS, EVERYBODY, number, ("name",))
    assert '"usage"' not in cut.feature
    with pytest.raises(NotFound):
        read_feature(
            OneTrip(module_engine, SUPERVISOR_WEST), BUILDINGS, SUPERVISOR_WEST, number, ("name",)
        )


@pytest.mark.parametrize(
    "query",
    [
        Query(equals={"usage": "B1"}),
        Query(area=WEST),
        Query(ids=[1]),
        Query(sort=[SortKey("name")]),
        Query(where=BUILDINGS.column("name").is_(None)),
    ],
)
def test_what_asks_for_more_is_not_plain(query: Query) -> None:
    assert not is_plain(query)
    assert is_plain(Query(bbox=BOTH, after=3, limit=2))


def test_a_connection_that_failed_serves_the_next(module_engine: Engine) -> None:
    who = reader(Role.COMMANDER, "")
    with pytest.raises(psycopg2.Error):
        rows_within(module_engine, who, "SELECT 1 / %(zero)s", {"zero": 0})
    told = "SELECT current_user, current_setting('wangge.login')"
    assert rows_within(module_engine, who, told, {}) == [("wangge_app", who.login)]
    with module_engine.connect() as connection:
        user, login = connection.exec_driver_sql(
            "SELECT current_user, current_setting('wangge.login', true)"
        ).one()
    assert user != "wangge_app"
    assert not login
