"""Find by person: exact, logged, masked, and back to the house."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import Connection, Engine, text

from layers.core.database import owner_transaction, reader_transaction
from layers.core.errors import Forbidden, NotFound
from layers.core.identifiers import id_check_digit
from layers.core.rights import Role
from layers.core.scope import Reader
from layers.people.by_person import find_houses, kind_of, search_persons
from tests.builders.two_sides import (
    EAST,
    ID_NUMBERS,
    NAMES,
    SEALER,
    SUPERVISOR_WEST,
    WEST,
    TwoSides,
    at,
    build_two_sides,
    insert,
    reader,
)

STREET_SUPERVISOR = reader(Role.SUPERVISOR, WEST[:9])


@pytest.fixture(scope="module")
def town(module_engine: Engine) -> TwoSides:
    """The west person once lived in the east; three people share a name."""
    town = build_two_sides(module_engine)
    with owner_transaction(module_engine) as connection:
        past = {"valid_from": "2001-01-01", "valid_to": "2019-12-31", "kind": "L02"}
        moved = {"person_id": town.west("persons"), "dwelling_id": town.east("dwellings")}
        insert(connection, "residences", past | moved)
        for number in range(3):
            same = {"name": "John Smith", "register": "POP-03", "area_code": WEST}
            insert(connection, "persons", same | {"phone": f"+8613900000{number:03}"})
    return town


@pytest.fixture
def connection(module_engine: Engine, town: TwoSides) -> Iterator[Connection]:
    with reader_transaction(module_engine, STREET_SUPERVISOR) as connection:
        yield connection


def found(connection: Connection, query: str, asker: Reader = STREET_SUPERVISOR) -> list[int]:
    result = search_persons(connection, asker, query, SEALER)
    return [person.id for person, _ in result.persons]


@pytest.mark.parametrize(
    "query",
    [
        "欧阳西门",
        " 欧阳 西门 ",
        "990101195001010010",
        "990101 19500101 0010",
        "９９０１０１１９５００１０１００１０",
        "990101500101001",
        "13800000001",
        "138-0000-0001",
        "+86 138 0000 0001",
        "8613800000001",
    ],
)
def test_exact_names_numbers_and_phones(connection: Connection, town: TwoSides, query: str) -> None:
    assert found(connection, query) == [town.west("persons")]


@pytest.mark.parametrize("query", ["欧阳", "欧***", "9901011950010100", "%", "1380000000", "'"])
def test_parts_find_nobody(connection: Connection, query: str) -> None:
    assert found(connection, query) == []


def test_a_stored_country_code_makes_no_difference(connection: Connection) -> None:
    assert len(found(connection, "13900000001")) == 1
    assert found(connection, "13900000001") == found(connection, "+8613900000001")


def test_more_than_asked_for_is_said(connection: Connection) -> None:
    result = search_persons(connection, STREET_SUPERVISOR, "JOHN SMITH", SEALER, limit=2)
    assert len(result.persons) == 2
    assert result.more
    assert not search_persons(connection, STREET_SUPERVISOR, "john smith", SEALER, limit=3).more


def test_a_found_person_is_masked_and_leads_home(connection: Connection, town: TwoSides) -> None:
    ((person, homes),) = search_persons(connection, STREET_SUPERVISOR, NAMES[WEST], SEALER).persons
    assert (person.name, person.id_number, person.phone) == (
        "欧***",
        "990101********0010",
        "138****0001",
    )
    (home,) = homes
    assert (home.building_id, home.dwelling_id) == (town.west("buildings"), town.west("dwellings"))
    assert (home.unit, home.floor, home.room) == ("1", 2, "201")
    assert (home.lon, home.lat) == pytest.approx(at(WEST, 5), abs=0.0005)


def test_houses_of_a_person_present_first(connection: Connection, town: TwoSides) -> None:
    person, homes, household = find_houses(connection, STREET_SUPERVISOR, town.west("persons"))
    assert person.name == "欧***"
    assert [(home.building_id, home.current) for home in homes] == [
        (town.west("buildings"), True),
        (town.east("buildings"), False),
    ]
    assert [member.person_id for member in household] == [town.west("persons")]


@pytest.mark.parametrize(
    ("on", "side"),
    [
        (date(2000, 12, 31), None),
        (date(2001, 1, 1), EAST),
        (date(2019, 12, 30), EAST),
        (date(2019, 12, 31), None),
        (date(2026, 1, 1), WEST),
    ],
)
def test_homes_and_household_of_a_day(
    connection: Connection, town: TwoSides, on: date, side: str | None
) -> None:
    person = town.west("persons")
    _, homes, household = find_houses(connection, STREET_SUPERVISOR, person, on)
    lived_in = [home.building_id for home in homes if home.current]
    assert lived_in == ([town.ids["buildings"][side]] if side else [])
    assert len(homes) == 2
    assert [member.person_id for member in household] == ([person] if side else [])


def test_former_homes_outside_the_area_are_left_out(module_engine: Engine, town: TwoSides) -> None:
    with reader_transaction(module_engine, SUPERVISOR_WEST) as connection:
        _, homes, _ = find_houses(connection, SUPERVISOR_WEST, town.west("persons"))
        assert [home.building_id for home in homes] == [town.west("buildings")]
        with pytest.raises(NotFound):
            find_houses(connection, SUPERVISOR_WEST, town.east("persons"))
        assert found(connection, ID_NUMBERS[EAST], SUPERVISOR_WEST) == []


def test_every_search_is_logged_without_the_query(module_engine: Engine, town: TwoSides) -> None:
    with reader_transaction(module_engine, SUPERVISOR_WEST) as connection:
        found(connection, NAMES[WEST], SUPERVISOR_WEST)
        found(connection, ID_NUMBERS[EAST], SUPERVISOR_WEST)
    with module_engine.connect() as connection:
        statement = "SELECT * FROM core.audit WHERE login = 'west' ORDER BY id DESC LIMIT 2"
        second, first = connection.execute(text(statement)).mappings()
    assert (first["action"], first["account_id"], first["area_code"]) == ("person_search", 1, WEST)
    index = SEALER.blind("persons.name", NAMES[WEST]).hex()
    assert first["detail"] == {"by": "name", "query": "欧***", "index": index, "found": 1}
    assert (second["detail"]["query"], second["detail"]["found"]) == ("990101********0037", 0)
    with module_engine.connect() as connection:
        assert connection.execute(text("SELECT core.broken_audit()")).all() == []


@pytest.mark.parametrize("role", [Role.ADMIN, Role.OPERATOR, Role.ANALYST, Role.AUDITOR])
def test_searching_needs_the_right(module_engine: Engine, town: TwoSides, role: Role) -> None:
    asker = reader(role, "")
    with reader_transaction(module_engine, asker) as connection:
        with pytest.raises(Forbidden):
            search_persons(connection, asker, NAMES[WEST], SEALER)
        with pytest.raises(Forbidden):
            find_houses(connection, asker, town.west("persons"))


def test_what_a_query_is_taken_for() -> None:
    body = "99010119800101001"
    assert kind_of(body + id_check_digit(body)) == "id_number"
    assert kind_of(body + "A") == "name"
    assert kind_of("13800000001") == "phone"
    assert kind_of("021-55556666") == "phone"
    assert kind_of("王小明") == "name"
    assert kind_of("990101500101001") == "id_number"
