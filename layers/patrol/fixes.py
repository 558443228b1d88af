"""Fixes in columns, and the rules by which each is taken, flagged or refused.

Pure functions over numpy arrays: nothing here asks a database or a clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from layers.core.crs import gcj02_to_wgs84

Whole = NDArray[np.int64]
Real = NDArray[np.float64]
Flags = NDArray[np.bool_]

SECOND = 1_000_000
LAST_SECOND = 100_000_000_000
"""A time that counts more counts milliseconds."""
DAY = 86_400 * SECOND
CHINA = 8 * 3600 * SECOND
AHEAD = 120 * SECOND
"""How far a device's clock may run before the server's."""
SPEED_LIMIT = (160.0, 250.0)
"""Fastest believable move of staff and of vehicles, km/h."""
SLACK = 100.0
"""Metres that two fixes may lie apart at any speed: what a phone strays between houses."""
EARTH_RADIUS = 6_371_008.8
"""Mean radius, metres (IUGG)."""
KINDS = ("staff", "vehicle")


class Outcome(IntEnum):
    """What became of a fix. Below DUPLICATE it is stored."""

    TAKEN = 0
    JUMP = 1
    DUPLICATE = 2
    FUTURE = 3
    OFF_DUTY = 4
    BAD_PLACE = 5
    UNREGISTERED = 6
    TOO_OLD = 7


REASONS: dict[Outcome, tuple[str, str]] = {
    Outcome.JUMP: (
        "lat",
        "farther from the fix before than anybody can have come; kept, not shown",
    ),
    Outcome.DUPLICATE: ("timestamp", "there is a fix of this device time already"),
    Outcome.FUTURE: ("timestamp", "more than 2 minutes ahead of the server's clock"),
    Outcome.OFF_DUTY: ("timestamp", "not on duty at that time; clock in first"),
    Outcome.BAD_PLACE: ("lat", "no place: longitude -180..180 and latitude -90..90, not both 0"),
    Outcome.UNREGISTERED: ("id", "the vehicle or member of staff is no longer registered"),
    Outcome.TOO_OLD: ("timestamp", "before 2000"),
}


@dataclass(frozen=True)
class Fixes:
    """One array a column, all of one length; NaN where a number is unknown.

    `vehicle` is 0 for staff and 1 for vehicles, `time` the device's in microseconds since 1970 UTC,
    coordinates in degrees of the datum told by `is_gcj02`, speed km/h, heading degrees from north,
    accuracy metres, battery percent.
    """

    vehicle: Whole
    object_id: Whole
    time: Whole
    longitude: Real
    latitude: Real
    speed: Real
    heading: Real
    accuracy: Real
    battery: Real
    is_gcj02: Flags

    def __len__(self) -> int:
        return len(self.time)

    @property
    def key(self) -> Whole:
        """A number of its own for each object."""
        return self.object_id * 2 + self.vehicle

    def take(self, rows: NDArray[np.integer]) -> Fixes:
        """The given rows, in that order."""
        return Fixes(**{each.name: getattr(self, each.name)[rows] for each in fields(self)})


def joined(parts: Sequence[Fixes]) -> Fixes:
    """All fixes in one, in order."""
    if len(parts) == 1:
        return parts[0]
    return Fixes(
        **{
            each.name: np.concatenate([getattr(part, each.name) for part in parts])
            for each in fields(Fixes)
        }
    )


def micros(count: Real) -> Whole:
    """Microseconds since 1970 UTC of times that count seconds, or milliseconds where so many."""
    scaled = np.where(np.abs(count) < LAST_SECOND, count * SECOND, count * 1000)
    return np.round(scaled).astype(np.int64)


def tidied(fixes: Fixes) -> Fixes:
    """The same in WGS 84, with what no sensor can have measured made unknown."""
    longitude, latitude = fixes.longitude.copy(), fixes.latitude.copy()
    shifted = np.flatnonzero(fixes.is_gcj02 & np.isfinite(longitude) & np.isfinite(latitude))
    if len(shifted):
        x, y = gcj02_to_wgs84(longitude[shifted], latitude[shifted])
        longitude[shifted], latitude[shifted] = x, y
    return Fixes(
        vehicle=fixes.vehicle,
        object_id=fixes.object_id,
        time=fixes.time,
        longitude=longitude,
        latitude=latitude,
        speed=_within(fixes.speed, 0, 400),
        heading=np.where(fixes.heading == 360, 0.0, _within(fixes.heading, 0, 360)),
        accuracy=_within(fixes.accuracy, 0, 100_000),
        battery=_within(fixes.battery, 0, 100),
        is_gcj02=np.zeros(len(fixes), dtype=bool),
    )


def _within(values: Real, minimum: float, maximum: float) -> Real:
    return np.where((values >= minimum) & (values <= maximum), values, np.nan)


def first_look(fixes: Fixes, now: int) -> Whole:
    """Outcomes that need to know the time only; `now` in microseconds since 1970 UTC."""
    outcome = np.full(len(fixes), int(Outcome.TAKEN), dtype=np.int64)
    with np.errstate(invalid="ignore"):
        is_place = (np.abs(fixes.longitude) <= 180) & (np.abs(fixes.latitude) <= 90)
    is_place &= (fixes.longitude != 0) | (fixes.latitude != 0)
    outcome[fixes.time < 946_684_800 * SECOND] = Outcome.TOO_OLD
    outcome[fixes.time > now + AHEAD] = Outcome.FUTURE
    outcome[~is_place] = Outcome.BAD_PLACE
    return outcome


def in_order(fixes: Fixes) -> Whole:
    """Row numbers by object and device time; of equal ones the first sent comes first."""
    return np.lexsort((fixes.time, fixes.key))


def repeats(fixes: Fixes) -> Flags:
    """Which of fixes in order have the object and time of the one before."""
    same = np.zeros(len(fixes), dtype=bool)
    same[1:] = (np.diff(fixes.key) == 0) & (np.diff(fixes.time) == 0)
    return same


def jumps(fixes: Fixes, before: tuple[Whole, Real, Real]) -> Flags:
    """Which of fixes in order lie farther from the one before than can be.

    `before` holds time, longitude and latitude of the fix stored before each object's first one, in
    every row of the object (NaN longitude: there is none). After a jump the next fix is compared
    with the jump: two that agree are believed.
    """
    is_first = np.ones(len(fixes), dtype=bool)
    is_first[1:] = np.diff(fixes.key) != 0
    time = np.where(is_first, before[0], np.roll(fixes.time, 1))
    longitude = np.where(is_first, before[1], np.roll(fixes.longitude, 1))
    latitude = np.where(is_first, before[2], np.roll(fixes.latitude, 1))
    hours = (fixes.time - time) / (3600 * SECOND)
    metres = distance(longitude, latitude, fixes.longitude, fixes.latitude)
    limit = np.array(SPEED_LIMIT)[fixes.vehicle]
    with np.errstate(invalid="ignore"):
        strange: Flags = (metres - SLACK) / 1000 > limit * hours
    return strange


def distance(x1: Real, y1: Real, x2: Real, y2: Real) -> Real:
    """Metres between places in degrees, on the sphere (haversine)."""
    a1, b1, a2, b2 = (np.radians(value) for value in (x1, y1, x2, y2))
    half = np.sin((b2 - b1) / 2) ** 2 + np.cos(b1) * np.cos(b2) * np.sin((a2 - a1) / 2) ** 2
    metres: Real = 2 * EARTH_RADIUS * np.arcsin(np.sqrt(np.clip(half, 0, 1)))
    return metres


def china_day(time: Whole) -> Whole:
    """Days since 1970-01-01 by the calendar of China (UTC+8)."""
    return (time + CHINA) // DAY
