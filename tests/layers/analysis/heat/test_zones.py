"""Hot zones: what DBSCAN promises, counts that are rows, comparison, keeping, scope."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pyproj
import pytest
from shapely import contains_xy
from shapely.geometry import shape
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from layers.analysis.heat.keeping import keep_zones, kept_incidents
from layers.analysis.heat.places import Places
from layers.analysis.heat.zones import Zone, ZoneQuestion, find_zones
from layers.analysis.hot_zone import HOT_ZONES
from layers.core.calendar import CHINA
from layers.core.database import owner_transaction, reader_transaction
from layers.core.errors import Forbidden, Invalid, NotFound
from layers.core.features import Query, find_feature, find_features
from layers.core.rights import Role
from layers.core.scope import Reader
from layers.incidents.incident import INCIDENTS
from tests.builders.two_sides import (
    COUNTY,
    EAST,
    EVERYBODY,
    STREET,
    SUPERVISOR_EAST,
    SUPERVISOR_WEST,
    WEST,
    TwoSides,
    build_two_sides,
    insert,
    reader,
)

SINCE = datetime(2026, 3, 1, tzinfo=CHINA)
UNTIL = datetime(2026, 3, 31, tzinfo=CHINA)
WASTE, NOISE = "UM-0110", "UM-0128"
METRE = 1 / 111_000
COMMANDER = reader(Role.COMMANDER, COUNTY, 5)


@pytest.fixture(scope="module")
def town(module_engine: Engine) -> TwoSides:
    """20 incidents by the western house (5 before), 8 on the border, 6 in the east, 40 alone."""
    town = build_two_sides(module_engine)
    random = np.random.default_rng(7)
    with owner_transaction(module_engine) as connection:
        for number in range(20):
            _report(connection, 120.005, 30.005, random, 40, SINCE, WASTE if number < 15 else NOISE)
        for _ in range(5):
            _report(connection, 120.005, 30.005, random, 40, SINCE - timedelta(days=20), WASTE)
        for _ in range(8):
            _report(connection, 120.01, 30.008, random, 40, SINCE, NOISE)
        for _ in range(6):
            _report(connection, 120.015, 30.002, random, 30, SINCE, NOISE)
        for number in range(40):
            _report(connection, 120.0005 + 0.0004 * number, 30.0093, random, 5, SINCE, WASTE)
        home = town.west("dwellings")
        for _ in range(12):
            who = insert(
                connection, "persons", {"name": "甲", "register": "POP-01", "area_code": WEST}
            )
            stay = {"person_id": who, "dwelling_id": home, "kind": "L01"}
            insert(connection, "residences", stay)
    return town


def _report(
    connection: Connection,
    lon: float,
    lat: float,
    random: np.random.Generator,
    spread: float,
    since: datetime,
    category: str,
) -> None:
    x, y = random.uniform(-spread, spread, 2) * METRE
    moment = since + timedelta(hours=float(random.uniform(1, 240)))
    report = {"category": category, "report_source": "SRC01", "description": "x"}
    place = {"type": "Point", "coordinates": [lon + x, lat + y]}
    insert(connection, "incidents", report | {"reported_at": moment}, place)


@pytest.fixture
def everywhere(module_engine: Engine, town: TwoSides) -> Iterator[Connection]:
    with reader_transaction(module_engine, EVERYBODY) as connection:
        yield connection


def question(reach: float = 60, least: int = 5, **places: Any) -> ZoneQuestion:
    window = {"since": SINCE, "until": UNTIL}
    return ZoneQuestion(Places(INCIDENTS, **(window | places)), reach, least)


def places_of(connection: Connection, ids: Any = None) -> dict[int, tuple[float, float]]:
    rows = connection.execute(
        text(
            "SELECT id, ST_X(geom), ST_Y(geom) FROM incidents.incident "
            "WHERE reported_at >= :since AND reported_at < :until"
        ),
        {"since": SINCE, "until": UNTIL},
    )
    return {row[0]: (row[1], row[2]) for row in rows if ids is None or row[0] in ids}


@pytest.mark.parametrize(("reach", "least"), [(60.0, 5), (30.0, 3), (150.0, 4), (15.0, 3)])
def test_zones_are_what_dbscan_promises(everywhere: Connection, reach: float, least: int) -> None:
    """An oracle of plain distances: who has enough neighbours is in a zone, who is far from all
    of those is in none, and a zone counts what its polygon covers."""
    zones = find_zones(everywhere, EVERYBODY, question(reach, least))
    places = places_of(everywhere)
    ids = list(places)
    lon, lat = np.array(list(places.values())).T
    geod = pyproj.Geod(ellps="WGS84")
    n = len(ids)
    _, _, far = geod.inv(np.repeat(lon, n), np.repeat(lat, n), np.tile(lon, n), np.tile(lat, n))
    far = far.reshape(n, n)
    is_core = (far <= reach).sum(axis=1) >= least
    counted = [set(zone.incidents) for zone in zones]
    assert zones
    for number, each in enumerate(ids):
        within = sum(each in zone for zone in counted)
        if is_core[number]:
            assert within == 1
        elif far[number][is_core].min() > reach * 1.6:
            assert within == 0
    for zone in zones:
        polygon = shape(json.loads(zone.geometry))
        assert polygon.is_valid
        assert len(polygon.geoms) == 1
        assert {each for each in ids if contains_xy(polygon, *places[each])} == set(zone.incidents)
        assert zone.ground == pytest.approx(abs(geod.geometry_area_perimeter(polygon)[0]), rel=0.01)
    assert [len(each) for each in counted] == sorted(map(len, counted), reverse=True)


def test_a_zone_is_counted_compared_and_rated(everywhere: Connection) -> None:
    first, second, third = find_zones(everywhere, EVERYBODY, question())
    assert (len(first.incidents), len(first.before)) == (20, 5)
    assert first.categories == [(WASTE, 15), (NOISE, 5)]
    assert first.change == 3
    assert first.is_significant
    # 13 live in the house, 10 in whole fives.
    assert (first.residents, first.rate) == (10, 2000)
    assert first.area_code == f"{WEST}01"
    assert (len(second.incidents), second.before, second.change) == (8, [], None)
    assert (second.residents, second.rate) == (None, None)
    assert second.area_code == STREET
    assert len(third.incidents) == 6


def test_a_category_has_its_own_zones(everywhere: Connection) -> None:
    zones = find_zones(everywhere, EVERYBODY, question(equals={"category": [NOISE]}))
    assert sorted(len(zone.incidents) for zone in zones) == [6, 8]
    assert all(zone.before == [] for zone in zones)


def test_a_supervisor_finds_only_her_own(module_engine: Engine, town: TwoSides) -> None:
    for who, community in ((SUPERVISOR_WEST, WEST), (SUPERVISOR_EAST, EAST)):
        with reader_transaction(module_engine, who) as connection:
            for claimed in (who, EVERYBODY):
                zones = find_zones(connection, claimed, question(least=3))
                assert zones
                assert all(zone.area_code.startswith(community) for zone in zones)


def test_residents_are_for_those_who_may_see_all_of_them(
    module_engine: Engine, town: TwoSides
) -> None:
    analyst = reader(Role.ANALYST, "", 6)
    with reader_transaction(module_engine, analyst) as connection:
        assert find_zones(connection, analyst, question())[0].residents is None


def kept(
    engine: Engine, who: Reader = COMMANDER, name: str = "三月", **given: Any
) -> list[tuple[int, dict[str, Any]]]:
    with reader_transaction(engine, who) as connection:
        ids = keep_zones(connection, who, question(**given), name)
        return [
            (each, json.loads(find_feature(connection, HOT_ZONES, who, each).feature))
            for each in ids
        ]


def found_again(connection: Connection, properties: dict[str, Any]) -> list[Zone]:
    """The zones of the question kept with a hot zone."""
    conditions = json.loads(properties["conditions"])
    places = Places(
        INCIDENTS,
        equals=conditions.get("where", {}),
        since=datetime.fromisoformat(properties["since"]),
        until=datetime.fromisoformat(properties["until"]),
        area=conditions.get("area", ""),
    )
    again = ZoneQuestion(places, properties["reach"], properties["least"])
    return find_zones(connection, COMMANDER, again)


def test_kept_zones_can_be_found_again(module_engine: Engine, town: TwoSides) -> None:
    zones = kept(module_engine, equals={"category": [NOISE]}, area=COUNTY)
    with reader_transaction(module_engine, COMMANDER) as connection:
        again = found_again(connection, zones[0][1]["properties"])
    assert len(again) == len(zones)
    for zone, (_, feature) in zip(again, zones, strict=True):
        assert json.loads(zone.geometry) == feature["geometry"]
        told = feature["properties"]
        assert told["name"] == f"三月 {zone.number}"
        assert (told["incidents"], told["incidents_before"]) == (len(zone.incidents), 0)
        assert told["top_category"] == NOISE
        assert told["updated_by"] == COMMANDER.login


def test_every_count_of_a_kept_zone_opens_its_rows(module_engine: Engine, town: TwoSides) -> None:
    for zone_id, feature in kept(module_engine):
        with reader_transaction(module_engine, COMMANDER) as connection:
            for before, field in ((False, "incidents"), (True, "incidents_before")):
                ids = kept_incidents(connection, COMMANDER, zone_id, before=before)
                page = find_features(connection, INCIDENTS, COMMANDER, Query(ids=ids))
                assert page.count == feature["properties"][field]


def test_a_zone_is_seen_by_those_who_may_open_all_of_it(
    module_engine: Engine, town: TwoSides
) -> None:
    zones = {feature["properties"]["area_code"]: i for i, feature in kept(module_engine)}
    assert set(zones) == {f"{WEST}01", f"{EAST}01", STREET}
    with reader_transaction(module_engine, SUPERVISOR_WEST) as connection:
        assert (
            len(kept_incidents(connection, SUPERVISOR_WEST, zones[f"{WEST}01"], before=False)) == 20
        )
        for outside in (f"{EAST}01", STREET):
            with pytest.raises(NotFound):
                kept_incidents(connection, SUPERVISOR_WEST, zones[outside], before=False)
            counted = text(
                "SELECT count(*) FROM analysis.hot_zone_incident WHERE hot_zone_id = :id"
            )
            assert connection.execute(counted, {"id": zones[outside]}).scalar_one() == 0


def test_keeping_needs_the_right_where_the_zone_lies(module_engine: Engine, town: TwoSides) -> None:
    with pytest.raises(Forbidden, match="analysis:save"):
        kept(module_engine, reader(Role.DISPATCHER, "", 6))
    both = Reader(7, "both", (*SUPERVISOR_WEST.grants, *SUPERVISOR_EAST.grants))
    with pytest.raises(Forbidden, match="beyond the areas"):
        kept(module_engine, both)


def test_a_reader_writes_no_measure(module_engine: Engine, town: TwoSides) -> None:
    (zone_id, _), *_ = kept(module_engine, SUPERVISOR_WEST)
    for statement in (
        "INSERT INTO analysis.hot_zone_incident SELECT :zone, id, FALSE FROM incidents.incident",
        "UPDATE analysis.hot_zone SET incidents = 99 WHERE id = :zone",
        "DELETE FROM analysis.hot_zone_incident WHERE hot_zone_id = :zone",
    ):
        with reader_transaction(module_engine, SUPERVISOR_WEST) as connection:
            with pytest.raises(DBAPIError, match="permission denied"):
                connection.execute(text(statement), {"zone": zone_id})
            connection.rollback()


def test_what_a_reader_may_not_see_is_not_counted(module_engine: Engine, town: TwoSides) -> None:
    """Even a forged zone holds only what its writer may open."""
    with owner_transaction(module_engine) as connection:
        ids = list(connection.execute(text("SELECT id FROM incidents.incident")).scalars())
    with reader_transaction(module_engine, SUPERVISOR_WEST) as connection:
        visible = connection.execute(text("SELECT count(*) FROM incidents.incident")).scalar_one()
        (zone,) = find_zones(connection, SUPERVISOR_WEST, question(least=8))
        forged = {"name": "x", "number": 1, "incidents": ids, "before": [], "area_code": WEST}
        forged |= {"ground": 1, "geometry": json.loads(zone.geometry)}
        keep = text(
            "SELECT analysis.keep_hot_zones(CAST(:zones AS jsonb), :since, :until, 60, 5, '{}')"
        )
        values = {"zones": json.dumps([forged]), "since": SINCE, "until": UNTIL}
        (zone_id,) = connection.execute(keep, values).scalar_one()
        counted = kept_incidents(connection, SUPERVISOR_WEST, zone_id, before=False)
        assert visible == len(counted) < len(ids)


def test_a_deleted_incident_is_no_longer_counted(engine: Engine) -> None:
    with owner_transaction(engine) as connection:
        build_two_sides(engine)
        random = np.random.default_rng(3)
        for _ in range(6):
            _report(connection, 120.005, 30.005, random, 20, SINCE, WASTE)
    ((zone_id, feature),) = kept(engine, SUPERVISOR_WEST)
    assert feature["properties"]["incidents"] == 6
    with owner_transaction(engine) as connection:
        connection.execute(
            text(
                "DELETE FROM incidents.incident WHERE id = (SELECT min(incident_id) "
                "FROM analysis.hot_zone_incident WHERE hot_zone_id = :id)"
            ),
            {"id": zone_id},
        )
    with reader_transaction(engine, SUPERVISOR_WEST) as connection:
        now = json.loads(find_feature(connection, HOT_ZONES, SUPERVISOR_WEST, zone_id).feature)
        assert now["properties"]["incidents"] == 5
        assert len(kept_incidents(connection, SUPERVISOR_WEST, zone_id, before=False)) == 5


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"reach": 9}, "reach: 10 to 2000"),
        ({"least": 2}, "least: 3 to 1000"),
        ({"since": None}, "datetime: a start and an end"),
        ({"until": SINCE}, "datetime: a start and an end"),
        ({"equals": {"colour": ["red"]}}, "colour: no property"),
    ],
)
def test_what_cannot_be_answered_is_refused(
    everywhere: Connection, given: dict[str, Any], match: str
) -> None:
    with pytest.raises(Invalid, match=match):
        find_zones(everywhere, EVERYBODY, question(**given))


def test_nothing_to_keep_is_refused(module_engine: Engine, town: TwoSides) -> None:
    with pytest.raises(Invalid, match="not 0"):
        kept(module_engine, least=900)
