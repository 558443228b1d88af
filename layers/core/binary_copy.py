"""COPY in PostgreSQL's binary format, made of whole numpy columns: nothing is printed or parsed.

A row's layout depends only on how long its texts are and which of its numbers are missing, so rows
of one layout are written as one array.
"""

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

_SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"
_LENGTH_BITS = 8
_MOST_VARYING = 63 // _LENGTH_BITS
NULL_TEXT = b"\xff"
"""Stands for NULL in a text array: no UTF-8 text is this."""

Column = NDArray[Any]


def copy_columns(connection: Connection, table: str, columns: Mapping[str, Column]) -> None:
    """Appends rows, one array a column, all of one length.

    `i8` arrays are bigint (or timestamptz as microseconds since 2000-01-01 UTC), `f4` and `f8` real
    and double precision with NaN as NULL, `S` arrays UTF-8 text of at most 250 bytes with NULL_TEXT
    as NULL. At most seven columns may vary in length.

    Raises: psycopg2.Error when the table refuses a row; nothing of them is kept.
    """
    names = ", ".join(f'"{name}"' for name in columns)
    body = io.BytesIO(binary_rows(list(columns.values())))
    raw = connection.connection.cursor()
    try:
        raw.copy_expert(f"COPY {table} ({names}) FROM STDIN (FORMAT binary)", body)
    finally:
        raw.close()


def binary_rows(columns: list[Column]) -> bytes:
    """The rows in COPY's binary format; those of one layout stand together."""
    if not len(columns[0]):
        return _SIGNATURE + _END
    lengths = [_lengths(column) for column in columns]
    layout = np.zeros(len(columns[0]), dtype=np.int64)
    varying = [length for length in lengths if isinstance(length, np.ndarray)]
    assert len(varying) <= _MOST_VARYING
    for length in varying:
        layout = (layout << _LENGTH_BITS) | (length + 1)
    _, first, group = np.unique(layout, return_index=True, return_inverse=True)
    order = np.argsort(group, kind="stable")
    ends = np.cumsum(np.bincount(group))
    parts = [_SIGNATURE]
    for number, end in enumerate(ends):
        rows = order[ends[number - 1] if number else 0 : end]
        sample = first[number]
        sizes = [int(n[sample]) if isinstance(n, np.ndarray) else n for n in lengths]
        parts.append(_group(columns, rows, sizes))
    return b"".join((*parts, _END))


def _lengths(column: Column) -> int | NDArray[np.int64]:
    """Bytes of each value, -1 for NULL; one number when all are alike."""
    if column.dtype.kind == "i":
        return 8
    if column.dtype.kind == "f":
        missing = np.isnan(column)
        size = column.dtype.itemsize
        return np.where(missing, -1, size) if missing.any() else size
    is_null = column == np.bytes_(NULL_TEXT)
    return np.where(is_null, -1, np.char.str_len(column)).astype(np.int64)


def _group(columns: list[Column], rows: NDArray[np.int64], sizes: list[int]) -> bytes:
    fields: list[tuple[str, str]] = [("count", ">i2")]
    for number, (column, size) in enumerate(zip(columns, sizes, strict=True)):
        fields.append((f"size{number}", ">i4"))
        if size > 0:
            kind = column.dtype.kind
            fields.append((f"value{number}", f"S{size}" if kind == "S" else f">{kind}{size}"))
    out = np.zeros(len(rows), dtype=fields)
    out["count"] = len(columns)
    for number, (column, size) in enumerate(zip(columns, sizes, strict=True)):
        out[f"size{number}"] = size
        if size > 0:
            out[f"value{number}"] = column[rows]
    return out.tobytes()
