"""The quick reading of a batch says the same as the slow one, or nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gisserver.intake.protocol import Batch, batch_of
from gisserver.intake.quick_batch import batch_of_sent, sent_batch
from layers.patrol.devices import Sender

UNTIL = datetime.now(UTC) + timedelta(days=1)
SENDERS = {
    "wgd_car": Sender(7, 1, 70, False, UNTIL),
    "wgd_phone": Sender(8, 0, 80, True, UNTIL),
}
number = st.floats(-1e6, 1e6) | st.integers(-1000, 1000)
position = st.fixed_dictionaries(
    {
        "timestamp": st.integers(0, 4_000_000_000)
        | st.integers(10**12, 4 * 10**12)
        | st.floats(0, 4e9),
        "lat": number,
        "lon": number,
    },
    optional={
        "id": st.sampled_from([*SENDERS, "wgd_unknown"]) | st.none(),
        "speed": number | st.none(),
        "bearing": number | st.none(),
        "accuracy": number | st.none(),
        "batt": number | st.none(),
    },
)


def same(one: Batch, other: Batch) -> bool:
    fields = vars(one.fixes)
    return all(
        np.array_equal(value, vars(other.fixes)[name], equal_nan=value.dtype.kind == "f")
        for name, value in fields.items()
    ) and all(
        np.array_equal(getattr(one, name), getattr(other, name))
        for name in ("rows", "device", "unknown")
    )


@given(st.lists(position, min_size=1, max_size=20), st.sampled_from(["", *SENDERS]))
def test_it_reads_what_the_slow_way_reads(positions: list[dict[str, Any]], token: str) -> None:
    body = json.dumps({"positions": positions}).encode()
    sent = sent_batch(body)
    assert sent is not None
    quick = batch_of_sent(sent.positions, token, SENDERS.get)
    assert same(quick, batch_of(positions, token, SENDERS.get))


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'{"positions": [{"timestamp": 1, "lat": 1}]}',
        b'{"positions": [{"timestamp": 1, "lat": "1", "lon": 1}]}',
        b'{"positions": [{"timestamp": 1, "lat": true, "lon": 1}]}',
        b'{"positions": [{"timestamp": "2026-11-20T01:00:00Z", "lat": 1, "lon": 1}]}',
        b'{"positions": [{"timestamp": 1e17, "lat": 1, "lon": 1}]}',
        b'{"positions": [{"timestamp": 1, "lat": 1, "lon": 1, "colour": 1}]}',
        b'{"positions": [{"timestamp": 1, "lat": 1, "lon": 1, "id": 5}]}',
        b'{"positions": [], "more": 1}',
        b'{"\xc3(": 1}',
        b'{"positions": [{"timestamp": 1, "lat": 1, "lon": 1, "id": "\xff"}]}',
    ],
)
def test_what_is_not_as_it_should_be_is_left_to_the_slow_way(body: bytes) -> None:
    assert sent_batch(body) is None
