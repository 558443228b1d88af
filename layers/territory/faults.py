"""What is wrong with a coverage of grids, and where. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

import shapely
from shapely.geometry import MultiPolygon
from shapely.geometry.base import BaseGeometry

from layers.territory.coverage import (
    Coverage,
    explain_invalid,
    inner_borders,
    is_sliver,
    polygons,
)
from layers.territory.plane import Plane

FaultKind = Literal[
    "invalid", "gap", "outside", "overlap", "uneven", "sliver", "scattered", "cut_building"
]

THICKNESS = 0.1
"""Metres: a gap, an overlap or what lies outside counts from this width on."""
CUT_SHARE = 0.01
CUT_AREA = 1.0
"""A building is cut when this share and so many square metres of it lie in a second grid."""


@dataclass(frozen=True)
class GridFault:
    """One broken rule: the grids it concerns and the bad place (coordinates of the coverage).

    `building` is the id of the building that is cut. `is_inherited` says that it was so before.
    """

    kind: FaultKind
    grids: tuple[int, ...]
    where: BaseGeometry
    building: int | None = None
    is_inherited: bool = False


def find_faults(
    coverage: Coverage,
    community: BaseGeometry | None,
    buildings: Mapping[int, BaseGeometry],
    plane: Plane,
) -> list[GridFault]:
    """Every broken rule: grids cover the community once, cut no building, and are no slivers.

    `community` None means that its border is not known: then nothing can be outside or missing.
    `buildings` are those that may be cut, by id.
    """
    broken = [
        GridFault("invalid", (key,), explain_invalid(shape))
        for key, shape in coverage.items()
        if not shape.is_valid
    ]
    if broken:
        return broken
    found = [*_overlaps(coverage, plane)]
    if community is not None:
        found += _beyond(coverage, community, plane)
    if not found:
        found += _uneven(coverage, community, plane)
    return [*found, *_shapes(coverage, plane), *_cuts(coverage, buildings, plane)]


def mark_inherited(
    found: Sequence[GridFault], before: Sequence[GridFault], plane: Plane
) -> list[GridFault]:
    """The faults with those marked that were there before: same kind, at the same place."""
    return [
        replace(fault, is_inherited=any(_is_same(fault, old, plane) for old in before))
        for fault in found
    ]


def _is_same(fault: GridFault, old: GridFault, plane: Plane) -> bool:
    if fault.kind != old.kind:
        return False
    if fault.kind == "cut_building":
        return fault.building == old.building
    return bool(plane.buffer(old.where, THICKNESS).covers(fault.where))


def _thick(shape: BaseGeometry, plane: Plane) -> Iterator[BaseGeometry]:
    """Parts of a surface that are wider than nothing."""
    for part in shapely.get_parts(shape):
        if shapely.get_dimensions(part) == 2:
            metric = plane.metric(part)
            if not metric.buffer(-THICKNESS / 2).is_empty:
                yield part


def _overlaps(coverage: Coverage, plane: Plane) -> Iterator[GridFault]:
    for (one, first), (other, second) in combinations(coverage.items(), 2):
        if first.intersects(second):
            for part in _thick(first.intersection(second), plane):
                yield GridFault("overlap", (one, other), part)


def _beyond(coverage: Coverage, community: BaseGeometry, plane: Plane) -> Iterator[GridFault]:
    whole = shapely.union_all(list(coverage.values()))
    for part in _thick(community.difference(whole), plane):
        yield GridFault("gap", (), part)
    for part in _thick(whole.difference(community), plane):
        grids = tuple(key for key, shape in coverage.items() if shape.intersects(part))
        yield GridFault("outside", grids, part)


def _uneven(
    coverage: Coverage, community: BaseGeometry | None, plane: Plane
) -> Iterator[GridFault]:
    """Borders that look alike but do not share their vertices, those of the community apart."""
    shapes = [plane.metric(shape) for shape in coverage.values()]
    if shapely.coverage_is_valid(shapes, gap_width=THICKNESS):
        return
    edges = shapely.coverage_invalid_edges(shapes, gap_width=THICKNESS)
    if community is not None:
        edges = shapely.difference(edges, plane.metric(community.boundary))
    grids = tuple(key for key, edge in zip(coverage, edges, strict=True) if not edge.is_empty)
    if grids:
        yield GridFault("uneven", grids, plane.back(shapely.union_all(edges)))


def _shapes(coverage: Coverage, plane: Plane) -> Iterator[GridFault]:
    for key, shape in coverage.items():
        if isinstance(shape, MultiPolygon) and len(shape.geoms) > 1:
            yield GridFault("scattered", (key,), shape)
        for part in polygons(shape):
            if is_sliver(part, plane):
                yield GridFault("sliver", (key,), part)


def _cuts(
    coverage: Coverage, buildings: Mapping[int, BaseGeometry], plane: Plane
) -> Iterator[GridFault]:
    borders = inner_borders(coverage)
    shapely.prepare(borders)
    for number, building in buildings.items():
        if not borders.intersects(building):
            continue
        least = max(CUT_SHARE * plane.area(building), CUT_AREA)
        grids = tuple(
            key
            for key, shape in coverage.items()
            if plane.area(shape.intersection(building)) > least
        )
        if len(grids) > 1:
            yield GridFault("cut_building", grids, building, number)
