from __future__ import annotations

from typing import Any

import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from etl.geometry_check import GeometryCheck
from layers.catalogue import layer_by_name
from layers.core.crs import BD09, GCJ02, WGS84, ReferenceSystem, reference_system

SQUARE = shapely.box(121.0, 31.0, 121.001, 31.001)
BOW_TIE = shapely.Polygon([(121, 31), (121.002, 31.002), (121.002, 31), (121, 31.002)])
SPIKE = shapely.Polygon([(121, 31), (121.001, 31), (121, 31), (121, 31)])


def checked(
    layer: str,
    geometry: BaseGeometry | None,
    crs: ReferenceSystem = WGS84,
    notes: tuple[str, ...] = (),
) -> tuple[Any, list[str]]:
    found = GeometryCheck(layer_by_name(layer), crs).check([geometry], {0: notes})
    return found.geometries[0], [reason for reason, _ in found.reasons.get(0, ())]


@pytest.mark.parametrize(
    ("layer", "geometry", "kind"),
    [
        ("buildings", SQUARE, "MultiPolygon"),
        ("roads", shapely.LineString([(121, 31), (121.1, 31)]), "MultiLineString"),
        ("cameras", shapely.Point(121.5, 31.5), "Point"),
    ],
)
def test_sound_geometries_only_become_the_layers_type(
    layer: str, geometry: BaseGeometry, kind: str
) -> None:
    kept, reasons = checked(layer, geometry)
    assert kept.geom_type == kind
    assert reasons == []
    assert kept.equals(geometry)


def test_a_bow_tie_becomes_two_triangles() -> None:
    kept, reasons = checked("buildings", BOW_TIE)
    assert reasons == ["geometry_repaired"]
    assert kept.is_valid
    assert kept.geom_type == "MultiPolygon"
    assert kept.area == pytest.approx(2e-6, rel=1e-6)


@pytest.mark.parametrize(
    ("layer", "geometry", "crs", "reason"),
    [
        ("buildings", SPIKE, WGS84, "invalid_geometry"),
        ("buildings", shapely.Polygon(), WGS84, "empty_geometry"),
        ("buildings", None, WGS84, "no_coordinates"),
        ("buildings", shapely.Point(121.5, 31.5), WGS84, "wrong_geometry"),
        ("buildings", shapely.LineString([(121, 31), (121.1, 31)]), WGS84, "wrong_geometry"),
        ("roads", SQUARE, WGS84, "wrong_geometry"),
        ("roads", shapely.LineString([(121, 31), (121, 31)]), WGS84, "invalid_geometry"),
        ("cameras", shapely.Point(0, 0), WGS84, "null_island"),
        ("cameras", shapely.Point(-77, 39), WGS84, "whole_degrees"),
        ("cameras", shapely.Point(200.5, 31.5), WGS84, "out_of_range"),
        ("cameras", shapely.Point(121.5, 91.5), GCJ02, "out_of_range"),
        ("cameras", shapely.Point(490980.5, 2494025.5), WGS84, "out_of_range"),
        ("cameras", shapely.Point(1e12, 1e12), reference_system("EPSG:4547"), "outside_crs"),
        ("cameras", shapely.Point(float("nan"), 31.5), WGS84, "out_of_range"),
    ],
)
def test_what_cannot_be_stored_has_a_reason(
    layer: str, geometry: BaseGeometry | None, crs: ReferenceSystem, reason: str
) -> None:
    kept, reasons = checked(layer, geometry, crs)
    assert kept is None
    assert reasons[-1] == reason


def test_swapped_axes_are_swapped_back() -> None:
    kept, reasons = checked("cameras", shapely.Point(31.2, 121.5))
    assert reasons == ["swapped_axes"]
    assert (kept.x, kept.y) == (121.5, 31.2)


@pytest.mark.parametrize(("crs", "reason"), [(GCJ02, "gcj02"), (BD09, "bd09")])
def test_shifted_systems_are_converted_and_said_so(crs: ReferenceSystem, reason: str) -> None:
    east, north = crs.from_wgs84(121.5, 31.2)
    kept, reasons = checked("cameras", shapely.Point(float(east), float(north)), crs)
    assert reasons == [reason]
    assert (kept.x, kept.y) == pytest.approx((121.5, 31.2), abs=1e-9)


def test_projected_coordinates_become_degrees_without_remark() -> None:
    kept, reasons = checked(
        "cameras", shapely.Point(490980.489, 2494025.459), reference_system("EPSG:4547")
    )
    assert reasons == []
    assert (kept.x, kept.y) == pytest.approx((113.912316, 22.543847), abs=1e-8)


def test_a_surface_stands_for_its_point() -> None:
    kept, reasons = checked("key_sites", SQUARE)
    assert reasons == ["point_of_shape"]
    assert SQUARE.contains(kept)


def test_a_mixed_collection_keeps_its_surfaces() -> None:
    mixed = shapely.GeometryCollection([SQUARE, shapely.Point(121, 31)])
    kept, _ = checked("buildings", mixed)
    assert kept.equals(SQUARE)


def test_notes_of_the_reader_stay_and_explain_the_absence() -> None:
    assert checked("buildings", None, notes=("incomplete",)) == (None, ["incomplete"])


def test_rows_without_place_are_allowed_where_the_layer_says_so() -> None:
    assert checked("organisations", None, notes=("no_coordinates",)) == (None, [])
    assert checked("areas", None) == (None, [])


def test_one_bad_geometry_does_not_spoil_the_batch() -> None:
    check = GeometryCheck(layer_by_name("buildings"), GCJ02)
    found = check.check([SQUARE, None, BOW_TIE, shapely.Point(0, 0)], {})
    assert [geometry is not None for geometry in found.geometries] == [True, False, True, False]
    assert [[reason for reason, _ in found.reasons[at]] for at in range(4)] == [
        ["gcj02"],
        ["no_coordinates"],
        ["gcj02", "geometry_repaired"],
        ["null_island"],
    ]
