"""Takes fixes in: what is known of their objects, which are stored, what follows from them.

One transaction a batch, whether of one fix or of a hundred thousand: nothing is acknowledged
before it is committed, and what is sent again is stored once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from math import isnan
from typing import Any

import numpy as np
from psycopg2.errors import UniqueViolation
from sqlalchemy import Connection, Engine, text

from layers.core.binary_copy import NULL_TEXT, copy_columns
from layers.core.database import owner_transaction
from layers.core.errors import Fault, Invalid
from layers.patrol.fixes import (
    KINDS,
    SECOND,
    Fixes,
    Flags,
    Outcome,
    Real,
    Whole,
    china_day,
    first_look,
    in_order,
    jumps,
    repeats,
    tidied,
)
from layers.territory.finder import AreaFinder

POSTGRES_EPOCH = 946_684_800 * SECOND
FOREVER = 2**62
TRIES = 4
MOST_NEW_DAYS = 62
"""Days for which one batch may make tables."""

# Bounds as literals: the planner leaves out every other day's table.
_KNOWN = """
SELECT coalesce(s.name, v.plate),
  d.begun, d.ended, patrol.micros(b.device_time), b.longitude, b.latitude,
  ARRAY(SELECT patrol.micros(p.device_time) FROM patrol.position AS p
    WHERE p.object_kind = o.kind AND p.object_id = o.id
      AND p.device_time BETWEEN o.since AND o.until
      AND p.device_time BETWEEN %(first)s AND %(last)s)
FROM (
  SELECT *, CASE vehicle WHEN 0 THEN 'staff' ELSE 'vehicle' END AS kind
  FROM unnest(%(vehicle)s::integer[], %(id)s::bigint[], %(since)s::timestamptz[],
    %(until)s::timestamptz[]) WITH ORDINALITY AS o (vehicle, id, since, until, number)
) AS o
LEFT JOIN organisation.staff AS s ON o.vehicle = 0 AND s.id = o.id
  AND (s.valid_to IS NULL OR s.valid_to > core.today())
LEFT JOIN patrol.vehicle AS v ON o.vehicle = 1 AND v.id = o.id
  AND (v.valid_to IS NULL OR v.valid_to > core.today())
LEFT JOIN LATERAL (
  SELECT coalesce(array_agg(patrol.micros(h.started_at)), '{}') AS begun,
    coalesce(array_agg(patrol.micros(h.ended_at)), '{}') AS ended
  FROM patrol.shift AS h WHERE o.vehicle = 0 AND h.staff_id = o.id
    AND h.started_at <= o.until AND coalesce(h.ended_at, 'infinity') >= o.since
) AS d ON true
LEFT JOIN LATERAL (
  SELECT p.device_time, p.longitude, p.latitude FROM patrol.position AS p
  WHERE p.object_kind = o.kind AND p.object_id = o.id AND p.device_time < o.since
    AND p.device_time >= %(before)s AND p.device_time < %(last)s
  ORDER BY p.device_time DESC LIMIT 1
) AS b ON true
ORDER BY o.number
"""
_KEEP_LAST = """
SELECT patrol.keep_last(%(vehicle)s::integer[], %(id)s::bigint[], %(label)s::text[],
  %(at)s::timestamptz[], %(area)s::text[], %(longitude)s::float8[], %(latitude)s::float8[],
  %(speed)s::real[], %(heading)s::real[], %(accuracy)s::real[], %(battery)s::integer[])
"""
_KEEP_VISITS = """
SELECT patrol.keep_visits(%(day)s::date[], %(vehicle)s::integer[], %(id)s::bigint[],
  %(area)s::text[], %(first)s::timestamptz[], %(last)s::timestamptz[], %(fixes)s::integer[])
"""


@dataclass(frozen=True)
class _Objects:
    """What is known of each object of a batch, in the order of their keys."""

    label: list[str | None]
    begun: list[list[int]]
    ended: list[list[int | None]]
    before: tuple[Whole, Real, Real]
    existing: list[list[int]]


class Intake:
    """Takes fixes in for one process. Safe across threads.

    `state` gives anything that differs once grids or areas have changed.
    """

    def __init__(self, engine: Engine, state: Callable[[], Hashable] = lambda: None) -> None:
        self._engine = engine
        self._state = state
        self._finder: tuple[Hashable, AreaFinder] | None = None
        self._days: set[int] = set()
        self._lock = threading.Lock()

    def take(self, fixes: Fixes, now: datetime | None = None) -> Whole:
        """The outcome (`Outcome`) of each fix, in the order given; when it returns, all is kept.

        Raises: Invalid when the fixes are of too many days; sqlalchemy.exc.DBAPIError or
        psycopg2.Error when the database cannot. Then nothing is kept.
        """
        return _looked_at(fixes, now, self._store)

    def judge(self, fixes: Fixes, now: datetime | None = None) -> Whole:
        """The outcome that each fix would have now; keeps nothing."""

        def only_judged(clean: Fixes, _moment: int) -> Whole:
            with owner_transaction(self._engine, login="intake") as connection:
                return _judge(connection, clean).outcome

        return _looked_at(fixes, now, only_judged)

    def _store(self, fixes: Fixes, moment: int) -> Whole:
        self.prepare_days(np.unique(china_day(fixes.time)))
        for left in reversed(range(TRIES)):
            try:
                with owner_transaction(self._engine, login="intake") as connection:
                    return _take(connection, self._areas(connection), fixes, moment)
            except UniqueViolation:
                # Another batch has just stored one of these; then it is known the next time.
                if not left:
                    raise
        raise AssertionError("not reached")

    def prepare_days(self, days: Whole) -> None:
        """Makes the tables of days (since 1970-01-01, China time) that are not there yet.

        Raises: Invalid when they are more than 62: a device whose clock wanders fills no catalogue.
        """
        missing = [day for day in days.tolist() if day not in self._days]
        if len(missing) > MOST_NEW_DAYS:
            raise Invalid([Fault("timestamp", f"{len(missing)} days at once; send them in parts")])
        if missing:
            with owner_transaction(self._engine) as connection:
                connection.execute(
                    text("SELECT patrol.ensure_day(day) FROM unnest(CAST(:days AS date[])) AS day"),
                    {"days": _dates(np.array(missing))},
                )
            self._days.update(missing)

    def forget_days(self) -> None:
        """Looks again which days have tables: after old ones were dropped."""
        self._days.clear()

    def _areas(self, connection: Connection) -> AreaFinder:
        state = self._state()
        with self._lock:
            if self._finder is None or self._finder[0] != state:
                self._finder = (state, AreaFinder(connection))
            return self._finder[1]


def _looked_at(fixes: Fixes, now: datetime | None, further: Callable[[Fixes, int], Whole]) -> Whole:
    """The outcome of each fix; what passes the first look goes `further`, tidied and in order."""
    moment = round((now or datetime.now(UTC)).timestamp() * SECOND)
    clean = tidied(fixes)
    outcome = first_look(clean, moment)
    rows = np.flatnonzero(outcome == Outcome.TAKEN)
    rows = rows[in_order(clean.take(rows))]
    if len(rows):
        outcome[rows] = further(clean.take(rows), moment)
    return outcome


@dataclass(frozen=True)
class _Judged:
    """Outcomes of fixes in order; `label` is the name of each fix's object."""

    outcome: Whole
    label: list[str | None]
    number: Whole


def _judge(connection: Connection, fixes: Fixes) -> _Judged:
    _, first, number = np.unique(fixes.key, return_index=True, return_inverse=True)
    known = _ask(connection, fixes, first)
    outcome = np.full(len(fixes), int(Outcome.TAKEN), dtype=np.int64)
    outcome[repeats(fixes)] = Outcome.DUPLICATE
    is_unknown = np.array([label is None for label in known.label])
    outcome[is_unknown[number]] = Outcome.UNREGISTERED
    outcome[~_on_duty(fixes, known, first)] = Outcome.OFF_DUTY
    outcome[_existing(fixes, known, first)] = Outcome.DUPLICATE
    rows = np.flatnonzero(outcome == Outcome.TAKEN)
    if len(rows):
        before = tuple(column[number[rows]] for column in known.before)
        outcome[rows[jumps(fixes.take(rows), before)]] = Outcome.JUMP  # type: ignore[arg-type]
    return _Judged(outcome, known.label, number)


def _take(connection: Connection, finder: AreaFinder, fixes: Fixes, moment: int) -> Whole:
    """Stores fixes in order; returns their outcomes."""
    judged = _judge(connection, fixes)
    outcome = judged.outcome
    rows = np.flatnonzero(outcome <= Outcome.JUMP)
    if not len(rows):
        return outcome
    taken, owner = fixes.take(rows), judged.number[rows]
    strange = outcome[rows] == Outcome.JUMP
    area = finder.codes(taken.longitude, taken.latitude)
    _copy(connection, taken, area, strange, moment)
    sound = np.flatnonzero(~strange)
    if len(sound):
        kept, place, owner = taken.take(sound), area[sound], owner[sound]
        _keep_visits(connection, kept, place)
        _keep_last(connection, kept, place, [judged.label[each] for each in owner[_lasts(kept)]])
    return outcome


def _ask(connection: Connection, fixes: Fixes, first: Whole) -> _Objects:
    last = np.append(first[1:], len(fixes)) - 1
    since, until = fixes.time[first], fixes.time[last]
    values = {
        "vehicle": fixes.vehicle[first].tolist(),
        "id": fixes.object_id[first].tolist(),
        "since": _stamps(since),
        "until": _stamps(until),
        "before": _stamps(since.min(keepdims=True) - 3600 * SECOND)[0],
        "first": _stamps(since.min(keepdims=True))[0],
        "last": _stamps(until.max(keepdims=True))[0],
    }
    rows: Any = connection.exec_driver_sql(_KNOWN, values).all()
    return _Objects(
        label=[row[0] for row in rows],
        begun=[row[1] for row in rows],
        ended=[row[2] for row in rows],
        before=(
            np.array([row[3] or 0 for row in rows], dtype=np.int64),
            np.array([row[4] for row in rows], dtype=np.float64),
            np.array([row[5] for row in rows], dtype=np.float64),
        ),
        existing=[row[6] for row in rows],
    )


def _on_duty(fixes: Fixes, known: _Objects, first: Whole) -> Flags:
    """Whether each fix falls into a shift; vehicles are always on duty."""
    inside: Flags = fixes.vehicle == 1
    for number, (start, end) in enumerate(_runs(first, len(fixes))):
        time = fixes.time[start:end]
        for begun, ended in zip(known.begun[number], known.ended[number], strict=True):
            over = FOREVER if ended is None else ended
            inside[start:end] |= (time >= begun) & (time <= over)
    return inside


def _existing(fixes: Fixes, known: _Objects, first: Whole) -> Flags:
    found = np.zeros(len(fixes), dtype=bool)
    for number, (start, end) in enumerate(_runs(first, len(fixes))):
        if known.existing[number]:
            found[start:end] = np.isin(fixes.time[start:end], known.existing[number])
    return found


def _runs(first: Whole, total: int) -> list[tuple[int, int]]:
    return list(pairwise([*first.tolist(), total]))


def _copy(connection: Connection, fixes: Fixes, area: Any, strange: Flags, moment: int) -> None:
    kinds = np.array([kind.encode() for kind in KINDS])
    copy_columns(
        connection,
        "patrol.position",
        {
            "object_kind": kinds[fixes.vehicle],
            "object_id": fixes.object_id,
            "device_time": fixes.time - POSTGRES_EPOCH,
            "server_time": np.full(len(fixes), moment - POSTGRES_EPOCH),
            "area_code": area,
            "longitude": fixes.longitude,
            "latitude": fixes.latitude,
            "speed": fixes.speed.astype(np.float32),
            "heading": fixes.heading.astype(np.float32),
            "accuracy": fixes.accuracy.astype(np.float32),
            "flag": np.where(strange, b"jump", NULL_TEXT),
        },
    )


def _lasts(fixes: Fixes) -> Whole:
    """Rows with the last fix of each object."""
    return np.flatnonzero(np.append(np.diff(fixes.key) != 0, True))


def _keep_last(connection: Connection, fixes: Fixes, area: Any, labels: list[str | None]) -> None:
    rows = _lasts(fixes)
    last = fixes.take(rows)
    values = {
        "vehicle": last.vehicle.tolist(),
        "id": last.object_id.tolist(),
        "label": labels,
        "at": _stamps(last.time),
        "area": [code.decode() for code in area[rows].tolist()],
        "longitude": last.longitude.tolist(),
        "latitude": last.latitude.tolist(),
        "speed": _known(last.speed),
        "heading": _known(last.heading),
        "accuracy": _known(last.accuracy),
        "battery": [None if each is None else round(each) for each in _known(last.battery)],
    }
    connection.exec_driver_sql(_KEEP_LAST, values)


def _keep_visits(connection: Connection, fixes: Fixes, area: Any) -> None:
    day = china_day(fixes.time)
    _, code = np.unique(area, return_inverse=True)
    order = np.lexsort((fixes.time, code, day, fixes.key))
    columns = [values[order] for values in (fixes.key, day, code)]
    new = np.ones(len(order), dtype=bool)
    new[1:] = np.any([np.diff(values) != 0 for values in columns], axis=0)
    start = np.flatnonzero(new)
    end = np.append(start[1:], len(order)) - 1
    head = fixes.take(order[start])
    values = {
        "day": _dates(day[order[start]]),
        "vehicle": head.vehicle.tolist(),
        "id": head.object_id.tolist(),
        "area": [found.decode() for found in area[order[start]].tolist()],
        "first": _stamps(head.time),
        "last": _stamps(fixes.time[order[end]]),
        "fixes": (end - start + 1).tolist(),
    }
    connection.exec_driver_sql(_KEEP_VISITS, values)


def _known(values: Real) -> list[float | None]:
    return [None if isnan(value) else value for value in values.tolist()]


def _stamps(times: Whole) -> list[str]:
    return [f"{text}Z" for text in np.datetime_as_string(times.view("datetime64[us]")).tolist()]


def _dates(days: Whole) -> list[str]:
    found: list[str] = np.datetime_as_string(days.astype("datetime64[D]")).tolist()
    return found
