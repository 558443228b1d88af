"""What a shared map shows: features with popups, the ground around them, a legend, a watermark.

A picture comes from a question (with a database and a reader) or from any GeoDataFrame, so that a
notebook makes the same maps as the platform. Coordinates are WGS 84.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pandas
import shapely
from geopandas import GeoDataFrame
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection

from layers.analysis.place import Place
from layers.analysis.question import Question
from layers.analysis.rows import RowColumn, find_rows
from layers.catalogue import LAYERS
from layers.core.layer import Layer, Legend
from layers.core.scope import Reader
from viewer.export.background import Ground, find_ground
from viewer.export.classes import classes_of, look_in
from viewer.export.style import Look

CHINA = ZoneInfo("Asia/Shanghai")
MOST_FEATURES = 5_000
_DECIMALS = 6
_SCREEN_PIXELS = 1_366
_PROPORTION = 16 / 9
_MARGIN = 1.25
_BEYOND = 0.3
_LEAST_DEGREES = 0.002
_NOTHING = (104.0, 35.0, 105.0, 36.0)  # somewhere in the middle of China
_TILE_PIXELS = 512
_PLAIN_FILL = "#e23b3b"


class TooLarge(ValueError):
    """The map would be too large a file; the message says how large and what is allowed."""


@dataclass(frozen=True)
class Item:
    """One feature: its shape, the fields that its look depends on, and what its popup says.

    `look` is given where no layer says how it looks.
    """

    shape: BaseGeometry
    properties: Mapping[str, Any]
    told: Sequence[tuple[str, str]]
    look: Look | None = None


@dataclass(frozen=True)
class Picture:
    """Everything on a shared map. `layer` gives the look, None a plain one.

    `classes` are lines of the legend of items that have a look of their own, under `classed_by`.
    """

    title: str
    items: Sequence[Item]
    layer: Layer | None = None
    outline: BaseGeometry | None = None
    ground: Sequence[Ground] = ()
    watermark: str = ""
    language: int = 0
    classes: Sequence[Legend] = ()
    classed_by: str = ""
    made_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north of what is shown, as wide and high as a screen is."""
        shapes = [item.shape for item in self.items]
        if self.outline is not None:
            shapes.append(self.outline)
        return framed(shapes)

    @property
    def zoom(self) -> float:
        """The zoom at which a screen shows it all, as style expressions count zooms."""
        west, _, east, _ = self.bounds
        return min(18.0, math.log2(360 * _SCREEN_PIXELS / (_TILE_PIXELS * (east - west))))

    @property
    def legend(self) -> tuple[Legend, ...]:
        """Lines of the legend of what was asked for."""
        if self.classes:
            return tuple(self.classes)
        return self.layer.legend if self.layer is not None else ()


def picture_of_question(
    connection: Connection,
    question: Question,
    place: Place,
    reader: Reader,
    *,
    title: str = "",
    language: int = 0,
) -> Picture:
    """The picture of a question's answer, with the ground around it.

    Raises: TooLarge for more than `MOST_FEATURES` rows.
    """
    layers = {layer.name: layer for layer in LAYERS}
    rows = find_rows(connection, question, place, reader, layers, language)
    items: list[Item] = []
    for batch in rows.batches:
        items += (_item(rows.columns, row, language) for row in batch)
        refuse_too_many(len(items))
    picture = Picture(
        title=title or question.layer.title[language],
        items=items,
        layer=question.layer if question.layer.geometry_kind else None,
        outline=place.outline,
        watermark=reader.login,
        language=language,
    )
    around = _grown(picture.bounds)
    ground = find_ground(connection, reader, around, picture.zoom, question.layer)
    return replace(picture, ground=ground)


def picture_of_frame(
    frame: GeoDataFrame,
    *,
    title: str,
    layer: Layer | None = None,
    watermark: str = "",
    colour_by: str | None = None,
    height_by: str | None = None,
) -> Picture:
    """The picture of a table of features in any reference system; popups show its columns.

    `colour_by` is a column of numbers shown in classes, `height_by` one of metres above the ground;
    both stand in place of a layer's look.

    Raises: ValueError without a reference system, for a column that is not there or holds no
    number; TooLarge for more than `MOST_FEATURES` rows.
    """
    if frame.crs is None:
        raise ValueError("the GeoDataFrame has no reference system; set its crs first")
    refuse_too_many(len(frame))
    around = frame.to_crs("EPSG:4326")
    columns = [name for name in around.columns if name != around.geometry.name]
    looks, legend = _looks_by(frame, colour_by, height_by)
    named = layer.fields if layer is not None else {}
    titles = {name: named[name].title[0] if name in named else str(name) for name in columns}
    items = []
    cells_of = (around[name] for name in columns)
    for shape, look, *cells in zip(around.geometry, looks, *cells_of, strict=True):
        values = {
            name: None if _is_missing(cell) else cell
            for name, cell in zip(columns, cells, strict=True)
        }
        told = [(titles[name], text_of(cell)) for name, cell in values.items() if cell is not None]
        if shape is not None and not shape.is_empty:
            items.append(Item(shape, values, told, look))
    return Picture(
        title=title,
        items=items,
        layer=layer,
        watermark=watermark,
        classes=legend,
        classed_by=titles.get(colour_by, colour_by) if colour_by else "",
    )


def _looks_by(
    frame: GeoDataFrame, colour_by: str | None, height_by: str | None
) -> tuple[Sequence[Look | None], Sequence[Legend]]:
    """A look for each row and the legend; none where neither column is named."""
    if colour_by is None and height_by is None:
        return [None] * len(frame), ()
    heights = [None] * len(frame) if height_by is None else _numbers(frame, height_by)
    if colour_by is None:
        return [look_in(_PLAIN_FILL, height) for height in heights], ()
    values = _numbers(frame, colour_by)
    classes = classes_of(colour_by, values)
    looks = [
        look_in(classes.colour(value), height)
        for value, height in zip(values, heights, strict=True)
    ]
    is_point = bool(len(frame)) and bool(frame.geom_type.str.contains("Point").all())
    return looks, tuple(classes.legend("circle" if is_point else "fill"))


def _numbers(frame: GeoDataFrame, column: str) -> list[float | None]:
    if column not in frame.columns:
        raise ValueError(f"no column {column!r}; there are: {', '.join(map(str, frame.columns))}")
    if not pandas.api.types.is_numeric_dtype(frame[column]):
        raise ValueError(f"{column}: a column of numbers is needed")
    return [None if _is_missing(value) else float(value) for value in frame[column]]


def refuse_too_many(count: int) -> None:
    """Raises TooLarge when there are more features than a shared map may hold."""
    if count > MOST_FEATURES:
        raise TooLarge(
            f"more than {MOST_FEATURES:,} features; narrow the question or export a GeoPackage"
        )


def framed(shapes: Iterable[BaseGeometry]) -> tuple[float, float, float, float]:
    """West, south, east, north around shapes, with a margin and a screen's proportions."""
    boxes = [shape.bounds for shape in shapes if not shape.is_empty] or [_NOTHING]
    west, south = min(box[0] for box in boxes), min(box[1] for box in boxes)
    east, north = max(box[2] for box in boxes), max(box[3] for box in boxes)
    x, y = (west + east) / 2, (south + north) / 2
    squeeze = math.cos(math.radians(y))  # a degree of longitude is so much of one of latitude
    high = max(north - south, (east - west) * squeeze / _PROPORTION, _LEAST_DEGREES) * _MARGIN
    wide = high * _PROPORTION / squeeze
    return x - wide / 2, y - high / 2, x + wide / 2, y + high / 2


def _grown(bounds: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """The ground goes on where a tilted view or a wider screen looks further."""
    west, south, east, north = bounds
    wide, high = (east - west) * _BEYOND, (north - south) * _BEYOND
    return west - wide, south - high, east + wide, north + high


def geojson(shape: BaseGeometry) -> dict[str, Any]:
    """A GeoJSON geometry with six decimals (about a decimetre)."""
    rounded = shapely.transform(shape, lambda xy: xy.round(_DECIMALS))
    return dict(mapping(rounded))


def popup_html(told: Sequence[tuple[str, str]]) -> str:
    """Lines of title and value; whatever a field holds is shown, never run."""
    lines = (f"<tr><th>{html.escape(t)}</th><td>{html.escape(v)}</td></tr>" for t, v in told)
    return f"<table>{''.join(lines)}</table>"


def text_of(value: Any, language: int = 0) -> str:
    """A value as people read it; moments are those of China."""
    if isinstance(value, bool):
        return (("否", "是"), ("no", "yes"))[language][value]
    if isinstance(value, datetime):
        local = value.astimezone(CHINA) if value.tzinfo else value
        return f"{local:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    return str(value)


def _item(columns: Sequence[RowColumn], row: Sequence[Any], language: int) -> Item:
    read = {column.field for column in columns if column.is_text}
    properties = {
        str(column.field): value
        for column, value in zip(columns, row, strict=False)
        if column.field and not column.is_text
    }
    told = [
        (column.title, text_of(value, language))
        for column, value in zip(columns, row, strict=False)
        if value not in (None, "") and (column.is_text or column.field not in read)
    ]
    return Item(shapely.from_wkb(bytes(row[-1])), properties, told)


def _is_missing(value: Any) -> bool:
    return bool(pandas.api.types.is_scalar(value) and pandas.isna(value))
