"""OGC API Styles (20-009, draft): the paint of the layers, as Mapbox styles and as SLD."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from gisserver.context import current_reader, services
from gisserver.ogc.collections import visible_layer
from gisserver.ogc.extents import joint_extent
from gisserver.ogc.negotiation import (
    DOCUMENT_PARAMETERS,
    TAGS,
    document_answer,
    form_answer,
    negotiated,
    wanted_language,
)
from gisserver.ogc.shell import base_address, visible_layers
from gisserver.ogc.style_documents import (
    MAP_STYLE,
    MAP_TITLE,
    STYLE_FORMS,
    Described,
    style_metadata,
    styles_document,
)
from gisserver.parameters import take_parameters
from gisserver.tiles.answer import CACHE_CONTROL
from layers.core.errors import NotFound
from layers.core.layer import Layer
from layers.core.styling.mapbox import StyleInput, is_styled, layer_style, map_style
from layers.core.styling.sld import SldInput, Version, sld_document
from layers.core.tile_matrix import WEB_MERCATOR_QUAD

_SLD: dict[str, Version] = {"sld10": "1.0.0", "sld11": "1.1.0"}


def add_styles(blueprint: Blueprint) -> None:
    """The routes of styles, of all layers together and of each."""
    rules: dict[str, Callable[..., AnyResponse]] = {
        "/styles": styles,
        "/styles/<style>": style,
        "/styles/<style>/metadata": metadata,
        "/collections/<name>/styles": collection_styles,
        "/collections/<name>/styles/<style>": collection_style,
        "/collections/<name>/styles/<style>/metadata": collection_metadata,
    }
    for rule, view in rules.items():
        blueprint.add_url_rule(rule, view.__name__, view, strict_slashes=False)


def styles() -> AnyResponse:
    """The list of styles: of the whole map, and of each layer."""
    take_parameters(request, DOCUMENT_PARAMETERS)
    layers = _styled_layers()
    named = ([MAP_STYLE] if layers else []) + [layer.name for layer in layers]
    listed = [_described(name, f"{base_address()}/styles") for name in named]
    default = MAP_STYLE if layers else None
    return document_answer("styles", styles_document(listed, default, f"{base_address()}/styles"))


def metadata(style: str) -> AnyResponse:
    """What a style is for and in which forms it comes."""
    take_parameters(request, DOCUMENT_PARAMETERS)
    described = _described(style, f"{base_address()}/styles")
    return document_answer("style_metadata", style_metadata(described))


def collection_styles(name: str) -> AnyResponse:
    """The list of styles of a collection."""
    take_parameters(request, DOCUMENT_PARAMETERS)
    address = f"{base_address()}/collections/{name}/styles"
    described = _described(_styled_layer(name).name, address)
    return document_answer("styles", styles_document([described], name, address))


def collection_metadata(name: str, style: str) -> AnyResponse:
    """What the style of a collection is for."""
    take_parameters(request, DOCUMENT_PARAMETERS)
    _check_own(name, style)
    described = _described(style, f"{base_address()}/collections/{name}/styles")
    return document_answer("style_metadata", style_metadata(described))


def style(style: str) -> AnyResponse:
    """A style of the whole map or of a layer, in the form asked for."""
    take_parameters(request, DOCUMENT_PARAMETERS)
    return _answer(style, f"{base_address()}/styles")


def collection_style(name: str, style: str) -> AnyResponse:
    """The style of a collection."""
    take_parameters(request, DOCUMENT_PARAMETERS)
    _check_own(name, style)
    return _answer(style, f"{base_address()}/collections/{name}/styles")


def _answer(style: str, address: str) -> AnyResponse:
    form, described = negotiated(STYLE_FORMS), _described(style, address)
    if form == "html":
        return form_answer("style_metadata", style_metadata(described), STYLE_FORMS[form])
    body = _mapbox(described) if form == "mapbox" else _sld(described, _SLD[form])
    response = Response(body, content_type=STYLE_FORMS[form])
    response.headers["Content-Language"] = TAGS[wanted_language()]
    response.headers["Cache-Control"] = CACHE_CONTROL
    response.vary.update(("Accept", "Accept-Language", "Cookie", "Authorization"))
    response.add_etag()
    return response.make_conditional(request)


def _mapbox(described: Described) -> str:
    boxes = services().extents.extents(current_reader(), described.layers).values()
    asked = StyleInput(described.layers, _template, _this_minute(), joint_extent(boxes))
    make = map_style if described.name == MAP_STYLE else layer_style
    return json.dumps(make(asked, described.title), ensure_ascii=False)


def _sld(described: Described, version: Version) -> bytes:
    names = services().codes.tables().names
    asked = SldInput(
        described.layers,
        lambda table, code: names.get((table, code)),
        _this_minute(),
        version,
        wanted_language(),
    )
    return sld_document(asked, described.name, described.titles)


def _this_minute() -> datetime:
    """The time for lights of cases; whole minutes, so that a style stays the same for one."""
    return datetime.now(UTC).replace(second=0, microsecond=0)


def _template(group: Sequence[Layer]) -> str:
    """Where the tiles of these layers are, for clients that fill in {z}, {y} and {x}."""
    place = f"{WEB_MERCATOR_QUAD.id}/{{z}}/{{y}}/{{x}}"
    if len(group) == 1:
        return f"{base_address()}/collections/{group[0].name}/tiles/{place}"
    names = ",".join(layer.name for layer in group)
    return f"{base_address()}/tiles/{place}?collections={names}"


def _styled_layers() -> tuple[Layer, ...]:
    return tuple(layer for layer in visible_layers(current_reader()) if is_styled(layer))


def _styled_layer(name: str) -> Layer:
    """The layer of a collection that is drawn.

    Raises: NotFound, also for one that the reader may not see.
    """
    layer = visible_layer(name)
    if not is_styled(layer):
        raise NotFound(f"collection {name!r} is not drawn, so it has no style")
    return layer


def _check_own(name: str, style: str) -> None:
    if style != _styled_layer(name).name:
        raise NotFound(f"no style {style[:60]!r} of {name}; there is: {name}")


def _described(style: str, address: str) -> Described:
    """What is to be told of a style.

    Raises: NotFound when there is none, or it is that of a layer the reader may not see.
    """
    layers = _styled_layers()
    if style != MAP_STYLE:
        layers = tuple(layer for layer in layers if layer.name == style)
    if not layers:
        raise NotFound(f"no style {style[:60]!r}; see {base_address()}/styles")
    titles = MAP_TITLE if style == MAP_STYLE else layers[0].title
    return Described(style, titles, layers, base_address(), address, wanted_language())
