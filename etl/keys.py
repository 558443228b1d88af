"""Source keys: what makes a row of a file the same row when the file is loaded again."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import shapely

from etl.check import CheckedRow, Remark
from etl.reasons import Outcome

_IDENTITY = ("code", "name", "number", "address", "place", "description")
_OWN_NUMBER = "id_number"
_WITHOUT_PLACE = (
    *_IDENTITY,
    *("building_id", "unit", "floor", "room_number", "dwelling_id", "person_id"),
    *("birth_date", "phone", "valid_from"),
)
_PRECISION_DEGREES = 1e-6


Digest = Callable[[bytes], str]


def plain_digest(content: bytes) -> str:
    """A short digest that anybody can compute: for content that is no secret."""
    return hashlib.blake2b(content, digest_size=12).hexdigest()


def with_keys(
    rows: Sequence[CheckedRow], digest: Digest = plain_digest
) -> tuple[list[CheckedRow], bool]:
    """The rows of one layer, each with a key, later twins rejected; and whether own keys held.

    Own keys that are mostly the same value (an "Id" column full of zeros) are no keys. Then, and
    where there is none, the key comes from the content: the outline of a surface or line, the
    name, address and place of a point, so that other values may change without a new row.
    `digest` must be a keyed one where the content is sensitive: the few ID numbers there can be
    are quickly tried through a plain digest.
    """
    own = Counter(row.key for row in rows if row.key is not None)
    trusted = len(own) * 2 > own.total()
    nameless = [row for row in rows if not trusted or row.key is None]
    derived = iter(_content_keys(nameless, digest))
    seen: set[str] = set()
    codes: set[str] = set()
    result = []
    for row in rows:
        if not trusted or row.key is None:
            row = replace(row, key=next(derived))
        if row.outcome is not Outcome.REJECTED:
            remark = _twin(row, str(row.key), seen, codes)
            if remark is not None:
                row = replace(row, remarks=(*row.remarks, remark))
        result.append(row)
    return result, trusted or not own


def _twin(row: CheckedRow, key: str, seen: set[str], codes: set[str]) -> Remark | None:
    if key in seen:
        return Remark("duplicate", "", key)
    code = row.values.get("code")
    if code is not None and str(code) in codes:
        return Remark("duplicate_code", "code", str(code))
    seen.add(key)
    if code is not None:
        codes.add(str(code))
    return None


def _content_keys(rows: Sequence[CheckedRow], digest: Digest) -> list[str]:
    geometries = np.full(len(rows), None, dtype=object)
    geometries[:] = [row.geometry for row in rows]
    points = shapely.get_type_id(geometries) == 0
    rounded = shapely.to_wkb(
        shapely.set_precision(geometries, _PRECISION_DEGREES, mode="pointwise")
    )
    return [
        digest((wkb or b"") + (_words(row) if point or wkb is None else "").encode())
        for row, wkb, point in zip(rows, rounded, points, strict=True)
    ]


def _words(row: CheckedRow) -> str:
    if row.values.get(_OWN_NUMBER):
        return str(row.values[_OWN_NUMBER])
    names = _IDENTITY if row.geometry is not None else _WITHOUT_PLACE
    return "\x1f".join(str(row.values.get(name) or "") for name in names)
