"""Coordinates as people paste them into the search box, and the places they may mean.

A pair says nothing of its system: the same numbers lie some 500 m apart as WGS 84, as GCJ-02
(Amap, Tencent) and as BD-09 (Baidu). Unless the text names the system, every reading is given.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from layers.core.crs import BD09, GCJ02, WGS84, ReferenceSystem, inside_shifted_box

# Words by which a system is named beside the numbers.
_NAMED: tuple[tuple[re.Pattern[str], ReferenceSystem], ...] = (
    (re.compile(r"wgs-?(?:19)?84|cgcs-?2000|epsg:?(?:4326|4490)|gps|天地图"), WGS84),
    (re.compile(r"gcj-?02|火星|高德|腾讯|amap|tencent"), GCJ02),
    (re.compile(r"bd-?09(?:-?ll)?|百度|baidu"), BD09),
)
_SYSTEMS = (WGS84, GCJ02, BD09)
_NAMES = {WGS84: "wgs84", GCJ02: "gcj02", BD09: "bd09"}

_AXIS = r"(?:东经|西经|北纬|南纬|经度|纬度|lon(?:gitude)?|lng|lat(?:itude)?|[ewns])"
_ANGLE = (
    r"(?P<sign{n}>[+-])?(?P<degrees{n}>\d{{1,3}}(?:\.\d+)?)\s*°?"
    r"(?:\s*(?P<minutes{n}>\d{{1,2}}(?:\.\d+)?)\s*[′'分])?"
    r"(?:\s*(?P<seconds{n}>\d{{1,2}}(?:\.\d+)?)\s*(?:\"|''|′′|秒))?"
)
_PAIR = re.compile(
    r"[\[({]?\s*"
    + rf"(?P<before1>{_AXIS})?\s*[:=]?\s*{_ANGLE.format(n=1)}\s*(?P<after1>[ewns])?"
    + r"\s*(?:[,;/、|]\s*|\s+|(?<=[ewns°′\"']))"
    + rf"(?P<before2>{_AXIS})?\s*[:=]?\s*{_ANGLE.format(n=2)}\s*(?P<after2>[ewns])?"
    + r"\s*[\])}]?"
)
# Bare whole numbers are house numbers far more often than degrees.
_PRECISE = re.compile(r"\d\.\d|°")
_WEST_OR_SOUTH = re.compile(r"西|南|^w$|^s$")
_IS_LATITUDE = re.compile(r"纬|^lat|^[ns]$")
_IS_LONGITUDE = re.compile(r"经|^lon|^lng|^[ew]$")


@dataclass(frozen=True)
class PastedPlace:
    """A place some pasted coordinates mean: the system they are read in, and CRS84 degrees."""

    system: str
    lon: float
    lat: float


@dataclass(frozen=True)
class _Angle:
    degrees: float
    axis: str | None


def pasted_places(text: str) -> tuple[PastedPlace, ...]:
    """The places a text of coordinates means: one when it names the system, else up to three.

    Longitude and latitude may stand in either order and be decimal or in degrees, minutes and
    seconds. Where nothing tells the order, the first number is the longitude if it can be and the
    second is a latitude. Where GCJ-02 is not shifted (outside China) one reading remains. Empty
    for any other text.
    """
    folded = unicodedata.normalize("NFKC", text).lower().replace("’", "'").replace("”", '"')
    # Runs of blanks would be shared out among the blanks of the pattern in every way there is.
    systems, rest = _cut_system(re.sub(r"\s+", " ", folded))
    rest = re.sub(r" +", " ", rest).strip(" :,;=")
    found = _PAIR.fullmatch(rest) if _PRECISE.search(rest) else None
    pair = _in_order(*_angles(found)) if found else None
    return tuple(_read(*pair, systems)) if pair else ()


def _cut_system(text: str) -> tuple[tuple[ReferenceSystem, ...], str]:
    for pattern, system in _NAMED:
        found = pattern.search(text)
        if found:
            return (system,), text[: found.start()] + " " + text[found.end() :]
    return _SYSTEMS, text


def _angles(found: re.Match[str]) -> Iterator[_Angle]:
    first, second = found["before1"] or found["after1"], found["before2"] or found["after2"]
    if found["before1"] and found["after1"] and not found["before2"]:
        second = found["after1"]
    for n, mark in (("1", first), ("2", second)):
        value = float(found[f"degrees{n}"])
        value += float(found[f"minutes{n}"] or 0) / 60 + float(found[f"seconds{n}"] or 0) / 3600
        if found[f"sign{n}"] == "-" or (mark and _WEST_OR_SOUTH.search(mark)):
            value = -value
        yield _Angle(value, _axis(mark))


def _axis(mark: str | None) -> str | None:
    if mark is None:
        return None
    if _IS_LATITUDE.search(mark):
        return "lat"
    return "lon" if _IS_LONGITUDE.search(mark) else None


def _in_order(first: _Angle, second: _Angle) -> tuple[float, float] | None:
    """Longitude and latitude, or None when the pair can't be a place."""
    if first.axis is not None and first.axis == second.axis:
        return None
    lon, lat = first.degrees, second.degrees
    is_told = first.axis is not None or second.axis is not None
    if first.axis == "lat" or second.axis == "lon" or (not is_told and _is_swapped(lon, lat)):
        lon, lat = lat, lon
    return (lon, lat) if abs(lon) <= 180 and abs(lat) <= 90 else None


def _is_swapped(lon: float, lat: float) -> bool:
    if abs(lat) > 90:
        return True
    # Both orders are places on earth: the one that lies in China is meant.
    return not inside_shifted_box(lon, lat) and bool(inside_shifted_box(lat, lon))


def _read(lon: float, lat: float, systems: tuple[ReferenceSystem, ...]) -> Iterator[PastedPlace]:
    for system in systems:
        if len(systems) > 1 and system is not WGS84 and not inside_shifted_box(lon, lat):
            continue
        x, y = system.to_wgs84(lon, lat)
        yield PastedPlace(_NAMES[system], round(float(x), 7), round(float(y), 7))
