"""Tilezen (Mapzen) vector tiles saved as GeoPackage: kinds come from OpenStreetMap values."""

from __future__ import annotations

import hashlib
from typing import Any

from shapely.geometry.base import BaseGeometry

from etl.mapping import osm, osm_kinds
from etl.mapping.row import MappedRow, SourceMapping
from etl.mapping.tags import metres
from etl.raw import Dataset, RawFeature

_GROUPS = (
    "amenity shop tourism leisure landuse natural highway emergency healthcare office railway "
    "historic barrier man_made waterway"
).split()
_RENAMED = {"natural_wood": "wood", "station": "railway_station", "government": "townhall"}
_SHOPS = frozenset(
    "bakery bicycle books clothes computer convenience electronics fashion florist furniture "
    "gift greengrocer hairdresser jewelry mobile_phone optician shoes sports stationery toys "
    "shop".split()
)


def _recognises(dataset: Dataset) -> bool:
    columns = set(dataset.fields)
    return {"kind", "osm_id", "min_zoom"} <= columns and bool(
        {"sort_rank", "collision_rank"} & columns
    )


def rows(raw: RawFeature) -> tuple[MappedRow, ...]:
    """The rows of one tile feature, by the kind of its geometry and its `kind`.

    Building parts belong to a building of their own and are left out.
    """
    properties = raw.properties
    kind = str(properties.get("kind") or "")
    geometry = raw.geometry
    if geometry is None or kind in {"earth", "building_part"}:
        return ()
    key = _key(properties.get("osm_id"), geometry)
    layer_values: list[tuple[str, dict[str, Any] | None]] = []
    if kind == "building":
        layer_values.append(("buildings", _building(raw)))
    elif "Line" in geometry.geom_type:
        layer_values.append(("roads", _road(raw)))
    else:
        tags = _tags(raw, kind)
        if geometry.geom_type == "Point":
            layer_values += [
                ("components", osm.component(tags)),
                ("facilities", osm.facility(tags)),
                ("key_sites", osm.key_site(tags)),
            ]
        else:
            layer_values += [("waters", _water(raw, kind)), ("greens", osm.green(tags))]
    return tuple(
        MappedRow(layer, values, geometry, raw.row, key, raw.notes)
        for layer, values in layer_values
        if values is not None
    )


def _key(number: Any, geometry: BaseGeometry) -> str | None:
    """Number and outline: tiles hold several pieces of one object. Relations are negative."""
    if number is None:
        return None
    identity = int(float(number))
    kind = "relation" if identity < 0 else geometry.geom_type.lower()
    return f"{kind}/{abs(identity)}/{hashlib.blake2b(geometry.wkb, digest_size=4).hexdigest()}"


def _tags(raw: RawFeature, kind: str) -> dict[str, str]:
    """The tags such a kind stands for: its value under every key, plus the names."""
    value = _RENAMED.get(kind, kind)
    tags = dict.fromkeys(_GROUPS, value)
    tags.update({str(key): str(text) for key, text in raw.properties.items() if text is not None})
    # "*" rules must not fire on a value that belongs to another key.
    known = {(key, known) for rules in _RULES for key, known, _ in rules}
    known |= {("shop", shop) for shop in _SHOPS}
    return {key: text for key, text in tags.items() if key not in _GROUPS or (key, text) in known}


_RULES = (
    osm_kinds.PLACE_TYPE,
    osm_kinds.COMPONENT_TYPE,
    osm_kinds.FACILITY_KIND,
    osm_kinds.GREEN_KIND,
    osm_kinds.WATER_KIND,
)


def _building(raw: RawFeature) -> dict[str, Any]:
    properties = raw.properties
    street, number = properties.get("addr_street"), properties.get("addr_housenumber")
    height = properties.get("height")
    address = f"{street or ''}{number or ''}" + ("号" if street and number else "")
    return {
        "name": properties.get("name"),
        "alias": properties.get("name:en"),
        "height": metres(str(height)) if height is not None else None,
        "street": street,
        "house_number": number,
        "address": address or None,
    }


def _road(raw: RawFeature) -> dict[str, Any] | None:
    properties = raw.properties
    road_class = osm_kinds.ROAD_CLASS.get(str(properties.get("kind_detail")))
    if properties.get("kind") in {"rail", "ferry"} or road_class is None:
        return None
    return {
        "name": properties.get("name"),
        "road_class": road_class,
        "oneway": True if properties.get("oneway") == "yes" else None,
        "surface": properties.get("surface"),
    }


def _water(raw: RawFeature, kind: str) -> dict[str, Any] | None:
    kinds = {"water": "lake", "riverbank": "river", "dock": "canal", "lake": "lake"}
    code = kinds.get(kind)
    return None if code is None else {"name": raw.properties.get("name"), "kind": code}


def left_out(raw: RawFeature) -> str | None:
    """The reason code for a feature without rows that a reader may miss."""
    return "building_part" if raw.properties.get("kind") == "building_part" else None


TILEZEN = SourceMapping("tilezen", _recognises, rows, left_out=left_out)
