"""What is told of a coverage: the description of its collection, and the schema of its field."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from gisserver.coverages import coveragejson, geotiff, png
from gisserver.coverages.grids import Grid, in_axis_order
from gisserver.coverages.sources import Field
from gisserver.ogc.configuration import WHOLE_EARTH
from gisserver.ogc.coverage_collections import (
    Coverage,
    Elevation,
    systems_of,
    visible_coverages,
)
from gisserver.ogc.negotiation import wanted_language
from gisserver.ogc.relations import REGISTERED, SCHEMA_TYPE
from gisserver.ogc.shell import base_address
from layers.core.output_system import CRS84
from layers.core.schema import DIALECT

COVERAGE_FORMS = {
    "geotiff": geotiff.MEDIA_TYPE,
    "covjson": coveragejson.MEDIA_TYPE,
    "png": png.MEDIA_TYPE,
}
MAP_FORMS = {"png": png.MEDIA_TYPE}
COVERAGE_RELATION = f"{REGISTERED}/coverage"
MAP_RELATION = f"{REGISTERED}/map"
_FORM_TITLES = {
    "geotiff": "GeoTIFF",
    "covjson": "CoverageJSON",
    "png": "PNG（16 位灰度数值 16-bit values）",
}


def collection_document(coverage: Coverage, base: str, language: int) -> dict[str, Any]:
    """The description of a collection that is a coverage."""
    spatial: dict[str, Any] = {
        "bbox": [list(coverage.extent or WHOLE_EARTH)],
        "crs": CRS84.uri,
    }
    if coverage.grid is not None:
        spatial["grid"] = _axes(coverage.grid)
        if coverage.native != CRS84:
            box = in_axis_order(coverage.native, coverage.grid.bounds)
            spatial["storageCrsBbox"] = [box]
    extent: dict[str, Any] = {"spatial": spatial}
    if coverage.times is not None:
        extent["temporal"] = {"interval": [[rfc3339(each) for each in coverage.times]]}
    return {
        "id": coverage.name,
        "title": coverage.title[language],
        "description": _about(coverage)[language],
        # No features: clients of OGC API Features are to leave it out. GDAL looks at the last.
        "itemType": "coverage",
        "dataType": "coverage",
        "layerDataType": "Coverage",
        "extent": extent,
        "crs": [system.uri for system in systems_of(coverage)],
        "storageCrs": coverage.native.uri,
        "links": list(_links(coverage, base)),
    }


def with_coverages(text: str) -> str:
    """The document of all collections with the coverages that the reader may see."""
    document, language = json.loads(text), wanted_language()
    document["collections"] += [
        collection_document(coverage, base_address(), language) for coverage in visible_coverages()
    ]
    return json.dumps(document, ensure_ascii=False)


def _about(coverage: Coverage) -> tuple[str, str]:
    zh, en = coverage.field.about
    if not isinstance(coverage, Elevation):
        return zh, en
    datum = coverage.terrain.vertical_datum
    return (
        f"{zh}；高程基准：{datum or '未注明'}",
        f"{en}; vertical datum: {datum or 'not stated'}",
    )


def _axes(grid: Grid) -> list[dict[str, Any]]:
    """The cells of each axis in the order of the system, a cell's middle as its place."""
    east = {
        "cellsCount": grid.columns,
        "resolution": grid.cell_width,
        "firstCoordinate": grid.west + grid.cell_width / 2,
    }
    north = {
        "cellsCount": grid.rows,
        "resolution": grid.cell_height,
        "firstCoordinate": grid.bounds[1] + grid.cell_height / 2,
    }
    return [north, east] if grid.system.is_north_first else [east, north]


def _links(coverage: Coverage, base: str) -> Iterator[dict[str, str]]:
    here = f"{base}/collections/{coverage.name}"
    yield _link("self", "application/json", "JSON", f"{here}?f=json")
    yield _link("alternate", "text/html", "HTML", f"{here}?f=html")
    for relation in (f"{REGISTERED}/schema", "[ogc-rel:schema]"):
        yield _link(relation, SCHEMA_TYPE, "字段 Schema", f"{here}/schema")
    if coverage.can_export:
        # The first is what comes when nobody says in which form.
        for form, media_type in COVERAGE_FORMS.items():
            href = f"{here}/coverage?f={form}"
            yield _link(COVERAGE_RELATION, media_type, _FORM_TITLES[form], href)
    yield _link(MAP_RELATION, png.MEDIA_TYPE, "地图 Map", f"{here}/map?f=png")


def _link(rel: str, media_type: str, title: str, href: str) -> dict[str, str]:
    return {"rel": rel, "type": media_type, "title": title, "href": href}


def schema_document(coverage: Coverage, href: str) -> dict[str, Any]:
    """The JSON Schema of its field."""
    return {
        "$schema": DIALECT,
        "$id": href,
        "type": "object",
        "title": coverage.title[0],
        "x-title-en": coverage.title[1],
        "properties": {coverage.field.name: _field(coverage, coverage.field)},
    }


def _field(coverage: Coverage, field: Field) -> dict[str, Any]:
    words: dict[str, Any] = {
        "title": field.title[0],
        "x-title-en": field.title[1],
        "description": f"{field.about[0]} {field.about[1]}",
        "type": "number",
        "x-ogc-unit": field.unit,
        "x-ogc-propertySeq": 1,
        "x-ogc-variableType": "continuous",
    }
    if field.definition is not None:
        words["x-ogc-definition"] = field.definition
    if isinstance(coverage, Elevation):
        terrain = coverage.terrain
        words["x-ogc-statistics"] = {"min": terrain.lowest, "max": terrain.highest}
    return words


def rfc3339(moment: datetime) -> str:
    """A time as the standard writes it."""
    return moment.isoformat().replace("+00:00", "Z")
