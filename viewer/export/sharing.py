"""For notebooks: a map of a GeoDataFrame, or of a question asked of the database.

>>> folium_map(frame, title="消火栓").save("消火栓.html")
>>> pydeck_map(question, engine=engine, reader=reader)      # shown below the cell
"""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from geopandas import GeoDataFrame
from sqlalchemy import Engine

from layers.analysis.place import find_place
from layers.analysis.question import read_question
from layers.catalogue import LAYERS, layer_by_name
from layers.core.codes import valid_codes
from layers.core.database import reader_transaction
from layers.core.scope import Reader
from viewer.export.folium import folium_page
from viewer.export.offline import NotBuilt
from viewer.export.picture import Picture, TooLarge, picture_of_frame, picture_of_question
from viewer.export.pydeck import pydeck_page

__all__ = ["NotBuilt", "SharedMap", "TooLarge", "folium_map", "pydeck_map"]

Source: TypeAlias = GeoDataFrame | Mapping[str, Any] | Picture


@dataclass(frozen=True)
class SharedMap:
    """One page of a map. A notebook shows it; `save` keeps it as a file."""

    page: str = field(repr=False)

    def save(self, path: str | Path) -> Path:
        """Writes the page and returns where."""
        file = Path(path)
        file.write_text(self.page, encoding="utf-8")
        return file

    def _repr_html_(self) -> str:
        content = html.escape(self.page)
        return f'<iframe srcdoc="{content}" style="width:100%;height:520px;border:0"></iframe>'


def folium_map(source: Source, **how: Any) -> SharedMap:
    """A flat map of a GeoDataFrame, a question (as the API takes it) or a picture.

    `title`, `layer` (a layer's name, for its look), `colour_by`, `height_by` (columns of numbers)
    and `watermark` go with a GeoDataFrame; `engine` and `reader` with a question, whose scope then
    holds.

    Raises: TooLarge for more than 5,000 features or 20 MB; NotBuilt without the viewer's build;
    ValueError for a GeoDataFrame without reference system; what a wrong question raises.
    """
    return SharedMap(_page(folium_page, source, **how))


def pydeck_map(source: Source, **how: Any) -> SharedMap:
    """A raised map of the same sources with the same words and limits as `folium_map`."""
    return SharedMap(_page(pydeck_page, source, **how))


def _page(
    make: Callable[[Picture], str],
    source: Source,
    *,
    title: str = "",
    layer: str | None = None,
    watermark: str = "",
    colour_by: str | None = None,
    height_by: str | None = None,
    engine: Engine | None = None,
    reader: Reader | None = None,
) -> str:
    if isinstance(source, Picture):
        return make(source)
    if isinstance(source, GeoDataFrame):
        known = layer_by_name(layer) if layer is not None else None
        heading = title or (known.title[0] if known is not None else "地图")
        picture = picture_of_frame(
            source,
            title=heading,
            layer=known,
            watermark=watermark,
            colour_by=colour_by,
            height_by=height_by,
        )
        return make(picture)
    if engine is None or reader is None:
        raise ValueError("a question needs engine and reader: what is asked, and for whom")
    with reader_transaction(engine, reader, streams=True) as connection:
        question = read_question(source, LAYERS, reader, partial(valid_codes, connection))
        place = find_place(connection, reader, question.subject, question.relation, question.metres)
        return make(picture_of_question(connection, question, place, reader))
