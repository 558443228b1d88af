"""Service areas: where the roads reached end, what lies beside them, how they nest."""

from __future__ import annotations

from typing import Any

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from layers.analysis.roads.service_area import (
    MOST_APART,
    AreaQuestion,
    Served,
    find_service_areas,
)
from layers.analysis.roads.travel import Travel
from layers.core.database import reader_transaction
from layers.core.errors import Forbidden, Invalid
from layers.core.rights import Role
from layers.core.scope import Reader
from tests.builders.crossroads import metres, point
from tests.builders.two_sides import reader

EVERYWHERE = reader(Role.COMMANDER, "")
METRES = Travel(unit="metres")


def ask(
    engine: Engine,
    *places: tuple[float, float],
    limits: Any = (300,),
    asking: Reader = EVERYWHERE,
    travel: Travel = METRES,
    **more: Any,
) -> Served:
    question = AreaQuestion([point(*each) for each in places], limits, travel, **more)
    with reader_transaction(engine, asking) as connection:
        return find_service_areas(connection, asking, question, lambda progress, message: None)


def covers(ground: Any, x: float, y: float) -> bool:
    return bool(metres(ground).covers(shapely.Point(x, y)))


def test_roads_are_reached_up_to_the_limit_and_not_beyond(crossroads: Engine) -> None:
    (area,) = ask(crossroads, (0, 0), beside=20).areas
    assert area.road == pytest.approx(900, abs=0.5)
    assert area.ground.geom_type == "MultiPolygon"
    assert area.ground.is_valid
    for x, y in ((299, 0), (-299, 0), (0, 299), (150, 19.5), (-19.5, 150), (319, 0)):
        assert covers(area.ground, x, y)
    for x, y in ((321, 0), (0, 321), (150, 21), (60, 60), (0, -21)):
        assert not covers(area.ground, x, y)


def test_the_straight_way_to_the_road_is_spent_first(crossroads: Engine) -> None:
    found = ask(crossroads, (200, 60), limits=(100,))
    assert found.access == pytest.approx([60], abs=0.05)
    assert found.areas[0].road == pytest.approx(80, abs=0.5)


def test_minutes_are_those_of_the_usual_speeds(crossroads: Engine) -> None:
    # On foot 4 km/h; by car 20 km/h on both streets, the one-way ring too.
    (walked,) = ask(crossroads, (0, 500), limits=(3,), travel=Travel()).areas
    assert walked.road == pytest.approx(400, abs=0.5)
    (driven,) = ask(crossroads, (0, 900), limits=(2,), travel=Travel(mode="car")).areas
    assert driven.road == pytest.approx(100 + 2_000 / 3, abs=0.5)


def test_a_bridge_is_no_crossing_and_nobody_walks_on_a_motorway(crossroads: Engine) -> None:
    (driven,) = ask(crossroads, (0, 450), limits=(0.5,), travel=Travel(mode="car"), beside=10).areas
    assert covers(driven.ground, 0, 600)
    assert not covers(driven.ground, 100, 500)
    # Whoever wants to walk from the motorway walks to the street first.
    found = ask(crossroads, (200, 500), travel=Travel(), limits=(10,))
    assert found.access == pytest.approx([200], abs=0.05)


def test_one_way_roads_are_gone_in_their_direction(crossroads: Engine) -> None:
    start = (200, -300)
    from_there = Travel("car", "metres", "from_facilities")
    (gone,) = ask(crossroads, start, travel=from_there, limits=(500,), beside=10).areas
    assert covers(gone.ground, -250, -300)
    assert not covers(gone.ground, 250, -300)
    to_there = Travel("car", "metres", "to_facilities")
    (come,) = ask(crossroads, start, travel=to_there, limits=(500,), beside=10).areas
    assert covers(come.ground, 400, -100)
    assert covers(come.ground, 400, 0)
    assert not covers(come.ground, 150, -300)
    (walked,) = ask(crossroads, start, limits=(500,)).areas
    assert walked.road == pytest.approx(1_000, abs=0.5)


def test_the_ground_of_a_limit_holds_that_of_smaller_ones(crossroads: Engine) -> None:
    small, middle, large = ask(crossroads, (10, 30), (-900, 80), limits=(900, 200, 500)).areas
    assert [small.limit, middle.limit, large.limit] == [200, 500, 900]
    assert metres(small.ground).difference(metres(middle.ground)).area < 1e-3
    assert metres(middle.ground).difference(metres(large.ground)).area < 1e-3


def test_apart_and_together_are_the_same_ground(crossroads: Engine) -> None:
    places = [(0, 0), (250, 20), (-1500, -40)]
    together = ask(crossroads, *places, limits=(150, 300)).areas
    apart = ask(crossroads, *places, limits=(150, 300), apart=True).areas
    assert [(each.facility, each.limit) for each in apart] == [
        (number, limit) for number in range(3) for limit in (150, 300)
    ]
    for area in together:
        union = shapely.union_all([each.ground for each in apart if each.limit == area.limit])
        difference = metres(union).symmetric_difference(metres(area.ground))
        assert difference.area < 1
        assert area.road <= sum(each.road for each in apart if each.limit == area.limit)


def test_a_facility_without_a_road_is_told(crossroads: Engine) -> None:
    found = ask(crossroads, (0, 0), (1500, -3000))
    assert found.access == [pytest.approx(0, abs=0.05), None]
    assert found.areas[0].road == pytest.approx(900, abs=0.5)
    nothing = ask(crossroads, (1500, -3000))
    assert nothing.areas[0].ground.is_empty
    assert nothing.areas[0].road == 0
    assert ask(crossroads, (1500, -3000), apart=True).areas == []


@pytest.mark.parametrize(
    ("places", "more", "field"),
    [
        (0, {}, "facilities"),
        (MOST_APART + 1, {"apart": True}, "facilities"),
        (1, {"limits": []}, "limits"),
        (1, {"limits": [0]}, "limits"),
        (1, {"limits": [200_000]}, "limits"),
        (1, {"limits": [121], "travel": Travel()}, "limits"),
    ],
)
def test_what_cannot_be_asked(places: int, more: dict[str, Any], field: str) -> None:
    asked = {"limits": [300], "travel": METRES, **more}
    with pytest.raises(Invalid) as caught:
        AreaQuestion([point(0, 0)] * places, **asked)
    assert [fault.field for fault in caught.value.faults] == [field]


def test_places_too_far_apart_are_refused(crossroads: Engine) -> None:
    with pytest.raises(Invalid, match="more than 2°"):
        ask(crossroads, (0, 0), (300_000, 0))


def test_who_may_not_see_roads(crossroads: Engine) -> None:
    with pytest.raises(Forbidden):
        ask(crossroads, (0, 0), asking=Reader(9, "nobody", ()))


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=4), st.floats(1, 8))
def test_more_time_serves_more_of_the_city(
    city_engine: Engine, chosen: list[int], minutes: float
) -> None:
    with reader_transaction(city_engine, EVERYWHERE) as connection:
        rows = connection.execute(
            text("SELECT ST_AsBinary(geom) FROM places.facility ORDER BY id")
        ).all()
        places = [shapely.from_wkb(bytes(rows[each % len(rows)][0])) for each in chosen]
        question = AreaQuestion(places, [minutes, 2 * minutes, 4 * minutes], Travel())
        found = find_service_areas(connection, EVERYWHERE, question, lambda *told: None)
    for less, more in zip(found.areas, found.areas[1:], strict=False):
        assert less.ground.is_valid
        assert more.ground.is_valid
        assert less.road <= more.road
        assert metres(less.ground).difference(metres(more.ground)).area < 1e-2
