"""Tables written into an Excel workbook, row by row."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from gisserver.xlsx import ZONE, Sheet

TIME_FORMAT = "yyyy-mm-dd hh:mm:ss"
MOST_WIDE = 48


def written(sheets: Iterable[Sheet], least: int) -> bytes:
    """The file with these tables, each column at least so many letters wide."""
    book = Workbook(write_only=True)
    for each in sheets:
        _write(book, each, least)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


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
