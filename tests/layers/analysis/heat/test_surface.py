"""Heat over a real PostGIS: numbers, frames, weights, scope, and nothing over fewer than five."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Connection, Engine, text

from layers.analysis.heat.frames import Step
from layers.analysis.heat.kernel import ground
from layers.analysis.heat.places import Places
from layers.analysis.heat.surface import Heat, HeatQuestion, find_heat, nice_breaks
from layers.catalogue import layer_by_name
from layers.core.calendar import CHINA
from layers.core.cells import columns_and_rows
from layers.core.database import owner_transaction, reader_transaction
from layers.core.errors import Forbidden, Invalid
from layers.core.rights import Role
from layers.core.scope import Reader
from tests.builders.two_sides import (
    EAST,
    EVERYBODY,
    SUPERVISOR_EAST,
    SUPERVISOR_WEST,
    WEST,
    TwoSides,
    build_two_sides,
    insert,
    point,
    reader,
)

SINCE = datetime(2026, 3, 1, tzinfo=CHINA)
UNTIL = datetime(2026, 3, 31, tzinfo=CHINA)
WASTE, NOISE = "UM-0110", "UM-0128"


@pytest.fixture(scope="module")
def town(module_engine: Engine) -> TwoSides:
    """West: 30 incidents, one a day, 20 of waste; east: 6 on the tenth. 23 persons more in west."""
    town = build_two_sides(module_engine)
    with owner_transaction(module_engine) as connection:
        for day in range(30):
            report = {
                "category": WASTE if day < 20 else NOISE,
                "report_source": "SRC01",
                "description": "x",
                "people_affected": 2 if day % 2 else None,
                "reported_at": SINCE + timedelta(days=day, hours=12),
            }
            insert(connection, "incidents", report, point(WEST, 3 + 0.01 * (day % 3)))
        for hour in range(6):
            report = {"category": NOISE, "report_source": "SRC01", "description": "y"}
            moment = {"reported_at": SINCE + timedelta(days=9, hours=hour)}
            insert(connection, "incidents", report | moment, point(EAST, 5))
        _settle(connection, town, WEST, 23)
        _settle(connection, town, EAST, 3)
    return town


def _settle(connection: Connection, town: TwoSides, side: str, count: int) -> None:
    """So many more persons in the one dwelling of a side; every second came in 2026-03-16."""
    dwelling = town.ids["dwellings"][side]
    for number in range(count):
        who = {"name": "甲", "register": "POP-02", "area_code": side}
        stay = {
            "person_id": insert(connection, "persons", who),
            "dwelling_id": dwelling,
            "kind": "L01",
            "valid_from": "2026-03-16" if number % 2 else "2020-01-01",
        }
        insert(connection, "residences", stay)


@pytest.fixture
def west(module_engine: Engine, town: TwoSides) -> Iterator[Connection]:
    with reader_transaction(module_engine, SUPERVISOR_WEST) as connection:
        yield connection


@pytest.fixture
def everywhere(module_engine: Engine, town: TwoSides) -> Iterator[Connection]:
    with reader_transaction(module_engine, EVERYBODY) as connection:
        yield connection


def ask(
    connection: Connection,
    who: Reader = EVERYBODY,
    layer: str = "incidents",
    *,
    radius: float = 300,
    weight: str | None = None,
    step: Step | None = None,
    **places: Any,
) -> Heat:
    if layer == "incidents":
        places = {"since": SINCE, "until": UNTIL} | places
    return find_heat(
        connection,
        who,
        HeatQuestion(Places(layer_by_name(layer), **places), radius, weight, step),
    )


def mass(heat: Heat, frame: int = 0) -> float:
    """The weight below the surface: its values times the ground."""
    assert heat.grid is not None
    return float((heat.values[frame] * heat.unit * ground(heat.grid)).sum())


def test_the_surface_stands_for_every_row_of_the_time(everywhere: Connection) -> None:
    heat = ask(everywhere)
    assert heat.frames[0].count == 36
    assert mass(heat) == pytest.approx(36, rel=0.02)
    assert heat.question.is_over_time
    twice = ask(everywhere, until=UNTIL + timedelta(days=30))
    assert mass(twice) == pytest.approx(18, rel=0.02), "values are for thirty days"


def test_the_peak_lies_where_the_incidents_lie(everywhere: Connection) -> None:
    heat = ask(everywhere)
    assert heat.grid is not None
    row, column = np.unravel_index(heat.values[0].argmax(), heat.values[0].shape)
    cell = everywhere.execute(
        text("SELECT core.cell(ST_SetSRID(ST_MakePoint(120.00301, 30.005), 4326))")
    ).scalar_one()
    x, y = columns_and_rows(np.array([cell]), heat.grid.level)
    assert abs(heat.grid.column + column - x[0]) <= 1
    assert abs(heat.grid.row + row - y[0]) <= 1
    # Thirty in one place: 3 / (π r²) each at the middle, by the published formula.
    assert heat.values.max() * heat.unit == pytest.approx(30 * 3 / (np.pi * 0.3**2), rel=0.1)


def test_frames_are_days_and_add_up(everywhere: Connection) -> None:
    heat = ask(everywhere, step=Step.DAY)
    assert len(heat.frames) == 30
    assert [frame.count for frame in heat.frames] == [7 if day == 9 else 1 for day in range(30)]
    assert heat.frames[0].since == SINCE
    assert heat.frames[-1].until == UNTIL
    whole = ask(everywhere)
    assert sum(mass(heat, day) for day in range(30)) / 30 == pytest.approx(mass(whole), rel=0.02)


def test_a_supervisor_sees_only_her_community(west: Connection, module_engine: Engine) -> None:
    assert ask(west, SUPERVISOR_WEST).frames[0].count == 30
    # Row-level security says the same to one who claims more.
    assert ask(west, EVERYBODY).frames[0].count == 30
    with reader_transaction(module_engine, SUPERVISOR_EAST) as connection:
        heat = ask(connection, SUPERVISOR_EAST)
        assert heat.frames[0].count == 6
        assert heat.grid is not None
        assert (heat.grid.column + heat.grid.columns / 2) / (
            1 << heat.grid.level
        ) > 300.0 / 360 + 0.01 / 360


def test_an_area_outside_is_refused_and_one_inside_is_taken(west: Connection) -> None:
    assert ask(west, SUPERVISOR_WEST, area=f"{WEST}01").frames[0].count == 30
    assert ask(west, SUPERVISOR_WEST, area="9901").frames[0].count == 30
    with pytest.raises(Forbidden, match="outside your areas"):
        ask(west, SUPERVISOR_WEST, area=EAST)


def test_a_branch_of_the_tree_takes_all_below(everywhere: Connection) -> None:
    assert ask(everywhere, equals={"category": [WASTE]}).frames[0].count == 20
    assert ask(everywhere, equals={"category": ["UM-01"]}).frames[0].count == 36
    assert ask(everywhere, equals={"category": [NOISE, WASTE]}).frames[0].count == 36
    with pytest.raises(Invalid, match="category: 'UM-99' is no code"):
        ask(everywhere, equals={"category": ["UM-99"]})


def test_a_weight_counts_what_has_one(everywhere: Connection) -> None:
    heat = ask(everywhere, weight="people_affected")
    assert (heat.frames[0].count, heat.frames[0].weight) == (15, 30)
    assert mass(heat) == pytest.approx(30, rel=0.02)


def test_a_box_shows_the_same_numbers(everywhere: Connection) -> None:
    whole = ask(everywhere)
    part = ask(everywhere, bbox=(120.0, 30.0, 120.004, 30.006))
    assert whole.grid is not None
    assert part.grid is not None
    assert part.values.shape < whole.values.shape
    left, top = part.grid.column - whole.grid.column, part.grid.row - whole.grid.row
    seen = whole.values[:, top : top + part.grid.rows, left : left + part.grid.columns]
    np.testing.assert_allclose(part.values * part.unit, seen * whole.unit, atol=whole.unit)


def test_persons_are_counted_in_whole_fives(everywhere: Connection) -> None:
    """24 live in the western house, 4 in the eastern: the east leaves no trace."""
    heat = ask(everywhere, layer="residences")
    assert heat.is_personal
    assert heat.frames[0].count == 20
    assert mass(heat) == pytest.approx(20, rel=0.02)
    assert heat.grid is not None
    east = (120.01 + 180) / 360 * (1 << heat.grid.level)
    assert heat.grid.column + heat.grid.columns < east
    by_house = ask(everywhere, layer="buildings", weight="residents")
    np.testing.assert_array_equal(by_house.values, heat.values)


def test_fewer_than_five_answer_as_none_do(module_engine: Engine, town: TwoSides) -> None:
    with reader_transaction(module_engine, SUPERVISOR_EAST) as connection:
        few = ask(connection, SUPERVISOR_EAST, layer="residences")
        none = ask(connection, SUPERVISOR_EAST, layer="residences", equals={"kind": ["L02"]})
    assert few.frames == none.frames
    assert few.grid is none.grid is None


def test_a_register_is_a_filter_of_persons(everywhere: Connection) -> None:
    heat = ask(everywhere, layer="persons", equals={"register": ["POP-02"]})
    assert heat.frames[0].count == 20
    with pytest.raises(Invalid, match="name: sealed"):
        ask(everywhere, layer="persons", equals={"name": ["甲"]})


def test_who_lives_there_is_shown_as_each_frame_ends(everywhere: Connection) -> None:
    window = {"since": SINCE, "until": SINCE + timedelta(days=20)}
    heat = ask(everywhere, layer="residences", step=Step.DAY, **window)
    # 12 and the one before stayed on; 11 came on the sixteenth.
    assert [frame.count for frame in heat.frames] == [10] * 15 + [20] * 5
    assert not heat.question.is_over_time


def test_persons_need_the_right_to_see_them(module_engine: Engine, town: TwoSides) -> None:
    analyst = reader(Role.ANALYST, "")
    with reader_transaction(module_engine, analyst) as connection:
        for question in ({"layer": "residences"}, {"layer": "buildings", "weight": "residents"}):
            with pytest.raises(Forbidden, match="people:read"):
                ask(connection, analyst, **question)
        assert ask(connection, analyst, layer="buildings").frames[0].count == 2


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"layer": "roads"}, "layer: roads has no places"),
        ({"layer": "positions"}, "layer: positions has no places"),
        ({"layer": "staff"}, "layer: staff has no places"),
        ({"radius": 49}, "radius: 50 to 5000"),
        ({"radius": 5001}, "radius: 50 to 5000"),
        ({"weight": "category"}, "weight: incidents is weighed by: people_affected"),
        ({"layer": "residences", "weight": "id"}, "weight: residences is weighed by: nothing"),
        ({"layer": "components", "since": SINCE}, "datetime: components has no time"),
        ({"step": Step.DAY, "since": None}, "datetime: frames need"),
        ({"since": UNTIL}, "datetime: the end must lie after"),
        ({"equals": {"colour": ["red"]}}, "colour: no property"),
        ({"equals": {"people_affected": ["many"]}}, "people_affected: whole number"),
    ],
)
def test_what_cannot_be_answered_is_refused(
    everywhere: Connection, given: dict[str, Any], match: str
) -> None:
    with pytest.raises(Invalid, match=match):
        ask(everywhere, **given)


def test_too_fine_a_surface_is_refused(module_engine: Engine, town: TwoSides) -> None:
    with owner_transaction(module_engine) as connection:
        report = {"category": NOISE, "report_source": "SRC01", "description": "far"}
        far = {"type": "Point", "coordinates": [100.0, 45.0]}
        insert(connection, "incidents", report | {"reported_at": SINCE - timedelta(days=9)}, far)
        early = {"since": SINCE - timedelta(days=10)}
        with pytest.raises(Invalid, match="radius: 300 m is too fine"):
            ask(connection, **early)
        assert ask(connection, bbox=(119.9, 29.9, 120.1, 30.1), **early).frames[0].count == 36


@pytest.mark.parametrize(
    ("top", "breaks"),
    [(180.0, (2, 5, 10, 20, 50, 100)), (1.0, (0.02, 0.05, 0.1, 0.2, 0.5, 1)), (0.0, ())],
)
def test_classes_begin_at_round_numbers(top: float, breaks: tuple[float, ...]) -> None:
    assert nice_breaks(top) == breaks
