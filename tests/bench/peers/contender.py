"""Who takes part in a row: asked over HTTP, or the database itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy import Engine

from layers.catalogue import layer_by_name
from layers.core.scope import Reader
from layers.core.tiles import Tile, tile_question
from tests.bench.peers.bare import ask_bare
from tests.bench.peers.check import Judge
from tests.bench.peers.load import GZIP, Load, ask
from tests.bench.peers.plain import Place
from tests.bench.peers.questions import Question, Row, Square
from tests.bench.peers.server import Peer, Running
from tests.bench.peers.statements import Statement, statements

BARE = "bare SQL"
SAME_TILE = "bare SQL of our tile"
LEAST = 8
"""Requests of a measurement that takes longer than its time: one for each client."""


class Contender(Protocol):
    """One column of the table."""

    @property
    def name(self) -> str:
        """Head of its column."""

    def reason(self, row: Row) -> str:
        """Why it has no part in a row; empty when it has."""

    def prepare(self, row: Row) -> None:
        """Judges its answers and warms what stays warm.

        Raises: WrongAnswer; LoadError.
        """

    def measure(self, row: Row, seconds: float) -> Load:
        """One measurement.

        Raises: LoadError.
        """


@dataclass(frozen=True)
class Served:
    """A peer that runs."""

    peer: Peer
    running: Running
    questions: dict[Row, Sequence[Question]]
    judge: Judge

    @property
    def name(self) -> str:
        return self.peer.name

    def reason(self, row: Row) -> str:
        return "" if self._paths(row) else self.peer.reason(row)

    def prepare(self, row: Row) -> None:
        self.judge.check(self.peer, self.running, row, self.questions[row])
        if row is Row.WARM:
            self.measure(row, 0)
        elif row is not Row.COLD:
            ask(self.running.at(row), self._messages(row), seconds=0.5)

    def measure(self, row: Row, seconds: float) -> Load:
        messages = self._messages(row)
        if row is Row.COLD:
            return ask(self.running.at(row), messages, least=len(messages))
        least = len(messages) if row is Row.WARM else LEAST
        return ask(self.running.at(row), messages, seconds=seconds, least=least)

    def _messages(self, row: Row) -> list[bytes]:
        more = GZIP if row in (Row.COLD, Row.WARM) else ""
        return [self.running.at(row).message(path, more) for path in self._paths(row)]

    def _paths(self, row: Row) -> Sequence[str]:
        return self.peer.asked(row, tuple(self.questions[row]))


@dataclass(frozen=True)
class Database:
    """The statements of each question over the plain tables."""

    place: Place
    questions: dict[Row, Sequence[Question]]
    name: str = BARE

    def reason(self, row: Row) -> str:
        return "keeps nothing" if row is Row.WARM else ""

    def prepare(self, row: Row) -> None:
        ask_bare(self.place, self._asked(row)[:LEAST], least=LEAST)

    def measure(self, row: Row, seconds: float) -> Load:
        asked = self._asked(row)
        if row is Row.COLD:
            return ask_bare(self.place, asked, least=len(asked))
        return ask_bare(self.place, asked, seconds=seconds, least=LEAST)

    def _asked(self, row: Row) -> list[list[Statement]]:
        return [statements(question) for question in self.questions[row]]


@dataclass(frozen=True)
class OwnTiles(Database):
    """The statements of our own tiles, which leave out what cannot be seen, by the driver alone."""

    reader: Reader = field(kw_only=True)
    name: str = SAME_TILE

    def reason(self, row: Row) -> str:
        return "" if row is Row.COLD else "tiles only"

    def _asked(self, row: Row) -> list[list[Statement]]:
        layer = layer_by_name("buildings")
        asked = []
        for each in self.questions[row]:
            if isinstance(each, Square):
                question = tile_question((layer,), self.reader, Tile(each.z, each.x, each.y))
                asked.append([question] if question else [])
        return asked


def own_tiles(engine: Engine, reader: Reader, questions: dict[Row, Sequence[Question]]) -> OwnTiles:
    """Our tiles' own statements over the platform's database."""
    return OwnTiles(
        Place.of(engine.url.render_as_string(hide_password=False)), questions, reader=reader
    )
