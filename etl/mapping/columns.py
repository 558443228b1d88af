"""Any table whose columns are called like a layer's fields, in English or Chinese."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from etl.mapping.row import ColumnMapping
from etl.raw import Dataset
from layers.core.layer import Layer

_ALIASES: Mapping[str, Mapping[str, Sequence[str]]] = {
    "buildings": {
        "levels": ("floor", "floors", "storeys", "层数", "楼层数", "地上楼层"),
        "height": ("building_height", "建筑高度", "楼高"),
        "built_year": ("year", "建成年代", "建筑年代"),
        "address": ("addr", "地址", "详细地址"),
        "name": ("楼名", "名称"),
    },
    "key_sites": {
        "name": ("名称", "单位名称"),
        "address": ("addr", "详细地址"),
        "phone": ("tel", "联系电话"),
    },
    "dwellings": {
        "floor": ("层", "所在层"),
        "room_number": ("房号", "户室号", "门牌号"),
        "floor_area": ("面积",),
    },
    "persons": {
        "id_number": ("身份证号", "身份证号码", "公民身份号码"),
        "phone": ("电话", "手机", "手机号", "联系方式"),
    },
    "incidents": {"description": ("事件描述", "内容"), "place": ("地址", "位置")},
}
_COMMON = {
    "code": ("编号", "代码", "标识码"),
    "name": ("名称",),
    "address": ("地址",),
    "area_code": ("区划代码", "行政区划代码", "所属网格", "网格编码"),
}
_KEYS = (
    "source_key",
    "id",
    "objectid",
    "fid",
    "uuid",
    "gid",
    "osm_id",
    "编号",
    "编码",
    "标识码",
    "code",
)


def column_fields(columns: Sequence[str], layer: Layer) -> dict[str, str]:
    """Column name → field name for the columns that name a field of the layer.

    A column names a field by its name, its Chinese or English title (units and signs in brackets
    apart), or a usual synonym. The first column wins.
    """
    words = _words(layer)
    found: dict[str, str] = {}
    for column in columns:
        field = words.get(_bare(column))
        if field is not None and field not in found.values():
            found[column] = field
    return found


def key_column(columns: Sequence[str]) -> str | None:
    """The column that most likely holds the record's own key, None when no name says so."""
    bare = {_bare(column): column for column in reversed(columns)}
    return next((bare[key] for key in _KEYS if key in bare), None)


def columns_mapping(dataset: Dataset, layer: Layer) -> ColumnMapping | None:
    """The mapping of any table onto one layer by the names of its columns; None if none fits."""
    found = column_fields(dataset.fields, layer)
    if not found:
        return None
    fields = {field: column for column, field in found.items()}
    return ColumnMapping(layer.name, fields, key_column(dataset.fields))


def guess_layer(dataset: Dataset, layers: Sequence[Layer]) -> Layer | None:
    """The layer a table is meant for: one with its name, or buildings for a floors column."""
    name = _bare(dataset.name)
    for layer in layers:
        if name in {_bare(layer.name), _bare(layer.title[0]), _bare(layer.title[1])}:
            return layer
    floors = {_bare(column) for column in dataset.fields} & {"floor", "floors", "levels", "层数"}
    if floors and dataset.format not in {"csv", "excel"}:
        return next(layer for layer in layers if layer.name == "buildings")
    return None


def _words(layer: Layer) -> dict[str, str]:
    words: dict[str, str] = {}
    for name, info in layer.fields.items():
        entered = name == "state" or (name, layer.area_from) == ("area_code", "given")
        if info.read_only and not entered:
            continue
        own = _ALIASES.get(layer.name, {}).get(name, ())
        for word in (name, *info.title, *own, *_COMMON.get(name, ())):
            words.setdefault(_bare(word), name)
    return words


def _bare(name: str) -> str:
    return re.sub(r"[\s_\-*]|[(（\[].*?[)）\]]", "", name.lower())
