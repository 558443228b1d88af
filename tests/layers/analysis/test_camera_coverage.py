"""What cameras see: sectors, walls that hide, shares of grids; against rays cast by hand."""

from __future__ import annotations

from math import cos, pi, radians, sin
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from layers.analysis.camera_coverage import (
    Coverage,
    CoverageQuestion,
    find_coverage,
    visible_ground,
)
from layers.core.crs import metric_srid, reference_system
from layers.core.database import reader_transaction
from layers.core.errors import Forbidden
from layers.core.rights import Role
from layers.core.scope import Reader
from tests.builders.two_sides import reader

EVERYWHERE = reader(Role.COMMANDER, "")
WALL = shapely.box(-20, 30, 20, 40)


def seen(*looks: tuple[float, float, float], walls: Any = ()) -> shapely.Geometry:
    """What one camera at 0, 0 sees; looks are heading, field of view, range."""
    zero = np.zeros(len(looks))
    return visible_ground(zero, zero, np.array(looks, dtype=float), list(walls))[0]


def sees(shape: Any, azimuth: float, metres: float) -> bool:
    return bool(shapely.intersects_xy(shape, metres * sin(azimuth), metres * cos(azimuth)))


def test_a_full_circle_is_almost_a_circle() -> None:
    assert seen((0, 360, 50)).area == pytest.approx(pi * 50**2, rel=0.002)


@given(st.floats(0, 360), st.floats(10, 350), st.floats(10, 500))
def test_a_sector_lies_around_its_heading(heading: float, view: float, reach: float) -> None:
    shape = seen((heading, view, reach))
    assert shape.area == pytest.approx(pi * reach**2 * view / 360, rel=0.01)
    half = radians(view / 2)
    for share in (-0.95, -0.5, 0, 0.5, 0.95):
        assert sees(shape, radians(heading) + share * half, reach * 0.99)
    assert not sees(shape, radians(heading) + half + radians(4), reach * 0.5)
    assert not sees(shape, radians(heading), reach * 1.01)


def test_a_wall_hides_what_is_behind_it() -> None:
    shape = seen((0, 360, 100), walls=[WALL])
    assert sees(shape, 0, 29)
    assert not sees(shape, 0, 45)
    assert not sees(shape, 0, 99)
    # The shadow is as wide as the wall seen from the camera.
    edge = np.arctan2(20, 30)
    assert not sees(shape, edge - radians(3.1), 90)
    assert sees(shape, edge + radians(3.1), 90)
    assert sees(shape, pi, 99)


def test_the_building_it_hangs_on_hides_nothing() -> None:
    own = shapely.box(-10, -10, 10, 0)
    assert seen((180, 60, 50), walls=[own]).area == pytest.approx(seen((180, 60, 50)).area)


@given(
    st.lists(
        st.tuples(st.floats(-80, 80), st.floats(-80, 80), st.floats(3, 20)), min_size=1, max_size=6
    ),
    st.floats(0, 360),
    st.floats(20, 360),
)
def test_rays_end_at_the_first_wall(
    places: list[tuple[float, float, float]], heading: float, view: float
) -> None:
    walls = [
        shapely.box(x - size, y - size, x + size, y + size)
        for x, y, size in places
        if max(abs(x), abs(y)) > size + 2
    ]
    shape = seen((heading, view, 100), walls=walls)
    rays = max(2, round(view / 3) + (view < 360))
    turns = np.linspace(-view / 2, view / 2, rays, endpoint=bool(view < 360))
    eye = shapely.Point(0, 0)
    for turn in turns[1:-1]:
        azimuth = radians(heading + turn)
        ray = shapely.LineString([(0, 0), (100 * sin(azimuth), 100 * cos(azimuth))])
        free = min([100.0, *(eye.distance(ray & wall) for wall in walls if ray.intersects(wall))])
        assert sees(shape, azimuth, free * 0.99)
        assert not sees(shape, azimuth, free * 1.01)


def ask(engine: Engine, asking: Reader = EVERYWHERE, **question: Any) -> Coverage:
    with reader_transaction(engine, asking) as connection:
        return find_coverage(
            connection, asking, CoverageQuestion(**question), lambda progress, message: None
        )


def test_shares_are_those_of_the_ground_seen(city_engine: Engine) -> None:
    found = ask(city_engine)
    with city_engine.begin() as connection:
        cameras = connection.execute(
            text(
                "SELECT count(*) FROM places.camera WHERE NOT coalesce(indoor, false) "
                "AND valid_to IS NULL"
            )
        ).scalar_one()
    assert found.cameras == cameras > 0
    middle = found.seen.centroid
    system = reference_system(f"EPSG:{metric_srid(middle.x, middle.y)}")

    def metres(shape: Any) -> Any:
        return shapely.transform(shape, lambda xy: np.column_stack(system.from_wgs84(*xy.T)))

    ground = metres(found.seen)
    for grid in found.grids:
        shape = metres(shapely.from_geojson(grid.geometry))
        assert grid.ground == pytest.approx(shape.area, rel=1e-4)
        assert grid.seen == pytest.approx(shape.intersection(ground).area, rel=1e-3, abs=5)
        assert 0 <= grid.share <= 1
    assert sum(grid.cameras for grid in found.grids) <= cameras
    open_ground = ask(city_engine, with_buildings=False)
    assert metres(open_ground.seen).area > ground.area


def test_an_area_is_what_the_whole_says_of_it(city_engine: Engine) -> None:
    whole = {grid.code: grid for grid in ask(city_engine).grids}
    code = max(whole, key=lambda each: whole[each].cameras)
    part = ask(city_engine, area=code[:12])
    assert {grid.code for grid in part.grids} == {each for each in whole if each[:12] == code[:12]}
    # Cameras of a neighbour look across the border, too.
    assert all(grid.seen <= whole[grid.code].seen + 1 for grid in part.grids)


def test_who_may_not_see_cameras(city_engine: Engine) -> None:
    with pytest.raises(Forbidden):
        ask(city_engine, reader(Role.AUDITOR, ""))
    one = reader(Role.SUPERVISOR, sorted(grid.code for grid in ask(city_engine).grids)[0][:12])
    with pytest.raises(Forbidden):
        ask(city_engine, one, area="11")
