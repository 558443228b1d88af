"""The search box: names and addresses of every layer found by any part of them, names by initials.

One statement asks every layer at once. In each, the rarest two-character piece of the query picks
the candidates from the GIN index and the whole query is then compared as text, so that a common
piece costs no more than a rare one. Persons are never found here: their fields are sealed.
"""

import re
import time
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, text

from layers.core.database import Asks
from layers.core.features import scope_sql
from layers.core.layer import Layer
from layers.core.scope import Reader

CANDIDATES = 200
MAX_QUERY_CHARACTERS = 80
STATISTICS_SECONDS = 300.0
# A piece that every fifth row has is found sooner by reading rows than through the index.
COMMON_SHARE = 0.2
# One character begins too many titles to look for it in tables beyond this, scope apart.
ONE_CHARACTER_ROWS = 20_000
COMMUNITY_DIGITS = 12

# Where an address may be cut: 澄湖路100号3幢 also finds 澄湖路100号阳光花园3幢.
_PART_END = re.compile(r"(?<=[路街道巷弄号幢栋座区村苑园])(?=.)")

# A business code has a digit and at least six characters, as names and house numbers have not.
_CODE = re.compile(r"(?=.*\d)[A-Za-z0-9][A-Za-z0-9._/-]{5,63}")


@dataclass(frozen=True)
class Hit:
    """One feature found; `lon` and `lat` (CRS84) are None for what has no geometry."""

    layer: str
    id: int
    title: str
    subtitle: str | None
    lon: float | None
    lat: float | None


@dataclass(frozen=True)
class Statistics:
    """PostgreSQL's own figures of one table: rows, and the share of rows that have a piece."""

    rows: float = 0.0
    shares: Mapping[str, float] = field(default_factory=dict)

    def rarest(self, pieces: Sequence[str]) -> str:
        """The piece fewest rows have; one that PostgreSQL does not list as common comes first."""
        return min(pieces, key=lambda piece: self.shares.get(piece, 0.0))


@dataclass
class Frequencies:
    """Statistics of each layer, kept for five minutes.

    Safe across threads: at worst two of them read the same figures.
    """

    _kept: dict[str, tuple[float, Statistics]] = field(default_factory=dict)

    def missing(self, layers: Iterable[Layer]) -> list[Layer]:
        """Layers whose figures are too old or unknown."""
        since = time.monotonic() - STATISTICS_SECONDS
        return [layer for layer in layers if self._kept.get(layer.name, (since, None))[0] <= since]

    def read(self, connection: Connection, layers: Sequence[Layer]) -> None:
        """Takes the figures of the layers; as owner, since a reader's role sees no statistics."""
        tables = {layer.qualified_table: layer.name for layer in layers}
        now = time.monotonic()
        for table, rows, pieces, shares in connection.execute(
            _STATISTICS, {"tables": list(tables)}
        ):
            known = dict(zip(pieces or (), shares or (), strict=False))
            self._kept[tables[table]] = (now, Statistics(rows, known))

    def of(self, layer: Layer) -> Statistics:
        """The figures last read; none before."""
        return self._kept.get(layer.name, (0.0, Statistics()))[1]


_STATISTICS = text(
    "SELECT asked, c.reltuples, s.most_common_elems::text::text[], s.most_common_elem_freqs "
    "FROM unnest(CAST(:tables AS text[])) AS asked "
    "JOIN pg_class AS c ON c.oid = asked::regclass LEFT JOIN pg_stats AS s "
    "ON s.schemaname = c.relnamespace::regnamespace::text AND s.tablename = c.relname "
    "AND s.attname = 'search_bigrams'"
)


def fold(query: str) -> str:
    """The query as compared: full-width forms folded (NFKC), lower case, no control characters."""
    folded = unicodedata.normalize("NFKC", query).lower()
    return "".join(c if c.isprintable() else " " for c in folded)[:MAX_QUERY_CHARACTERS].strip()


def words_of(query: str) -> tuple[str, ...]:
    """The words of a query, each of which has to occur; spaces part them."""
    return tuple(dict.fromkeys(fold(query).split()))


def parts_of(words: Iterable[str]) -> tuple[str, ...]:
    """The words cut after road, number and building marks, as an address is spoken in parts."""
    return tuple(dict.fromkeys(part for word in words for part in _PART_END.split(word) if part))


def pieces_of(words: Iterable[str]) -> tuple[str, ...]:
    """Two-character pieces of the words, as `core.bigrams` stores them."""
    return tuple(word[i : i + 2] for word in words for i in range(len(word) - 1))


def searchable(layers: Iterable[Layer], reader: Reader) -> tuple[Layer, ...]:
    """Layers with search fields that the reader may read somewhere."""
    return tuple(layer for layer in layers if layer.search_fields and reader.areas_to_read(layer))


def search_layers(
    connection: Asks,
    layers: Sequence[Layer],
    reader: Reader,
    query: str,
    frequencies: Frequencies,
    limit: int = 8,
) -> list[tuple[Layer, list[Hit]]]:
    """What the reader may see and the query names, at most `limit` a layer, best layer first.

    A whole business code (a case number, a grid code) gives its row and nothing else. Within a
    layer equal titles stand before titles that begin with the query, then short before long; of
    more than 200 matches the order holds among 200 of them. An empty query finds nothing; when
    nothing holds the query as a whole, its address parts are tried.
    """
    by_code = _search_codes(connection, layers, reader, query)
    layers, words = searchable(layers, reader), words_of(query)
    if by_code or not layers or not words:
        return by_code
    found = _search(connection, layers, reader, words, frequencies, limit)
    parts = parts_of(words)
    if not found and len(parts) > len(words):
        found = _search(connection, layers, reader, parts, frequencies, limit)
    return found


def _search(
    connection: Asks,
    layers: tuple[Layer, ...],
    reader: Reader,
    words: tuple[str, ...],
    frequencies: Frequencies,
    limit: int,
) -> list[tuple[Layer, list[Hit]]]:
    pieces = pieces_of(words)
    values: dict[str, Any] = {"limit": limit, "whole": " ".join(words)}
    values["prefix"] = _like(values["whole"]) + "%"
    for i, word in enumerate(words):
        # One character alone has to begin the text, which begins with the title.
        values[f"word{i}"] = f"%{_like(word)}%" if pieces else f"{_like(word)}%"
    statements = []
    for i, layer in enumerate(layers):
        areas = ("",) if layer.scope == "public" else reader.areas_to_read(layer)
        statistics = frequencies.of(layer)
        if not pieces and statistics.rows > ONE_CHARACTER_ROWS and not _is_narrow(areas):
            continue
        scope, bounds = scope_sql("t.area_code", areas, f"area{i}_")
        values |= bounds
        matches = [f"t.search_text LIKE %(word{w})s" for w in range(len(words))]
        if pieces:
            rarest = statistics.rarest(pieces)
            if statistics.shares.get(rarest, 0.0) < COMMON_SHARE:
                values[f"piece{i}"] = rarest
                matches.append(f"t.search_bigrams @> ARRAY[%(piece{i})s]")
        statements.append(_layer_statement(i, layer, " AND ".join((scope, *matches))))
    if not statements:
        return []
    rows = connection.exec_driver_sql(" UNION ALL ".join(statements), values)
    groups: dict[int, tuple[int, list[Hit]]] = {}
    for place, row_id, title, subtitle, lon, lat, rank in rows:
        hit = Hit(layers[place].name, row_id, title, subtitle, lon, lat)
        groups.setdefault(place, (rank, []))[1].append(hit)
    ordered = sorted(groups, key=lambda at: (groups[at][0], -layers[at].search_weight, at))
    return [(layers[at], groups[at][1]) for at in ordered]


def _search_codes(
    connection: Asks, layers: Sequence[Layer], reader: Reader, query: str
) -> list[tuple[Layer, list[Hit]]]:
    code = unicodedata.normalize("NFKC", query).strip()
    if not _CODE.fullmatch(code):
        return []
    named = [each for each in layers if each.title_field and each.group != "people"]
    named = [each for each in named if reader.areas_to_read(each)]
    values: dict[str, Any] = {"codes": [code, code.upper()], "whole": "", "prefix": "", "limit": 1}
    statements = []
    for i, layer in enumerate(named):
        areas = ("",) if layer.scope == "public" else reader.areas_to_read(layer)
        scope, bounds = scope_sql("t.area_code", areas, f"area{i}_")
        values |= bounds
        statements.append(_layer_statement(i, layer, f"{scope} AND t.code = ANY(%(codes)s)"))
    if not statements:
        return []
    rows = connection.exec_driver_sql(" UNION ALL ".join(statements), values)
    return [(named[row[0]], [Hit(named[row[0]].name, *row[1:6])]) for row in rows]


def _is_narrow(areas: Sequence[str]) -> bool:
    return all(len(area) >= COMMUNITY_DIGITS for area in areas)


def _like(word: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", word)


def _layer_statement(place: int, layer: Layer, conditions: str) -> str:
    title = f"core.fold(t.{layer.title_field}::text)"
    texts = (layer.title_field, *layer.search_fields, "code")
    shown = ", ".join(f"t.{name}::text" for name in texts)
    point = "ST_PointOnSurface(t.geom)" if layer.geometry_kind else "NULL::geometry"
    return f"""(
  SELECT {place}, t.id, coalesce({shown}, ''), {_subtitle(layer)}, ST_X({point}), ST_Y({point}),
    CASE WHEN {title} = %(whole)s THEN 0 WHEN {title} LIKE %(prefix)s THEN 1
      WHEN {title} LIKE '%%' || %(prefix)s THEN 2 ELSE 3 END AS rank
  FROM (SELECT {_columns(layer, texts)} FROM {layer.qualified_table} AS t
    WHERE {conditions} AND {layer.in_force} LIMIT {CANDIDATES}) AS t
  ORDER BY rank, length({title}), t.id LIMIT %(limit)s
)"""


def _columns(layer: Layer, texts: Iterable[str | None]) -> str:
    """What a hit is made of; a reader may not select what is sealed beside it."""
    geometry = "geom" if layer.geometry_kind else None
    names = dict.fromkeys(("id", *texts, layer.subtitle_field, geometry))
    return ", ".join(f"t.{name}" for name in names if name)


def _subtitle(layer: Layer) -> str:
    if layer.subtitle_field is None:
        return "NULL::text"
    codes = layer.fields[layer.subtitle_field].codes
    if codes is None:
        return f"t.{layer.subtitle_field}"
    return (
        "coalesce((SELECT name_zh FROM core.code WHERE "
        f"table_name = '{codes}' AND code = t.{layer.subtitle_field}), t.{layer.subtitle_field})"
    )
