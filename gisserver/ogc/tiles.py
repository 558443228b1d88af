"""OGC API Tiles: the viewer's own tiles by the standard's addresses, row before column.

One maker and one cache serve both, so rights, scope, versions and validators are the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from gisserver.context import current_reader, services
from gisserver.ogc.collections import visible_layer
from gisserver.ogc.extents import joint_extent
from gisserver.ogc.media_types import DOCUMENT_FORMS
from gisserver.ogc.negotiation import (
    DOCUMENT_PARAMETERS,
    document_answer,
    form_answer,
    negotiated,
    wanted_language,
)
from gisserver.ogc.shell import base_address, visible_layers
from gisserver.ogc.tilesets import (
    TILE_FORMS,
    TILESET_FORMS,
    TileSource,
    dataset_title,
    tile_matrix_sets_document,
    tilejson,
    tileset_document,
    tilesets_document,
)
from gisserver.parameters import take_parameters
from gisserver.tiles.answer import tile_answer
from gisserver.tiles.maker import TileRequest
from gisserver.tiles.routes import drawn_layers
from layers.core.errors import NotFound
from layers.core.layer import Layer
from layers.core.tile_matrix import TILE_MATRIX_SETS, WEB_MERCATOR_QUAD, Bounds, TileMatrixSet
from layers.core.tiles import Tile

_QUADS = {quad.id: quad for quad in TILE_MATRIX_SETS}
_TILE = "/<matrix_set>/<level>/<row>/<column>"


def add_tiles(blueprint: Blueprint) -> None:
    """The routes of tiles, tilesets and tile matrix sets."""
    collection = "/collections/<name>/tiles"
    rules: dict[str, Callable[..., AnyResponse]] = {
        "/tileMatrixSets": tile_matrix_sets,
        "/tileMatrixSets/<matrix_set>": tile_matrix_set,
        "/tiles": dataset_tilesets,
        "/tiles/<matrix_set>": dataset_tileset,
        f"/tiles{_TILE}": dataset_tile,
        collection: collection_tilesets,
        f"{collection}/<matrix_set>": collection_tileset,
        f"{collection}{_TILE}": collection_tile,
    }
    for rule, view in rules.items():
        blueprint.add_url_rule(rule, view.__name__, view, strict_slashes=False)


def tile_matrix_sets() -> AnyResponse:
    """The list of tile matrix sets."""
    take_parameters(request, DOCUMENT_PARAMETERS)
    content = tile_matrix_sets_document(base_address(), wanted_language())
    return document_answer("tile_matrix_sets", content)


def tile_matrix_set(matrix_set: str) -> AnyResponse:
    """The definition of one."""
    take_parameters(request, DOCUMENT_PARAMETERS)
    content = _quad(matrix_set).definition(base_address(), wanted_language())
    return document_answer("tile_matrix_set", content)


def dataset_tilesets() -> AnyResponse:
    """The tilesets of several collections together."""
    take_parameters(request, (*DOCUMENT_PARAMETERS, "collections"))
    return _tilesets(_dataset())


def dataset_tileset(matrix_set: str) -> AnyResponse:
    """What one of them holds, also as TileJSON."""
    take_parameters(request, (*DOCUMENT_PARAMETERS, "collections"))
    return _tileset(_dataset(), _quad(matrix_set))


def dataset_tile(matrix_set: str, level: str, row: str, column: str) -> Response:
    """A tile of several collections."""
    take_parameters(request, ("f", "collections"))
    address = _Address(_quad(matrix_set), level, row, column)
    return _tile(_chosen_layers(), address)


def collection_tilesets(name: str) -> AnyResponse:
    """The tilesets of a collection."""
    take_parameters(request, DOCUMENT_PARAMETERS)
    return _tilesets(_collection(name))


def collection_tileset(name: str, matrix_set: str) -> AnyResponse:
    """What one of them holds, also as TileJSON."""
    take_parameters(request, DOCUMENT_PARAMETERS)
    return _tileset(_collection(name), _quad(matrix_set))


def collection_tile(name: str, matrix_set: str, level: str, row: str, column: str) -> Response:
    """A tile of a collection."""
    take_parameters(request, ("f",))
    address = _Address(_quad(matrix_set), level, row, column)
    return _tile((_drawn_layer(name),), address)


def _tilesets(source: TileSource) -> AnyResponse:
    content = tilesets_document(source, wanted_language())
    return document_answer("tilesets", content)


def _tileset(source: TileSource, quad: TileMatrixSet) -> AnyResponse:
    forms = TILESET_FORMS if quad is WEB_MERCATOR_QUAD else DOCUMENT_FORMS
    form, language = negotiated(forms), wanted_language()
    if form == "tilejson":
        return form_answer("tileset", tilejson(source, language), forms[form])
    return form_answer("tileset", tileset_document(source, quad, language), forms[form])


def _tile(layers: tuple[Layer, ...], address: _Address) -> Response:
    """The tile; what lies outside the tileset's levels or limits is not found.

    Within them 204 says that nothing is there, as /req/core/tc-error has it. Only an empty
    tile needs the extents: no feature lies outside of them.
    """
    negotiated(TILE_FORMS)
    source = TileSource("", "", ("", ""), layers, None)
    tile = address.tile(source.levels_of(address.quad))
    answer = tile_answer(TileRequest(layers, tile, current_reader()))
    if answer.status_code == 204:
        source = replace(source, extent=_extent(layers))
        if not source.holds(address.quad, tile.z, tile.y, tile.x):
            limits = json.dumps(source.limits(address.quad, tile.z))
            raise NotFound(f"no tile outside the limits of tile matrix {tile.z}: {limits}")
    return answer


def _collection(name: str) -> TileSource:
    layer, base = _drawn_layer(name), base_address()
    address = f"{base}/collections/{name}/tiles"
    return TileSource(base, address, layer.title, (layer,), _extent((layer,)))


def _dataset() -> TileSource:
    layers, base = _chosen_layers(), base_address()
    names = ",".join(layer.name for layer in layers)
    selection = f"collections={names}" if "collections" in request.args else ""
    title = dataset_title(layers)
    return TileSource(base, f"{base}/tiles", title, layers, _extent(layers), selection)


def _extent(layers: tuple[Layer, ...]) -> Bounds | None:
    return joint_extent(services().extents.extents(current_reader(), layers).values())


@dataclass(frozen=True)
class _Address:
    quad: TileMatrixSet
    level: str
    row: str
    column: str

    def tile(self, levels: range) -> Tile:
        """The tile of that address.

        Raises: NotFound, telling the range, when there is none.
        """
        level = _whole(self.level)
        if level is None or level not in levels:
            raise NotFound(
                f"no tile matrix {self.level[:20]!r} of {self.quad.id} here; "
                f"{levels.start} to {levels.stop - 1} hold tiles"
            )
        columns, rows = self.quad.columns(level), self.quad.rows(level)
        row, column = _whole(self.row), _whole(self.column)
        if row is None or column is None or row >= rows or column >= columns:
            raise NotFound(
                f"no tile at row {self.row[:20]}, column {self.column[:20]}; in tile matrix "
                f"{level} rows run from 0 to {rows - 1}, columns from 0 to {columns - 1}"
            )
        return Tile(level, column, row, self.quad)


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 8 else None


def _quad(name: str) -> TileMatrixSet:
    if name not in _QUADS:
        raise NotFound(f"no tile matrix set {name[:60]!r}; there are: {', '.join(_QUADS)}")
    return _QUADS[name]


def _drawn_layer(name: str) -> Layer:
    layer = visible_layer(name)
    if layer.geometry_kind is None:
        raise NotFound(f"collection {name!r} has no geometry, so no tiles")
    return layer


def _chosen_layers() -> tuple[Layer, ...]:
    """The layers of `collections`, else those that the map shows from the start.

    Raises: NotFound when there are none, or for a collection that the reader may not see.
    """
    reader = current_reader()
    given = request.args.get("collections")
    if given is not None:
        prefix = f"{base_address()}/collections/"
        return drawn_layers(
            ",".join(each.removeprefix(prefix) for each in given.split(",")), reader
        )
    shown = tuple(
        layer for layer in visible_layers(reader) if layer.visible and layer.geometry_kind
    )
    if not shown:
        raise NotFound("none of the layers you may read is shown on the map from the start")
    return shown
