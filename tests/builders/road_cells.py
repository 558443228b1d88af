"""Cells that the streets of a real city enclose, and its buildings."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import shapely
from shapely.geometry.base import BaseGeometry

from etl.formats import open_file
from etl.mapping import known_mapping
from etl.raw import ReadOptions
from layers.territory.coverage import SLIVER_AREA
from layers.territory.plane import Plane

CITIES = (
    "shenzhen_longgang_2019.osm",
    "shanghai_baoshan_shu_2021.osm",
    "helsinki_centre_2019.osm.pbf",
)


@dataclass(frozen=True)
class RoadCells:
    """Blocks between the streets, node-exact, with the roads and the buildings (CRS84)."""

    cells: tuple[BaseGeometry, ...]
    roads: tuple[BaseGeometry, ...]
    buildings: tuple[BaseGeometry, ...]
    plane: Plane

    def community(self, at: int, size: int) -> dict[int, BaseGeometry]:
        """Up to so many cells that hang together, around a cell that is large enough to divide."""
        large = [i for i, c in enumerate(self.cells) if self.plane.area(c) > 20 * SLIVER_AREA]
        found = [large[at % len(large)]]
        tree = shapely.STRtree(self.cells)
        for cell in found:
            for other in sorted(tree.query(self.cells[cell], predicate="touches").tolist()):
                shared = self.cells[cell].intersection(self.cells[other])
                if len(found) < size and other not in found and shared.length > 0:
                    found.append(other)
        return {number: self.cells[cell] for number, cell in enumerate(found)}


@cache
def road_cells(path: Path) -> RoadCells:
    """The cells of one file of OpenStreetMap."""
    found: dict[str, list[BaseGeometry]] = {"roads": [], "buildings": []}
    for dataset in open_file(path, ReadOptions()):
        mapping = known_mapping(dataset)
        assert mapping is not None
        for raw in dataset.features():
            for row in mapping.rows(raw):
                if row.layer in found and row.geometry is not None and row.geometry.is_valid:
                    found[row.layer].append(row.geometry)
    linework = shapely.union_all(found["roads"])
    cells = shapely.get_parts(shapely.polygonize(shapely.get_parts(linework)))
    plane = Plane.at(float(linework.centroid.y))
    return RoadCells(tuple(cells), tuple(found["roads"]), tuple(found["buildings"]), plane)
