"""Resident figures of buildings: those of the rows after every kind of write, for every reader."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text

from layers.catalogue import LAYERS, layer_by_name
from layers.core.bulk import begin_bulk, bulk_load
from layers.core.change import Change, Edit, Tools, apply_change
from layers.core.database import owner_transaction, reader_transaction
from layers.core.errors import Forbidden
from layers.core.rights import Role
from layers.core.scope import Reader
from layers.people.figures import AGE_BANDS, ResidentFigures, find_resident_figures
from tests.builders.two_sides import (
    EAST,
    SEALER,
    SUPERVISOR_EAST,
    SUPERVISOR_WEST,
    WEST,
    TwoSides,
    build_two_sides,
    insert,
    person_of,
    reader,
    square,
)

ALL = "TRUE"
EVERYWHERE = reader(Role.COMMANDER, "")
_ROWS = text(
    "SELECT r.building_id, r.dwelling_id, coalesce(r.household, '') AS household, p.sex, "
    "p.register, date_part('year', age(p.birth_date))::integer AS age "
    "FROM people.residence AS r LEFT JOIN people.person AS p ON p.id = r.person_id "
    "WHERE r.valid_to IS NULL"
)


_ELSEWHERE = text(
    "SELECT residence_id, building_id, area_code, person_area "
    "FROM people.lives_elsewhere ORDER BY residence_id"
)
_FOUND_ELSEWHERE = text(
    "SELECT r.id, r.building_id, r.area_code, p.area_code FROM people.residence AS r "
    "JOIN people.person AS p ON p.id = r.person_id "
    "WHERE r.valid_to IS NULL AND r.area_code <> p.area_code ORDER BY r.id"
)


@pytest.fixture
def town(engine: Engine) -> TwoSides:
    return build_two_sides(engine)


def figures(connection: Connection, asking: Reader) -> ResidentFigures:
    return find_resident_figures(connection, asking, ALL, {})


def counted(connection: Connection) -> tuple[Any, ...]:
    """The same one by one, from the rows that row-level security shows."""
    rows = connection.execute(_ROWS).all()
    ages: Counter[tuple[int, str]] = Counter()
    for row in rows:
        if row.age is not None:
            band = max(start for start in AGE_BANDS if start <= row.age)
            ages.update({(band, "all"): 1, (band, row.sex or ""): 1})
    return (
        len({row.building_id for row in rows}),
        len(rows),
        len({(row.dwelling_id, row.household) for row in rows}),
        {sex: sum(row.sex == sex for row in rows) for sex in ("1", "2")},
        {code: sum(row.register == code for row in rows) for code in REGISTERS},
        tuple((a, ages[a, "all"], ages[a, "1"], ages[a, "2"]) for a in AGE_BANDS),
    )


REGISTERS = ("POP-01", "POP-02", "POP-03", "POP-04")


def assert_true(engine: Engine) -> None:
    for asking in (SUPERVISOR_WEST, SUPERVISOR_EAST, EVERYWHERE):
        with reader_transaction(engine, asking) as connection:
            assert tuple(figures(connection, asking)) == counted(connection)
    with owner_transaction(engine) as connection:
        assert connection.execute(_ELSEWHERE).all() == connection.execute(_FOUND_ELSEWHERE).all()


def write(engine: Engine, layer: str, action: Any, row: int | None, **values: Any) -> int:
    """One edit as people make it, by somebody who may write on both sides."""
    actor = Reader(4, "both", (*SUPERVISOR_WEST.grants, *SUPERVISOR_EAST.grants))
    edit = Edit(layer_by_name(layer), action, row, values, values.pop("geometry", None))
    with reader_transaction(engine, actor) as connection:
        return apply_change(connection, Change([edit]), actor, Tools(CODES.__getitem__, SEALER))[0]


CODES: Mapping[str, tuple[str, ...]] = {
    "sex": ("1", "2"),
    "register": REGISTERS,
    "residence_kind": ("L01",),
}


def test_figures_follow_every_write_of_a_person_or_a_residence(
    engine: Engine, town: TwoSides
) -> None:
    assert_true(engine)
    woman = {"name": "欧阳女", "sex": "2", "register": "POP-02", "area_code": WEST}
    person = write(engine, "persons", "create", None, birth_date="2024-02-29", **woman)
    stay = {"dwelling_id": town.west("dwellings"), "kind": "L01", "household": "H9"}
    home = write(engine, "residences", "create", None, person_id=person, **stay)
    assert_true(engine)
    write(engine, "persons", "update", person, birth_date=None)
    assert_true(engine)
    write(engine, "persons", "update", person, birth_date="1931-05-06", sex=None)
    write(engine, "residences", "update", home, dwelling_id=town.east("dwellings"))
    assert_true(engine)
    write(engine, "residences", "update", home, valid_to="2026-01-01")
    assert_true(engine)
    write(engine, "residences", "delete", home)
    write(engine, "residences", "delete", town.west("residences"))
    assert_true(engine)
    with owner_transaction(engine) as connection:
        kept = connection.execute(text("SELECT count(*) FROM people.resident_figure")).scalar_one()
    assert kept == 1, "a building nobody lives in keeps no figures"


def test_figures_move_with_a_building_drawn_anew(engine: Engine, town: TwoSides) -> None:
    write(engine, "buildings", "update", town.west("buildings"), geometry=square(WEST, 8, 0.5))
    with owner_transaction(engine) as connection:
        strayed = connection.execute(
            text(
                "SELECT count(*) FROM people.resident_figure AS f JOIN housing.building AS b "
                "ON b.id = f.building_id WHERE NOT ST_Equals(f.spot, ST_PointOnSurface(b.geom))"
            )
        )
        assert strayed.scalar_one() == 0
    write(engine, "buildings", "update", town.west("buildings"), geometry=square(EAST, 7, 0.5))
    assert_true(engine)
    with reader_transaction(engine, SUPERVISOR_EAST) as connection:
        assert figures(connection, SUPERVISOR_EAST).residents == 2


def test_who_belongs_elsewhere_is_counted_and_not_described(engine: Engine, town: TwoSides) -> None:
    with owner_transaction(engine) as connection:
        stay = {"dwelling_id": town.west("dwellings"), "kind": "L01", "household": "H2"}
        lodger = {"person_id": town.east("persons"), "is_home": False}
        insert(connection, "residences", stay | lodger)
    assert_true(engine)
    with reader_transaction(engine, SUPERVISOR_WEST) as connection:
        found = figures(connection, SUPERVISOR_WEST)
        assert (found.residents, sum(found.sexes.values())) == (2, 1)
    with reader_transaction(engine, EVERYWHERE) as connection:
        assert sum(figures(connection, EVERYWHERE).sexes.values()) == 3


def test_a_bulk_load_is_counted_as_a_set(engine: Engine, town: TwoSides) -> None:
    with owner_transaction(engine) as connection:
        people = [
            insert(connection, "persons", {**person_of(WEST), "id_number": None, "sex": sex})
            for sex in ("1", "2", "2")
        ]
        begin_bulk(connection)
        columns = {
            "person_id": people,
            "dwelling_id": [town.west("dwellings")] * len(people),
            "building_id": [town.west("buildings")] * len(people),
            "kind": ["L01"] * len(people),
            "source": ["file"] * len(people),
            "source_key": [str(person) for person in people],
        }
        bulk_load(connection, layer_by_name("residences"), columns, LAYERS)
    assert_true(engine)
    with owner_transaction(engine) as connection:
        connection.execute(text("TRUNCATE people.person, people.residence CASCADE"))
    assert_true(engine)


def test_two_who_write_at_once_are_both_counted(engine: Engine, town: TwoSides) -> None:
    """The second begins before the first ends, waits for it, and counts what it has written."""
    add = text(
        "INSERT INTO people.residence (person_id, dwelling_id, kind, building_id) "
        "VALUES (:person, :dwelling, 'L01', 0)"
    )
    values = {"person": town.west("persons"), "dwelling": town.west("dwellings")}

    def also() -> None:
        with owner_transaction(engine) as second:
            second.execute(add, values)

    with ThreadPoolExecutor(1) as others:
        with owner_transaction(engine) as first:
            first.execute(add, values)
            waiting = others.submit(also)
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.3)
        waiting.result(timeout=20)
    assert_true(engine)
    with reader_transaction(engine, SUPERVISOR_WEST) as connection:
        assert figures(connection, SUPERVISOR_WEST).residents == 3


def test_without_the_right_there_are_no_figures(engine: Engine, town: TwoSides) -> None:
    for role in (Role.ANALYST, Role.ADMIN, Role.OPERATOR):
        asking = reader(role, "")
        with reader_transaction(engine, asking) as connection:
            with pytest.raises(Forbidden, match="people:read"):
                figures(connection, asking)
            shown = connection.execute(text("SELECT count(*) FROM people.resident_figure"))
            assert shown.scalar_one() == 0
