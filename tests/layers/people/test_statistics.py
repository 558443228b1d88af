"""Statistics of the population: every number is that of the rows, and small ones stay hidden."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, text

from layers.catalogue import layer_by_name
from layers.core.change import Change, Edit, Tools, apply_change
from layers.core.database import owner_transaction, reader_transaction
from layers.core.errors import Forbidden, Invalid
from layers.core.rights import Role
from layers.core.scope import Reader
from layers.people.moves import months_until
from layers.people.population import AGES
from layers.people.statistics import DIGITS, Statistics, find_population
from tests.builders.two_sides import (
    EAST,
    SEALER,
    STREET,
    SUPERVISOR_EAST,
    SUPERVISOR_WEST,
    WEST,
    TwoSides,
    build_two_sides,
    reader,
)

COMMANDER, ANALYST = reader(Role.COMMANDER, ""), reader(Role.ANALYST, "")
_PERSONS = text(
    "SELECT area_code, register, sex, date_part('year', age(core.today(), birth_date))::integer "
    "AS age FROM people.person"
)
_STRAYED = text(
    "(SELECT * FROM people.population_figure EXCEPT SELECT * FROM people.counted_population) "
    "UNION ALL "
    "(SELECT * FROM people.counted_population EXCEPT SELECT * FROM people.population_figure)"
)
CODES = {
    "sex": ("1", "2"),
    "register": ("POP-01", "POP-02", "POP-03", "POP-04"),
    "residence_kind": ("L01",),
}


def ask(engine: Engine, asking: Reader, area: str, *by: str, **more: Any) -> Statistics:
    with reader_transaction(engine, asking) as connection:
        return find_population(connection, asking, area, by, **more)


def county(engine: Engine) -> str:
    with owner_transaction(engine) as connection:
        return str(
            connection.execute(text("SELECT left(min(area_code), 6) FROM people.person")).scalar()
        )


@pytest.mark.parametrize(
    "by", [("street", "register"), ("community", "register", "age"), ("grid", "sex", "age")]
)
def test_a_table_counts_the_persons_one_by_one(city_engine: Engine, by: tuple[str, ...]) -> None:
    found = ask(city_engine, COMMANDER, county(city_engine), *by)
    expected: Counter[tuple[Any, ...]] = Counter()
    with owner_transaction(city_engine) as connection:
        for person in connection.execute(_PERSONS):
            age = None if person.age is None else max(each for each in AGES if each <= person.age)
            told = {"register": person.register, "sex": person.sex, "age": age}
            row = person.area_code[: DIGITS[by[0]]]
            expected[row, *(told[name] for name in by[1:])] += 1
    counted = {
        (row.code, *column.values()): cell
        for row in found.rows
        for column, cell in zip(found.columns, row.cells, strict=True)
        if cell
    }
    assert counted == dict(expected)
    assert sum(row.people or 0 for row in found.rows) == found.total.people
    assert sum(row.households or 0 for row in found.rows) == found.total.households


def test_tables_of_all_levels_add_up(city_engine: Engine) -> None:
    area = county(city_engine)
    whole = ask(city_engine, COMMANDER, area, "register", "age_group")
    for level in ("street", "community", "grid"):
        found = ask(city_engine, COMMANDER, area, level, "register", "age_group")
        assert found.total == whole.total
        columns = zip(*(row.cells for row in found.rows), strict=True)
        assert [sum(each or 0 for each in column) for column in columns] == whole.total.cells
        assert all(sum(each or 0 for each in row.cells) == row.people for row in found.rows)


def test_buildings_of_a_grid_add_up(city_engine: Engine) -> None:
    grid = ask(city_engine, COMMANDER, county(city_engine), "grid").rows[-1].code
    found = ask(city_engine, COMMANDER, grid, "building", "register", "age")
    assert sum(row.people or 0 for row in found.rows) == found.total.people
    assert found.total.people == ask(city_engine, COMMANDER, grid).total.people
    assert found.total.households == ask(city_engine, COMMANDER, grid).total.households


@pytest.mark.parametrize("by", [("register",), ("age",), ("sex",)])
def test_who_may_not_see_persons_sees_no_small_number(
    city_engine: Engine, by: tuple[str, ...]
) -> None:
    """The same numbers otherwise; a margin is never less hidden than what it is made of."""
    area = county(city_engine)
    for level in ("street", "community", "grid"):
        exact = ask(city_engine, COMMANDER, area, level, *by)
        found = ask(city_engine, ANALYST, area, level, *by)
        assert not found.is_exact
        assert [row.code for row in found.rows] == [row.code for row in exact.rows]
        for row, true in zip((found.total, *found.rows), (exact.total, *exact.rows), strict=True):
            cells = [row.people, *row.cells]
            assert all(cell is None or cell == 0 or cell >= 5 for cell in cells)
            for cell, count in zip(cells, [true.people, *true.cells], strict=True):
                assert cell is None or cell == count
            assert sum(cell is None for cell in row.cells) != 1
        for place, cell in enumerate(found.total.cells):
            column = [row.cells[place] for row in found.rows]
            assert cell is None or sum(each is None for each in column) != 1
            if None not in (cell, *column):
                assert sum(each or 0 for each in column) == cell


def test_the_same_area_hides_the_same_at_every_level(city_engine: Engine) -> None:
    area = county(city_engine)
    by_street = ask(city_engine, ANALYST, area, "street", "register")
    for street in by_street.rows:
        below = ask(city_engine, ANALYST, street.code, "community", "register")
        assert below.total.cells == street.cells
        community = below.rows[-1]
        assert ask(city_engine, ANALYST, community.code, "grid", "register").total.cells == (
            community.cells
        )


def test_what_would_tell_of_one_person_needs_the_right(city_engine: Engine) -> None:
    area = county(city_engine)
    grid = ask(city_engine, COMMANDER, area, "grid").rows[0].code
    with pytest.raises(Forbidden):
        ask(city_engine, ANALYST, area, "street", on=date(2026, 1, 1))
    with pytest.raises(Forbidden):
        ask(city_engine, ANALYST, grid, "building")
    with pytest.raises(Forbidden):
        ask(city_engine, Reader(5, "nobody", ()), area, "street")
    for by in (("register", "age"), ("sex", "age_group"), ("register", "sex", "age")):
        found = ask(city_engine, ANALYST, area, "street", *by)
        assert all(cell is None for row in (found.total, *found.rows) for cell in row.cells)


def test_only_who_sees_all_persons_of_an_area_sees_it_exactly(city_engine: Engine) -> None:
    area = county(city_engine)
    street = ask(city_engine, COMMANDER, area, "street").rows[0].code
    both = Reader(6, "both", (*ANALYST.grants, *reader(Role.WORKER, street).grants))
    assert not ask(city_engine, both, area, "street").is_exact
    assert ask(city_engine, both, street, "community").is_exact
    only = ask(city_engine, reader(Role.WORKER, street), area, "street")
    assert only.is_exact
    assert [row.code for row in only.rows] == [street]


@pytest.mark.parametrize(
    "by",
    [
        ("village",),
        ("street", "grid"),
        ("county",),
        ("age", "age_group"),
        ("sex", "sex"),
        ("building",),
    ],
)
def test_what_makes_no_table_is_refused(city_engine: Engine, by: tuple[str, ...]) -> None:
    with pytest.raises(Invalid):
        ask(city_engine, COMMANDER, county(city_engine), *by)


def write(engine: Engine, layer: str, action: Any, row: int | None, **values: Any) -> int:
    actor = Reader(4, "both", (*SUPERVISOR_WEST.grants, *SUPERVISOR_EAST.grants))
    edit = Edit(layer_by_name(layer), action, row, values)
    with reader_transaction(engine, actor) as connection:
        return apply_change(connection, Change([edit]), actor, Tools(CODES.__getitem__, SEALER))[0]


@pytest.fixture
def town(engine: Engine) -> TwoSides:
    return build_two_sides(engine)


def assert_true(engine: Engine) -> None:
    with owner_transaction(engine) as connection:
        assert connection.execute(_STRAYED).all() == []


def test_figures_follow_every_write(engine: Engine, town: TwoSides) -> None:
    assert_true(engine)
    woman = {"name": "欧阳女", "sex": "2", "register": "POP-02", "area_code": WEST}
    person = write(engine, "persons", "create", None, birth_date="2024-02-29", **woman)
    assert_true(engine)
    write(engine, "persons", "update", person, birth_date=None, sex=None)
    assert_true(engine)
    stay = {"dwelling_id": town.east("dwellings"), "kind": "L01", "household": "H9"}
    write(engine, "residences", "create", None, person_id=person, **stay)
    assert_true(engine)  # the person belongs to the east now
    write(engine, "persons", "update", person, register="POP-01", birth_date="1931-05-06")
    assert_true(engine)
    with owner_transaction(engine) as connection:
        connection.execute(text("DELETE FROM people.person"))
    assert_true(engine)
    with owner_transaction(engine) as connection:
        kept = connection.execute(text("SELECT count(*) FROM people.population_figure"))
        assert kept.scalar_one() == 0


def test_a_day_and_the_months_before_it(engine: Engine, town: TwoSides) -> None:
    """One lives in the west since 2020 and leaves in May, one comes to the east in April."""
    with owner_transaction(engine) as connection:
        connection.execute(
            text("UPDATE people.residence SET valid_to = '2026-05-20' WHERE id = :id"),
            {"id": town.west("residences")},
        )
        connection.execute(
            text("UPDATE people.residence SET valid_from = '2026-04-03' WHERE id = :id"),
            {"id": town.east("residences")},
        )
    day = date(2026, 6, 10)
    found = ask(engine, COMMANDER, STREET, "community", on=day, months=months_until(day, 4))
    assert [(row.code, row.people) for row in found.rows] == [(EAST, 1)]
    told = [(each.month.month, each.moved_in, each.moved_out, each.people) for each in found.months]
    assert told == [(3, 0, 0, 1), (4, 1, 0, 2), (5, 0, 1, 1), (6, 0, 0, 1)]
    before = ask(engine, COMMANDER, STREET, "community", "age", on=date(2026, 5, 19))
    assert [(row.code, row.people) for row in before.rows] == [(WEST, 1), (EAST, 1)]
    guarded = ask(engine, ANALYST, STREET, months=months_until(day, 4)).months
    assert [(each.moved_in, each.moved_out) for each in guarded] == [
        (0, 0),
        (None, 0),
        (0, None),
        (0, 0),
    ]
    assert all(each.people is None for each in guarded)


def test_two_who_write_at_once_both_count(engine: Engine, town: TwoSides) -> None:
    def arrive(number: int) -> int:
        man = {"name": f"欧阳{number}", "sex": "1", "register": "POP-01", "area_code": WEST}
        return write(engine, "persons", "create", None, birth_date="1990-05-06", **man)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(arrive, range(12)))
    assert_true(engine)
    assert ask(engine, COMMANDER, WEST).total.people == 13


def test_figures_of_other_areas_are_out_of_reach(engine: Engine, town: TwoSides) -> None:
    """Below what the functions ask, PostgreSQL gives no row of an area that is not the reader's."""
    with reader_transaction(engine, SUPERVISOR_WEST) as connection:
        seen = connection.execute(text("SELECT area_code FROM people.population_figure"))
        assert {row.area_code[:12] for row in seen} == {WEST}
        homes = text("SELECT code FROM people.households_by_area('', '', 12)")
        assert set(connection.execute(homes).scalars()) == {WEST}
        moves = text(
            "SELECT code FROM people.moves_by_area('', '', 12, '{2019-12-01,2020-02-01}'::date[])"
        )
        assert set(connection.execute(moves).scalars()) == {WEST}
