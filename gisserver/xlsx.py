"""Excel files out of rows, written as they come."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

ZONE = ZoneInfo("Asia/Shanghai")
TIME_FORMAT = "yyyy-mm-dd hh:mm:ss"
MOST_WIDE = 48


def workbook(title: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """One sheet with a frozen head line; texts stay texts, times are local (China) time.

    A text that begins like a formula is no formula: what a citizen wrote must not be computed by
    whoever opens the file.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    sheet.freeze_panes = "A2"
    for number, head in enumerate(heads, 1):
        width = sum(2 if ord(letter) > 0x2E7F else 1 for letter in head) + 4
        sheet.column_dimensions[get_column_letter(number)].width = min(max(width, 12), MOST_WIDE)
    top = [WriteOnlyCell(sheet, value=head) for head in heads]
    for cell in top:
        cell.font = Font(bold=True)
    sheet.append(top)
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


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
