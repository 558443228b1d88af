"""OGC API Coverages: values of terrain and heat, as numbers.

Numbers of heat that leave here are an export: only from areas from which the reader may take data
out, with a line in the audit log.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from gisserver.context import current_reader, reader_connection, require
from gisserver.coverages import coveragejson
from gisserver.coverages.asked import TIME, Values, Wanted, read_wanted
from gisserver.coverages.axes import read_times
from gisserver.coverages.coveragejson import coverage_json
from gisserver.coverages.cutting import MOST_VALUES, cut
from gisserver.coverages.geotiff import geotiff
from gisserver.coverages.grids import in_axis_order, raster_crs
from gisserver.coverages.heat import PREFIX
from gisserver.coverages.png import grey_png
from gisserver.coverages.rasters import Raster
from gisserver.coverages.sources import Source
from gisserver.errors import BadRequest
from gisserver.heat.exporting import exporting, record_export
from gisserver.heat.raster import NODATA
from gisserver.ogc.coverage_collections import (
    Coverage,
    Elevation,
    Interval,
    parameters_of,
    systems_of,
    visible_coverage,
)
from gisserver.ogc.coverage_documents import (
    COVERAGE_FORMS,
    collection_document,
    rfc3339,
    schema_document,
)
from gisserver.ogc.media_types import DOCUMENT_FORMS
from gisserver.ogc.negotiation import (
    DOCUMENT_PARAMETERS,
    document_answer,
    form_answer,
    negotiated,
    wanted_language,
)
from gisserver.ogc.relations import SCHEMA_TYPE
from gisserver.ogc.shell import base_address
from gisserver.parameters import take_parameters
from layers.core.errors import Forbidden
from layers.core.output_system import CRS84
from layers.core.rights import Right
from layers.territory.terrain import ELEVATION

SCHEMA_FORMS = {**DOCUMENT_FORMS, "json": SCHEMA_TYPE}
PLACES = (ELEVATION, f"{PREFIX}<layer>")
_STRICT = re.compile(r"\bhandling\s*=\s*\"?strict\b", re.IGNORECASE)
_INTERPOLATION = re.compile(r"\binterpolation\s*=", re.IGNORECASE)


def add_coverages(blueprint: Blueprint) -> None:
    """Their routes, before those of layers by their more exact addresses."""
    views: dict[str, Callable[..., AnyResponse]] = {
        "": coverage_collection,
        "/schema": coverage_schema,
        "/coverage": coverage,
    }
    for place in PLACES:
        for path, view in views.items():
            rule, endpoint = f"/collections/{place}{path}", f"{view.__name__}_{place[:4]}"
            blueprint.add_url_rule(rule, endpoint, view, strict_slashes=False)


def collection_name(layer: str | None) -> str:
    """The name of the collection that an address of `PLACES` means."""
    return ELEVATION if layer is None else f"{PREFIX}{layer}"


def coverage_collection(layer: str | None = None) -> AnyResponse:
    """The description of a collection that is a coverage."""
    found = visible_coverage(collection_name(layer))
    take_parameters(request, DOCUMENT_PARAMETERS)
    document = collection_document(found, base_address(), wanted_language())
    return document_answer("coverage_collection", document)


def coverage_schema(layer: str | None = None) -> AnyResponse:
    """What its values are."""
    found = visible_coverage(collection_name(layer))
    take_parameters(request, DOCUMENT_PARAMETERS)
    href = f"{base_address()}/collections/{found.name}/schema"
    form = SCHEMA_FORMS[negotiated(SCHEMA_FORMS)]
    return form_answer("coverage_schema", schema_document(found, href), form)


def coverage(layer: str | None = None) -> AnyResponse:
    """The values asked for; 204 where none lie."""
    found = visible_coverage(collection_name(layer))
    form = negotiated(COVERAGE_FORMS)
    given = take_parameters(request, parameters_of(found), joined=("subset",))
    _check_fields(found, given)
    _check_preferences()
    asked = read_asked(found, given)
    most = coveragejson.MOST_VALUES if form == "covjson" else MOST_VALUES
    reader = current_reader()
    if not isinstance(found, Elevation):
        reader = exporting(require(Right.DATA_EXPORT))
        if not reader.areas_to_read(found.layer):
            raise Forbidden(f"{found.name} may be taken out of none of your areas")
    if beyond_time(found, asked.time):
        return Response(status=204)
    opening = found.opening(reader, given, asked.time)
    with reader_connection() as connection:
        source = opening(connection)
        raster = cut(source, asked.wanted, most)
        answer = None if raster is None else _encoded(form, source, raster, asked.wanted)
        if answer is not None and not isinstance(found, Elevation):
            record_export(connection, current_reader(), found.layer, given)
    if answer is None or raster is None:
        return Response(status=204)
    answer.vary.add("Accept")
    answer.headers.extend(where_and_when(source, raster))
    answer.add_etag()
    return answer.make_conditional(request)


@dataclass(frozen=True)
class Asked:
    """What a request asks for: ground and, None for all of it, time."""

    wanted: Wanted
    time: Interval | None


def read_asked(found: Coverage, given: Values) -> Asked:
    """The same of the parameters of a coverage or a map.

    Raises: BadRequest.
    """
    wanted = read_wanted(given, systems_of(found), found.native)
    if wanted.time is not None and "datetime" in given:
        raise BadRequest("subset: time is asked for by datetime already; one is enough")
    if wanted.time is not None:
        if not (isinstance(found, Elevation) or found.layer.time_field):
            raise BadRequest(f"subset: {found.name} has no time")
        low = wanted.time.low
        if low == "*" and wanted.time.high is None and found.times is not None:
            low = rfc3339(found.times[1])
        return Asked(wanted, read_times(f"subset: {TIME}", low, wanted.time.high))
    if "datetime" in given:
        low, slash, high = given["datetime"].partition("/")
        return Asked(wanted, read_times("datetime", low, high if slash else None))
    return Asked(wanted, None)


def beyond_time(found: Coverage, time: Interval | None) -> bool:
    """Whether a time lies before all that there is, or after it."""
    if time is None or found.times is None:
        return False
    (since, until), (first, last) = time, found.times
    return bool((since and since > last) or (until and until <= first))


def where_and_when(source: Source, raster: Raster) -> list[tuple[str, str]]:
    """Headers that tell the system, the box in the order of its axes, and the time."""
    system = raster.grid.system
    box = in_axis_order(system, raster.grid.bounds)
    headers = [("Content-Bbox", ",".join(f"{each:.12g}" for each in box))]
    if system != CRS84:
        headers.append(("Content-Crs", f"<{system.uri}>"))
    if source.frames:
        begin, end = source.frames[0][0], source.frames[-1][1]
        headers.append(("Content-Datetime", f"{rfc3339(begin)}/{rfc3339(end)}"))
    return headers


def _encoded(form: str, source: Source, raster: Raster, wanted: Wanted) -> Response:
    if form == "png":
        if len(raster.values) > 1:
            raise BadRequest("f=png: one picture holds one time; leave out step, or ask for a tiff")
        greys = grey_png(raster.values[0])
        scale = {"Values-Scale": repr(greys.scale), "Values-Offset": repr(greys.offset)}
        return Response(greys.content, content_type=COVERAGE_FORMS[form], headers=scale)
    if form == "covjson":
        sides = {"x": wanted.ground.east, "y": wanted.ground.north}
        sliced = [name for name, side in sides.items() if side.is_slice]
        content = coverage_json(raster, source.field, source.frames, sliced)
        return Response(content, content_type=COVERAGE_FORMS[form])
    content = geotiff(
        raster.values,
        raster.grid.transform,
        raster_crs(raster.grid.system),
        nodata=NODATA,
        unit=source.field.unit_text,
        tags=source.tags(),
        bands=[f"{rfc3339(begin)}/{rfc3339(end)}" for begin, end in source.frames],
    )
    named = {"Content-Disposition": f'attachment; filename="{source.name}.tif"'}
    return Response(content, content_type=COVERAGE_FORMS[form], headers=named)


def _check_fields(found: Coverage, given: Values) -> None:
    """There is one field, so it is asked for or nothing is."""
    known = found.field.name
    for parameter in ("properties", "exclude-properties"):
        names = given.get(parameter, "").split(",") if given.get(parameter) else []
        for name in names:
            if name != known:
                raise BadRequest(f"{parameter}: there is no field {name[:40]!r}", allowed=[known])
    if "properties" in given and "exclude-properties" in given:
        raise BadRequest("properties or exclude-properties: one of them is enough")
    if given.get("exclude-properties") or given.get("properties") == "":
        raise BadRequest(f"no field would be left; there is one: {known}")


def _check_preferences() -> None:
    """Another way to make values up than ours is not offered: who insists is told so."""
    asked = ",".join(request.headers.getlist("Prefer"))
    if _STRICT.search(asked) and _INTERPOLATION.search(asked):
        raise BadRequest("Prefer: the interpolation cannot be chosen; see the documentation")
