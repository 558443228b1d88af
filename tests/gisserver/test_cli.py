"""The command line as a person types it, over a real database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, text

from gisserver.cli import cli
from tests.builders.two_sides import build_two_sides
from tests.harness import TEST_KEY_BASE64

PASSWORD = "Kq7-horse-battery-42"


def paths(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command and subcommand as the words that call it."""
    yield path
    if isinstance(command, click.Group):
        for name, child in command.commands.items():
            yield from paths(child, (*path, name))


class Shell:
    """Runs `./wangge` in this process over one test's database."""

    def __init__(self, url: str, var: Path) -> None:
        self.environment = {
            "DATABASE_URL": url,
            "WANGGE_KEY": TEST_KEY_BASE64,
            "WANGGE_VAR": str(var),
            "WANGGE_PASSWORD": PASSWORD,
        }

    def __call__(self, *words: str) -> Result:
        return CliRunner().invoke(cli, words, env=self.environment)


@pytest.fixture
def wangge(database_url: str, tmp_path: Path) -> Shell:
    return Shell(database_url, tmp_path / "var")


@pytest.mark.parametrize("path", paths(cli), ids=" ".join)
def test_every_command_explains_itself(path: tuple[str, ...]) -> None:
    result = CliRunner().invoke(cli, [*path, "--help"])
    assert result.exit_code == 0
    assert "Usage:" in result.output


def test_an_account_from_its_making_to_its_end(wangge: Shell, engine: Engine) -> None:
    made = wangge("user", "add", "li.si", "--name", "李四", "--role", "worker", "--area", "990101")
    assert made.exit_code == 0, made.output
    assert wangge("user", "grant", "li.si", "analyst").exit_code == 0
    listed = wangge("user", "list").output
    assert "analyst@*, worker@990101" in listed
    assert "李四" in listed
    assert wangge("user", "grant", "li.si", "analyst", "--remove").exit_code == 0
    assert wangge("user", "passwd", "li.si").exit_code == 0
    assert wangge("user", "close", "li.si").exit_code == 0
    listed = wangge("user", "list").output
    assert "analyst" not in listed
    assert "closed" in listed
    with engine.connect() as connection:
        stored = connection.execute(text("SELECT password_hash FROM organisation.account"))
        assert stored.scalar_one().startswith("$argon2id$")


def test_an_unknown_role_is_refused_with_those_there_are(wangge: Shell) -> None:
    result = wangge("user", "add", "li.si", "--role", "emperor")
    assert result.exit_code == 2
    assert "dispatcher" in result.output


def test_tables_and_declarations_agree(wangge: Shell) -> None:
    assert wangge("db", "upgrade").exit_code == 0
    assert wangge("db", "check").exit_code == 0


def test_the_viewers_types_are_those_of_the_catalogue(wangge: Shell) -> None:
    result = wangge("contract", "--check")
    assert result.exit_code == 0, result.output


def test_a_file_is_loaded_or_told_why_not_and_comes_out_again(
    wangge: Shell, tmp_path: Path, engine: Engine
) -> None:
    square = [[[121.0, 31.0], [121.001, 31.0], [121.001, 31.001], [121.0, 31.0]]]
    feature = {
        "type": "Feature",
        "properties": {"name": "一号楼", "levels": 6},
        "geometry": {"type": "Polygon", "coordinates": square},
    }
    good = tmp_path / "buildings.geojson"
    good.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    result = wangge("load", str(good), str(tmp_path / "missing.shp"), "--layer", "buildings")
    assert result.exit_code == 1
    assert "missing.shp" in result.output
    assert "buildings.geojson" in result.output
    assert list((tmp_path / "var" / "reports").glob("buildings.geojson.*.csv"))
    with engine.connect() as connection:
        names = connection.execute(text("SELECT name FROM housing.building")).scalars().all()
    assert names == ["一号楼"]
    out = tmp_path / "out.csv"
    assert wangge("export", "buildings", str(out)).exit_code == 0
    assert "一号楼" in out.read_text(encoding="utf-8-sig")
    assert wangge("export", "buildings", str(tmp_path / "out.dwg")).exit_code == 1


def test_an_impossible_port_is_refused(wangge: Shell) -> None:
    assert wangge("serve", "--port", "99999").exit_code != 0


def test_retention_tells_first_and_acts_once(wangge: Shell, engine: Engine) -> None:
    sides = build_two_sides(engine)
    with engine.begin() as connection:
        for table in ("residence", "care_record"):
            connection.execute(
                text(
                    f"UPDATE people.{table} SET valid_from = NULL, valid_to = '2020-01-31' "
                    "WHERE person_id = :id"
                ),
                {"id": sides.west("persons")},
            )
    told = [line.split() for line in wangge("retention").output.splitlines()]
    assert told[0][:3] == ["persons_gone", "1", "2020-01-31"]
    assert told[-1][-1] == "2"
    assert wangge("retention", "--dry-run").output == wangge("retention").output
    done = wangge("retention", "--apply")
    assert done.exit_code == 0, done.output
    assert done.output.splitlines()[-1].endswith(": 2")
    assert wangge("retention", "--apply").output.splitlines()[-1].endswith(": 0")
    with engine.connect() as connection:
        names = connection.execute(text("SELECT name FROM people.person ORDER BY id")).scalars()
        assert [name == "＊＊＊" for name in names] == [True, False]


def test_a_database_login_from_its_giving_to_its_end(wangge: Shell, engine: Engine) -> None:
    assert wangge("user", "add", "cli.sql", "--role", "analyst", "--area", "990101").exit_code == 0
    given = wangge("user", "sql-access", "give", "cli.sql", "--days", "7")
    assert given.exit_code == 0, given.output
    assert "sql_cli.sql" in given.output
    password = given.output.strip().rsplit(" ", 1)[1]
    assert len(password) == 32
    assert password not in wangge("user", "sql-access", "list").output
    assert "sql_cli.sql" in wangge("user", "sql-access", "list").output
    assert wangge("user", "sql-access", "revoke", "cli.sql").exit_code == 0
    assert wangge("user", "sql-access", "list").output == ""
    assert wangge("user", "sql-access", "revoke", "cli.sql").exit_code != 0
    with engine.connect() as connection:
        known = connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = 'sql_cli.sql'"))
        assert known.one_or_none() is None
