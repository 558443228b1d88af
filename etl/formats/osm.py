"""OpenStreetMap files: .osm, .osm.gz, .osm.bz2 and .osm.pbf, with multipolygon relations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import osmium
import osmium.osm
import shapely
from shapely.geometry.base import BaseGeometry

from etl.raw import Dataset, RawFeature, ReadOptions, UnreadableFile

_AREA_RELATIONS = frozenset({"multipolygon", "boundary"})
_AREA_KEYS = frozenset(
    "building building:part landuse leisure amenity shop tourism office place boundary water "
    "historic healthcare area:highway craft military".split()
)
_NOT_AREAS = {
    "natural": frozenset({"coastline", "cliff", "ridge", "arete", "tree_row", "valley"}),
    "man_made": frozenset({"pipeline", "cutline", "embankment", "breakwater", "groyne", "wire"}),
    "power": frozenset({"line", "minor_line", "cable"}),
    "aeroway": frozenset({"taxiway", "runway"}),
}
_ONLY_AREAS = {
    "waterway": frozenset({"riverbank", "dock", "boatyard", "dam"}),
    "railway": frozenset({"station", "platform", "turntable", "roundhouse"}),
    "public_transport": frozenset({"platform", "station"}),
    "highway": frozenset({"services", "rest_area"}),
}


def recognises(path: Path) -> bool:
    """True for a file with one of the suffixes of OpenStreetMap data."""
    return path.name.lower().endswith((".osm", ".osm.pbf", ".pbf", ".osm.gz", ".osm.bz2"))


def read(path: Path, options: ReadOptions) -> tuple[Dataset, ...]:
    """One dataset "osm" of every tagged node, way and area; WGS 84; keys such as "way/123".

    Raises UnreadableFile when the file is cut off or is no OpenStreetMap data.
    """
    return (Dataset("osm", "osm", (), lambda: _features(path), crs="EPSG:4326"),)


def is_area(tags: Mapping[str, str]) -> bool:
    """True when a closed way with these tags means the surface inside, not the line."""
    if "area" in tags:
        return tags["area"] != "no"
    if _AREA_KEYS & tags.keys():
        return True
    if any(tags[key] not in values for key, values in _NOT_AREAS.items() if key in tags):
        return True
    return any(tags[key] in values for key, values in _ONLY_AREAS.items() if key in tags)


@dataclass(slots=True)
class _Relation:
    tags: dict[str, str]
    members: tuple[tuple[int, str], ...]
    geometry: BaseGeometry | None = None


@dataclass(slots=True)
class _Reading:
    """What one reading of a file collects; relations need the ways they are made of."""

    relations: dict[int, _Relation] = field(default_factory=dict)
    lines: dict[int, BaseGeometry] = field(default_factory=dict)
    row: int = 0

    def feature(
        self, key: str, tags: dict[str, str], geometry: BaseGeometry | None, *notes: str
    ) -> RawFeature:
        self.row += 1
        return RawFeature(self.row, tags, geometry, key, notes)


def _features(path: Path) -> Iterator[RawFeature]:
    reading = _Reading()
    try:
        for item in osmium.FileProcessor(str(path), osmium.osm.RELATION):
            if isinstance(item, osmium.osm.Relation):
                _collect_relation(reading, item)
        yield from _objects(reading, path)
    except (RuntimeError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        raise UnreadableFile(
            f"{path.name}: not readable as OpenStreetMap data ({reason}); "
            "allowed: complete .osm, .osm.gz, .osm.bz2 or .osm.pbf files"
        ) from error
    yield from _relation_features(reading)


def _collect_relation(reading: _Reading, relation: osmium.osm.Relation) -> None:
    tags = dict(relation.tags)
    if tags.get("type") in _AREA_RELATIONS and len(tags) > 1:
        members = tuple((m.ref, m.role) for m in relation.members if m.type == "w")
        reading.relations[relation.id] = _Relation(tags, members)


def _objects(reading: _Reading, path: Path) -> Iterator[RawFeature]:
    parts = {way for relation in reading.relations.values() for way, _ in relation.members}
    processor = osmium.FileProcessor(str(path)).with_areas()
    factory = osmium.geom.WKBFactory()
    for item in processor:
        if isinstance(item, osmium.osm.Node):
            if item.tags:
                point = shapely.Point(item.location.lon, item.location.lat)
                yield reading.feature(f"node/{item.id}", dict(item.tags), point)
        elif isinstance(item, osmium.osm.Way):
            if item.tags or item.id in parts:
                line, complete = _line(item)
                if item.id in parts and line is not None and complete:
                    reading.lines[item.id] = line
                if item.tags:
                    yield _way_feature(reading, item.id, dict(item.tags), line, complete)
        elif isinstance(item, osmium.osm.Area) and not item.from_way():
            known = reading.relations.get(item.orig_id())
            if known is not None:
                known.geometry = shapely.from_wkb(bytes.fromhex(_wkb(factory, item)))


def _wkb(factory: osmium.geom.WKBFactory, area: osmium.osm.Area) -> str:
    return str(factory.create_multipolygon(area))


def _line(way: osmium.osm.Way) -> tuple[BaseGeometry | None, bool]:
    """The way's line, and whether every node of it is in the file."""
    known = [(n.location.lon, n.location.lat) for n in way.nodes if n.location.valid()]
    complete = len(known) == len(way.nodes)
    return (shapely.LineString(known) if len(known) > 1 else None), complete


def _way_feature(
    reading: _Reading,
    way: int,
    tags: dict[str, str],
    line: BaseGeometry | None,
    complete: bool,
) -> RawFeature:
    key = f"way/{way}"
    if line is None:
        return reading.feature(key, tags, None, "incomplete")
    coordinates = shapely.get_coordinates(line)
    closed = len(coordinates) > 3 and bool(np.array_equal(coordinates[0], coordinates[-1]))
    # A path along a platform is a way, whatever the platform is.
    is_way = complete and not closed and "highway" in tags and "area" not in tags
    if is_way or not is_area(tags):
        return reading.feature(key, tags, line, *(() if complete else ("cut",)))
    if closed and complete:
        return reading.feature(key, tags, shapely.Polygon(coordinates))
    return reading.feature(key, tags, line, "open_ring" if complete else "incomplete")


def _relation_features(reading: _Reading) -> Iterator[RawFeature]:
    for identity, relation in reading.relations.items():
        key = f"relation/{identity}"
        if relation.geometry is not None:
            yield reading.feature(key, relation.tags, relation.geometry)
            continue
        missing = [way for way, _ in relation.members if way not in reading.lines]
        if missing or not relation.members:
            yield reading.feature(key, relation.tags, None, "incomplete")
            continue
        geometry = _assemble(relation, reading.lines)
        note = "open_ring" if geometry is None else "rebuilt"
        yield reading.feature(key, relation.tags, geometry, note)


def _assemble(relation: _Relation, lines: Mapping[int, BaseGeometry]) -> BaseGeometry | None:
    """The surface of a relation whose rings cross or touch wrongly, or None if they don't close."""
    rings = {
        inner: shapely.build_area(
            shapely.node(
                shapely.multilinestrings(
                    [lines[way] for way, role in relation.members if (role == "inner") is inner]
                )
            )
        )
        for inner in (False, True)
    }
    surface = shapely.difference(rings[False], rings[True])
    assert isinstance(surface, BaseGeometry)
    return None if surface.is_empty else surface
