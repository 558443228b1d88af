"""From a tile's address and its reader to packed bytes, out of memory when nothing changed."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import Engine

from gisserver.live.versions import Versions
from gisserver.tiles.cache import DEFAULT_BYTES, TileCache
from layers.core.database import read_within
from layers.core.layer import Layer
from layers.core.scope import Reader
from layers.core.tile_matrix import TileMatrixSet
from layers.core.tiles import Tile, tile_question, tile_statement

# Level 1 packs a cold tile in half the time of level 5 for 6 % more bytes.
GZIP_LEVEL = 1

Scopes = tuple[tuple[str, ...], ...]
State = tuple[str, str, tuple[int, ...]]


@dataclass(frozen=True)
class TileRequest:
    """Layers of one tile for one reader. Readers of the same areas share what is kept."""

    layers: tuple[Layer, ...]
    tile: Tile
    reader: Reader

    @property
    def scopes(self) -> Scopes:
        """Areas of each layer in which it may be read; a public layer is the same for all."""
        return tuple(
            () if layer.scope == "public" else self.reader.areas_to_read(layer)
            for layer in self.layers
        )


class TileMaker:
    """Makes tiles and keeps them by layers, scope and place, each in the state it was made in."""

    def __init__(self, engine: Engine, versions: Versions, limit: int = DEFAULT_BYTES) -> None:
        self._engine = engine
        self._versions = versions
        self._cache = TileCache(limit)
        self._recipes: dict[tuple[tuple[str, ...], int, TileMatrixSet], str] = {}

    def state(self, asked: TileRequest) -> State:
        """What the tile depends on beside scope and place: database, statements, versions."""
        versions = tuple(self._versions.current(layer.name) for layer in asked.layers)
        return self._versions.epoch, self._recipe(asked.layers, asked.tile), versions

    def etag(self, asked: TileRequest, state: State) -> str:
        """Text that differs whenever the bytes may differ."""
        return sha256(repr((state, asked.scopes, asked.tile)).encode()).hexdigest()[:24]

    def packed(self, asked: TileRequest, state: State) -> bytes:
        """The tile, gzipped; empty when nothing is there."""
        names = tuple(layer.name for layer in asked.layers)
        key = (names, asked.scopes, asked.tile)
        return self._cache.get(key, state, lambda: self._make(asked))

    def _make(self, asked: TileRequest) -> bytes:
        question = tile_question(asked.layers, asked.reader, asked.tile)
        if question is None:
            return b""
        ((body,),) = read_within(self._engine, asked.reader, *question)
        return gzip.compress(body, GZIP_LEVEL, mtime=0) if body else b""

    def _recipe(self, layers: Sequence[Layer], tile: Tile) -> str:
        """Digest of the statements, so that another release never answers with old tiles."""
        key = (tuple(layer.name for layer in layers), tile.z, tile.matrix_set)
        if key not in self._recipes:
            statements = repr([tile_statement(each, tile.z, tile.matrix_set) for each in layers])
            self._recipes[key] = sha256(statements.encode()).hexdigest()
        return self._recipes[key]
