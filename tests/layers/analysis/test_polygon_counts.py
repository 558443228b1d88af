"""Counts in polygons against shapely; residents in whole fives; scope and log."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyproj import Geod
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, Engine, text

from layers.analysis.heat.places import Places
from layers.analysis.polygon_counts import Count, PolygonQuestion, count_in_polygons
from layers.catalogue import layer_by_name
from layers.core.database import reader_transaction
from layers.core.errors import Forbidden, Invalid
from layers.core.rights import Role
from layers.core.scope import Reader
from tests.builders.scatter import SIZE, SOUTH, WEST, Scatter, build_scatter
from tests.builders.two_sides import reader

EVERYWHERE = reader(Role.COMMANDER, "99")
_EARTH = Geod(ellps="WGS84")


@pytest.fixture(scope="module")
def scatter(module_engine: Engine) -> Scatter:
    return build_scatter(module_engine)


@pytest.fixture(scope="module")
def spots(scatter: Scatter, module_engine: Engine) -> dict[str, np.ndarray[Any, Any]]:
    """Longitude and latitude of each place's point on surface, by layer."""
    found = {}
    with module_engine.begin() as connection:
        for name, table in (("buildings", "housing.building"), ("incidents", "incidents.incident")):
            rows = connection.execute(
                text(
                    "SELECT ST_X(spot), ST_Y(spot) FROM "
                    f"(SELECT ST_PointOnSurface(geom) AS spot FROM {table}) AS placed"
                )
            )
            found[name] = np.array([tuple(row) for row in rows])
    return found


def ask(
    engine: Engine,
    layer: str,
    polygons: list[BaseGeometry],
    asking: Reader = EVERYWHERE,
    weight: str | None = None,
    **where: list[str],
) -> list[Count]:
    question = PolygonQuestion(Places(layer_by_name(layer), where), polygons, weight)
    with reader_transaction(engine, asking) as connection:
        return count_in_polygons(connection, asking, question, lambda progress, message: None)


@st.composite
def polygons(draw: st.DrawFn) -> BaseGeometry:
    """A ring of corners around a middle, perhaps with a hole, somewhere in the square."""
    x, y = (draw(st.floats(-0.2, 1.2)) for _ in range(2))
    reach = draw(st.lists(st.floats(0.05, 1.0), min_size=3, max_size=9))
    angles = np.linspace(0, 2 * np.pi, len(reach), endpoint=False)
    ring = [
        (WEST + SIZE * (x + r * np.cos(a)), SOUTH + SIZE * (y + r * np.sin(a)))
        for r, a in zip(reach, angles, strict=True)
    ]
    made = shapely.Polygon(ring)
    if draw(st.booleans()):
        made = made.difference(made.centroid.buffer(SIZE * 0.04))
    return made


@given(st.lists(polygons(), min_size=1, max_size=5))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_counts_are_those_of_the_points(
    module_engine: Engine, spots: dict[str, np.ndarray[Any, Any]], drawn: list[BaseGeometry]
) -> None:
    for layer, places in spots.items():
        expected = [int(shapely.intersects_xy(each, *places.T).sum()) for each in drawn]
        counts = ask(module_engine, layer, drawn)
        assert [count.places for count in counts] == expected
        for count, each in zip(counts, drawn, strict=True):
            ground = abs(_EARTH.geometry_area_perimeter(each)[0])
            assert count.ground == pytest.approx(ground, rel=1e-6)
            assert count.per_km2 == pytest.approx((count.places or 0) * 1e6 / ground, rel=1e-6)


def test_many_polygons_are_answered_in_their_order(module_engine: Engine, scatter: Scatter) -> None:
    edges = np.linspace(WEST, WEST + SIZE, 302)
    strips = [shapely.box(w, SOUTH, e, SOUTH + SIZE) for w, e in pairwise(edges)]
    told: list[int] = []
    question = PolygonQuestion(Places(layer_by_name("incidents")), strips)
    with reader_transaction(module_engine, EVERYWHERE) as connection:
        counts = count_in_polygons(
            connection, EVERYWHERE, question, lambda progress, message: told.append(progress)
        )
    assert sum(count.places or 0 for count in counts) == len(scatter.shapes["incidents"])
    assert told == [66, 100]


def test_conditions_and_weights(module_engine: Engine, scatter: Scatter) -> None:
    every = [shapely.box(WEST - 1, SOUTH - 1, WEST + 1, SOUTH + 1)]
    with module_engine.begin() as connection:
        houses, levels = connection.execute(
            text("SELECT count(*), sum(levels) FROM housing.building WHERE usage = 'B1'")
        ).one()
    (count,) = ask(module_engine, "buildings", every, weight="levels", usage=["B1"])
    assert (count.places, count.weight) == (houses, levels)


def test_what_the_reader_may_not_see_is_not_counted(
    module_engine: Engine, scatter: Scatter
) -> None:
    every = [shapely.box(WEST - 1, SOUTH - 1, WEST + 1, SOUTH + 1)]
    elsewhere = reader(Role.COMMANDER, "98")
    assert ask(module_engine, "buildings", every, elsewhere)[0].places == 0
    with pytest.raises(Forbidden):
        ask(module_engine, "incidents", every, reader(Role.AUDITOR, "99"))


@pytest.mark.parametrize("drawn", [[], [shapely.box(0, 0, 1, 1)] * 5001], ids=["none", "too many"])
def test_so_many_polygons(module_engine: Engine, scatter: Scatter, drawn: Any) -> None:
    with pytest.raises(Invalid) as refused:
        ask(module_engine, "buildings", drawn)
    assert refused.value.faults[0].field == "polygons"


# Residents, in the demo city


@pytest.fixture
def supervisor(city_engine: Engine) -> Iterator[tuple[Connection, Reader, str]]:
    with city_engine.begin() as connection:
        area = connection.execute(
            text(
                "SELECT left(area_code, 12) FROM people.resident_figure "
                "GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"
            )
        ).scalar_one()
    asking = reader(Role.SUPERVISOR, area)
    with reader_transaction(city_engine, asking) as connection:
        yield connection, asking, area


@pytest.mark.parametrize(
    ("layer", "weight"), [("residences", None), ("persons", None), ("buildings", "residents")]
)
def test_residents_are_told_in_whole_fives(
    supervisor: tuple[Connection, Reader, str], layer: str, weight: str | None
) -> None:
    connection, asking, _ = supervisor
    rows = connection.execute(
        text("SELECT ST_AsText(ST_Expand(spot, 0.00005)), residents FROM people.resident_figure")
    ).all()
    houses = [shapely.from_wkt(row[0]) for row in rows]
    question = PolygonQuestion(Places(layer_by_name(layer)), houses, weight)
    counts = count_in_polygons(connection, asking, question, lambda progress, message: None)
    assert any(row.residents < 5 for row in rows)
    for (_, residents), count in zip(rows, counts, strict=True):
        if layer == "persons":
            assert count.places is None or count.places % 5 == 0
        else:
            assert count.places == (residents // 5 * 5 or None)
        assert count.weight == count.places
    logged = connection.execute(
        text(
            "SELECT action, detail ->> 'polygons' AS polygons FROM core.audit "
            "WHERE login = :login AND layer = 'persons' ORDER BY id DESC LIMIT 1"
        ),
        {"login": asking.login},
    ).all()
    # The log is the auditor's; who asks sees nothing of it.
    assert logged == []


def test_asking_for_residents_is_logged(
    supervisor: tuple[Connection, Reader, str], city_engine: Engine
) -> None:
    connection, asking, area = supervisor
    question = PolygonQuestion(Places(layer_by_name("residences")), [shapely.box(121, 31, 122, 32)])
    count_in_polygons(connection, asking, question, lambda progress, message: None)
    connection.commit()
    with city_engine.begin() as owner:
        line = owner.execute(
            text("SELECT action, area_code, detail FROM core.audit ORDER BY id DESC LIMIT 1")
        ).one()
    assert (line.action, line.area_code, line.detail["polygons"]) == ("question", area, 1)


def test_who_may_not_see_persons_counts_none(city_engine: Engine) -> None:
    every = [shapely.box(121, 31, 122, 32)]
    for layer, weight in (("persons", None), ("residences", None), ("buildings", "residents")):
        with pytest.raises(Forbidden):
            ask(city_engine, layer, every, reader(Role.ANALYST, ""), weight)
