"""Our own batch of positions, read straight into columns when every position is as it should be.

A batch of tens of thousands is mostly reading: objects that take no part in garbage collection and
no dictionary for each position make it several times quicker. What does not fit is left to
`protocol.py`, which reads one position after the other and can say what is wrong with each.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any

import msgspec
import numpy as np

from gisserver.intake.protocol import Batch
from layers.patrol.devices import Sender
from layers.patrol.fixes import LAST_SECOND, Fixes, Real, micros


class SentPosition(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """One position; `timestamp` in seconds or milliseconds since 1970, `speed` in km/h."""

    timestamp: float
    lat: float
    lon: float
    id: str | None = None
    speed: float | None = None
    bearing: float | None = None
    accuracy: float | None = None
    batt: float | None = None


class SentBatch(msgspec.Struct, forbid_unknown_fields=True):
    """The body of a batch; `id` is the token of positions that carry none."""

    positions: list[SentPosition]
    id: str | None = None


_DECODER = msgspec.json.Decoder(SentBatch)


def sent_batch(body: bytes) -> SentBatch | None:
    """The batch in a JSON body; None when anything in it is not as it should be."""
    try:
        sent = _DECODER.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    in_range = all(abs(each.timestamp) < LAST_SECOND * 1000 for each in sent.positions)
    return sent if in_range else None


def batch_of_sent(
    positions: Sequence[SentPosition], default: str, find: Callable[[str], Sender | None]
) -> Batch:
    """The fixes of the batch; `default` is the token of positions that carry none."""
    tokens = [each.id if each.id is not None else default for each in positions]
    number = {token: at for at, token in enumerate(dict.fromkeys(tokens))}
    owner = np.fromiter(map(number.__getitem__, tokens), dtype=np.int64, count=len(tokens))
    whose = np.array([_row(find(token)) for token in number], dtype=np.int64)[owner]
    is_known = whose[:, 0] >= 0
    rows = np.flatnonzero(is_known)
    whose = whose[rows]
    count = _column(positions, "timestamp")[rows]
    fixes = Fixes(
        vehicle=whose[:, 1],
        object_id=whose[:, 2],
        time=micros(count),
        longitude=_column(positions, "lon")[rows],
        latitude=_column(positions, "lat")[rows],
        speed=_known(positions, "speed")[rows],
        heading=_known(positions, "bearing")[rows],
        accuracy=_known(positions, "accuracy")[rows],
        battery=_known(positions, "batt")[rows],
        is_gcj02=whose[:, 3] == 1,
    )
    return Batch(fixes, rows, whose[:, 0], np.flatnonzero(~is_known))


def _row(sender: Sender | None) -> tuple[int, int, int, int]:
    if sender is None:
        return (-1, 0, 0, 0)
    return (sender.device_id, sender.vehicle, sender.object_id, int(sender.is_gcj02))


def _column(positions: Sequence[SentPosition], name: str) -> Real:
    values: Any = map(attrgetter(name), positions)
    return np.fromiter(values, dtype=np.float64, count=len(positions))


def _known(positions: Sequence[SentPosition], name: str) -> Real:
    """The same for what may be left out: NaN there."""
    return np.array(list(map(attrgetter(name), positions)), dtype=np.float64)
