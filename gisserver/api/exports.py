"""Answers taken out: as a file of rows, or as one page of a map. With a right, a reason and a line.

The line of the audit log is committed before the first byte leaves.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, request, send_file
from sqlalchemy import Connection

from gisserver.api.questions import asked, place_of
from gisserver.context import current_reader, reader_connection, require
from gisserver.parameters import choice, json_body, language_of, take_parameters, text_member
from gisserver.xlsx import XLSX, ZONE
from layers.analysis.place import Place
from layers.analysis.question import Question
from layers.analysis.record import read_reason, record_export
from layers.analysis.rows import RowCount, count_rows, find_rows
from layers.catalogue import LAYERS
from layers.core.errors import Fault, Forbidden, Invalid
from layers.core.rights import Right

blueprint = Blueprint("exports", __name__, url_prefix="/api/exports")

# Suffix, media type and most rows of each format.
FORMATS = {
    "gpkg": ("application/geopackage+sqlite3", 200_000),
    "geojson": ("application/geo+json", 200_000),
    "xlsx": (XLSX, 100_000),
    "csv": ("text/csv", 200_000),
}
MAPS = ("2d", "3d")
POINT_TITLES = (("经度", "纬度"), ("Longitude", "Latitude"))
MEMBERS = ("question", "reason", "language")
_LAYERS = {layer.name: layer for layer in LAYERS}


@blueprint.post("")
def export() -> Response:
    """All rows of an answer as GeoPackage, GeoJSON, Excel or CSV."""
    # What writes files is large and needed by few requests.
    from etl.writing import Column, Rows, write_rows

    take_parameters(request)
    body = json_body(request, (*MEMBERS, "format"))
    suffix = choice(body.get("format"), "format", tuple(FORMATS))
    media_type, most = FORMATS[suffix]
    language = language_of(body)

    def write(connection: Connection, question: Question, place: Place, path: Path) -> int:
        found = find_rows(connection, question, place, current_reader(), _LAYERS, language)
        rows = Rows(
            name=question.layer.title[language],
            columns=tuple(Column(column.title, column.kind) for column in found.columns),
            geometry=found.geometry,
            batches=found.batches,
            point_titles=POINT_TITLES[language],
        )
        return write_rows(rows, path)

    return _taken_out(body, suffix, media_type, most, write, {"format": suffix})


@blueprint.post("/map")
def share() -> Response:
    """An answer as one page of a map that opens without a network, flat (2d) or raised (3d)."""
    # Drawing libraries are large and needed by few requests.
    from viewer.export.folium import folium_page
    from viewer.export.picture import MOST_FEATURES, TooLarge, picture_of_question
    from viewer.export.pydeck import pydeck_page

    take_parameters(request)
    body = json_body(request, (*MEMBERS, "kind", "title"))
    kind = choice(body.get("kind"), "kind", MAPS)
    title = text_member(body, "title", maximum=120) if body.get("title") else ""
    language = language_of(body)

    def write(connection: Connection, question: Question, place: Place, path: Path) -> int:
        reader = current_reader()
        try:
            picture = picture_of_question(
                connection, question, place, reader, title=title, language=language
            )
            page = folium_page(picture) if kind == "2d" else pydeck_page(picture)
        except TooLarge as error:
            raise Invalid([Fault("question", str(error))]) from error
        path.write_text(page, encoding="utf-8")
        return len(picture.items)

    return _taken_out(body, "html", "text/html", MOST_FEATURES, write, {"map": kind})


def _taken_out(
    body: dict[str, Any],
    suffix: str,
    media_type: str,
    most: int,
    write: Callable[[Connection, Question, Place, Path], int],
    detail: dict[str, Any],
) -> Response:
    """The file of a question, made and logged in one transaction, then sent."""
    reader = require(Right.DATA_EXPORT)
    question, reason = asked(body.get("question")), read_reason(body.get("reason"))
    with tempfile.TemporaryDirectory(prefix="wangge-export-") as folder:
        path = Path(folder) / f"answer.{suffix}"
        with reader_connection(streams=True) as connection:
            place = place_of(connection, question)
            _check(count_rows(connection, question, place, reader), most)
            rows = write(connection, question, place, path)
            record_export(connection, question, place, reader, reason, {**detail, "rows": rows})
        content = path.open("rb")  # stays readable once its folder is gone
    language = language_of(body)
    now = datetime.now(ZONE)
    name = f"{question.layer.title[language]}_{now:%Y%m%d_%H%M}.{suffix}"
    response = send_file(content, mimetype=media_type, as_attachment=True, download_name=name)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Rows"] = str(rows)
    return response


def _check(count: RowCount, most: int) -> None:
    if count.found > most:
        reason = f"{count.found:,} rows; at most {most:,} go into one file. Narrow the question"
        raise Invalid([Fault("question", reason)])
    outside = count.found - count.exportable
    if outside:
        raise Forbidden(
            f"{outside:,} of {count.found:,} rows lie where you may look but not take data out"
        )
