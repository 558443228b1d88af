"""Database logins of analysts: what they read is what the account reads, and nothing else works.

Every statement goes through a connection of its own as that login.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
import pytest
from flask import Flask
from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url

from gisserver.auth.accounts import create_account, revoke_role, set_active
from gisserver.auth.sql_access import give_sql_access, list_sql_access, revoke_sql_access
from gisserver.settings import ROOT
from layers.catalogue import LAYERS
from layers.core.analyst import is_told, told_columns
from layers.core.analyst_doors import open_doors
from layers.core.errors import Conflict, Forbidden, Invalid, NotFound
from layers.core.rights import Role
from layers.core.scope import Grant
from tests.builders.two_sides import EAST, WEST, TwoSides, build_two_sides
from tests.gisserver.conftest import app_over

GUIDE = ROOT / "docs" / "sql.md"
PASSWORD = "correct horse battery"
TOLD = [layer for layer in LAYERS if is_told(layer)]
ACCOUNTS = {
    "sql-west": [Grant(Role.SUPERVISOR, WEST)],
    "sql-both": [Grant(Role.COMMANDER, "990101"), Grant(Role.SUPERVISOR, WEST)],
    "sql-all": [Grant(Role.COMMANDER, ""), Grant(Role.SUPERVISOR, "")],
    "sql-mixed": [Grant(Role.WORKER, "990101"), Grant(Role.ANALYST, WEST)],
}


class Analyst:
    """A connection as a database login."""

    def __init__(self, url: str, role: str, password: str) -> None:
        at = make_url(url)
        self.driver = psycopg2.connect(
            host=at.query.get("host") or at.host,
            port=at.query.get("port") or at.port,
            dbname=at.database,
            user=role,
            password=password,
        )
        self.driver.autocommit = True

    def __call__(self, statement: str, *values: Any) -> list[Any]:
        with self.driver.cursor() as cursor:
            cursor.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

    def one(self, statement: str, *values: Any) -> Any:
        return self(statement, *values)[0][0]


@contextmanager
def analyst(engine: Engine, url: str, login: str) -> Iterator[Analyst]:
    role, password, _ = give_sql_access(engine, login, 30)
    session = Analyst(url, role, password)
    try:
        yield session
    finally:
        session.driver.close()
        revoke_sql_access(engine, login)


@pytest.fixture(scope="module")
def sides(module_engine: Engine) -> TwoSides:
    """Two communities and the accounts."""
    built = build_two_sides(module_engine)
    for login, grants in ACCOUNTS.items():
        create_account(module_engine, login, login, PASSWORD, grants)
    return built


@pytest.fixture(scope="module")
def served(sides: TwoSides, module_database_url: str, tmp_path_factory: Any) -> Iterator[Flask]:
    with app_over(module_database_url, tmp_path_factory.mktemp("var")) as app:
        yield app


@pytest.fixture(scope="module")
def sessions(
    sides: TwoSides, module_engine: Engine, module_database_url: str
) -> Iterator[dict[str, Analyst]]:
    made = {}
    for login in ACCOUNTS:
        role, password, _ = give_sql_access(module_engine, login, 30)
        made[login] = Analyst(module_database_url, role, password)
    yield made
    for login, session in made.items():
        session.driver.close()
        revoke_sql_access(module_engine, login)


@pytest.fixture
def west(sessions: dict[str, Analyst]) -> Analyst:
    """Somebody who may read one of the two communities."""
    return sessions["sql-west"]


# What is read


@pytest.mark.parametrize("login", ["sql-west", "sql-both", "sql-all"])
@pytest.mark.parametrize("layer", TOLD, ids=lambda layer: layer.name)
def test_rows_are_those_that_ogc_tells_the_same_account(
    served: Flask, sessions: dict[str, Analyst], layer: Any, login: str
) -> None:
    address = f"/ogc/collections/{layer.name}/items?limit=100"
    answer = served.test_client(use_cookies=False).get(address, auth=(login, PASSWORD))
    assert answer.status_code == 200, answer.text
    told = json.loads(answer.text)["features"]
    geometry = "ST_AsGeoJSON(geom, 7)::jsonb" if layer.geometry_kind else "NULL::jsonb"
    rows = sessions[login](
        f"SELECT id, to_jsonb(t) - 'id' - 'geom', {geometry} FROM analyst.{layer.name} AS t "
        "ORDER BY id"
    )
    assert [row[0] for row in rows] == [feature["id"] for feature in told]
    assert [row[1] for row in rows] == [feature["properties"] for feature in told]
    assert [row[2] for row in rows] == [feature["geometry"] for feature in told]
    if layer.name not in {"greens", "waters", "roads"} and login == "sql-west":
        assert 1 <= len(rows) < len(sessions["sql-all"](f"SELECT id FROM analyst.{layer.name}"))


def test_only_where_data_may_be_taken_out(sessions: dict[str, Analyst], sides: TwoSides) -> None:
    """The worker reads both communities in the viewer and may export in one."""
    assert sessions["sql-mixed"]("SELECT id FROM analyst.buildings") == [(sides.west("buildings"),)]


def test_there_is_a_view_of_each_layer_but_those_about_persons(west: Analyst) -> None:
    views = {row[0] for row in west("SELECT viewname FROM pg_views WHERE schemaname = 'analyst'")}
    assert views == {layer.name for layer in TOLD} | {"codes"}
    missing = {layer.name for layer in LAYERS} - views
    assert missing == {
        "persons",
        "residences",
        "care_records",
        "care_visits",
        "elderly_services",
        "positions",
    }


def test_columns_are_those_a_reader_sees(west: Analyst) -> None:
    for layer in TOLD:
        rows = west(
            "SELECT attname, col_description(attrelid, attnum) FROM pg_attribute "
            "WHERE attrelid = %s::regclass AND attnum > 0 ORDER BY attnum",
            f"analyst.{layer.name}",
        )
        assert tuple(row[0] for row in rows) == told_columns(layer)
        assert all(not re.search("_cipher$|_index$|^search_|^source_key$", row[0]) for row in rows)
        assert all(row[1] for row in rows)
    assert west.one("SELECT owner_name FROM analyst.dwellings").count("*") >= 1
    column = "'analyst.buildings'::regclass, 5"
    assert re.search("[一-龥]", west.one(f"SELECT col_description({column})"))


def test_gis_clients_find_the_geometry_columns(west: Analyst) -> None:
    rows = west(
        "SELECT f_table_name, type, srid FROM geometry_columns WHERE f_table_schema = 'analyst'"
    )
    spatial = {layer.name for layer in TOLD if layer.geometry_kind}
    assert {row[0] for row in rows} == spatial
    assert ("buildings", "MULTIPOLYGON", 4326) in rows
    assert {row[2] for row in rows} == {4326}


# What is refused

REFUSED = {
    "another role": "SET ROLE wangge_app",
    "the owner": "SET ROLE wangge",
    "the views' owner": "SET ROLE wangge_views",
    "another session": "SET SESSION AUTHORIZATION wangge",
    "role by function": "SELECT set_config('role', 'wangge_app', false)",
    "base table": "SELECT id FROM housing.building",
    "persons": "SELECT id FROM people.person",
    "sealed bytes": "SELECT name_cipher FROM people.person",
    "accounts": "SELECT password_hash FROM organisation.account",
    "own access": "SELECT * FROM organisation.sql_access",
    "the log": "SELECT * FROM core.audit",
    "history": "SELECT * FROM core.history",
    "channel": "SELECT suffix FROM core.notice_channel",
    "tell": "SELECT core.tell('wangge', '{}')",
    "scope function": "SELECT core.session_areas('base:read')",
    "reveal": "SELECT core.reveal('people.person', 'persons', 1, 'name', 'people:read', 1, "
    "'sql-west', 'a reason')",
    "passwords": "SELECT * FROM pg_authid",
    "statistics": "SELECT * FROM pg_statistic",
    "create table": "CREATE TABLE public.mine (id int)",
    "create in schema": "CREATE TABLE analyst.mine (id int)",
    "create view": "CREATE VIEW analyst.mine AS SELECT 1",
    "create schema": "CREATE SCHEMA mine",
    "create function": "CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "temporary table": "CREATE TEMP TABLE mine (id int)",
    "temporary function": "CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "select into": "SELECT * INTO TEMP mine FROM analyst.buildings",
    "insert": "INSERT INTO analyst.buildings (name) VALUES ('x')",
    "insert into codes": "INSERT INTO analyst.codes (code) VALUES ('x')",
    "update": "UPDATE analyst.roads SET name = 'x'",
    "delete": "DELETE FROM analyst.roads",
    "truncate": "TRUNCATE territory.road",
    "lock": "DO 'BEGIN LOCK TABLE analyst.buildings IN ACCESS EXCLUSIVE MODE; END'",
    "replace a view": "CREATE OR REPLACE VIEW analyst.buildings AS SELECT 1",
    "own the view": "ALTER VIEW analyst.buildings SET (security_barrier = false)",
    "longer life": "ALTER ROLE CURRENT_USER VALID UNTIL 'infinity'",
    "more power": "ALTER ROLE CURRENT_USER SUPERUSER",
    "a new role": "CREATE ROLE mine LOGIN",
    "program": "COPY (SELECT 1) TO PROGRAM 'id'",
    "program in": "COPY analyst.codes FROM PROGRAM 'id'",
    "file": "COPY (SELECT 1) TO '/tmp/mine'",
    "read file": "SELECT pg_read_file('postgresql.conf')",
    "list files": "SELECT pg_ls_dir('.')",
    "large object": "SELECT lo_create(0)",
    "large object bytes": "SELECT lo_from_bytea(0, 'x')",
    "large object file": "SELECT lo_import('/etc/passwd')",
    "advisory lock": "SELECT pg_advisory_lock(7260001)",
    "advisory lock in a transaction": "SELECT pg_try_advisory_xact_lock(7260002)",
    "extent of a base table": "SELECT ST_EstimatedExtent('housing', 'building', 'geom')",
    "spatial references": "DELETE FROM public.spatial_ref_sys",
    "language": "CREATE LANGUAGE plpython3u",
    "untrusted": "DO LANGUAGE plpython3u 'pass'",
    "server setting": "ALTER SYSTEM SET log_statement = 'all'",
    "end the server": "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE usename = 'wangge'",
    "event trigger": "CREATE EVENT TRIGGER mine ON ddl_command_start EXECUTE FUNCTION now()",
    "extension": "CREATE EXTENSION dblink",
}


@pytest.mark.parametrize("statement", REFUSED.values(), ids=REFUSED.keys())
def test_nothing_but_reading_the_views_is_possible(west: Analyst, statement: str) -> None:
    west("SET default_transaction_read_only = off")
    west("SET statement_timeout = 0")
    with pytest.raises(psycopg2.Error) as refused:
        west(statement)
    # Refused for want of a right, or because there is no such thing; never for another reason.
    assert refused.value.pgcode in {"42501", "42704", "55000", "0A000", "58P01"}, refused.value


def test_nothing_is_handed_on(west: Analyst) -> None:
    west("GRANT SELECT ON analyst.buildings TO PUBLIC")  # a warning: no privileges were granted
    assert not west.one("SELECT has_table_privilege('public', 'analyst.buildings', 'SELECT')")


def test_a_scope_set_by_the_session_says_nothing(west: Analyst, sides: TwoSides) -> None:
    everything = json.dumps({"base:read": ["%"], "people:read": ["%"]})
    for setting, value in (
        ("wangge.scope", everything),
        ("wangge.login", "system"),
        ("wangge.bulk", "on"),
        ("row_security", "off"),
        ("search_path", "housing, people, core"),
    ):
        west("SELECT set_config(%s, %s, false)", setting, value)
    # Off means to be refused what a policy would filter, not to see it.
    with pytest.raises(psycopg2.Error, match="row-level security"):
        west("SELECT id FROM analyst.buildings")
    west("RESET row_security")
    assert west("SELECT id FROM analyst.buildings") == [(sides.west("buildings"),)]
    west("RESET ALL")


def test_more_rights_through_any_door_are_not_there(west: Analyst, module_engine: Engine) -> None:
    with module_engine.connect() as connection:
        assert list(open_doors(connection)) == []


# What might be guessed


def test_a_plan_does_not_tell_of_rows_elsewhere(west: Analyst, sides: TwoSides) -> None:
    def plan(condition: str) -> str:
        rows = west(
            "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, BUFFERS OFF) "
            f"SELECT * FROM analyst.buildings WHERE {condition}"
        )
        return re.sub(r"\d{3,}|'[^']*'", "?", "\n".join(row[0] for row in rows))

    hidden, nowhere = f"id = {sides.east('buildings')}", "id = 987654"
    assert re.sub(r"\d+", "?", plan(hidden)) == re.sub(r"\d+", "?", plan(nowhere))
    east, sea = (120.01, 120.02), (10.01, 10.02)
    boxes = [f"geom && ST_MakeEnvelope({w}, 29.9, {e}, 30.1, 4326)" for w, e in (east, sea)]
    counted = [re.findall(r"Rows Removed[^\n]*|actual rows=\d+ [^)]*", plan(b)) for b in boxes]
    assert counted[0] == counted[1]
    assert "never executed" in plan(hidden)


def test_estimates_do_not_tell_of_rows_elsewhere(
    sides: TwoSides, module_engine: Engine, module_database_url: str
) -> None:
    """What the planner knows of a table comes from all of its rows."""
    with module_engine.begin() as connection:
        insert = text(
            "INSERT INTO places.camera (name, area_code, geom) SELECT 'camera ' || i % 7, :area, "
            "ST_SetSRID(ST_MakePoint(120.011 + 0.00001 * i, 30.001), 4326) "
            "FROM generate_series(1, 500) AS i"
        )
        connection.execute(text("SELECT set_config('wangge.bulk', 'on', true)"))
        connection.execute(insert, {"area": EAST})
    with module_engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(
            text("ANALYZE places.camera")
        )
    create_account(module_engine, "sql-guess", "", PASSWORD, [Grant(Role.ANALYST, WEST)])
    create_account(module_engine, "sql-knows", "", PASSWORD, [Grant(Role.ANALYST, "")])

    def estimates(session: Analyst) -> list[list[str]]:
        told = []
        for west, east in ((120.011, 120.016), (10.011, 10.016)):
            box = f"ST_MakeEnvelope({west}, 30.0, {east}, 30.1, 4326)"
            rows = session(f"EXPLAIN SELECT * FROM analyst.cameras WHERE geom && {box}")
            told.append([count for row in rows for count in re.findall(r"\(cost.*", row[0])])
        for name in ("camera 3", "nobody"):
            rows = session(f"EXPLAIN SELECT * FROM analyst.cameras WHERE name = '{name}'")
            told.append([count for row in rows for count in re.findall(r"\(cost.*", row[0])])
        return told

    with analyst(module_engine, module_database_url, "sql-guess") as session:
        crowded, empty, frequent, unknown = estimates(session)
        assert crowded == empty
        assert frequent == unknown
    with analyst(module_engine, module_database_url, "sql-knows") as session:
        crowded, empty, frequent, unknown = estimates(session)
        assert crowded != empty
        assert frequent != unknown
    with module_engine.begin() as connection:
        connection.execute(text("DELETE FROM places.camera WHERE name LIKE 'camera %'"))


@pytest.mark.parametrize(
    "condition",
    [
        "1 / (id - {east}) < 5",
        "1 / (CASE WHEN name LIKE '2%' THEN 0 ELSE 1 END) = 1",
        "(CASE WHEN address LIKE '%2号%' THEN 'x' ELSE '1' END)::int = 1",
        "ST_GeomFromText(CASE WHEN ST_X(ST_Centroid(geom)) > 120.01 THEN 'x' END) IS NULL",
    ],
)
def test_an_error_does_not_tell_of_rows_elsewhere(
    west: Analyst, sessions: dict[str, Analyst], sides: TwoSides, condition: str
) -> None:
    asked = condition.format(east=sides.east("buildings"))
    statement = f"SELECT count(*) FROM analyst.buildings WHERE {asked}"
    assert west.one(statement) == 1
    with pytest.raises(psycopg2.Error, match=r"zero|invalid|parse"):
        sessions["sql-all"](statement)


def test_a_channel_is_neither_heard_nor_spoken_on(
    served: Flask, west: Analyst, module_engine: Engine
) -> None:
    hub = served.extensions["wangge"].hub
    for channel in ("wangge", "wangge_accounts", "wangge_positions"):
        west(f"LISTEN {channel}")
    forged = json.dumps({"event": 10**15, "layer": "buildings", "action": "bulk", "area": ""})
    west("SELECT pg_notify('wangge', %s)", forged)
    west.driver.poll()
    west.driver.notifies.clear()
    before = hub.last_id
    with module_engine.begin() as connection:
        connection.execute(text("UPDATE housing.building SET levels = 7"))
    deadline = time.monotonic() + 5
    while hub.last_id <= before and time.monotonic() < deadline:
        time.sleep(0.02)
    assert before < hub.last_id < 10**15
    west("SELECT 1")
    west.driver.poll()
    assert west.driver.notifies == []
    west("UNLISTEN *")


# From giving to taking away


def test_what_ends_the_account_s_reading_ends_that_of_an_open_session(
    sides: TwoSides, module_engine: Engine, module_database_url: str
) -> None:
    login = "sql-ending"
    create_account(module_engine, login, login, PASSWORD, [Grant(Role.ANALYST, WEST)])
    with analyst(module_engine, module_database_url, login) as session:

        def count() -> int:
            return int(session.one("SELECT count(*) FROM analyst.buildings"))

        assert count() == 1
        set_active(module_engine, login, False)
        assert count() == 0
        set_active(module_engine, login, True)
        assert count() == 1
        with module_engine.begin() as connection:
            over = "UPDATE organisation.sql_access SET expires_at = now() WHERE role_name = :role"
            connection.execute(text(over), {"role": f"sql_{login}"})
        assert count() == 0
        give_sql_access(module_engine, login, 1)
        assert count() == 1
        revoke_role(module_engine, login, Role.ANALYST, WEST)
        assert count() == 0
        assert session.one("SELECT count(*) FROM analyst.roads") == 0


def test_a_login_taken_away_is_gone_with_its_sessions(
    sides: TwoSides, module_engine: Engine, module_database_url: str
) -> None:
    login = "sql-gone"
    create_account(module_engine, login, login, PASSWORD, [Grant(Role.ANALYST, EAST)])
    role, password, _ = give_sql_access(module_engine, login, 30)
    session = Analyst(module_database_url, role, password)
    assert session("SELECT id FROM analyst.buildings") == [(sides.east("buildings"),)]
    assert [row.sessions for row in list_sql_access(module_engine) if row.login == login] == [1]
    revoke_sql_access(module_engine, login)
    with pytest.raises(psycopg2.OperationalError):
        session("SELECT 1")
    with pytest.raises(psycopg2.OperationalError, match="does not exist"):
        Analyst(module_database_url, role, password)
    with pytest.raises(NotFound):
        revoke_sql_access(module_engine, login)
    with module_engine.begin() as connection:
        lines = connection.execute(
            text(
                "SELECT action, detail ->> 'role', detail ->> 'days' FROM core.audit "
                "WHERE detail ->> 'role' = :role ORDER BY id"
            ),
            {"role": role},
        ).all()
    assert [tuple(line) for line in lines] == [
        ("sql_access_give", role, "30"),
        ("sql_access_revoke", role, None),
    ]


def test_the_server_keeps_no_password_and_a_day_of_the_end(
    west: Analyst, module_engine: Engine
) -> None:
    with module_engine.connect() as connection:
        row = connection.execute(
            text("SELECT * FROM pg_authid WHERE rolname = 'sql_sql-west'")
        ).one()
    assert row.rolpassword.startswith("SCRAM-SHA-256$")
    assert row.rolvaliduntil is not None
    assert row.rolconnlimit == 8
    flags = (row.rolsuper, row.rolcreaterole, row.rolcreatedb, row.rolreplication, row.rolbypassrls)
    assert not any(flags)
    assert west.one("SHOW default_transaction_read_only") == "on"
    assert west.one("SHOW statement_timeout") == "5min"


def test_who_may_not_take_data_out_gets_no_login(sides: TwoSides, module_engine: Engine) -> None:
    create_account(module_engine, "sql-worker", "", PASSWORD, [Grant(Role.WORKER, WEST)])
    with pytest.raises(Forbidden, match="data:export"):
        give_sql_access(module_engine, "sql-worker", 30)
    with pytest.raises(NotFound):
        give_sql_access(module_engine, "nobody", 30)
    for days in (0, 367):
        with pytest.raises(Invalid):
            give_sql_access(module_engine, "sql-west", days)
    set_active(module_engine, "sql-worker", False)
    with pytest.raises(Forbidden, match="closed"):
        give_sql_access(module_engine, "sql-worker", 30)


@pytest.mark.parametrize(
    "opening",
    [
        "CREATE SCHEMA open_door; GRANT USAGE ON SCHEMA open_door TO PUBLIC",
        "GRANT SELECT (id) ON people.person TO wangge_analyst",
        "GRANT UPDATE (name) ON housing.building TO PUBLIC",
        "GRANT wangge_app TO wangge_analyst",
        "CREATE FUNCTION public.open_door() RETURNS int LANGUAGE sql SECURITY DEFINER "
        "AS 'SELECT 1'",
    ],
)
def test_no_login_is_made_while_a_door_is_open(
    engine: Engine, opening: str, request: pytest.FixtureRequest
) -> None:
    create_account(engine, "sql-door", "", PASSWORD, [Grant(Role.ANALYST, WEST)])
    with engine.begin() as connection:
        connection.exec_driver_sql(opening)
    try:
        with pytest.raises(Forbidden, match="superuser has to REVOKE"):
            give_sql_access(engine, "sql-door", 30)
    finally:
        if "GRANT wangge_app" in opening:  # roles belong to the whole server
            with engine.begin() as connection:
                connection.exec_driver_sql("REVOKE wangge_app FROM wangge_analyst")
    assert list_sql_access(engine) == []


def test_a_role_of_somebody_else_is_left_alone(engine: Engine) -> None:
    create_account(engine, "sql-foreign", "", PASSWORD, [Grant(Role.ANALYST, WEST)])
    with engine.begin() as connection:
        connection.exec_driver_sql('CREATE ROLE "sql_sql-foreign"')
    try:
        with pytest.raises(Conflict):
            give_sql_access(engine, "sql-foreign", 30)
    finally:
        with engine.begin() as connection:
            connection.exec_driver_sql('DROP ROLE "sql_sql-foreign"')


# At the size of a city


def guide_examples() -> list[str]:
    """Statements of the guide, without psql's own commands."""
    (block,) = re.findall("```sql\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    text_only = "\n".join(
        line.split("--")[0] for line in block.splitlines() if not line.startswith("\\")
    )
    return [each for each in text_only.split(";") if each.strip()]


def test_indexes_answer_under_the_policies(city_engine: Engine, city_url: str) -> None:
    def plan(session: Analyst, statement: str) -> str:
        return "\n".join(row[0] for row in session(f"EXPLAIN (ANALYZE, COSTS OFF) {statement}"))

    with city_engine.connect() as connection:
        (area, x, y), *_ = connection.execute(
            text(
                "SELECT left(area_code, 12), ST_X(ST_Centroid(geom)), ST_Y(ST_Centroid(geom)) "
                "FROM housing.building WHERE length(area_code) > 12 ORDER BY id LIMIT 1"
            )
        ).all()
    for login, where in (("sql-city", ""), ("sql-part", area)):
        create_account(city_engine, login, login, PASSWORD, [Grant(Role.ANALYST, where)])
    box = f"geom && ST_MakeEnvelope({x}, {y}, {x + 0.001}, {y + 0.001}, 4326)"
    with analyst(city_engine, city_url, "sql-city") as city:
        for example in guide_examples():
            assert len(city(example)) > 1, example
        shown = plan(city, f"SELECT id, geom FROM analyst.buildings WHERE {box}")
        assert "building_geom" in shown
        assert "Seq Scan" not in shown
        assert "building_pkey" in plan(city, "SELECT * FROM analyst.buildings WHERE id = 7")
        whole = city.one("SELECT count(*) FROM analyst.dwellings")
    with analyst(city_engine, city_url, "sql-part") as part:
        shown = plan(part, f"SELECT id, geom FROM analyst.buildings WHERE {box}")
        assert "building_area_code_index" in shown
        assert part.one(f"SELECT count(*) FROM analyst.buildings WHERE {box}") > 0
        few = part.one("SELECT count(*) FROM analyst.dwellings")
    assert 0 < few < whole
