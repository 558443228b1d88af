"""Tracks of vehicles and staff from a file: read, matched to who moved, judged, taken in.

What the live intake refuses is refused here for the same reasons (`layers.patrol.intake`), and
what is known already is not stored twice. A file is one transaction.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psycopg2
import shapely
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from etl.check import CheckedRows, Remark
from etl.datum import datum_of
from etl.formats import open_file
from etl.options import LoadError, LoadOptions, Progress
from etl.raw import Dataset, RawTable, ReadOptions
from etl.report import LoadReport
from layers.core.errors import Invalid
from layers.patrol.fixes import LAST_SECOND, Fixes, Outcome, Real, Whole, joined, micros
from layers.patrol.intake import Intake

LAYER = "positions"
OBJECT = ("plate", "vehicle", "vehicle_id", "staff", "staff_code", "order_no", "device", "track")
OBJECT_ZH = ("车牌号", "车牌", "车辆", "工号", "人员编号", "编号")
TIME = ("device_time", "time", "timestamp", "datetime", "locatetime", "gps_time")
TIME_ZH = ("定位时间", "时间")
NUMBERS: Mapping[str, tuple[str, ...]] = {
    "speed": ("speed", "速度"),
    "heading": ("heading", "bearing", "course", "direction", "方向"),
    "accuracy": ("accuracy", "精度"),
    "battery": ("battery", "batt", "电量"),
}
CHINA = "Asia/Shanghai"
_SAMPLE = 200
_ZONE = re.compile(r"(?:Z|[+-]\d{2}:?\d{2})$")

_REASONS = {
    Outcome.JUMP: "jump",
    Outcome.FUTURE: "future",
    Outcome.OFF_DUTY: "off_duty",
    Outcome.BAD_PLACE: "out_of_range",
    Outcome.UNREGISTERED: "no_object",
    Outcome.TOO_OLD: "too_old",
}
# Of two of one name the vehicle is meant: a plate is unique on the road.
_OBJECTS = text(
    "SELECT given.name, coalesce(v.id, s.id) AS id, (v.id IS NOT NULL)::integer AS vehicle "
    "FROM unnest(CAST(:names AS text[])) AS given (name) "
    "LEFT JOIN LATERAL (SELECT id FROM patrol.vehicle WHERE plate = given.name "
    "AND (valid_to IS NULL OR valid_to > core.today()) ORDER BY id LIMIT 1) AS v ON true "
    "LEFT JOIN LATERAL (SELECT id FROM organisation.staff WHERE code = given.name "
    "AND (valid_to IS NULL OR valid_to > core.today()) ORDER BY id LIMIT 1) AS s ON true "
    "WHERE coalesce(v.id, s.id) IS NOT NULL"
)


def is_of_tracks(path: Path, options: LoadOptions) -> bool:
    """Whether the file is to be loaded as tracks: asked for, or a GPX file."""
    return options.layer == LAYER or (options.layer is None and path.suffix.lower() == ".gpx")


@dataclass(frozen=True)
class TrackRows:
    """Points of a file in its order: row numbers, names of who moved, what stands for each value.

    `time` is µs since 1970 UTC, 0 where it cannot be read; `longitude` and `latitude` WGS 84, NaN
    where there is no place.
    """

    numbers: Sequence[int]
    names: Sequence[str | None]
    time: Whole
    longitude: Real
    latitude: Real
    values: Mapping[str, Real]
    remarks: Mapping[int, Remark]


class TrackFile:
    """One file of tracks on its way into the database."""

    def __init__(self, engine: Engine, path: Path, options: LoadOptions, report: LoadReport):
        self._engine = engine
        self._path = path
        self._options = options
        self._report = report
        self._intake = Intake(engine)
        self._parts: list[Fixes] = []

    def read(self, progress: Progress) -> list[tuple[str, CheckedRows]]:
        """Every dataset with what would become of each row now.

        Raises: LoadError naming the column that is missing; what formats and datums raise.
        """
        found = []
        for dataset in open_file(self._path, ReadOptions(self._options.encoding)):
            rows = _read(dataset, self._options, self._report.notes)
            progress(len(rows.numbers), len(rows.numbers))
            found.append((dataset.name, self._judged(rows)))
        return found

    def _judged(self, rows: TrackRows) -> CheckedRows:
        with self._engine.connect() as connection:
            objects = _objects(connection, rows.names)
        remarks = dict(rows.remarks)
        for at, name in enumerate(rows.names):
            if at not in remarks and name not in objects:
                remarks[at] = Remark("no_object", "object", name or "")
        sound = np.array([at not in remarks for at in range(len(rows.numbers))], dtype=bool)
        places = np.flatnonzero(sound)
        fixes = _fixes(rows, places, objects)
        outcome = self._intake.judge(fixes)
        first = _is_first(fixes)
        for at, fate, is_first in zip(places.tolist(), outcome.tolist(), first, strict=True):
            if fate == Outcome.DUPLICATE and not is_first:
                remarks[at] = Remark("fix_twice", "time", rows.names[at] or "")
            elif fate in _REASONS:
                remarks[at] = Remark(_REASONS[Outcome(fate)], "", rows.names[at] or "")
        self._parts.append(fixes)
        shapes = shapely.points(rows.longitude, rows.latitude)
        return CheckedRows(
            LAYER,
            rows.numbers,
            rows.names,
            {},
            np.asarray(shapes),
            {at: (remark,) for at, remark in sorted(remarks.items())},
        )

    def write(self) -> None:
        """Takes everything in at once and counts what was new.

        Raises: LoadError when the database refuses it; nothing is kept then.
        """
        counts = self._report.layers[LAYER]
        fixes = joined(self._parts)
        if not len(fixes):
            return
        try:
            outcome = self._intake.take(fixes)
        except Invalid as error:
            raise LoadError(f"{self._path.name}: {error}") from error
        except (DBAPIError, psycopg2.Error) as error:
            reason = str(getattr(error, "orig", error)).split("\n", maxsplit=1)[0]
            raise LoadError(f"{self._path.name}: refused by the database: {reason}") from error
        counts.inserted = int((outcome <= Outcome.JUMP).sum())
        counts.unchanged = counts.accepted - counts.inserted


def _read(dataset: Dataset, options: LoadOptions, notes: list[str]) -> TrackRows:
    columns = _columns(dataset)
    assert dataset.tables is not None
    tables = list(dataset.tables(set(columns.values())))
    notes += [f"{dataset.name}: {note}" for note in dataset.notes]
    shapes = [shape for table in tables for shape in table.geometries]
    names = _names(dataset, tables, columns.get("object"), len(shapes), notes)
    moments, is_local = _moments(_values(tables, columns["time"]))
    if is_local:
        notes.append(
            f"{dataset.name}: 时间没有时区，按北京时间 / times without a zone are taken as China's"
        )
    datum = datum_of(dataset, options.crs, [s for s in shapes if s is not None][:_SAMPLE])
    if datum.note:
        notes.append(f"{dataset.name}: {datum.note}")
    x, y = shapely.get_x(shapes), shapely.get_y(shapes)
    longitude, latitude = datum.crs.to_wgs84(x, y)
    remarks = {
        at: Remark("bad_time", columns["time"]) for at in np.flatnonzero(moments == 0).tolist()
    }
    remarks |= {at: Remark("no_coordinates") for at in np.flatnonzero(np.isnan(x)).tolist()}
    unknown = np.full(len(shapes), np.nan)
    values = {
        name: _numbers(_values(tables, columns[name])) if name in columns else unknown
        for name in NUMBERS
    }
    first = tables[0].first if tables else 1
    numbers = range(first, first + len(shapes))
    return TrackRows(numbers, names, moments, longitude, latitude, values, remarks)


def _columns(dataset: Dataset) -> dict[str, str]:
    """The file's name of each column there is.

    Raises: LoadError without a column of time.
    """
    by_name = {name.strip().lower(): name for name in dataset.fields}
    wanted = {"object": (*OBJECT, *OBJECT_ZH), "time": (*TIME, *TIME_ZH), **NUMBERS}
    found = {
        column: next((by_name[name] for name in names if name in by_name), None)
        for column, names in wanted.items()
    }
    if found["time"] is None:
        raise LoadError(
            f"{dataset.name}: 缺少时间列 / no column of time; allowed: {', '.join(TIME)}; "
            f"there are: {', '.join(dataset.fields)}"
        )
    return {column: name for column, name in found.items() if name is not None}


def _values(tables: Iterable[RawTable], name: str) -> list[Any]:
    return [value for table in tables for value in table.columns[name]]


def _names(
    dataset: Dataset, tables: Sequence[RawTable], column: str | None, count: int, notes: list[str]
) -> list[str | None]:
    given = _values(tables, column) if column is not None else []
    if any(value is not None for value in given):
        return [None if value is None else " ".join(str(value).split()) for value in given]
    notes.append(
        f"{dataset.name}: 没有车牌或编号列，整个文件视为 {dataset.name} 的轨迹 / "
        "no column tells who moved: the file's name is taken"
    )
    return [dataset.name] * count


def _moments(values: Sequence[Any]) -> tuple[Whole, bool]:
    """Microseconds since 1970 UTC, 0 where unreadable; whether some had no zone."""
    given = pd.Series(values, dtype=object)
    number = pd.to_numeric(given, errors="coerce").to_numpy(dtype=np.float64)
    found = np.zeros(len(given), dtype=np.int64)
    counts = np.isfinite(number) & (np.abs(number) < LAST_SECOND * 1000)
    found[counts] = micros(number[counts])
    told = given.where(~np.isfinite(number)).astype("string")
    has_zone = told.str.contains(_ZONE, na=False).to_numpy(dtype=bool)
    is_local = told.notna().to_numpy(dtype=bool) & ~has_zone
    zoned = pd.to_datetime(told[has_zone], utc=True, errors="coerce", format="ISO8601")
    found[has_zone] = _micros(zoned)
    local = pd.to_datetime(told[is_local], errors="coerce", format="mixed")
    found[is_local] = _micros(local.dt.tz_localize(CHINA))
    return found, bool((found[is_local] != 0).any())


def _micros(moments: pd.Series[Any]) -> Whole:
    whole = moments.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy("datetime64[us]")
    return np.where(np.isnat(whole), 0, whole.astype(np.int64))


def _numbers(values: Sequence[Any]) -> Real:
    return pd.to_numeric(pd.Series(values, dtype=object), errors="coerce").to_numpy(np.float64)


def _objects(
    connection: Connection, names: Iterable[str | None]
) -> Mapping[str | None, tuple[int, int]]:
    """1 for a vehicle or 0 for staff, and the id, of each name that is registered."""
    asked = sorted({name for name in names if name is not None})
    rows = connection.execute(_OBJECTS, {"names": asked})
    return {row.name: (row.vehicle, row.id) for row in rows}


def _fixes(rows: TrackRows, places: Whole, objects: Mapping[str | None, tuple[int, int]]) -> Fixes:
    whose = np.array([objects[rows.names[at]] for at in places.tolist()], dtype=np.int64).reshape(
        -1, 2
    )
    return Fixes(
        vehicle=whose[:, 0],
        object_id=whose[:, 1],
        time=rows.time[places],
        longitude=rows.longitude[places],
        latitude=rows.latitude[places],
        is_gcj02=np.zeros(len(places), dtype=bool),
        **{name: values[places] for name, values in rows.values.items()},
    )


def _is_first(fixes: Fixes) -> list[bool]:
    """Whether each fix is the first in the file of its object and moment."""
    pairs = pd.DataFrame({"key": fixes.key, "time": fixes.time})
    return [not again for again in pairs.duplicated().tolist()]
