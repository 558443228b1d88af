"""Code tables: read from files, stored with validity, never lost."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from gisserver.codes import CodeBook
from gisserver.settings import ROOT
from layers.core.codes import CodeTableFile, read_code_tables, store_code_tables, valid_codes
from layers.core.database import owner_transaction

TABLES = read_code_tables(ROOT / "data" / "codes")


def test_every_table_has_a_title_an_edition_and_names() -> None:
    assert len(TABLES) > 30
    for table in TABLES:
        assert all(table.title)
        assert table.version
        assert all(row.name_zh for row in table.rows), table.name


def test_parents_stand_in_the_same_table() -> None:
    for table in TABLES:
        codes = {row.code for row in table.rows}
        missing = {row.parent for row in table.rows if row.parent} - codes
        assert not missing, (table.name, missing)


def test_petitions_are_no_incident_category() -> None:
    incidents = next(table for table in TABLES if table.name == "incident_category")
    assert "SG-0101" not in {row.code for row in incidents.rows}


def test_upgrading_stored_every_code(engine: Engine) -> None:
    with owner_transaction(engine) as connection:
        for table in TABLES:
            if table.valid_to is None:
                assert valid_codes(connection, table.name) == {row.code for row in table.rows}


def test_a_code_that_is_no_longer_declared_ends_but_stays(engine: Engine) -> None:
    sex = next(table for table in TABLES if table.name == "sex")
    shorter = replace(sex, rows=sex.rows[:-1])
    with owner_transaction(engine) as connection:
        store_code_tables(connection, (shorter,))
        assert valid_codes(connection, "sex") == {row.code for row in shorter.rows}
        count = connection.execute(text("SELECT count(*) FROM core.code WHERE table_name = 'sex'"))
        assert count.scalar_one() == len(sex.rows)
    book = CodeBook(engine)
    assert sex.rows[-1].code not in book("sex")
    assert '"valid":false' in book.tables().document
    with owner_transaction(engine) as connection:
        store_code_tables(connection, (sex,))
        assert valid_codes(connection, "sex") == {row.code for row in sex.rows}


def write_table(folder: Path, toml: str, csv: str = "") -> tuple[CodeTableFile, ...]:
    (folder / "tables.toml").write_text(toml, encoding="utf-8")
    (folder / "rows.csv").write_text(csv, encoding="utf-8")
    return read_code_tables(folder)


def test_a_part_of_a_file_may_be_a_table(tmp_path: Path) -> None:
    toml = (
        '[a]\ntitle = ["甲", "A"]\nversion = "1"\nfile = "rows.csv"\n'
        'where = { parent = "x" }\nwithout = ["2"]\n'
    )
    csv = "code,name_zh,name_en,parent,note\n1,一,One,x,extra\n2,二,Two,x,\n3,三,Three,y,\n"
    (table,) = write_table(tmp_path, toml, csv)
    assert [(row.code, row.parent, row.extra) for row in table.rows] == [
        ("1", None, {"note": "extra"})
    ]


@pytest.mark.parametrize("csv", ["code,name_zh\n", "code,name_zh\n1,一\n1,二\n"])
def test_an_empty_table_or_a_double_code_is_refused(tmp_path: Path, csv: str) -> None:
    toml = '[a]\ntitle = ["甲", "A"]\nversion = "1"\nfile = "rows.csv"\n'
    with pytest.raises(ValueError, match="code table a"):
        write_table(tmp_path, toml, csv)
