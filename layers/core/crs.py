"""Coordinate reference systems at the edges of the platform.

Inside, every coordinate is WGS 84 longitude, latitude in degrees (EPSG:4326 in lon/lat order).
Files may come in CGCS2000 (geographic or projected zones), Web Mercator, or in the two shifted
systems of Chinese online maps: GCJ-02 and BD-09. This module turns them into WGS 84 and back.

All functions are vectorised: they take and return arrays (or scalars) of longitudes and latitudes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
import pyproj
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj.exceptions import CRSError

Coordinates: TypeAlias = NDArray[np.float64]
LonLat: TypeAlias = tuple[Coordinates, Coordinates]

# The published GCJ-02 formula uses the Krasovsky axis; libraries that take 6378137 are off by 1 cm.
SEMI_MAJOR_AXIS = 6378245.0
ECCENTRICITY_SQUARED = 0.00669342162296594323
ORIGIN_LONGITUDE, ORIGIN_LATITUDE = 105.0, 35.0
SHIFTED_BOX = (72.004, 0.8293, 137.8347, 55.8271)

_BD_ANGLE = np.pi * 3000.0 / 180.0
_BD_SHIFT_LONGITUDE, _BD_SHIFT_LATITUDE = 0.0065, 0.006
_TOLERANCE = 1e-13
_MAX_ITERATIONS = 40


class UnknownReferenceSystem(ValueError):
    """The named reference system is not known or can't be transformed without local parameters."""


def inside_shifted_box(longitude: ArrayLike, latitude: ArrayLike) -> NDArray[np.bool_]:
    """True where GCJ-02 is defined as shifted: 72.004–137.8347 E, 0.8293–55.8271 N."""
    x, y = _arrays(longitude, latitude)
    west, south, east, north = SHIFTED_BOX
    return (x >= west) & (x <= east) & (y >= south) & (y <= north)


def wgs84_to_gcj02(longitude: ArrayLike, latitude: ArrayLike) -> LonLat:
    """GCJ-02 longitude and latitude of WGS 84 ones, degrees; unchanged outside the shifted box."""
    x, y = _arrays(longitude, latitude)
    shift_x, shift_y = _gcj02_shift(*_into_box(x, y))
    inside = inside_shifted_box(x, y)
    return np.where(inside, x + shift_x, x), np.where(inside, y + shift_y, y)


def gcj02_to_wgs84(longitude: ArrayLike, latitude: ArrayLike) -> LonLat:
    """WGS 84 longitude and latitude of GCJ-02 ones, degrees, exact to 10⁻⁹ m by iteration."""
    x, y = _arrays(longitude, latitude)
    inside = inside_shifted_box(x, y)

    def forward(a: Coordinates, b: Coordinates) -> LonLat:
        shift_x, shift_y = _gcj02_shift(a, b)
        return a + shift_x, b + shift_y

    back_x, back_y = _invert(forward, *_into_box(x, y))
    return np.where(inside, back_x, x), np.where(inside, back_y, y)


def gcj02_to_bd09(longitude: ArrayLike, latitude: ArrayLike) -> LonLat:
    """BD-09 longitude and latitude of GCJ-02 ones, degrees."""
    x, y = _arrays(longitude, latitude)
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * _BD_ANGLE)
    theta = np.arctan2(y, x) + 0.000003 * np.cos(x * _BD_ANGLE)
    return (
        radius * np.cos(theta) + _BD_SHIFT_LONGITUDE,
        radius * np.sin(theta) + _BD_SHIFT_LATITUDE,
    )


def bd09_to_gcj02(longitude: ArrayLike, latitude: ArrayLike) -> LonLat:
    """GCJ-02 longitude and latitude of BD-09 ones, degrees, exact by iteration."""
    return _invert(gcj02_to_bd09, *_arrays(longitude, latitude))


def wgs84_to_bd09(longitude: ArrayLike, latitude: ArrayLike) -> LonLat:
    """BD-09 longitude and latitude of WGS 84 ones, degrees."""
    return gcj02_to_bd09(*wgs84_to_gcj02(longitude, latitude))


def bd09_to_wgs84(longitude: ArrayLike, latitude: ArrayLike) -> LonLat:
    """WGS 84 longitude and latitude of BD-09 ones, degrees."""
    return gcj02_to_wgs84(*bd09_to_gcj02(longitude, latitude))


_SHIFTED: dict[str, tuple[Callable[..., LonLat], Callable[..., LonLat]]] = {
    "gcj02": (gcj02_to_wgs84, wgs84_to_gcj02),
    "bd09": (bd09_to_wgs84, wgs84_to_bd09),
}


@dataclass(frozen=True, slots=True)
class ReferenceSystem:
    """One reference system: `name` is "gcj02", "bd09" or an authority code such as "EPSG:4547"."""

    name: str

    @property
    def is_wgs84(self) -> bool:
        """True when coordinates need no change to be stored."""
        return self.name in {"EPSG:4326", "OGC:CRS84"}

    def to_wgs84(self, longitude: ArrayLike, latitude: ArrayLike) -> LonLat:
        """WGS 84 longitudes and latitudes, degrees, of coordinates given x (east) first."""
        x, y = _arrays(longitude, latitude)
        if self.is_wgs84:
            return x, y
        if self.name in _SHIFTED:
            return _SHIFTED[self.name][0](x, y)
        return _projected(self.name, False).transform(x, y)

    def from_wgs84(self, longitude: ArrayLike, latitude: ArrayLike) -> LonLat:
        """Coordinates in this system, x (east) first, of WGS 84 longitudes and latitudes."""
        x, y = _arrays(longitude, latitude)
        if self.is_wgs84:
            return x, y
        if self.name in _SHIFTED:
            return _SHIFTED[self.name][1](x, y)
        return _projected(self.name, True).transform(x, y)

    def geometry_to_wgs84(self, geometry: Any) -> Any:
        """The shapely geometry, or array of them, in WGS 84; None stays None."""
        if self.is_wgs84:
            return geometry
        return shapely.transform(geometry, lambda xy: np.column_stack(self.to_wgs84(*xy.T)))


WGS84 = ReferenceSystem("EPSG:4326")
GCJ02 = ReferenceSystem("gcj02")
BD09 = ReferenceSystem("bd09")

_ALIASES = {
    "wgs84": WGS84,
    "crs84": WGS84,
    "epsg:4326": WGS84,
    "ogc:crs84": WGS84,
    "urn:ogc:def:crs:ogc:1.3:crs84": WGS84,
    "urn:ogc:def:crs:epsg::4326": WGS84,
    "gcj02": GCJ02,
    "gcj-02": GCJ02,
    "bd09": BD09,
    "bd-09": BD09,
    "cgcs2000": ReferenceSystem("EPSG:4490"),
}

# Beijing 1954 and Xian 1980 need per-city parameters which are not public.
_LOCAL_DATUMS = ("Beijing 1954", "Xian 1980", "New Beijing")


def reference_system(text: str) -> ReferenceSystem:
    """The system named by `gcj02`, `bd09`, `wgs84`, `cgcs2000`, `EPSG:n` or WKT.

    Raises UnknownReferenceSystem when it isn't known, or when its datum (Beijing 1954, Xian 1980)
    can't be moved to WGS 84 without parameters which are not public.
    """
    known = _ALIASES.get(text.strip().lower())
    if known is not None:
        return known
    try:
        crs = pyproj.CRS.from_user_input(text)
    except CRSError as error:
        raise UnknownReferenceSystem(
            f"reference system {text!r} is not known; allowed: wgs84, gcj02, bd09, cgcs2000, EPSG:n"
        ) from error
    datum = crs.geodetic_crs.datum.name if crs.geodetic_crs and crs.geodetic_crs.datum else ""
    if any(local in datum for local in _LOCAL_DATUMS):
        raise UnknownReferenceSystem(
            f"{crs.name}: moving {datum} to WGS 84 needs local parameters which are not public; "
            "transform the file to CGCS2000 first"
        )
    authority = crs.to_authority(min_confidence=70)
    name = ":".join(authority) if authority else crs.to_wkt()
    return ReferenceSystem("EPSG:4326" if name == "OGC:CRS84" else name)


def metric_srid(longitude: float, latitude: float) -> int:
    """EPSG number of the projected system in which metres are measured around a place.

    In China the three-degree Gauss-Krüger zone of CGCS2000 without zone prefix (EPSG:4534, central
    meridian 75° E, to EPSG:4554, 135° E; GB/T 39611-2020), elsewhere the UTM zone of WGS 84. At the
    edge of such a zone lengths are off by at most 3.5 in 10,000.
    """
    zone = round(longitude / 3)
    if 25 <= zone <= 45 and 0 <= latitude <= 60:
        return 4509 + zone
    return (32600 if latitude >= 0 else 32700) + min(60, int((longitude + 180) // 6) + 1)


@lru_cache(maxsize=64)
def _projected(name: str, inverse: bool) -> pyproj.Transformer:
    ends = ("EPSG:4326", name) if inverse else (name, "EPSG:4326")
    return pyproj.Transformer.from_crs(*ends, always_xy=True)


def _arrays(longitude: ArrayLike, latitude: ArrayLike) -> LonLat:
    return np.asarray(longitude, dtype=np.float64), np.asarray(latitude, dtype=np.float64)


def _into_box(longitude: Coordinates, latitude: Coordinates) -> LonLat:
    """Outside the box the series grows without bound; there its value is not used."""
    west, south, east, north = SHIFTED_BOX
    return np.clip(longitude, west, east), np.clip(latitude, south, north)


def _gcj02_shift(longitude: Coordinates, latitude: Coordinates) -> LonLat:
    """Offsets in degrees at WGS 84 coordinates, by the published polynomial and sine series."""
    x, y = longitude - ORIGIN_LONGITUDE, latitude - ORIGIN_LATITUDE
    root = np.sqrt(np.abs(x))
    common = (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + common
    north += (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + common
    east += (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    radians = np.radians(latitude)
    magic = 1.0 - ECCENTRICITY_SQUARED * np.sin(radians) ** 2
    meridian = SEMI_MAJOR_AXIS * (1.0 - ECCENTRICITY_SQUARED) / (magic * np.sqrt(magic))
    parallel = SEMI_MAJOR_AXIS / np.sqrt(magic) * np.cos(radians)
    return np.degrees(east / parallel), np.degrees(north / meridian)


def _invert(forward: Callable[..., LonLat], x: Coordinates, y: Coordinates) -> LonLat:
    """Fixed-point inverse of a small shift: each step shrinks the error some fifty-fold."""
    guess_x, guess_y = x.copy(), y.copy()
    for _ in range(_MAX_ITERATIONS):
        image_x, image_y = forward(guess_x, guess_y)
        error_x, error_y = image_x - x, image_y - y
        guess_x, guess_y = guess_x - error_x, guess_y - error_y
        largest = max(np.max(np.abs(error_x), initial=0.0), np.max(np.abs(error_y), initial=0.0))
        if not largest > _TOLERANCE:
            break
    return guess_x, guess_y
