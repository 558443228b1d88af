"""What every file format is turned into: datasets of raw features."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from shapely.geometry.base import BaseGeometry


class UnreadableFile(ValueError):
    """A file can't be read; the message is one line: what was asked and what is allowed."""


@dataclass(frozen=True, slots=True)
class RawFeature:
    """One record of a file as it stands there, before any check.

    `row` counts from 1 in reading order. `key` is the record's own stable name ("way/123") or
    None when the format has none. `geometry` is in the file's reference system, x (east) first;
    None when there is none or it can't be built. `notes` are reason codes found while reading.
    """

    row: int
    properties: Mapping[str, Any]
    geometry: BaseGeometry | None = None
    key: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dataset:
    """One table of a file. `features()` starts a new reading from the top each time.

    `format` is the name of the format; `crs` is what the file itself declares, None when it says
    nothing; `encoding` is the text encoding used, None where the format fixes it; `count` is the
    number of records if it is known before reading; `notes` are lines for the reader's report.
    """

    name: str
    format: str
    fields: tuple[str, ...]
    features: Callable[[], Iterator[RawFeature]]
    crs: str | None = None
    encoding: str | None = None
    count: int | None = None
    notes: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What the reader of a file may be told: a text encoding that overrides the detected one."""

    encoding: str | None = None
