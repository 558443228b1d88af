"""What the OpenAPI document says of tiles, tilesets and tile matrix sets."""

from __future__ import annotations

from collections.abc import Sequence

from gisserver.ogc.media_types import DOCUMENT_FORMS
from gisserver.ogc.openapi_words import Words, in_path, operation, query
from gisserver.ogc.tilesets import TILE_FORMS, TILESET_FORMS
from layers.core.layer import Layer
from layers.core.tile_matrix import TILE_MATRIX_SETS

TAG = "tiles"
_TILE = "/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}"


def tile_paths(layers: Sequence[Layer]) -> Words:
    """Paths by address for a reader who sees these layers."""
    drawn = [layer.name for layer in layers if layer.geometry_kind is not None]
    paths: Words = {
        "/tileMatrixSets": _document("getTileMatrixSetsList", "瓦片矩阵集 Tile matrix sets", []),
        "/tileMatrixSets/{tileMatrixSetId}": _document(
            "getTileMatrixSet", "瓦片矩阵集的定义 One tile matrix set", [_set()]
        ),
    }
    if drawn:
        paths |= _tilesets("/tiles", ".dataset.vector", [_collections(drawn)])
        collection = in_path("collectionId", {"type": "string", "enum": drawn})
        paths |= _tilesets("/collections/{collectionId}/tiles", ".collection.vector", [collection])
    return paths


def _tilesets(address: str, prefix: str, parameters: list[Words]) -> Words:
    places = [in_path(name, {"type": "integer", "minimum": 0}) for name in ("tileRow", "tileCol")]
    tile = operation(
        f"{prefix}.getTile",
        TAG,
        "矢量瓦片 One vector tile, row before column",
        [*parameters, _set(), in_path("tileMatrix", {"type": "string"}), *places],
        TILE_FORMS,
    )
    # Bytes know no language.
    del tile["parameters"][-1]
    tile["responses"]["204"] = {"description": "此处没有要素 Nothing is there"}
    tile["responses"]["304"] = {"description": "没有变化 The client's copy still holds"}
    return {
        address: _document(f"{prefix}.getTileSetsList", "瓦片集列表 Tilesets", parameters),
        f"{address}/{{tileMatrixSetId}}": {
            "get": operation(
                f"{prefix}.getTileSet",
                TAG,
                "瓦片集 One tileset",
                [*parameters, _set()],
                TILESET_FORMS,
            )
        },
        f"{address}{_TILE}": {"get": tile},
    }


def _document(name: str, summary: str, parameters: list[Words]) -> Words:
    return {"get": operation(name, TAG, summary, parameters, DOCUMENT_FORMS)}


def _set() -> Words:
    names = [quad.id for quad in TILE_MATRIX_SETS]
    return in_path("tileMatrixSetId", {"type": "string", "enum": names})


def _collections(drawn: list[str]) -> Words:
    words = {"type": "array", "minItems": 1, "items": {"type": "string", "enum": drawn}}
    return {**query("collections", words), "style": "form", "explode": False}
