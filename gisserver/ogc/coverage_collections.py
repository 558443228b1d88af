"""Which coverages a reader sees: the terrain, and heat of each layer whose places are counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy import Connection

from gisserver.context import current_reader, reader_connection, services
from gisserver.coverages.asked import GDAL_SIZE, SCALING, SPATIAL, Values
from gisserver.coverages.elevation import FIELD, TITLE, ElevationSource, grid_of
from gisserver.coverages.grids import Box, Grid, moved
from gisserver.coverages.heat import (
    MERCATOR,
    HeatSource,
    collection_of,
    heat_field,
    heat_grid,
    heat_title,
    layer_of,
)
from gisserver.coverages.sources import Field, Source, Times
from gisserver.errors import BadRequest
from gisserver.heat.exporting import exporting
from gisserver.heat.reading import COUNTED, conditions, heat_question
from gisserver.ogc.shell import base_address
from gisserver.parameters import area_prefix
from layers.analysis.heat.places import LIVING, Places
from layers.analysis.heat.surface import HeatQuestion
from layers.core.errors import NotFound
from layers.core.layer import Layer
from layers.core.output_system import CRS84, OutputSystem, systems_at
from layers.core.rights import Right
from layers.core.scope import Reader
from layers.housing.building import BUILDINGS
from layers.territory.terrain import ELEVATION, Terrain, find_terrain

USUAL_RADIUS = "400"
HEAT = ("radius", "weight", "step", "area")
Interval = tuple[datetime | None, ...]
Opening = Callable[[Connection], Source]
"""Opens a source within a transaction of the reader."""
_FORM = ("f", *SPATIAL, *SCALING, GDAL_SIZE, "properties", "exclude-properties")


@dataclass(frozen=True)
class Elevation:
    """The terrain, as the reader may see it."""

    terrain: Terrain
    name: str = ELEVATION
    title: tuple[str, str] = TITLE
    field: Field = FIELD
    times: Times | None = None
    can_export: bool = True

    @cached_property
    def grid(self) -> Grid:
        """Its cells."""
        return grid_of(self.terrain.grid)

    @property
    def native(self) -> OutputSystem:
        """The system in which answers come when none is named."""
        return self.grid.system

    @cached_property
    def extent(self) -> Box:
        """West, south, east, north in degrees."""
        return moved(self.grid.bounds, self.native, CRS84)

    @property
    def filters(self) -> tuple[str, ...]:
        """Parameters beside those of every coverage."""
        return ()

    def opening(self, reader: Reader, given: Values, time: Interval | None) -> Opening:
        """Opens what is read; raises BadRequest for a time."""
        if time is not None:
            raise BadRequest(f"datetime: {self.name} has no time")
        return lambda connection: ElevationSource(connection, self.terrain)


@dataclass(frozen=True)
class Heat:
    """Heat of a layer's places, as the reader may see them."""

    layer: Layer
    reader: Reader

    @property
    def name(self) -> str:
        """Of the collection."""
        return collection_of(self.layer)

    @property
    def title(self) -> tuple[str, str]:
        """Chinese and English."""
        return heat_title(self.layer)

    @property
    def field(self) -> Field:
        """What is measured when nothing else is asked for."""
        return heat_field(self._usual)

    @property
    def _usual(self) -> HeatQuestion:
        return HeatQuestion(Places(self.layer), float(USUAL_RADIUS))

    @property
    def native(self) -> OutputSystem:
        """Heat is computed in cells of Web Mercator."""
        return MERCATOR

    @cached_property
    def grid(self) -> Grid | None:
        """The cells of the usual question, None where the reader sees nothing."""
        places = _extent(self.layer, self.reader)
        return None if places is None else heat_grid(places, self._usual)

    @cached_property
    def extent(self) -> Box | None:
        """West, south, east, north in degrees of the usual question's cells."""
        return None if self.grid is None else moved(self.grid.bounds, MERCATOR, CRS84)

    @cached_property
    def times(self) -> Times | None:
        """First and last time of what the reader sees, of layers that have one."""
        return services().extents.times(self.reader, self.layer)

    @property
    def can_export(self) -> bool:
        """Whether the reader may take the numbers out, from anywhere."""
        return bool(exporting(self.reader).areas_to_read(self.layer))

    @property
    def filters(self) -> tuple[str, ...]:
        """Parameters beside those of every coverage."""
        time = ("datetime",) if self.layer.time_field else ()
        taken = {*_FORM, *HEAT}
        return (*time, *HEAT, *(name for name in self.layer.fields if name not in taken))

    def opening(self, reader: Reader, given: Values, time: Interval | None) -> Opening:
        """Opens what is read for this reader, who may be narrower than the one who looks.

        Raises: BadRequest; what is opened, Invalid and Forbidden as `/api/heat`.
        """
        layer = self.layer
        if time is not None and layer.time_field is None:
            raise BadRequest(f"datetime: {layer.name} have no time")
        since, until = (None, None) if time is None else time
        where = {
            name: values
            for name, values in conditions(layer, given).items()
            if name in self.filters
        }
        places = Places(layer, where, since, until, area_prefix(given))
        question = heat_question(places, {"radius": USUAL_RADIUS, **given})
        extent, times = _extent(layer, reader), services().extents.times(reader, layer)
        return lambda connection: HeatSource(connection, reader, question, extent, times)


Coverage = Elevation | Heat


def parameters_of(coverage: Coverage) -> tuple[str, ...]:
    """Every parameter of a coverage's values."""
    return (*_FORM, *coverage.filters)


def systems_of(coverage: Coverage) -> list[OutputSystem]:
    """The systems in which it is told, the one it is kept in first."""
    offered = systems_at(coverage.extent)
    return [coverage.native, *(each for each in offered if each != coverage.native)]


def visible_coverages() -> list[Coverage]:
    """Those that the reader may see, the terrain first; a reader of certain layers sees none."""
    reader = current_reader()
    if reader.layers:
        return []
    found: list[Coverage] = [
        Heat(layer, reader) for layer in COUNTED.values() if _counts(reader, layer)
    ]
    terrain = _elevation(reader)
    return found if terrain is None else [terrain, *found]


def visible_coverage(name: str) -> Coverage:
    """The coverage of a collection.

    Raises: NotFound when there is none or the reader may not see it, in the same words.
    """
    reader = current_reader()
    layer = layer_of(name)
    if layer is not None and _counts(reader, layer):
        return Heat(layer, reader)
    elevation = _elevation(reader) if name == ELEVATION else None
    if elevation is None:
        raise NotFound(f"no collection {name!r}; see {base_address()}/collections")
    return elevation


def _counts(reader: Reader, layer: Layer) -> bool:
    """Whether the reader sees the layer and, of who has no place but a house, the houses."""
    return all(reader.areas_to_read(each) for each in (layer, _placed(layer)))


def _placed(layer: Layer) -> Layer:
    """The layer that says where things are: persons lie within the houses."""
    return BUILDINGS if layer.name in LIVING else layer


def _elevation(reader: Reader) -> Elevation | None:
    # It is no layer: a token narrowed to some is not for it.
    if reader.layers or not reader.scope(Right.BASE_READ):
        return None
    with reader_connection() as connection:
        terrain = find_terrain(connection)
    return None if terrain is None else Elevation(terrain)


def _extent(layer: Layer, reader: Reader) -> Box | None:
    placed = _placed(layer)
    if not reader.areas_to_read(placed):
        return None
    return services().extents.extents(reader, (placed,)).get(placed.name)
