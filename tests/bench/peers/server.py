"""What all contenders have in common: a name, a way to ask them, a way to read what they answer."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.peers.load import Address, LoadError, fetch
from tests.bench.peers.plain import Place
from tests.bench.peers.questions import Question, Row

PROCESSES = 2
"""Workers of the peers written in Python: one a core."""
HELD = 4
"""Processes of the peers that hold one request each: two a core, so that none waits."""


@dataclass(frozen=True)
class Running:
    """A contender that answers: where, where it keeps no tiles, and its first process."""

    address: Address
    process: int
    without_cache: Address | None = None

    def at(self, row: Row) -> Address:
        """Where a row is asked."""
        return self.without_cache or self.address if row is Row.COLD else self.address


@dataclass(frozen=True)
class Found:
    """Ids of the features of an answer in their order, and how many match when that is told."""

    ids: tuple[int, ...]
    matched: int | None
    properties: dict[str, Any]
    has_geometry: bool


class Peer(ABC):
    """One contender over HTTP."""

    name: str
    ordered = True
    """Whether pages follow the ids without being asked to."""
    exact_boxes = True
    """Whether a box holds what meets it, not what has a box that meets it."""

    @abstractmethod
    def serve(self, home: Path, folder: Path, place: Place) -> AbstractContextManager[Running]:
        """Starts it over the plain tables, with what it needs in an empty folder."""

    @abstractmethod
    def path(self, row: Row, question: Question) -> str | None:
        """The address that asks a question; None when it has no word for it."""

    def reason(self, row: Row) -> str:
        """Why it has no word for a row."""
        return {Row.FILTER: "no CQL2", Row.COLD: "no tiles", Row.WARM: "no tiles"}.get(row, "")

    def asked(self, row: Row, questions: tuple[Question, ...]) -> tuple[str, ...]:
        """The addresses of a row; none when it cannot be asked."""
        return tuple(path for each in questions if (path := self.path(row, each)) is not None)

    def features(self, running: Running, path: str) -> Found:
        """The features of an answer.

        Raises: LoadError for any status but 200 or what is no GeoJSON.
        """
        answer = fetch(running.address, path)
        if answer.status != 200:
            raise LoadError(f"{self.name}: {path} answers {answer.status}: {answer.body[:500]!r}")
        try:
            content = json.loads(answer.body)
        except ValueError as error:
            raise LoadError(f"{self.name}: {path} answers {answer.body[:500]!r}") from error
        features = content.get("features", [content])
        first = features[0] if features else {}
        return Found(
            tuple(_number(each) for each in features),
            content.get("numberMatched"),
            first.get("properties") or {},
            bool(first.get("geometry")),
        )


def _number(feature: dict[str, Any]) -> int:
    """The id as a number: `7`, `"7"`, `"building.7"`."""
    return int(str(feature["id"]).rsplit(".", 1)[-1])


def answers(address: Address, path: str) -> bool:
    """Whether a server answers a path with 200."""
    try:
        return fetch(address, path).status == 200
    except LoadError:
        return False
