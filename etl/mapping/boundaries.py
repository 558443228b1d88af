"""Polygons of administrative areas with a region code or only a name."""

from __future__ import annotations

from etl.mapping.row import MappedRow, SourceMapping
from etl.raw import Dataset, RawFeature

_CODES = (
    "adcode admincode xzqdm pac adcode99 countycode district_code 区划代码 行政区划代码 行政代码"
).split()
_NAMES = "name xzqmc qh 名称 区划名称 行政区划名称 区县 区名 街道 社区".split()
_SIGNS = frozenset(_CODES) | {"xzqmc", "qh", "区划名称", "行政区划名称"}
_SURFACES = frozenset({"shapefile", "geojson", "geopackage", "flatgeobuf"})


def rows(raw: RawFeature) -> tuple[MappedRow, ...]:
    """One area with the code and name as they stand in the file."""
    properties = {str(key).lower(): value for key, value in raw.properties.items()}
    code = next((properties[name] for name in _CODES if properties.get(name)), None)
    name = next((properties[name] for name in _NAMES if properties.get(name)), None)
    values = {
        "code": str(code).strip() if code is not None else None,
        "name": str(name).strip() if name is not None else None,
    }
    return (MappedRow("areas", values, raw.geometry, raw.row, None, raw.notes),)


def _recognises(dataset: Dataset) -> bool:
    columns = {name.lower() for name in dataset.fields}
    return dataset.format in _SURFACES and bool(columns & _SIGNS)


BOUNDARIES = SourceMapping("boundaries", _recognises, rows)
