"""A work list as an Excel file: every case with the times of all its stages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from sqlalchemy import Connection, text

from gisserver.xlsx import workbook
from layers.core.errors import Fault, Invalid
from layers.core.looks import record_in_each_area
from layers.core.scope import Reader
from layers.incidents.incident import INCIDENTS
from layers.incidents.work_list import MOMENT, Filter, WorkList, condition, where

MOST_ROWS = 50_000
CHUNK = 2000

Language = Literal["zh", "en"]
Texts = Mapping[tuple[str, str], str]

_PLACES = (("街道", "Street", 9), ("社区", "Community", 12), ("网格", "Grid", 14))
_LIGHTS = {"green": ("绿灯", "Green"), "yellow": ("黄灯", "Yellow"), "red": ("红灯", "Red")}
# Fields in the order of the columns; the rest of the row is bookkeeping.
_FIELDS = (
    *("code", "category", "state", "place", "description", "report_source", "people_affected"),
    *("scale", "occurred_at", "reported_at", "accepted_at", "registered_at", "condition"),
    *("warn_at", "due_at", "paused_at", "dispatched_at", "received_at", "arrived_at"),
    *("handled_at", "checked_at", "check_passed", "closed_at", "closing", "closing_condition"),
    *("archived_at", "satisfaction", "supervision", "extended_days", "extension_count"),
    *("rework_count", "return_count"),
)
_LIGHT = (
    f"CASE WHEN due_at IS NULL THEN NULL WHEN {MOMENT} > due_at THEN 'red' "
    f"WHEN {MOMENT} >= warn_at THEN 'yellow' ELSE 'green' END"
)
_HEADS: Sequence[tuple[str, str]] = (
    ("指示灯", "Light"),
    ("责任单位", "Unit in charge"),
    ("责任人", "Person in charge"),
    ("经度", "Longitude"),
    ("纬度", "Latitude"),
)
_CODES = text(
    "SELECT table_name, code, name_zh, coalesce(name_en, name_zh) AS name_en FROM core.code "
    "WHERE table_name = ANY(:tables)"
)
_AREAS = text(
    "SELECT area_code AS code, name FROM territory.area WHERE valid_to IS NULL "
    "UNION ALL SELECT code, name FROM territory.grid WHERE valid_to IS NULL AND kind = 'governance'"
)


def case_file(
    connection: Connection,
    each: WorkList,
    reader: Reader,
    wanted: Filter,
    reason: str,
    language: Language,
) -> bytes:
    """The rows of a list under the filters as an xlsx file, logged with the reason.

    The connection must be in a `reader_transaction` of the reader. Photos are not in it.

    Raises: Invalid when the list has more rows than one file may hold.
    """
    conditions, values = where([each], reader, wanted)
    rows = f"{INCIDENTS.qualified_table} WHERE {conditions} AND {condition(each, reader)}"
    counted = connection.exec_driver_sql(f"SELECT count(*) FROM {rows}", values).scalar_one()
    if counted > MOST_ROWS:
        raise Invalid([Fault("list", f"{counted} rows; one file holds at most {MOST_ROWS}")])
    statement = (
        f"SELECT {', '.join(_FIELDS)}, area_code, {_LIGHT}, organisation.unit_name(unit_id), "
        "organisation.staff_name(handler_id), round(ST_X(geom)::numeric, 6)::float8, "
        f"round(ST_Y(geom)::numeric, 6)::float8 FROM {rows} ORDER BY reported_at, id"
    )
    title = each.title[language == "en"]
    streamed = {"stream_results": True, "yield_per": CHUNK}
    found = connection.exec_driver_sql(statement, values, execution_options=streamed)
    told = _told(found, _texts(connection, language), _areas(connection), language)
    content = workbook(title, _heads(language), told)
    asked = {name: str(value) for name, value in vars(wanted).items() if value is not None}
    detail = {"list": each.name, "filters": asked, "rows": counted}
    record_in_each_area(
        connection, reader, INCIDENTS, "export", INCIDENTS.read, detail, reason=reason
    )
    return content


def _heads(language: Language) -> list[str]:
    at = int(language == "en")
    titles = [INCIDENTS.fields[name].title for name in _FIELDS]
    titles += [(zh, en) for zh, en, _ in _PLACES] + list(_HEADS)
    return [title[at] for title in titles]


def _told(
    rows: Any, texts: Texts, areas: Mapping[str, str], language: Language
) -> Iterator[Sequence[Any]]:
    tables = [INCIDENTS.fields[name].codes for name in _FIELDS]
    yes, no = ("是", "否") if language == "zh" else ("yes", "no")
    for row in rows:
        own, (area, light, *rest) = row[: len(_FIELDS)], row[len(_FIELDS) :]
        shown = [
            texts.get((table, value), value) if table else value
            for table, value in zip(tables, own, strict=True)
        ]
        shown = [(yes if value else no) if isinstance(value, bool) else value for value in shown]
        places = [
            areas.get(area[:digits]) if len(area) >= digits else None for *_, digits in _PLACES
        ]
        yield [*shown, *places, light and _LIGHTS[light][language == "en"], *rest]


def _texts(connection: Connection, language: Language) -> Texts:
    tables = [info.codes for name, info in INCIDENTS.fields.items() if info.codes]
    rows = connection.execute(_CODES, {"tables": tables})
    return {(row[0], row[1]): row[3] if language == "en" else row[2] for row in rows}


def _areas(connection: Connection) -> Mapping[str, str]:
    return {row.code: row.name for row in connection.execute(_AREAS)}
