"""Which columns of a table hold coordinates, and of what datum, by their names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

_LONGITUDE = re.compile(r"(lon|lng|long|longitude|经度|东经|x坐标|坐标x|pointx|coordx|lonx|x)(度)?")
_LATITUDE = re.compile(r"(lat|latitude|纬度|北纬|y坐标|坐标y|pointy|coordy|laty|y)(度)?")
_PAIR = re.compile(r"(坐标|经纬度|坐标点|location|coordinates?|lonlat|lnglat|point|geolocation)")
_WKT_NAME = re.compile(r"(wkt|thegeom|geom|geometry|shape|几何|坐标串|空间坐标)")
_WKT_TEXT = re.compile(
    r"\s*(SRID=\d+;)?(MULTI)?(POINT|LINESTRING|POLYGON)\s*(Z|M|ZM)?\s*\(", re.IGNORECASE
)
_PAIR_TEXT = re.compile(r"\s*[(\[]?\s*(-?\d+(?:\.\d+)?)\s*[,，;\s]\s*(-?\d+(?:\.\d+)?)\s*[)\]]?\s*")
_DEGREES = re.compile(
    r"([NSEW东西南北])?\s*(\d{1,3})\s*[°度]\s*(?:(\d{1,2}(?:\.\d+)?)\s*[′'’分]\s*)?"
    r"(?:(\d{1,2}(?:\.\d+)?)\s*[″\"”秒]\s*)?([NSEW])?",
    re.IGNORECASE,
)
_DATUM_WORDS = (
    (re.compile(r"gcj-?_?02|gcj|火星|高德|腾讯|amap"), "gcj02"),
    (re.compile(r"bd-?_?09|百度|baidu|bd(?=_|lng|lon|lat)"), "bd09"),
    (re.compile(r"wgs-?_?84|wgs|gps|原始"), "wgs84"),
    (re.compile(r"cgcs-?_?2000|国家2000|大地2000"), "cgcs2000"),
)


@dataclass(frozen=True, slots=True)
class CoordinateColumns:
    """Positions of the coordinate columns; `crs` is the datum their names speak of, if any."""

    longitude: int | None = None
    latitude: int | None = None
    pair: Any = None
    wkt: int | None = None
    crs: str | None = None


def parse_degrees(value: Any) -> float:
    """Degrees (or metres) of a cell: a number, or text such as 121°28′30″E; NaN if it is none."""
    if isinstance(value, int | float):
        return float(value)
    text = str(value or "").strip()
    try:
        return float(text)
    except ValueError:
        match = _DEGREES.fullmatch(text)
    if match is None:
        return float("nan")
    before, degrees, minutes, seconds, after = match.groups()
    size = float(degrees) + float(minutes or 0) / 60 + float(seconds or 0) / 3600
    return -size if (before or after or "").upper() in {"S", "W", "南", "西"} else size


def coordinate_columns(
    header: Sequence[str], sample: Iterable[Sequence[Any]]
) -> CoordinateColumns | None:
    """The coordinate columns of a table, or None when it has none.

    Longitude and latitude columns come first, then WKT, then one column with "lon,lat" text;
    the last two only if the sample rows really hold such text.
    """
    rows = list(sample)
    bare = [_bare(name) for name in header]
    longitude = _first(bare, _LONGITUDE)
    latitude = _first(bare, _LATITUDE)
    if longitude is not None and latitude is not None:
        words = f"{header[longitude]} {header[latitude]}"
        return CoordinateColumns(
            longitude, latitude, _Columns(longitude, latitude), crs=_datum(words)
        )
    for index, name in enumerate(bare):
        filled = [str(row[index]) for row in rows if index < len(row) and row[index]]
        if not filled:
            continue
        if _WKT_NAME.fullmatch(name) and _WKT_TEXT.match(filled[0]):
            return CoordinateColumns(wkt=index, crs=_datum(header[index]))
        if _PAIR.fullmatch(name) and _PAIR_TEXT.fullmatch(filled[0]):
            return CoordinateColumns(pair=_Pair(index), crs=_datum(header[index]))
    return None


@dataclass(frozen=True, slots=True)
class _Columns:
    """Reads longitude and latitude from two columns."""

    longitude: int
    latitude: int

    def __call__(self, row: Sequence[Any]) -> tuple[Any, Any]:
        size = len(row)
        return (
            row[self.longitude] if self.longitude < size else None,
            row[self.latitude] if self.latitude < size else None,
        )


@dataclass(frozen=True, slots=True)
class _Pair:
    """Reads longitude and latitude from one text such as "121.47,31.23"."""

    index: int

    def __call__(self, row: Sequence[Any]) -> tuple[Any, Any]:
        text = str(row[self.index] or "") if self.index < len(row) else ""
        match = _PAIR_TEXT.fullmatch(text)
        return (match.group(1), match.group(2)) if match else (text, text)


def _bare(name: str) -> str:
    """The column's name without units, brackets, datum words and punctuation."""
    text = re.sub(r"[(（\[].*?[)）\]]", "", name.lower())
    for pattern, _ in _DATUM_WORDS:
        text = pattern.sub("", text)
    return re.sub(r"[\s_\-./]", "", text)


def _datum(words: str) -> str | None:
    lowered = words.lower()
    return next((name for pattern, name in _DATUM_WORDS if pattern.search(lowered)), None)


def _first(names: Sequence[str], pattern: re.Pattern[str]) -> int | None:
    """Position of the best match: a full name before a bare x or y."""
    found = [index for index, name in enumerate(names) if pattern.fullmatch(name)]
    return min(found, key=lambda index: (len(names[index]) == 1, index), default=None)
