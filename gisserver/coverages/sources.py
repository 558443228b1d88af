"""What a coverage is, whatever it is made of: how it is called, measured and read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gisserver.coverages.grids import Grid
from gisserver.coverages.rasters import Raster

Times = tuple[datetime, datetime]


@dataclass(frozen=True)
class Field:
    """What is measured: name, titles and descriptions in Chinese and English, unit in UCUM."""

    name: str
    title: tuple[str, str]
    about: tuple[str, str]
    unit: str
    unit_text: str
    definition: str | None = None


class Source(Protocol):
    """A coverage of one question: its whole grid, and its values on a part of it."""

    @property
    def name(self) -> str:
        """The name of the collection."""

    @property
    def title(self) -> tuple[str, str]:
        """Chinese and English."""

    @property
    def field(self) -> Field:
        """What is measured."""

    @property
    def grid(self) -> Grid | None:
        """The grid in which it is kept or computed; None when there is nothing at all."""

    @property
    def is_continuous(self) -> bool:
        """Whether values between two cells lie between theirs."""

    @property
    def frames(self) -> tuple[Times, ...]:
        """Begin and end of the time of each band; empty where there is no time."""

    def read(self, rows: range, columns: range, step: float) -> Raster:
        """Values of some of the grid's cells, or of coarser ones over the same ground.

        `step` is how many cells go to one of what will be made of them.
        """

    def tags(self) -> dict[str, str]:
        """What a file tells of itself."""
