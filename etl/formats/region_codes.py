"""Lists of region codes: province 2, city 4, county 6, street 9, community 12 digits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

from etl.encoding import file_encoding
from etl.formats.table import text_dataset, text_rows
from etl.raw import Dataset, RawFeature, ReadOptions, UnreadableFile
from layers.territory.area import prefix_of

_CODE_NAMES = frozenset({"code", "统计用区划代码", "区划代码", "代码", "行政区划代码"})
_TITLE_NAMES = frozenset({"name", "名称", "区划名称"})
_PARENTS = frozenset({"provincecode", "citycode", "areacode", "streetcode"})
_CLASS_NAMES = frozenset({"城乡分类代码", "urbanruralclass", "type"})
_CODE = re.compile(r"\d{2}|\d{4}|\d{6}|\d{9}|\d{12}")


def recognises(path: Path) -> bool:
    """True for a text table with only a code, a name and parents' codes, all codes well formed."""
    if path.suffix.lower() not in {".csv", ".txt", ".tsv"}:
        return False
    try:
        rows = list(islice(text_rows(path, file_encoding(path, None)), 20))
    except UnreadableFile:
        return False
    if len(rows) < 2:
        return False
    columns = [name.strip().lower() for name in rows[0]]
    at = next((index for index, name in enumerate(columns) if name in _CODE_NAMES), None)
    others = set(columns) - _CODE_NAMES - _TITLE_NAMES - _PARENTS - _CLASS_NAMES
    if at is None or not set(columns) & _TITLE_NAMES or others:
        return False
    return all(_CODE.fullmatch(row[at].strip()) for row in rows[1:] if at < len(row))


def read(path: Path, options: ReadOptions) -> tuple[Dataset, ...]:
    """One dataset with the properties code, name and urban_rural_class; no geometry."""
    encoding = file_encoding(path, options.encoding)
    dataset = text_dataset(path, encoding)
    return (
        replace(
            dataset,
            format="region_codes",
            fields=("code", "name", "urban_rural_class"),
            features=lambda: _features(dataset),
            tables=None,
        ),
    )


def _features(dataset: Dataset) -> Iterator[RawFeature]:
    for raw in dataset.features():
        values = {name.strip().lower(): value for name, value in raw.properties.items()}
        code = prefix_of(str(_pick(values, _CODE_NAMES) or ""))
        properties = {
            "code": code,
            "name": _pick(values, _TITLE_NAMES),
            "urban_rural_class": _pick(values, _CLASS_NAMES),
        }
        yield RawFeature(raw.row, properties, None, code or None)


def _pick(values: dict[str, object], names: frozenset[str]) -> object:
    return next((values[name] for name in sorted(names) if values.get(name)), None)
