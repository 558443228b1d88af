"""The nearest facility along roads: how far, how long, which way, or why there is none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from sqlalchemy import Engine, text

from layers.analysis.roads.nearest import MOST_PLACES, Found, NearestQuestion, find_nearest
from layers.analysis.roads.travel import Travel
from layers.core.database import reader_transaction
from layers.core.errors import Forbidden, Invalid
from layers.core.rights import Role
from layers.core.scope import Reader
from tests.builders.crossroads import metres, point
from tests.builders.two_sides import reader

EVERYWHERE = reader(Role.COMMANDER, "")
TO = Travel(direction="to_facilities")
DRIVEN_TO = Travel("car", "metres", "to_facilities")
DRIVEN_FROM = Travel("car", "metres", "from_facilities")

Spot = tuple[float, float]


def ask(
    engine: Engine,
    origins: list[Spot],
    facilities: list[Spot],
    most: float = 60,
    travel: Travel = TO,
    asking: Reader = EVERYWHERE,
    **more: Any,
) -> list[Found]:
    places = [[point(*each) for each in spots] for spots in (origins, facilities)]
    question = NearestQuestion(places[0], places[1], most, travel, **more)
    with reader_transaction(engine, asking) as connection:
        return find_nearest(connection, asking, question, lambda progress, message: None)


def route_of(found: Found) -> list[Spot]:
    assert found.route is not None
    return [(round(x), round(y)) for x, y in shapely.get_coordinates(metres(found.route))]


def test_the_nearest_is_that_along_roads(crossroads: Engine) -> None:
    # As the crow flies the first is nearer: 250 m against 427 m.
    (found,) = ask(crossroads, [(200, 150)], [(0, 300), (-200, 0)])
    assert found.facility == 1
    assert found.metres == pytest.approx(150 + 400, abs=0.5)


def test_a_way_is_told_whole(crossroads: Engine) -> None:
    (found,) = ask(crossroads, [(300, 40)], [(-20, 600)], with_routes=True)
    assert (found.facility, found.reason) == (0, None)
    assert found.access == pytest.approx(40, abs=0.05)
    assert found.facility_access == pytest.approx(20, abs=0.05)
    assert found.metres == pytest.approx(40 + 300 + 600 + 20, abs=0.2)
    assert found.minutes == pytest.approx(960 * 60 / 4_000, abs=0.01)
    assert route_of(found) == [(300, 40), (300, 0), (0, 0), (0, 600), (-20, 600)]
    back = Travel(direction="from_facilities")
    (found,) = ask(crossroads, [(300, 40)], [(-20, 600)], travel=back, with_routes=True)
    assert route_of(found) == [(-20, 600), (0, 600), (0, 0), (300, 0), (300, 40)]


def test_both_on_one_link(crossroads: Engine) -> None:
    (found,) = ask(crossroads, [(1000, 5)], [(1200, -5)], with_routes=True)
    assert found.metres == pytest.approx(210, abs=0.2)
    (same,) = ask(crossroads, [(1000, 0)], [(1000, 0)], with_routes=True)
    assert same.metres == pytest.approx(0, abs=0.05)
    assert same.route is not None


def test_one_way_roads_make_a_difference(crossroads: Engine) -> None:
    origin, facility = (300, -310), (100, -310)
    (to,) = ask(crossroads, [origin], [facility], 5_000, DRIVEN_TO)
    assert to.metres == pytest.approx(220, abs=0.5)
    (back,) = ask(crossroads, [origin], [facility], 5_000, DRIVEN_FROM, with_routes=True)
    # On along the ring, over Main street and into the ring once more.
    assert back.metres == pytest.approx(10 + 500 + 300 + 800 + 300 + 100 + 10, abs=0.5)
    assert route_of(back)[0] == (100, -310)
    assert route_of(back)[-1] == (300, -310)


def test_why_there_is_none(crossroads: Engine) -> None:
    origins: list[Spot] = [(0, 100), (1500, -2000), (2900, 0)]
    near, lost, far = ask(crossroads, origins, [(0, 0)], 30)
    assert near.reason is None
    assert (lost.facility, lost.reason, lost.access) == (None, "no_road", None)
    assert (far.facility, far.reason) == (None, "no_facility")
    assert far.access == pytest.approx(0, abs=0.05)
    (none,) = ask(crossroads, [(0, 100)], [(1500, -2000)])
    assert none.reason == "no_facility"
    (abroad,) = ask(crossroads, [(0, 100)], [(3_000_000, 0)])
    assert abroad.reason == "no_facility"


def test_the_limit_is_that_of_the_whole_way(crossroads: Engine) -> None:
    travel = Travel(unit="metres", direction="to_facilities")
    for most, reason in ((359, "no_facility"), (361, None)):
        (found,) = ask(crossroads, [(300, 40)], [(0, -20)], most, travel)
        assert found.reason == reason


def test_in_metres_the_shortest_way_in_minutes_the_quickest(crossroads: Engine) -> None:
    # By car the motorway is longer and quicker than Main street.
    origin, facility = (2990, 460), (-2950, 0)
    travel = Travel("car", "minutes", "to_facilities")
    (quick,) = ask(crossroads, [origin], [facility], 120, travel)
    assert quick.metres == pytest.approx(40 + 5_890 + np.hypot(100, 500) + 50, abs=2)
    assert quick.minutes == pytest.approx(
        40 * 0.015 + (5_890 + np.hypot(100, 500)) * 0.00075 + 50 * 0.003, abs=0.01
    )


@pytest.mark.parametrize(
    ("origins", "facilities", "most", "fields"),
    [
        (0, 1, 10, ["origins"]),
        (1, 0, 10, ["facilities"]),
        (MOST_PLACES + 1, 1, 10, ["origins"]),
        (1, 1, 0, ["most"]),
        (1, 1, 500, ["most"]),
        (0, 0, -1, ["origins", "facilities", "most"]),
    ],
)
def test_what_cannot_be_asked(
    origins: int, facilities: int, most: float, fields: list[str]
) -> None:
    with pytest.raises(Invalid) as caught:
        NearestQuestion([point(0, 0)] * origins, [point(0, 0)] * facilities, most, TO)
    assert [fault.field for fault in caught.value.faults] == fields


def test_who_may_not_see_roads(crossroads: Engine) -> None:
    with pytest.raises(Forbidden):
        ask(crossroads, [(0, 0)], [(0, 0)], asking=Reader(9, "nobody", ()))


def test_among_many_it_is_the_best_of_each_alone(city_engine: Engine) -> None:
    with reader_transaction(city_engine, EVERYWHERE) as connection:

        def points(statement: str) -> list[Any]:
            rows = connection.execute(text(statement)).all()
            return [shapely.from_wkb(bytes(row[0])) for row in rows]

        origins = points(
            "SELECT ST_AsBinary(ST_PointOnSurface(geom)) FROM housing.building ORDER BY id LIMIT 60"
        )
        facilities = points("SELECT ST_AsBinary(geom) FROM places.facility ORDER BY id LIMIT 12")

        def find(among: list[Any]) -> list[Found]:
            question = NearestQuestion(origins, among, 120, TO)
            return find_nearest(connection, EVERYWHERE, question, lambda *told: None)

        together = find(facilities)
        alone = np.array([[each.minutes for each in find([one])] for one in facilities])
    assert all(each.reason is None for each in together)
    assert [each.minutes for each in together] == pytest.approx(alone.min(axis=0))
    assert [each.facility for each in together] == alone.argmin(axis=0).tolist()
