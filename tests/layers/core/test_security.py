"""The database holds even when what stands above it has a fault.

Statements are written by hand in the role of a reader, as a bug would send them; the rest goes
through `apply_change`, as the server writes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, OperationalError

from layers.catalogue import LAYERS, layer_by_name
from layers.core.change import Change, Edit, Tools, apply_change
from layers.core.codes import read_code_tables
from layers.core.database import connect_engine, read_within, reader_transaction
from layers.core.errors import Forbidden, Invalid, NotFound
from layers.core.features import find_history
from layers.core.reveal import reveal
from layers.core.rights import Role
from layers.core.scope import Grant, Reader
from layers.core.search import Frequencies, search_layers
from layers.migrations import CODES
from tests.builders.two_sides import (
    EAST,
    NAMES,
    SEALER,
    STREET,
    SUPERVISOR_EAST,
    SUPERVISOR_WEST,
    WEST,
    TwoSides,
    at,
    build_two_sides,
    insert,
    point,
    reader,
    square,
)

_TABLES = {table.name: {row.code for row in table.rows} for table in read_code_tables(CODES)}
TOOLS = Tools(codes=lambda table: _TABLES[table], sealer=SEALER)
WORKER_WEST = reader(Role.WORKER, WEST, 7)
ADMIN = reader(Role.ADMIN, "", 8)


@pytest.fixture
def town(engine: Engine) -> TwoSides:
    return build_two_sides(engine)


@pytest.fixture(scope="module")
def kept_town(module_engine: Engine) -> TwoSides:
    """A town for tests that leave nothing behind."""
    return build_two_sides(module_engine)


def change(engine: Engine, actor: Reader, *edits: Edit, reason: str | None = None) -> list[int]:
    with reader_transaction(engine, actor) as connection:
        return list(apply_change(connection, Change(edits, reason), actor, TOOLS))


def owner(engine: Engine, statement: str, **values: Any) -> list[Any]:
    with engine.begin() as connection:
        result = connection.execute(text(statement), values)
        return list(result.scalars()) if result.returns_rows else []


def refusal(engine: Engine, actor: Reader, *statements: str, **values: Any) -> tuple[str, str]:
    """SQLSTATE and constraint with which PostgreSQL refuses the last of a reader's statements."""
    *before, last = statements
    with reader_transaction(engine, actor) as connection:
        for statement in before:
            connection.execute(text(statement))
        with pytest.raises(DBAPIError) as refused:
            connection.execute(text(last), values)
        connection.rollback()
    error = refused.value.orig
    constraint = getattr(getattr(error, "diag", None), "constraint_name", None)
    assert "Failing row" not in str(error)
    assert "already exists" not in str(error)
    return str(getattr(error, "pgcode", "")), str(constraint or "")


def area_of(engine: Engine, layer: str, row_id: int) -> str:
    table = layer_by_name(layer).qualified_table
    return str(owner(engine, f"SELECT area_code FROM {table} WHERE id = :id", id=row_id)[0])


# Functions


def test_everybody_may_call_nothing_of_ours(module_engine: Engine) -> None:
    """PostgreSQL gives EXECUTE to PUBLIC unless it is taken away."""
    open_to_all = owner(
        module_engine,
        "SELECT proname FROM pg_proc WHERE pronamespace = 'core'::regnamespace "
        "AND has_function_privilege('public', oid, 'EXECUTE')",
    )
    assert open_to_all == []


def test_a_reader_may_call_only_what_reading_and_writing_needs(module_engine: Engine) -> None:
    callable_by_readers = owner(
        module_engine,
        "SELECT proname FROM pg_proc WHERE pronamespace = 'core'::regnamespace "
        "AND has_function_privilege('wangge_app', oid, 'EXECUTE')",
    )
    assert set(callable_by_readers) == {
        "bigrams",
        "broken_audit",
        "cell",
        "check_audit",
        "fold",
        "initials",
        "is_bulk",
        "is_reader",
        "layer_scope",
        "lock_quota",
        "looked_lately",
        "looks_spent",
        "refusal_told",
        "tell",
        "region_prefix",
        "reveal",
        "scope",
        "today",
        "write_audit",
    }


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM organisation.token",
        "SELECT * FROM patrol.position_default",
        "SELECT * FROM core.alembic_version",
        "SELECT name_cipher FROM people.person",
        "UPDATE people.person SET former_name_cipher = name_cipher",
        "COPY people.person (id, name_cipher) TO STDOUT",
        "TRUNCATE core.audit",
        "CREATE FUNCTION public.current_setting(text) RETURNS text LANGUAGE sql AS 'SELECT 1'",
        "SELECT core.record_bulk('persons', 'people:read', true, 'forged')",
        "SELECT core.area_at(ST_SetSRID(ST_MakePoint(120.015, 30.005), 4326))",
        "SELECT core.write_audit(1, 'somebody else', 'reveal', 'persons', 1, '', 'why', NULL)",
        "SELECT core.reveal('people.care_record', 'care_records', 1, 'note', 'people:read', "
        "1, 'worker-990101001001', 'a reason')",
        "SELECT core.reveal('people.care_record', 'persons', 1, 'note', 'people:read', "
        "1, 'worker-990101001001', 'a reason')",
        "SELECT core.reveal('organisation.account', 'accounts', 1, 'x', 'people:read', "
        "1, 'worker-990101001001', 'a reason')",
        "SELECT core.reveal('people.person', 'persons', 1, 'name', 'base:read', "
        "1, 'worker-990101001001', 'a reason')",
    ],
)
def test_a_reader_cannot_forge_or_reveal_by_hand(
    module_engine: Engine, kept_town: TwoSides, statement: str
) -> None:
    assert refusal(module_engine, WORKER_WEST, statement) == ("42501", "")


def test_a_care_record_is_revealed_with_its_own_right_only(
    module_engine: Engine, kept_town: TwoSides
) -> None:
    care = layer_by_name("care_records")
    with reader_transaction(module_engine, SUPERVISOR_WEST) as connection:
        given = (connection, care, SUPERVISOR_WEST, kept_town.west("care_records"), "note")
        assert reveal(*given, "上门核实", SEALER) == "情况"
    with reader_transaction(module_engine, WORKER_WEST) as connection:
        given = (connection, care, WORKER_WEST, kept_town.west("care_records"), "note")
        with pytest.raises(Forbidden):
            reveal(*given, "上门核实", SEALER)


def test_no_statement_of_a_reader_switches_history_off(engine: Engine, town: TwoSides) -> None:
    switch = "SELECT set_config('wangge.bulk', 'on', true)"
    before = owner(engine, "SELECT count(*) FROM core.history")[0]
    with reader_transaction(engine, SUPERVISOR_WEST) as connection:
        connection.execute(text(switch))
        connection.execute(text("UPDATE housing.building SET name = '改', code = 'B1'"))
    assert owner(engine, "SELECT count(*) FROM core.history")[0] == before + 1
    moved = "UPDATE housing.building SET geom = ST_Translate(geom, 0.01, 0)"
    assert refusal(engine, SUPERVISOR_WEST, switch, moved) == ("42501", "")


# The pooled connection

_STATE = (
    "SELECT current_user = session_user, current_setting('wangge.scope', true), "
    "current_setting('wangge.login', true), current_setting('statement_timeout'), pg_backend_pid()"
)


def _fail(connection: Connection) -> None:
    connection.execute(text("SELECT 1 / 0"))


def _refused(connection: Connection) -> None:
    connection.execute(text("SELECT * FROM organisation.account"))


def _too_slow(connection: Connection) -> None:
    connection.execute(text("SELECT set_config('statement_timeout', '20', true)"))
    connection.execute(text("SELECT pg_sleep(5)"))


def _aborted_by_us(connection: Connection) -> None:
    connection.execute(text("SELECT 1"))
    raise OperationalError("ours", {}, Exception("ours"))


@pytest.mark.parametrize("end", [None, _fail, _refused, _too_slow, _aborted_by_us])
def test_role_and_scope_end_with_their_transaction(database_url: str, end: Any) -> None:
    """One connection serves two readers and the owner in turn; nobody inherits anything."""
    engine = connect_engine(database_url, pool_size=1)
    try:
        town = build_two_sides(engine)
        with engine.connect() as connection:
            clean = connection.execute(text(_STATE)).one()
        assert clean[0] is True
        try:
            with reader_transaction(engine, SUPERVISOR_WEST) as connection:
                assert connection.execute(text("SELECT current_user")).scalar() == "wangge_app"
                if end is not None:
                    end(connection)
        except DBAPIError:
            assert end is not None
        with engine.connect() as connection:
            state = connection.execute(text(_STATE)).one()
        assert (state[0], state[3], state[4]) == (True, clean[3], clean[4]), "the same connection"
        assert not state[1]
        with reader_transaction(engine, SUPERVISOR_EAST) as connection:
            seen = connection.execute(text("SELECT id FROM people.person")).scalars().all()
        assert seen == [town.east("persons")]
    finally:
        engine.dispose()


@pytest.mark.parametrize("ending", ["", ", 1 / 0", ", (SELECT login FROM organisation.account)"])
def test_a_question_sent_with_its_scope_leaves_nothing_behind(
    database_url: str, ending: str
) -> None:
    engine = connect_engine(database_url, pool_size=1)
    try:
        town = build_two_sides(engine)
        with engine.connect() as connection:
            clean = connection.execute(text(_STATE)).one()
        question = f"SELECT id, current_user::text {ending} FROM people.person WHERE id > %(low)s"
        try:
            rows = read_within(engine, SUPERVISOR_EAST, question, {"low": 0})
            assert [tuple(row) for row in rows] == [(town.east("persons"), "wangge_app")]
        except DBAPIError:
            assert ending
        with engine.connect() as connection:
            state = connection.execute(text(_STATE)).one()
            connection.execute(text("UPDATE people.person SET sex = '9'"))
            connection.rollback()
            assert connection.execute(text("SELECT max(sex) FROM people.person")).scalar() == "1"
        assert (state[0], state[3], state[4]) == (True, clean[3], clean[4]), "the same connection"
        assert not state[1]
    finally:
        engine.dispose()


# Rows that move, and what refers to them


@pytest.mark.parametrize("form", [int, str, float], ids=["number", "text", "fraction"])
def test_a_foreign_person_cannot_be_tied_in_any_spelling(
    engine: Engine, town: TwoSides, form: Any
) -> None:
    """A number sent as text is a number too, and must be looked up like one."""

    def tie(person: int) -> Invalid:
        values = {"person_id": form(person), "dwelling_id": town.west("dwellings"), "kind": "L01"}
        edit = Edit(layer_by_name("residences"), "create", None, values)
        with pytest.raises(Invalid) as refused:
            change(engine, SUPERVISOR_WEST, edit)
        return refused.value

    assert tie(town.east("persons")).faults == tie(999_999).faults
    assert area_of(engine, "persons", town.east("persons")).startswith(EAST)


def test_a_foreign_person_cannot_be_tied_by_hand(engine: Engine, town: TwoSides) -> None:
    """The refusal is that of a missing row."""

    insert_one = (
        "INSERT INTO people.residence (person_id, dwelling_id, kind) "
        "VALUES (:person, :dwelling, 'L01')"
    )
    update_one = "UPDATE people.residence SET person_id = :person WHERE dwelling_id = :dwelling"
    for statement in (insert_one, update_one):
        for person in (town.east("persons"), 999_999):
            values = {"person": person, "dwelling": town.west("dwellings")}
            refused = refusal(engine, SUPERVISOR_WEST, statement, **values)
            assert refused == ("23503", "residence_person_id_fkey")


def test_residents_move_with_their_building_whoever_moves_it(
    engine: Engine, town: TwoSides
) -> None:
    """Who draws a building anew need not hold the right to write persons."""
    buildings, building = layer_by_name("buildings"), town.west("buildings")
    inside = ("dwellings", "rentals", "residences", "persons", "care_records", "care_visits")
    for side, place in ((EAST, 7), (WEST, 5)):
        edit = Edit(buildings, "update", building, geometry=square(side, place, 0.5))
        change(engine, ADMIN, edit)
        assert {area_of(engine, layer, town.west(layer)) for layer in inside} == {f"{side}01"}


def test_a_reference_that_moved_away_may_stay(engine: Engine, town: TwoSides) -> None:
    residences, residence = layer_by_name("residences"), town.west("residences")
    owner(
        engine,
        "UPDATE people.person SET area_code = :area WHERE id = :id",
        area=EAST,
        id=town.west("persons"),
    )
    values = {"person_id": town.west("persons"), "valid_to": "2024-01-01"}
    change(engine, SUPERVISOR_WEST, Edit(residences, "update", residence, values))
    foreign = Edit(residences, "update", residence, {"person_id": town.east("persons")})
    with pytest.raises(Invalid, match="no such row in persons"):
        change(engine, SUPERVISOR_WEST, foreign)
    assert area_of(engine, "persons", town.west("persons")) == EAST


def test_residences_follow_their_dwelling_to_another_building(
    engine: Engine, town: TwoSides
) -> None:
    new = Edit(layer_by_name("buildings"), "create", None, {"name": "新"}, square(WEST, 8, 0.5))
    (building,) = change(engine, SUPERVISOR_WEST, new)
    moved = {"building_id": building}
    edit = Edit(layer_by_name("dwellings"), "update", town.west("dwellings"), moved)
    change(engine, SUPERVISOR_WEST, edit)
    found = "SELECT building_id FROM people.residence WHERE id = :id"
    assert owner(engine, found, id=town.west("residences")) == [building]


def test_history_of_what_left_ends_where_it_left(engine: Engine, town: TwoSides) -> None:
    buildings, building = layer_by_name("buildings"), town.west("buildings")
    both = Reader(4, "both", (*SUPERVISOR_WEST.grants, *SUPERVISOR_EAST.grants))
    change(engine, both, Edit(buildings, "update", building, geometry=square(EAST, 7, 0.5)))
    change(engine, both, Edit(buildings, "update", building, {"name": "东方新名"}))

    def told(actor: Reader) -> list[Mapping[str, Any]]:
        with reader_transaction(engine, actor) as connection:
            return find_history(connection, buildings, actor, building)

    west, east = told(SUPERVISOR_WEST), told(SUPERVISOR_EAST)
    assert [entry["action"] for entry in west] == ["create"]
    assert "东方新名" not in str(west)
    assert [entry["row_version"] for entry in east] == [3, 2]


def test_a_taken_code_does_not_show_whose_it_is(engine: Engine, town: TwoSides) -> None:
    owner(engine, "UPDATE people.person SET code = 'P-7' WHERE id = :id", id=town.east("persons"))
    edit = Edit(layer_by_name("persons"), "update", town.west("persons"), {"code": "P-7"})
    with pytest.raises(Invalid) as refused:
        change(engine, SUPERVISOR_WEST, edit)
    assert [(f.field, f.reason) for f in refused.value.faults] == [
        ("code", "another row has this value already")
    ]


def test_hidden_and_missing_rows_are_refused_alike(engine: Engine, town: TwoSides) -> None:
    for action in ("update", "delete"):
        texts = set()
        for row_id in (town.east("persons"), 999_999):
            edit = Edit(layer_by_name("persons"), action, row_id, {"sex": "2"})
            with pytest.raises(NotFound) as refused:
                change(engine, SUPERVISOR_WEST, edit)
            texts.add(str(refused.value).replace(str(row_id), "?"))
        assert len(texts) == 1


@pytest.mark.parametrize("reason", ["a\x00b", "half \ud800"])
def test_a_reason_that_cannot_be_stored_is_a_fault(
    engine: Engine, town: TwoSides, reason: str
) -> None:
    edit = Edit(layer_by_name("buildings"), "update", town.west("buildings"), {"levels": 4})
    with pytest.raises(Invalid, match="reason"):
        change(engine, SUPERVISOR_WEST, edit, reason=reason)


# Land: who draws areas decides what lies in them


def everywhere() -> dict[str, Any]:
    """A polygon over both communities."""
    (west, _), (east, _) = at(WEST, 0), at(EAST, 10)
    ring = [[west, 30], [east, 30], [east, 30.01], [west, 30.01], [west, 30]]
    return {"type": "MultiPolygon", "coordinates": [[ring]]}


@pytest.mark.parametrize(
    ("layer", "values"),
    [
        ("grids", None),
        ("areas", None),
        ("grids", {"code": f"{WEST}00", "kind": "governance", "name": "越界"}),
        ("areas", {"code": f"{WEST}00", "level": "community", "name": "越界"}),
    ],
)
def test_nobody_draws_the_own_area_over_a_neighbour(
    engine: Engine, town: TwoSides, layer: str, values: dict[str, Any] | None
) -> None:
    """What is registered there afterwards would be the drawer's."""
    declared = layer_by_name(layer)
    if values is None:
        edit = Edit(declared, "update", town.west(layer), geometry=everywhere())
    else:
        edit = Edit(declared, "create", None, values, everywhere())
    # The outline of a governance grid is drawn by a plan, whoever asks.
    refusal = Invalid if (layer, values) == ("grids", None) else Forbidden
    with pytest.raises(refusal):
        change(engine, SUPERVISOR_WEST, edit)
    made = {"name": "东楼"}
    change(
        engine,
        SUPERVISOR_EAST,
        Edit(layer_by_name("buildings"), "create", None, made, square(EAST, 8, 0.3)),
    )


def test_the_own_area_may_be_drawn_anew(engine: Engine, town: TwoSides) -> None:
    owner(engine, "UPDATE territory.grid SET kind = 'duty'")
    for layer in ("areas", "grids"):
        for size in (9.5, 10.001):
            edit = Edit(
                layer_by_name(layer), "update", town.west(layer), geometry=square(WEST, 5, size)
            )
            change(engine, SUPERVISOR_WEST, edit)
    street = reader(Role.SUPERVISOR, STREET)
    edit = Edit(layer_by_name("grids"), "update", town.west("grids"), geometry=everywhere())
    change(engine, street, edit)


# Deleting


def test_who_may_not_write_care_records_deletes_no_person(engine: Engine, town: TwoSides) -> None:
    """Refused whether there is a care record or not: the answer must not tell."""
    persons = layer_by_name("persons")
    with_care = Edit(persons, "delete", town.west("persons"))
    with pytest.raises(Forbidden) as one:
        change(engine, WORKER_WEST, with_care)
    owner(engine, "DELETE FROM people.care_record")
    with pytest.raises(Forbidden) as other:
        change(engine, WORKER_WEST, with_care)
    assert str(one.value) == str(other.value)
    assert change(engine, SUPERVISOR_WEST, with_care) == [town.west("persons")]


def test_a_residence_in_another_area_keeps_its_person(engine: Engine, town: TwoSides) -> None:
    with engine.begin() as connection:
        former = {
            "person_id": town.west("persons"),
            "dwelling_id": town.east("dwellings"),
            "kind": "L01",
            "is_home": False,
        }
        insert(connection, "residences", former)
    with pytest.raises(Forbidden):
        change(
            engine,
            SUPERVISOR_WEST,
            Edit(layer_by_name("persons"), "delete", town.west("persons")),
        )
    assert len(owner(engine, "SELECT id FROM people.residence")) == 3


def test_what_goes_along_is_in_the_history(engine: Engine, town: TwoSides) -> None:
    buildings = layer_by_name("buildings")
    with pytest.raises(Invalid, match="refer"):
        change(engine, ADMIN, Edit(buildings, "delete", town.west("buildings")))
    change(
        engine,
        SUPERVISOR_WEST,
        Edit(layer_by_name("persons"), "delete", town.west("persons")),
        Edit(buildings, "delete", town.west("buildings")),
        reason="拆除",
    )
    gone = owner(
        engine,
        "SELECT layer || ' ' || actor || ' ' || reason FROM core.history WHERE action = 'delete'",
    )
    layers = (
        "persons residences care_records care_visits elderly_services buildings dwellings "
        "entrances rentals inspections".split()
    )
    assert sorted(gone) == sorted(f"{layer} west 拆除" for layer in layers)


def test_staff_go_with_their_last_position(engine: Engine, town: TwoSides) -> None:
    for layer in ("assignments", "staff"):  # who was in charge of a grid is not forgotten
        edit = Edit(layer_by_name(layer), "delete", town.west(layer))
        assert change(engine, ADMIN, edit) == [town.west(layer)]


# Errors and side effects


@pytest.mark.parametrize(
    "condition",
    [
        "1 / (CASE WHEN name IS NULL THEN 1 ELSE 0 END) = 1",
        "CAST(name AS integer) = 1",
        "ST_X(ST_GeomFromText(name)) = 1",
        "core.region_prefix(name) LIKE '\\'",
        "CAST(phone_index AS text)::integer = 1",
    ],
)
def test_an_error_of_a_condition_never_comes_from_a_hidden_row(
    engine: Engine, town: TwoSides, condition: str
) -> None:
    """Conditions that could fail are tried on visible rows only: of none there is no error."""
    nobody = Reader(5, "nobody", (Grant(Role.SUPERVISOR, "990101001009"),))
    with reader_transaction(engine, nobody) as connection:
        statement = text(f"SELECT count(*) FROM people.person WHERE {condition}")
        assert connection.execute(statement).scalar_one() == 0


def test_searching_with_wild_cards_and_quotes_finds_nothing_foreign(
    module_engine: Engine, kept_town: TwoSides
) -> None:
    with reader_transaction(module_engine, SUPERVISOR_WEST) as connection:
        for query in ("%", "__", "\\", "'; SELECT", "%(limit)s", "司徒", NAMES[EAST], "公司2"):
            for layer, hits in search_layers(
                connection, LAYERS, SUPERVISOR_WEST, query, Frequencies()
            ):
                assert layer.scope == "public" or {hit.id for hit in hits} <= {
                    kept_town.west(layer.name)
                }


@pytest.mark.parametrize(
    ("statement", "state"),
    [
        ("UPDATE people.person SET register = NULL", "23502"),
        ("UPDATE housing.building SET levels = -5", "23514"),
        (
            "INSERT INTO people.person (code, name, register, area_code) "
            f"VALUES ('P-9', 'x', 'POP-01', '{WEST}')",
            "23505",
        ),
    ],
)
def test_a_refused_write_names_no_stored_value(
    engine: Engine, town: TwoSides, statement: str, state: str
) -> None:
    """Under row-level security PostgreSQL itself keeps rows out of its messages."""
    owner(engine, "UPDATE people.person SET code = 'P-9' WHERE id = :id", id=town.east("persons"))
    assert refusal(engine, SUPERVISOR_WEST, statement)[0] == state


def test_an_incident_outside_the_own_area_is_refused(engine: Engine, town: TwoSides) -> None:
    values = {"category": "UM-0101", "report_source": "SRC01", "description": "越界"}
    edit = Edit(layer_by_name("incidents"), "create", None, values, point(EAST, 5))
    with pytest.raises(Forbidden):
        change(engine, SUPERVISOR_WEST, edit)
