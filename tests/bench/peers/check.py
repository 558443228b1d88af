"""What is right: answers are held against the plain table before they are timed."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

from tests.bench.peers.load import GZIP, fetch
from tests.bench.peers.plain import Place
from tests.bench.peers.questions import (
    LEVELS,
    MOST,
    PAGE,
    USAGE,
    Box,
    Deep,
    First,
    Item,
    Narrow,
    Question,
    Row,
    Square,
)
from tests.bench.peers.server import Found, Peer, Running

SAMPLES = 3
DETAIL_ZOOM = 14
"""Below it a tile may leave out what is smaller than a pixel."""
LEAST_SHARE = 0.98
"""Of the buildings that lie in a tile; slivers of less than a step of its grid vanish."""

_IDS = "SELECT id FROM building WHERE {} ORDER BY id"
_BOX = "ST_Intersects(geom, ST_MakeEnvelope(%s, %s, %s, %s, 4326))"
_TOUCHED = "geom && ST_MakeEnvelope(%s, %s, %s, %s, 4326)"
_NARROW = "levels > %s AND usage = %s AND ST_Intersects(geom, ST_GeomFromText(%s, 4326))"
_TILE = "ST_Intersects(ST_PointOnSurface(geom), ST_Transform(ST_TileEnvelope(%s, %s, %s), 4326))"


class WrongAnswer(Exception):
    """An answer that is not what the table holds; the message says what is wrong."""


@dataclass(frozen=True)
class Truth:
    """What the plain table holds for a question: ids in order; for pages, how many there are."""

    ids: tuple[int, ...]
    count: int


class Judge:
    """Knows the right answers of a plain table."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def check(self, peer: Peer, running: Running, row: Row, questions: Sequence[Question]) -> None:
        """Asks some questions of a row, spread over all, and judges what comes.

        Raises: WrongAnswer; LoadError.
        """
        asked = [each for each in questions if peer.path(row, each) is not None]
        for question in _spread(asked):
            path = peer.path(row, question) or ""
            if isinstance(question, Square):
                self._check_tile(peer, running, row, question, path)
            else:
                try:
                    self._check(peer, question, peer.features(running, path))
                except WrongAnswer as wrong:
                    raise WrongAnswer(f"{peer.name}: {path}: {wrong}") from wrong

    def _check(self, peer: Peer, question: Question, found: Found) -> None:
        truth = self._truth(question, peer.exact_boxes)
        if not found.ids or not found.has_geometry:
            raise WrongAnswer("no features" if not found.ids else "no geometry")
        if not {"name", "usage", "levels"} <= found.properties.keys():
            raise WrongAnswer(f"properties {sorted(found.properties)}")
        if isinstance(question, Item):
            if found.ids != truth.ids:
                raise WrongAnswer(f"feature {found.ids}")
        else:
            _check_page(peer, question, truth, found)

    def _check_tile(
        self, peer: Peer, running: Running, row: Row, square: Square, path: str
    ) -> None:
        answer = fetch(running.at(row), path, GZIP)
        if answer.status != 200:
            raise WrongAnswer(f"{peer.name}: {path} answers {answer.status}: {answer.body[:300]!r}")
        body = gzip.decompress(answer.body) if answer.body[:2] == b"\x1f\x8b" else answer.body
        held = sum(count_features(layer) for layer in _fields(body, 3))
        least = 1
        if square.z >= DETAIL_ZOOM:
            least = int(len(self._ids(_TILE, square.z, square.x, square.y)) * LEAST_SHARE)
        if held < least:
            raise WrongAnswer(f"{peer.name}: {path} holds {held} buildings, not {least}")

    def _truth(self, question: Question, exact_boxes: bool) -> Truth:
        match question:
            case First():
                return Truth(self._ids("id > %s", 0)[:PAGE], self._count())
            case Deep(_, after):
                return Truth(self._ids("id > %s", after)[:PAGE], self._count())
            case Item(id_):
                return Truth((id_,), 1)
            case Box(west, south, east, north):
                sides = (round(each, 6) for each in (west, south, east, north))
                ids = self._ids(_BOX if exact_boxes else _TOUCHED, *sides)
                return Truth(ids, len(ids))
            case Narrow(polygon):
                ids = self._ids(_NARROW, LEVELS, USAGE, polygon)
                return Truth(ids, len(ids))
            case Square():
                raise TypeError("tiles hold no ids that can be told apart")

    def _count(self) -> int:
        return len(self._ids("id > %s", 0))

    def _ids(self, condition: str, *values: object) -> tuple[int, ...]:
        with closing(self._place.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(_IDS.format(condition), values)
            return tuple(id_ for (id_,) in cursor.fetchall())


def _check_page(peer: Peer, question: Question, truth: Truth, found: Found) -> None:
    if len(set(found.ids)) != len(found.ids):
        raise WrongAnswer("a feature twice")
    is_plain = isinstance(question, First | Deep)
    if found.matched != truth.count and (found.matched is not None or isinstance(question, First)):
        raise WrongAnswer(f"numberMatched {found.matched}, not {truth.count}")
    wanted = PAGE if is_plain else min(truth.count, MOST)
    if len(found.ids) != wanted:
        raise WrongAnswer(f"{len(found.ids)} features, not {wanted}")
    if peer.ordered and found.ids != truth.ids[: len(found.ids)]:
        raise WrongAnswer(f"ids {found.ids[:5]}…, not {truth.ids[:5]}…")
    if (strangers := set(found.ids) - set(truth.ids)) and not is_plain:
        raise WrongAnswer(f"{len(strangers)} features do not match")


def _spread(questions: Sequence[Question]) -> Sequence[Question]:
    """The first, the last and what lies between."""
    step = max(1, (len(questions) - 1) // (SAMPLES - 1)) if len(questions) > 1 else 1
    return questions[::step][:SAMPLES]


def count_features(layer: bytes) -> int:
    """How many features a layer of a vector tile holds."""
    return sum(1 for _ in _fields(layer, 2))


def _fields(message: bytes, wanted: int) -> Iterator[bytes]:
    """The values of a repeated field of bytes in a protocol buffer."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        number, kind = key >> 3, key & 7
        if kind == 2:
            size, at = _varint(message, at)
            if number == wanted:
                yield message[at : at + size]
            at += size
        elif kind == 0:
            _, at = _varint(message, at)
        else:
            at += 8 if kind == 1 else 4


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at
