"""What a process is: its words, what it takes, what it gives, how it is asked and done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection

from layers.core.rights import Right
from layers.core.scope import Reader
from layers.core.values import Codes

Title = tuple[str, str]
Kind = Literal["plain", "bbox", "features"]

GEOJSON = "application/geo+json"
GEOTIFF = "image/tiff; application=geotiff"
JSON = "application/json"


@dataclass(frozen=True)
class Input:
    """One input; `schema` is JSON Schema of its value, titles are (Chinese, English).

    `kind` says which other forms its value may take: of "bbox" the object of OGC API Processes with
    a reference system, of "features" a link to items of a collection of ours.
    """

    title: Title
    schema: Mapping[str, Any]
    description: Title = ("", "")
    is_required: bool = False
    kind: Kind = "plain"


@dataclass(frozen=True)
class Output:
    """The one output of a process, in media types of which the first is the usual one."""

    name: str
    title: Title
    formats: Mapping[str, Mapping[str, Any]] = field(
        default_factory=lambda: {
            GEOJSON: {"type": "object", "format": "geojson-feature-collection"}
        }
    )


class Result(NamedTuple):
    """What a process gives: content of a media type."""

    content: bytes
    media_type: str


class Asker(NamedTuple):
    """Who asks, and the codes by which values are checked."""

    reader: Reader
    codes: Codes


@dataclass(frozen=True)
class Work:
    """What a process works with: a transaction within the reader's scope, and whom it tells.

    `tell(progress, message)` says how far it is, in per cent.
    """

    connection: Connection
    asker: Asker
    tell: Callable[[int, str], None]

    @property
    def reader(self) -> Reader:
        """For whom it works."""
        return self.asker.reader


@dataclass(frozen=True)
class Process:
    """A process. `rights` must all be held somewhere, else it is not there for the reader.

    `read(inputs, asker)` makes the question of inputs that fit their schemas, raising Invalid,
    BadRequest, Forbidden or NotFound for what cannot be asked; `run(work, question, media_type)`
    answers it. Both are the same whether somebody waits or not.
    """

    name: str
    title: Title
    description: Title
    rights: tuple[Right, ...]
    inputs: Mapping[str, Input]
    output: Output
    read: Callable[[Mapping[str, Any], Asker], Any]
    run: Callable[[Work, Any, str], Result]
    version: str = "1.0.0"

    def is_for(self, reader: Reader) -> bool:
        """Whether the reader holds what it needs."""
        return all(right in reader.rights for right in self.rights)
