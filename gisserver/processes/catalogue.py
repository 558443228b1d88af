"""The processes, in the order in which they are listed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gisserver.processes.camera_coverage import CAMERA_COVERAGE
from gisserver.processes.compare_periods import COMPARE_PERIODS
from gisserver.processes.count_in_polygons import COUNT_IN_POLYGONS
from gisserver.processes.declaration import Process
from gisserver.processes.heat_surface import HEAT_SURFACE
from gisserver.processes.hot_zones import HOT_ZONES
from gisserver.processes.nearest_facility import NEAREST_FACILITY
from gisserver.processes.select_features import SELECT_FEATURES
from gisserver.processes.service_area import SERVICE_AREA
from layers.core.errors import NotFound
from layers.core.scope import Reader

PROCESSES: tuple[Process, ...] = (
    COUNT_IN_POLYGONS,
    SELECT_FEATURES,
    HEAT_SURFACE,
    HOT_ZONES,
    COMPARE_PERIODS,
    CAMERA_COVERAGE,
    SERVICE_AREA,
    NEAREST_FACILITY,
)
EXCEPTIONS = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0"


class NoSuchProcess(NotFound):
    """There is no such process, or not for this reader."""

    @property
    def members(self) -> Mapping[str, Any]:
        """The type that the standard gives it."""
        return {"type": f"{EXCEPTIONS}/no-such-process"}


def processes_for(reader: Reader) -> tuple[Process, ...]:
    """The processes for which the reader holds the rights."""
    return tuple(process for process in PROCESSES if process.is_for(reader))


def process_named(name: str, reader: Reader) -> Process:
    """The process of that name.

    Raises: NoSuchProcess when there is none or the reader may not use it, in the same words.
    """
    for process in processes_for(reader):
        if process.name == name:
            return process
    raise NoSuchProcess(f"no process {name[:60]!r}")
