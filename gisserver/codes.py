"""Code tables as the server uses them, read from the database once a minute."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import Engine, text

from layers.core.database import owner_transaction

SECONDS = 60.0

_CODES = text(
    "SELECT table_name, code, name_zh AS zh, name_en AS en, parent, edition, "
    "(valid_from IS NULL OR valid_from <= core.today()) "
    "AND (valid_to IS NULL OR valid_to > core.today()) AS valid "
    "FROM core.code ORDER BY table_name, position"
)


@dataclass(frozen=True)
class CodeTables:
    """Every code table: the valid codes of each, and all as one JSON text with its ETag.

    The text also holds codes that have ended (`valid` false), since old rows still carry them; so
    do `names`, Chinese and English by table and code.
    """

    valid: Mapping[str, frozenset[str]]
    names: Mapping[tuple[str, str], tuple[str, str]]
    document: str
    etag: str


class CodeBook:
    """Called with the name of a code table, gives its codes valid today; safe across threads."""

    def __init__(self, engine: Engine) -> None:
        """Codes of the database behind `engine`; nothing is read yet."""
        self._engine = engine
        self._kept: tuple[float, CodeTables] | None = None

    def __call__(self, table: str) -> frozenset[str]:
        """Codes valid today; empty for a table that does not exist."""
        return self.tables().valid.get(table, frozenset())

    def tables(self) -> CodeTables:
        """All code tables, at most a minute old."""
        kept, now = self._kept, time.monotonic()
        if kept is None or now - kept[0] >= SECONDS:
            kept = (now, self._read())
            self._kept = kept
        return kept[1]

    def _read(self) -> CodeTables:
        tables: dict[str, list[dict[str, object]]] = {}
        valid: dict[str, set[str]] = {}
        names: dict[tuple[str, str], tuple[str, str]] = {}
        with owner_transaction(self._engine) as connection:
            for row in connection.execute(_CODES):
                name = row.table_name
                shown = {"code": row.code, "zh": row.zh, "en": row.en or row.zh}
                names[name, row.code] = (row.zh, row.en or row.zh)
                optional = {"parent": row.parent, "edition": row.edition}
                shown |= {word: value for word, value in optional.items() if value is not None}
                tables.setdefault(name, []).append(shown if row.valid else shown | {"valid": False})
                if row.valid:
                    valid.setdefault(name, set()).add(row.code)
        document = json.dumps(tables, ensure_ascii=False, separators=(",", ":"))
        return CodeTables(
            {name: frozenset(codes) for name, codes in valid.items()},
            names,
            document,
            sha256(document.encode()).hexdigest()[:20],
        )
