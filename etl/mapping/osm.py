"""OpenStreetMap objects as buildings, roads, waters, greens, sites, cameras and components."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from etl.mapping import osm_kinds as kinds
from etl.mapping.row import MappedRow, SourceMapping
from etl.mapping.tags import (
    Tags,
    address_of,
    alias_of,
    heading,
    metres,
    name_of,
    whole_number,
    year,
    yes,
)
from etl.raw import Dataset, RawFeature

Values = dict[str, Any]

_CAMERA_TYPES = {"fixed": "PTZ3", "dome": "PTZ1", "panning": "PTZ1", "panorama": "PTZ6"}
_FACILITY_NAMES = {
    "aed": "自动体外除颤器",
    "shelter": "应急集合点",
    "hydrant_station": "消防水源",
    "substation": "变电站",
    "pumping_station": "泵站",
    "water_works": "水厂",
    "gas_station": "加油站",
    "waste_station": "垃圾转运站",
    "telecom": "通信基站",
}
_UNFIT = frozenset({"incomplete", "open_ring"})
# One-way against the line as it is drawn: the line is turned round.
_BACKWARD = frozenset({"-1", "reverse"})


def building(tags: Tags) -> Values | None:
    """Values of a building, None for anything else (a building's parts included)."""
    if tags.get("building", "no") == "no":
        return None
    return {
        "name": tags.get("name") or tags.get("name:zh"),
        "alias": alias_of(tags),
        "number": tags.get("ref"),
        "usage": kinds.code_of(kinds.BUILDING_USE, tags),
        "structure": kinds.code_of(kinds.BUILDING_STRUCTURE, tags),
        "levels": whole_number(tags.get("building:levels") or tags.get("levels")),
        "levels_below": whole_number(tags.get("building:levels:underground")),
        "height": metres(tags.get("height") or tags.get("building:height")),
        "built_year": year(tags.get("start_date") or tags.get("building:year")),
        "street": tags.get("addr:street"),
        "house_number": tags.get("addr:housenumber"),
        "address": address_of(tags),
    }


def road(tags: Tags) -> Values | None:
    """Values of a road's centre line, None for anything else."""
    road_class = kinds.ROAD_CLASS.get(tags.get("highway", ""))
    if road_class is None or tags.get("area") == "yes":
        return None
    return {
        "name": tags.get("name") or tags.get("name:zh") or tags.get("ref"),
        "road_class": road_class,
        "lanes": whole_number(tags.get("lanes")),
        "width": metres(tags.get("width")),
        "oneway": _one_way(tags),
        "surface": tags.get("surface"),
    }


def _one_way(tags: Tags) -> bool | None:
    """Whether a road is one-way; roundabouts and motorways are unless they say otherwise.

    By the OpenStreetMap wiki, Key:oneway.
    """
    implied = tags.get("junction") in {"roundabout", "circular"} or tags["highway"] == "motorway"
    told = yes(tags.get("oneway"))
    return True if told is None and implied else told


def water(tags: Tags) -> Values | None:
    """Values of a water surface."""
    kind = kinds.code_of(kinds.WATER_KIND, tags)
    return None if kind is None else {"name": tags.get("name"), "kind": kind}


def green(tags: Tags) -> Values | None:
    """Values of a park, lawn or wood."""
    kind = kinds.code_of(kinds.GREEN_KIND, tags)
    return None if kind is None else {"name": tags.get("name"), "kind": kind}


def compound(tags: Tags) -> Values | None:
    """Values of a named residential estate."""
    if tags.get("landuse") != "residential" or not tags.get("name"):
        return None
    values = {"name": tags["name"], "alias": alias_of(tags), "address": address_of(tags)}
    return values | {"kind": "estate", "built_year": year(tags.get("start_date"))}


def key_site(tags: Tags) -> Values | None:
    """Values of a school, hospital, market, hotel or another place with a place type."""
    kind = kinds.code_of(kinds.PLACE_TYPE, tags)
    if kind is None:
        return None
    return {
        "name": name_of(tags),
        "kind": _school_kind(kind, tags),
        "address": address_of(tags),
        "phone": tags.get("phone") or tags.get("contact:phone"),
        "capacity": whole_number(tags.get("capacity")),
    }


def facility(tags: Tags) -> Values | None:
    """Values of a key facility; kinds that rarely bear a name get their Chinese title."""
    kind = kinds.code_of(kinds.FACILITY_KIND, tags)
    if kind is None:
        return None
    return {
        "name": name_of(tags) or _FACILITY_NAMES.get(kind),
        "kind": kind,
        "owner": tags.get("operator"),
        "address": address_of(tags),
        "phone": tags.get("phone"),
    }


def camera(tags: Tags) -> Values | None:
    """Values of a surveillance camera; `direction` becomes the heading."""
    if tags.get("man_made") != "surveillance" or tags.get("surveillance:type") == "guard":
        return None
    degrees, width = heading(tags.get("camera:direction") or tags.get("direction"))
    where = tags.get("surveillance")
    return {
        "name": tags.get("name") or tags.get("ref"),
        "kind": _CAMERA_TYPES.get(tags.get("camera:type", "")),
        "owner": tags.get("operator"),
        "mount_height": metres(tags.get("height")),
        "heading": degrees,
        "field_of_view": whole_number(tags.get("camera:angle")) or width,
        "indoor": None if where is None else where == "indoor",
    }


def component(tags: Tags) -> Values | None:
    """Values of a piece of street furniture."""
    kind = kinds.code_of(kinds.COMPONENT_TYPE, tags)
    if kind is None:
        return None
    return {"name": tags.get("name"), "kind": kind, "owner": tags.get("operator")}


def area(tags: Tags) -> Values | None:
    """Values of an administrative area; its code is found by name where OSM has none."""
    if tags.get("boundary") != "administrative" or tags.get("type") not in {None, "boundary"}:
        return None
    if not tags.get("admin_level") or not tags.get("name"):
        return None
    code = tags.get("ref:CN:division") or tags.get("ref:gb2260") or tags.get("ref:GB2260")
    return {"code": code, "name": tags.get("name:zh") or tags["name"]}


_POINTS: tuple[tuple[str, Callable[[Tags], Values | None]], ...] = (
    ("cameras", camera),
    ("components", component),
    ("facilities", facility),
    ("key_sites", key_site),
)
_SURFACES: tuple[tuple[str, Callable[[Tags], Values | None]], ...] = (
    ("buildings", building),
    ("waters", water),
    ("greens", green),
    ("compounds", compound),
    ("areas", area),
)


def rows(raw: RawFeature) -> tuple[MappedRow, ...]:
    """The rows of one object: a hotel's outline is a building and a key site at once."""
    tags: Tags = raw.properties
    found: list[MappedRow] = []

    def add(layer: str, values: Values | None, geometry: BaseGeometry | None) -> None:
        if values is not None:
            found.append(MappedRow(layer, values, geometry, raw.row, raw.key, raw.notes))

    kind = raw.geometry.geom_type if raw.geometry is not None else None
    if kind == "Point":
        for layer, values_of in _POINTS:
            add(layer, values_of(tags), raw.geometry)
        return tuple(found)
    if "building:part" in tags and "building" not in tags:
        return ()
    if kind == "LineString" and not _UNFIT & set(raw.notes):
        assert raw.geometry is not None
        is_backward = tags.get("oneway") in _BACKWARD
        add("roads", road(tags), shapely.reverse(raw.geometry) if is_backward else raw.geometry)
        return tuple(found)
    for layer, values_of in _SURFACES:
        if layer != "areas" or kind != "LineString":
            add(layer, values_of(tags), raw.geometry if kind != "LineString" else None)
    if kind in {"Polygon", "MultiPolygon"}:
        assert raw.geometry is not None
        for layer, values_of in _POINTS:
            if layer in {"key_sites", "facilities"} or _is_named_kind(tags):
                add(layer, values_of(tags), raw.geometry.representative_point())
    return tuple(found)


def _is_named_kind(tags: Tags) -> bool:
    """Surfaces that are components by themselves: car parks, toilets, fountains."""
    return tags.get("amenity") in {"parking", "toilets", "fountain", "bicycle_parking"}


def _school_kind(kind: str, tags: Tags) -> str:
    if kind != "10204":
        return kind
    name = tags.get("name", "")
    if "幼儿园" in name:
        return "10202"
    primary = "小学" in name or tags.get("isced:level") in {"1", "0;1"}
    return "10201" if primary else kind


def _recognises(dataset: Dataset) -> bool:
    return dataset.format == "osm"


def left_out(raw: RawFeature) -> str | None:
    """The reason code for an object without rows that a reader may miss."""
    if "building:part" in raw.properties:
        return "building_part"
    return "building_point" if raw.properties.get("building", "no") != "no" else None


OSM = SourceMapping("osm", _recognises, rows, source="osm", left_out=left_out)
