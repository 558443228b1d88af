"""Source keys: what makes a row of a file the same row when the file is loaded again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import shapely

from etl.check import CheckedRows, Remark
from etl.reasons import Outcome

_IDENTITY = ("code", "name", "number", "address", "place", "description")
_OWN_NUMBER = "id_number"
_WITHOUT_PLACE = (
    *_IDENTITY,
    *("building_id", "unit", "floor", "room_number", "dwelling_id", "person_id"),
    *("birth_date", "phone", "valid_from", "plate", "staff_id", "started_at"),
)
_PRECISION_DEGREES = 1e-6


Digest = Callable[[bytes], str]


def plain_digest(content: bytes) -> str:
    """A short digest that anybody can compute: for content that is no secret."""
    return hashlib.blake2b(content, digest_size=12).hexdigest()


def with_keys(rows: CheckedRows, digest: Digest = plain_digest) -> tuple[CheckedRows, bool]:
    """The rows of one layer, each with a key, later twins rejected; and whether own keys held.

    Own keys that are mostly the same value (an "Id" column full of zeros) are no keys. Then, and
    where there is none, the key comes from the content: the outline of a surface or line, the
    name, address and place of a point, so that other values may change without a new row.
    `digest` must be a keyed one where the content is sensitive: the few ID numbers there can be
    are quickly tried through a plain digest.
    """
    own = [key for key in rows.keys if key is not None]
    trusted = len(set(own)) * 2 > len(own)
    keys: list[str | None] = list(rows.keys) if trusted else [None] * len(rows)
    nameless = [at for at, key in enumerate(keys) if key is None]
    for at, key in zip(nameless, _content_keys(rows, nameless, digest), strict=True):
        keys[at] = key
    keyed = replace(rows, keys=keys)
    return keyed.remarked(_twins(keyed)), trusted or not own


def _twins(rows: CheckedRows) -> dict[int, Remark]:
    codes = rows.values.get("code") or [None] * len(rows)
    given = [code for code in codes if code is not None]
    if len(set(rows.keys)) == len(rows) and len(set(given)) == len(given):
        return {}
    twins: dict[int, Remark] = {}
    seen: set[str | None] = set()
    seen_codes: set[str] = set()
    for at, (key, code) in enumerate(zip(rows.keys, codes, strict=True)):
        if at in rows.remarks and rows.outcome(at) is Outcome.REJECTED:
            continue
        if key in seen:
            twins[at] = Remark("duplicate", "", str(key))
        elif code is not None and code in seen_codes:
            twins[at] = Remark("duplicate_code", "code", str(code))
        else:
            seen.add(key)
            if code is not None:
                seen_codes.add(code)
    return twins


def _content_keys(rows: CheckedRows, places: Sequence[int], digest: Digest) -> list[str]:
    geometries = rows.geometries[np.array(places, dtype=np.intp)]
    points = shapely.get_type_id(geometries) == 0
    rounded = shapely.to_wkb(
        shapely.set_precision(geometries, _PRECISION_DEGREES, mode="pointwise")
    )
    return [
        digest((wkb or b"") + (_words(rows, at) if point or wkb is None else "").encode())
        for at, wkb, point in zip(places, rounded, points, strict=True)
    ]


def _words(rows: CheckedRows, at: int) -> str:
    own_number = rows.values.get(_OWN_NUMBER)
    if own_number is not None and own_number[at]:
        return str(own_number[at])
    names = _IDENTITY if rows.geometries[at] is not None else _WITHOUT_PLACE
    columns = (rows.values.get(name) for name in names)
    return "\x1f".join("" if column is None else str(column[at] or "") for column in columns)
