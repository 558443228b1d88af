"""The row of a layer that a raw feature becomes, before it is checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from shapely.geometry.base import BaseGeometry

from etl.raw import Dataset, RawFeature


@dataclass(frozen=True, slots=True)
class MappedRow:
    """Values for one row of the layer named `layer`.

    `values` holds declared fields by name, as text or as plain values; the check turns them into
    the declared types. `row` and `key` are those of the raw feature; `notes` are reason codes.
    """

    layer: str
    values: Mapping[str, Any]
    geometry: BaseGeometry | None
    row: int
    key: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceMapping:
    """How one kind of source becomes layers.

    `recognises` looks at a dataset's format and columns; `rows` gives the rows of one feature,
    none when the feature belongs to no layer. `source` names the source in `Feature.source`; None
    stands for the file's own name. `layers` are those it makes rows of, where it is the right one
    also when a layer is named. `left_out` names the reason why a feature has no row, where
    that deserves a line in the report.
    """

    name: str
    recognises: Callable[[Dataset], bool]
    rows: Callable[[RawFeature], tuple[MappedRow, ...]]
    source: str | None = None
    layers: tuple[str, ...] = ()
    left_out: Callable[[RawFeature], str | None] = lambda _raw: None
