"""Excel files out of rows, written as they come."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from flask import Response
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ZONE = ZoneInfo("Asia/Shanghai")
TIME_FORMAT = "yyyy-mm-dd hh:mm:ss"
MOST_WIDE = 48
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
    book = Workbook(write_only=True)
    for each in sheets:
        _write(book, each, WIDE if wide else 12)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def file_answer(content: bytes, name: str) -> Response:
    """An Excel file to be saved under a name, kept by no cache."""
    response = Response(content, mimetype=XLSX)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Cache-Control"] = "no-store"
    return response


def _write(book: Workbook, each: Sheet, least: int) -> None:
    sheet = book.create_sheet(each.title[:31])
    sheet.freeze_panes = "A2"
    for number, head in enumerate(each.heads, 1):
        width = sum(2 if ord(letter) > 0x2E7F else 1 for letter in head) + 4
        sheet.column_dimensions[get_column_letter(number)].width = min(max(width, least), MOST_WIDE)
    top = [WriteOnlyCell(sheet, value=head) for head in each.heads]
    for cell in top:
        cell.font = Font(bold=True)
    sheet.append(top)
    for row in each.rows:
        sheet.append([_cell(sheet, value) for value in row])


def _cell(sheet: Any, value: Any) -> Any:
    if isinstance(value, str):
        clean = ILLEGAL_CHARACTERS_RE.sub("", value)
        if not clean.startswith("="):
            return clean
        cell = WriteOnlyCell(sheet, value=clean)
        cell.data_type = "s"
        return cell
    if isinstance(value, datetime):
        cell = WriteOnlyCell(
            sheet, value=value.astimezone(ZONE).replace(tzinfo=None, microsecond=0)
        )
        cell.number_format = TIME_FORMAT
        return cell
    return value
