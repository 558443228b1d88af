"""What the OpenAPI document says of tiles, tilesets and tile matrix sets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gisserver.ogc.tilesets import DOCUMENT_FORMS, TILE_FORMS, TILESET_FORMS
from layers.core.layer import Layer
from layers.core.tile_matrix import TILE_MATRIX_SETS

Words = dict[str, Any]

TAG = "tiles"
_TILE = "/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}"


def tile_paths(layers: Sequence[Layer]) -> Words:
    """Paths by address for a reader who sees these layers."""
    drawn = [layer.name for layer in layers if layer.geometry_kind is not None]
    paths = {
        "/tileMatrixSets": _document("getTileMatrixSetsList", "瓦片矩阵集 Tile matrix sets", []),
        "/tileMatrixSets/{tileMatrixSetId}": _document(
            "getTileMatrixSet", "瓦片矩阵集的定义 One tile matrix set", [_set()]
        ),
    }
    if drawn:
        paths |= _tilesets("/tiles", ".dataset.vector", [_collections(drawn)])
        collection = _in_path("collectionId", {"type": "string", "enum": drawn})
        paths |= _tilesets("/collections/{collectionId}/tiles", ".collection.vector", [collection])
    return paths


def _tilesets(address: str, prefix: str, parameters: list[Words]) -> Words:
    places = [_in_path(name, {"type": "integer", "minimum": 0}) for name in ("tileRow", "tileCol")]
    tile = _operation(
        f"{prefix}.getTile",
        "矢量瓦片 One vector tile, row before column",
        [*parameters, _set(), _in_path("tileMatrix", {"type": "string"}), *places],
        TILE_FORMS,
    )
    tile["responses"]["204"] = {"description": "此处没有要素 Nothing is there"}
    tile["responses"]["304"] = {"description": "没有变化 The client's copy still holds"}
    del tile["parameters"][-1]
    return {
        address: _document(f"{prefix}.getTileSetsList", "瓦片集列表 Tilesets", parameters),
        f"{address}/{{tileMatrixSetId}}": {
            "get": _operation(
                f"{prefix}.getTileSet", "瓦片集 One tileset", [*parameters, _set()], TILESET_FORMS
            )
        },
        f"{address}{_TILE}": {"get": tile},
    }


def _document(name: str, summary: str, parameters: list[Words]) -> Words:
    return {"get": _operation(name, summary, parameters, DOCUMENT_FORMS)}


def _operation(name: str, summary: str, parameters: list[Words], forms: dict[str, str]) -> Words:
    """An operation in some forms; its last parameter is `lang`, which bytes do not know."""
    return {
        "operationId": name,
        "summary": summary,
        "tags": [TAG],
        "parameters": [
            *parameters,
            _query("f", {"type": "string", "enum": list(forms)}),
            _query("lang", {"type": "string", "enum": ["zh-CN", "en-US"]}),
        ],
        "responses": {
            "200": {"description": summary, "content": {each: {} for each in forms.values()}},
            "400": {"description": "参数不被接受 A parameter is unknown or cannot be read"},
            "401": {"description": "未登录 Not signed in"},
            "404": {"description": "没有，或无权查看 Not there, or not yours to see"},
        },
    }


def _set() -> Words:
    names = [quad.id for quad in TILE_MATRIX_SETS]
    return _in_path("tileMatrixSetId", {"type": "string", "enum": names})


def _collections(drawn: list[str]) -> Words:
    words = {"type": "array", "minItems": 1, "items": {"type": "string", "enum": drawn}}
    return {**_query("collections", words), "style": "form", "explode": False}


def _in_path(name: str, schema: Words) -> Words:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _query(name: str, schema: Words) -> Words:
    return {"name": name, "in": "query", "required": False, "schema": schema}
