"""Lines with a time, as bytes: Tiny Well-Known Binary of a MULTILINESTRING M.

Source: TWKB specification, https://github.com/TWKB/Specification. Coordinates are whole steps, each
told as its difference to the one before it, in as few bytes as it needs; PostGIS makes and reads
the same by `ST_AsTWKB` and `ST_GeomFromTWKB`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

PLACES = 6
"""Decimals of a degree kept: a tenth of a metre."""
_MULTI_LINE = 5
_EXTENDED, _EMPTY = 0x08, 0x10
_HAS_M = 0x02
_LONGEST = 10


def multi_line(pieces: Sequence[slice], longitude: Floats, latitude: Floats, time: Ints) -> bytes:
    """TWKB of the pieces one after the other: degrees EPSG:4326, M in whole units of `time`.

    The places of the pieces are those of the arrays, in the order of time. A piece of one place
    is told as that place twice: a line has two.
    """
    kind = _MULTI_LINE | (2 * PLACES) << 4
    if not pieces:
        return bytes([kind, _EXTENDED | _EMPTY, _HAS_M])
    degrees = np.stack([longitude, latitude]) * 10**PLACES
    steps = np.vstack([np.rint(degrees).astype(np.int64), time]).T
    parts = [steps[piece] for piece in pieces]
    parts = [np.repeat(part, 2, axis=0) if len(part) == 1 else part for part in parts]
    kept = np.concatenate(parts)
    differences = np.diff(kept, axis=0, prepend=np.zeros((1, 3), dtype=np.int64)).ravel()
    sizes = np.array([len(part) for part in parts])
    # The number of places stands before each piece.
    starts = 3 * (np.cumsum(sizes) - sizes)
    values = np.insert(differences << 1 ^ differences >> 63, starts, sizes)
    return bytes([kind, _EXTENDED, _HAS_M]) + varints(np.insert(values, 0, len(pieces)))


def varints(values: Ints) -> bytes:
    """Each number in seven bits a byte, the lowest first; all bytes but its last begin with 1."""
    left = values.astype(np.uint64)[:, None] >> (7 * np.arange(_LONGEST, dtype=np.uint64))
    # A byte is needed as long as anything is left at its place; zero needs one too.
    needed = left > 0
    needed[:, 0] = True
    follows = np.zeros_like(needed)
    follows[:, :-1] = needed[:, 1:]
    encoded = (left & np.uint64(0x7F)).astype(np.uint8) | (follows.astype(np.uint8) << 7)
    return encoded[needed].tobytes()
