"""Code tables: read from `data/codes/tables.toml` and its CSV files into core.code."""

import csv
import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from layers.core.database import Asks

KNOWN = ("code", "name_zh", "name_en", "parent", "edition", "scheme", "source", "reliability")


@dataclass(frozen=True)
class CodeRow:
    """One code with its names in both languages; `extra` holds further columns of the file."""

    code: str
    name_zh: str
    name_en: str | None
    parent: str | None
    edition: str | None
    extra: Mapping[str, str]


@dataclass(frozen=True)
class CodeTableFile:
    """A code table as declared: title, edition, validity and its rows in order."""

    name: str
    title: tuple[str, str]
    version: str
    source: str | None
    valid_from: date | None
    valid_to: date | None
    rows: tuple[CodeRow, ...]


def read_code_tables(folder: Path) -> tuple[CodeTableFile, ...]:
    """Every table declared in `folder/tables.toml`.

    Raises: ValueError for a table without rows or with a code twice.
    """
    declared = tomllib.loads((folder / "tables.toml").read_text(encoding="utf-8"))
    return tuple(_read_table(folder, name, words) for name, words in declared.items())


def _read_table(folder: Path, name: str, words: Mapping[str, Any]) -> CodeTableFile:
    rows = tuple(_inline_rows(words) if "values" in words else _file_rows(folder, words))
    codes = [row.code for row in rows]
    if not rows or len(codes) != len(set(codes)):
        raise ValueError(f"code table {name}: no rows, or a code stands twice")
    # A parent outside the table groups rows in the source only; here it would name nothing.
    rows = tuple(row if row.parent in codes else replace(row, parent=None) for row in rows)
    return CodeTableFile(
        name=name,
        title=(words["title"][0], words["title"][1]),
        version=words["version"],
        source=words.get("source"),
        valid_from=words.get("valid_from"),
        valid_to=words.get("valid_to"),
        rows=rows,
    )


def _inline_rows(words: Mapping[str, Any]) -> Iterator[CodeRow]:
    for code, names in words["values"].items():
        yield CodeRow(code, names[0], names[1], None, None, {})


def _file_rows(folder: Path, words: Mapping[str, Any]) -> Iterator[CodeRow]:
    """Rows of the table's file, then those of its second file, if it has one (`also`)."""
    yield from _rows_of(folder, words)
    if "also" in words:
        yield from _rows_of(folder, {**words, "where": {}, **words["also"]})


def _rows_of(folder: Path, words: Mapping[str, Any]) -> Iterator[CodeRow]:
    where: Mapping[str, str] = words.get("where", {})
    without = set(words.get("without", ()))
    with (folder / words["file"]).open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            wanted = all((row[column] or "").startswith(value) for column, value in where.items())
            if not wanted or row["code"] in without:
                continue
            parent = row.get("parent") if words.get("tree") else None
            extra = {key: value for key, value in row.items() if key not in KNOWN and value}
            yield CodeRow(
                code=row["code"],
                name_zh=row["name_zh"],
                name_en=row.get("name_en") or None,
                parent=parent or None,
                edition=row.get("edition") or row.get("scheme") or None,
                extra=extra,
            )


def store_code_tables(connection: Connection, tables: tuple[CodeTableFile, ...]) -> int:
    """Inserts or updates every table and code; a code no longer declared ends today.

    Returns the number of codes declared.
    """
    for table in tables:
        connection.execute(
            text(
                "INSERT INTO core.code_table (name, title_zh, title_en, version, source) "
                "VALUES (:name, :zh, :en, :version, :source) ON CONFLICT (name) DO UPDATE SET "
                "title_zh = :zh, title_en = :en, version = :version, source = :source"
            ),
            {
                "name": table.name,
                "zh": table.title[0],
                "en": table.title[1],
                "version": table.version,
                "source": table.source,
            },
        )
        connection.execute(
            text(
                "UPDATE core.code SET valid_to = core.today() WHERE table_name = :name "
                "AND valid_to IS NULL AND code <> ALL(:codes)"
            ),
            {"name": table.name, "codes": [row.code for row in table.rows]},
        )
        connection.execute(
            _UPSERT_CODE, [_values(table, i, row) for i, row in enumerate(table.rows)]
        )
    return sum(len(table.rows) for table in tables)


_UPSERT_CODE = text(
    "INSERT INTO core.code (table_name, code, name_zh, name_en, parent, position, edition, extra, "
    "valid_from, valid_to) VALUES (:table, :code, :zh, :en, :parent, :position, :edition, "
    "CAST(:extra AS jsonb), :valid_from, :valid_to) ON CONFLICT (table_name, code) DO UPDATE SET "
    "name_zh = :zh, name_en = :en, parent = :parent, position = :position, edition = :edition, "
    "extra = CAST(:extra AS jsonb), valid_from = :valid_from, valid_to = :valid_to"
)


def _values(table: CodeTableFile, position: int, row: CodeRow) -> dict[str, Any]:
    return {
        "table": table.name,
        "code": row.code,
        "zh": row.name_zh,
        "en": row.name_en,
        "parent": row.parent,
        "position": position,
        "edition": row.edition,
        "extra": json.dumps(dict(row.extra), ensure_ascii=False),
        "valid_from": table.valid_from,
        "valid_to": table.valid_to,
    }


def valid_codes(connection: Connection, table: str) -> frozenset[str]:
    """Codes of a table valid today."""
    rows = connection.execute(
        text(
            "SELECT code FROM core.code WHERE table_name = :table "
            "AND (valid_from IS NULL OR valid_from <= core.today()) "
            "AND (valid_to IS NULL OR valid_to > core.today())"
        ),
        {"table": table},
    )
    return frozenset(row.code for row in rows)


_BRANCHES = """
WITH RECURSIVE branch AS (
  SELECT code FROM core.code WHERE table_name = %(table)s AND code = ANY (%(codes)s)
  UNION
  SELECT c.code FROM core.code AS c JOIN branch AS b ON c.parent = b.code
  WHERE c.table_name = %(table)s
)
SELECT code FROM branch
"""


def code_branches(connection: Asks, table: str, codes: Sequence[str]) -> list[str]:
    """The codes with all that stand below them in the table's tree, ended ones too.

    Raises: KeyError naming the first that is no code of the table.
    """
    rows = connection.exec_driver_sql(_BRANCHES, {"table": table, "codes": list(codes)})
    found = sorted(row[0] for row in rows)
    for code in codes:
        if code not in found:
            raise KeyError(code)
    return found
