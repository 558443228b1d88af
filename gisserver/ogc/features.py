"""Items of a collection: read by our own select, passed through as the database made them."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace

from flask import Blueprint, Response, request
from sqlalchemy import Connection
from werkzeug.wrappers import Response as AnyResponse

from gisserver.context import current_reader, one_trip, reader_connection
from gisserver.counts import all_rows_within
from gisserver.ogc.collections import visible_layer
from gisserver.ogc.configuration import DEFAULT_LIMIT, MAX_LIMIT
from gisserver.ogc.items import (
    Asked,
    collection_text,
    linked_item,
    page_links,
    parse_items_request,
)
from gisserver.ogc.media_types import FEATURE_FORMS, GEOJSON
from gisserver.ogc.narrowing import PROJECTION, Projection, projection
from gisserver.ogc.negotiation import DOCUMENT_PARAMETERS, negotiated
from gisserver.ogc.pages import html_page
from gisserver.ogc.reference_systems import system_named
from gisserver.ogc.relations import schema_headers
from gisserver.ogc.shell import base_address
from gisserver.ogc.versions import tag
from gisserver.parameters import take_parameters
from layers.core.feature_reading import is_plain, read_feature, read_page
from layers.core.features import (
    FoundFeature,
    Page,
    Query,
    count_in_time,
    find_feature,
    find_features,
)
from layers.core.layer import Layer
from layers.core.looks import record_feature, record_list
from layers.core.output_system import CRS84, OutputSystem

LONGEST_LOGGED = 2_000
COUNTING_MILLISECONDS = 2_000
CONDITIONS = tuple(
    f"HTTP_{name}"
    for name in (
        "IF_MATCH",
        "IF_NONE_MATCH",
        "IF_MODIFIED_SINCE",
        "IF_UNMODIFIED_SINCE",
        "IF_RANGE",
        "RANGE",
    )
)


def add_features(blueprint: Blueprint) -> None:
    """The routes of items; collections the reader may not see answer 404."""
    rules: dict[str, Callable[..., AnyResponse]] = {
        "/collections/<name>/items": items,
        "/collections/<name>/items/<identifier>": item,
    }
    for rule, view in rules.items():
        # OPTIONS is answered by `writing`, which knows what may be written.
        blueprint.add_url_rule(
            rule, view.__name__, view, strict_slashes=False, provide_automatic_options=False
        )


def items(name: str) -> AnyResponse:
    """A page of features, as GeoJSON or as a page to look at."""
    layer = visible_layer(name)
    wanted = negotiated(FEATURE_FORMS)
    asked = parse_items_request(layer, request, DEFAULT_LIMIT, MAX_LIMIT)
    if wanted == "html":  # its map is of degrees
        asked = replace(asked, query=replace(asked.query, system=CRS84))
    page, matched = answered(layer, asked)
    text = collection_text(page, matched, page_links(layer, asked, page, base_address()))
    if wanted == "html":
        return html_page("items", json.loads(text), layer)
    answer = geojson_answer(text, asked.query.system)
    answer.headers.extend(schema_headers(layer.name, base_address()))
    return answer


def answered(layer: Layer, asked: Asked) -> tuple[Page, int | None]:
    """The page asked for and how many features match in all; looks at persons are logged.

    The number is exact or None. All of a layer are counted once in each of its versions, and what
    fits on one page is on it; else the database counts, with the first page only, as the features
    of the others are found by it, and for `COUNTING_MILLISECONDS` at most.
    """
    reader, query = current_reader(), asked.query
    if is_plain(query) and not layer.is_personal:
        is_counted = query.is_first and not query.is_of_all
        page = read_page(one_trip(), layer, reader, query, counted=is_counted)
        return page, all_rows_within(layer, reader) if query.is_of_all else page.matched
    with reader_connection() as connection:
        page = find_features(connection, layer, reader, query)
        matched = _matched(connection, layer, query, page)
        record_list(connection, reader, layer, _told(asked.parameters), page.count)
    return page, matched


def _matched(connection: Connection, layer: Layer, query: Query, page: Page) -> int | None:
    if query.is_of_all:
        return all_rows_within(layer, current_reader())
    if not query.is_first:
        return None
    if page.next_after is None:
        return page.count
    return count_in_time(connection, layer, current_reader(), query, COUNTING_MILLISECONDS)


def _told(asked: Mapping[str, str]) -> dict[str, str]:
    """What was asked as the log keeps it: a filter may be as long as a book."""
    return {
        name: value
        if len(value) <= LONGEST_LOGGED
        else f"{value[:LONGEST_LOGGED]}… ({len(value)} characters)"
        for name, value in asked.items()
    }


def item(name: str, identifier: str) -> AnyResponse:
    """One feature, as GeoJSON or as a page to look at."""
    layer, wanted = visible_layer(name), negotiated(FEATURE_FORMS)
    given = take_parameters(request, (*DOCUMENT_PARAMETERS, "crs", *PROJECTION))
    system = CRS84 if wanted == "html" else system_named(layer, "crs", given.get("crs"))
    cut = projection(layer, given)
    feature_id = Asked.feature_id(identifier)
    found = _found(layer, feature_id, cut, system)
    if wanted == "html":
        return html_page("item", json.loads(found.feature), layer)
    text = linked_item(layer, found.feature, feature_id, given, base_address())
    response = geojson_answer(text, system)
    tag(response, found.row_version, found.updated_at)
    is_conditional = any(name in request.environ for name in CONDITIONS)
    return response.make_conditional(request) if is_conditional else response


def _found(layer: Layer, feature_id: int, cut: Projection, system: OutputSystem) -> FoundFeature:
    """The feature; a look at a person is logged.

    Raises: NotFound.
    """
    reader, wanted = current_reader(), cut.properties
    with_geometry = cut.with_geometry
    if layer.subject_sql is None:
        return read_feature(
            one_trip(),
            layer,
            reader,
            feature_id,
            wanted,
            with_geometry=with_geometry,
            system=system,
        )
    with reader_connection() as connection:
        found = find_feature(
            connection,
            layer,
            reader,
            feature_id,
            wanted,
            with_geometry=with_geometry,
            system=system,
        )
        record_feature(connection, reader, layer, feature_id, found.area_code)
    return found


def geojson_answer(text: str, system: OutputSystem) -> Response:
    """An answer that tells in which reference system its coordinates are."""
    return Response(text, mimetype=GEOJSON, headers={"Content-Crs": f"<{system.uri}>"})
