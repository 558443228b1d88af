"""What may be said about a load, and how it may fail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Progress = Callable[[int, int | None], None]


class LoadError(ValueError):
    """A file can't be loaded; the message is one line: what was asked and what is allowed."""


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """How a file is to be loaded.

    `layer` forces one layer by the columns' names; `crs` is auto, wgs84, gcj02, bd09, cgcs2000
    or EPSG:n; `reports` is the folder of the CSV reports, None for no report.
    """

    layer: str | None = None
    crs: str = "auto"
    encoding: str | None = None
    dry_run: bool = False
    partial: bool = False
    reports: Path | None = Path("var/reports")
    login: str = "system"
