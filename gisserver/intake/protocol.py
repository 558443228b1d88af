"""What devices send, read into fixes: the OsmAnd protocol, its JSON form, and our own batch.

OsmAnd protocol (OsmAnd, Traccar Client up to 8): names and values of a query or form; `speed` in
knots, `timestamp` in seconds or milliseconds since 1970 or ISO 8601. Traccar Client 9 sends JSON:
`{"device_id", "location": {"timestamp", "coords": {"latitude", "longitude", "speed": m/s, …}}}`.
Our batch says `speed` in km/h.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from gisserver.errors import BadRequest
from layers.core.errors import Fault
from layers.patrol.devices import Sender
from layers.patrol.fixes import LAST_SECOND, SECOND, Fixes, Real, Whole, micros

KNOT = 1.852
"""km/h (exact by definition)."""
METRE_A_SECOND = 3.6
"""km/h."""

# What OsmAnd, Traccar Client and their like add; known, not needed.
IGNORED = frozenset(
    "altitude hdop charge odometer event activity is_moving motion mock alarm driverUniqueId cell "
    "wifi network".split()
)
PARAMETERS = (
    "id",
    "deviceid",
    "lat",
    "lon",
    "location",
    "timestamp",
    "valid",
    "speed",
    "bearing",
    "heading",
    "accuracy",
    "batt",
    *sorted(IGNORED),
)
BATCH_MEMBERS = frozenset("id timestamp lat lon speed bearing accuracy batt".split())
MOST_IN_BATCH = 100_000


@dataclass(frozen=True)
class Reading:
    """One fix as sent; speed in km/h, NaN for what is not told, time in µs since 1970 UTC."""

    time: int
    longitude: float
    latitude: float
    speed: float = math.nan
    heading: float = math.nan
    accuracy: float = math.nan
    battery: float = math.nan


def check_names(values: Mapping[str, str]) -> None:
    """Raises BadRequest for a parameter that no client of the OsmAnd protocol sends."""
    unknown = sorted(set(values) - set(PARAMETERS))
    if unknown:
        raise BadRequest(f"unknown parameters: {', '.join(unknown)}", allowed=PARAMETERS)


def token_of(values: Mapping[str, str]) -> str:
    """The device's token in a query or form; '' when there is none."""
    return values.get("id") or values.get("deviceid") or ""


def reading_of(values: Mapping[str, str]) -> Reading:
    """The fix in a query or form of the OsmAnd protocol.

    Raises: BadRequest, naming each value that is missing or cannot be read.
    """
    values = dict(values)
    if "location" in values and "lat" not in values:
        values["lat"], _, values["lon"] = values["location"].partition(",")
    faults: list[Fault] = []
    number = _reader(values, faults)
    reading = Reading(
        time=_time(values.get("timestamp"), faults),
        longitude=number("lon", is_required=True),
        latitude=number("lat", is_required=True),
        speed=number("speed") * KNOT,
        heading=number("bearing" if "bearing" in values else "heading"),
        accuracy=number("accuracy"),
        battery=number("batt"),
    )
    if values.get("valid", "true").lower() not in ("true", "1"):
        faults.append(Fault("valid", "the device itself does not believe this fix"))
    if faults:
        raise _refused(faults)
    return reading


def readings_of_json(body: Mapping[str, Any]) -> list[Reading]:
    """The fixes in the JSON that newer Traccar Clients send: one location or a list of them.

    Raises: BadRequest, naming each value that is missing or cannot be read.
    """
    locations = body.get("location")
    if isinstance(locations, dict):
        locations = [locations]
    if not isinstance(locations, list) or not 0 < len(locations) <= 1000:
        raise _refused([Fault("location", "a location or a list of 1 to 1000 is needed")])
    faults: list[Fault] = []
    readings = [_json_reading(each, faults) for each in locations]
    if faults:
        raise _refused(faults)
    return readings


def _json_reading(location: Any, faults: list[Fault]) -> Reading:
    coords = location.get("coords") if isinstance(location, dict) else None
    if not isinstance(coords, dict):
        faults.append(Fault("location", "an object with timestamp and coords is needed"))
        return Reading(0, 0, 0)
    number = _reader(coords, faults)
    battery = location.get("battery")
    level = _reader(battery, [])("level") if isinstance(battery, dict) else math.nan
    speed = number("speed")
    return Reading(
        time=_time(location.get("timestamp"), faults),
        longitude=number("longitude", is_required=True),
        latitude=number("latitude", is_required=True),
        # -1 stands for unknown there.
        speed=speed * METRE_A_SECOND if speed >= 0 else math.nan,
        heading=number("heading"),
        accuracy=number("accuracy"),
        battery=level * 100,
    )


def fixes_of(sender: Sender, readings: Sequence[Reading]) -> Fixes:
    """Fixes of one device."""
    count = len(readings)

    def column(name: str) -> Real:
        return np.array([getattr(each, name) for each in readings], dtype=np.float64)

    return Fixes(
        vehicle=np.full(count, sender.vehicle, dtype=np.int64),
        object_id=np.full(count, sender.object_id, dtype=np.int64),
        time=np.array([each.time for each in readings], dtype=np.int64),
        longitude=column("longitude"),
        latitude=column("latitude"),
        speed=column("speed"),
        heading=column("heading"),
        accuracy=column("accuracy"),
        battery=column("battery"),
        is_gcj02=np.full(count, sender.is_gcj02),
    )


@dataclass(frozen=True)
class Batch:
    """Fixes of a batch in the order sent; `rows` are their numbers in it, `device` who sent each.

    `unknown` are the numbers of those whose token is not accepted.
    """

    fixes: Fixes
    rows: Whole
    device: Whole
    unknown: Whole


def batch_of(positions: Sequence[Any], default: str, find: Callable[[str], Sender | None]) -> Batch:
    """The fixes of our own batch; `default` is the token of those that carry none.

    Raises: BadRequest when a position cannot be read; it names the first hundred that cannot.
    """
    _check_positions(positions)
    tokens = [_own_token(each.get("id"), default) for each in positions]
    senders = {token: find(token) for token in set(tokens)}
    known = np.array([senders[token] is not None for token in tokens], dtype=bool)
    rows = np.flatnonzero(known)
    sent = [positions[row] for row in rows.tolist()]
    whose = np.array(
        [
            (sender.device_id, sender.vehicle, sender.object_id, sender.is_gcj02)
            for sender in (senders[tokens[row]] for row in rows.tolist())
            if sender is not None
        ],
        dtype=np.int64,
    ).reshape(-1, 4)
    fixes = Fixes(
        vehicle=whose[:, 1],
        object_id=whose[:, 2],
        time=_times(sent, rows),
        longitude=_column(sent, rows, "lon", is_required=True),
        latitude=_column(sent, rows, "lat", is_required=True),
        speed=_column(sent, rows, "speed"),
        heading=_column(sent, rows, "bearing"),
        accuracy=_column(sent, rows, "accuracy"),
        battery=_column(sent, rows, "batt"),
        is_gcj02=whose[:, 3] == 1,
    )
    return Batch(fixes, rows, whose[:, 0], np.flatnonzero(~known))


def _own_token(given: Any, default: str) -> str:
    """The token of a position, that of the batch when it has none; '' for what is none."""
    if given is None:
        return default
    return given if isinstance(given, str) else ""


def _check_positions(positions: Sequence[Any]) -> None:
    wrong = [i for i, each in enumerate(positions) if not isinstance(each, dict)]
    if wrong:
        raise _refused([Fault(f"positions[{i}]", "an object is needed") for i in wrong[:100]])
    unknown = sorted(set().union(*positions) - BATCH_MEMBERS)
    if unknown:
        raise BadRequest(f"unknown members: {', '.join(unknown)}", allowed=BATCH_MEMBERS)


def _column(
    sent: Sequence[Mapping[str, Any]], rows: Whole, name: str, *, is_required: bool = False
) -> Real:
    values = [each.get(name) for each in sent]
    kinds = set(map(type, values))
    if kinds <= ({int, float} if is_required else {int, float, type(None)}):
        found = _real(values)
        if found is not None:
            return found
    faults = [
        Fault(f"positions[{row}].{name}", f"a number is needed, not {value!r:.40}")
        for row, value in zip(rows.tolist(), values, strict=True)
        if not (_is_number(value) or (value is None and not is_required))
    ]
    raise _refused(faults[:100])


def _times(sent: Sequence[Mapping[str, Any]], rows: Whole) -> Whole:
    values = [each.get("timestamp") for each in sent]
    count = _real(values) if set(map(type, values)) <= {int, float} else None
    if count is not None and (np.abs(count) < LAST_SECOND * 1000).all():
        return micros(count)
    faults: list[Fault] = []
    found = [
        _time(value, faults, f"positions[{row}].timestamp")
        for row, value in zip(rows.tolist(), values, strict=True)
    ]
    if faults:
        raise _refused(faults[:100])
    return np.array(found, dtype=np.int64)


def _real(values: Sequence[Any]) -> Real | None:
    """Numbers as an array; None when one has hundreds of digits."""
    try:
        return np.array(values, dtype=np.float64)
    except OverflowError:
        return None


def _time(value: Any, faults: list[Fault], name: str = "timestamp") -> int:
    """Microseconds since 1970 UTC; a time without a zone is UTC."""
    if isinstance(value, str) and not _is_digits(value):
        try:
            moment = datetime.fromisoformat(value)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            return round(moment.timestamp() * SECOND)
        except (ValueError, OverflowError):
            pass
    elif isinstance(value, str) or _is_number(value):
        count = float(value)
        if math.isfinite(count) and abs(count) < LAST_SECOND * 1000:
            return round(count * SECOND if abs(count) < LAST_SECOND else count * 1000)
    told = "is needed" if value is None else f"cannot be read: {value!r:.40}"
    faults.append(Fault(name, f"seconds or milliseconds since 1970, or ISO 8601, {told}"))
    return 0


def _is_digits(text: str) -> bool:
    return text.isascii() and text.replace(".", "", 1).isdigit() and len(text) <= 20


def _is_number(value: Any) -> bool:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    try:
        return not math.isinf(float(value))
    except OverflowError:
        return False


def _reader(values: Mapping[str, Any], faults: list[Fault]) -> Callable[..., float]:
    def number(name: str, *, is_required: bool = False) -> float:
        value = values.get(name)
        if value is None or value == "":
            if is_required:
                faults.append(Fault(name, "is needed"))
            return math.nan
        try:
            found = float(value)
        except (TypeError, ValueError, OverflowError):
            found = math.inf
        if not math.isfinite(found) or isinstance(value, bool):
            faults.append(Fault(name, f"a number is needed, not {value!r:.40}"))
            return math.nan
        return found

    return number


def _refused(faults: Sequence[Fault]) -> BadRequest:
    detail = "; ".join(f"{fault.field}: {fault.reason}" for fault in faults[:5])
    return BadRequest(detail, faults=faults)
