"""Excel files out of rows, written as they come."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from flask import Response

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ZONE = ZoneInfo("Asia/Shanghai")
WIDE = 22


class Sheet(NamedTuple):
    """A table of a workbook."""

    title: str
    heads: Sequence[str]
    rows: Iterable[Sequence[Any]]


def workbook(title: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """One sheet with a frozen head line; texts stay texts, times are local (China) time.

    A text that begins like a formula is no formula: what a citizen wrote must not be computed by
    whoever opens the file.
    """
    return workbook_of([Sheet(title, heads, rows)])


def workbook_of(sheets: Iterable[Sheet], *, wide: bool = False) -> bytes:
    """The same with several sheets; `wide` gives long texts room."""
    # What writes Excel is large and needed by few requests.
    from gisserver.xlsx_sheets import written

    return written(sheets, WIDE if wide else 12)


def file_answer(content: bytes, name: str) -> Response:
    """An Excel file to be saved under a name, kept by no cache."""
    response = Response(content, mimetype=XLSX)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Cache-Control"] = "no-store"
    return response
