"""Terrain as it is kept: cell by cell what was given, voids and all, for who may read the map."""

from __future__ import annotations

import numpy as np
import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from layers.core.database import owner_transaction, reader_transaction
from layers.core.errors import Conflict
from layers.core.rights import Role
from layers.core.scope import Grant, Reader
from layers.territory.terrain import (
    SIDE,
    Heights,
    Terrain,
    TerrainGrid,
    find_terrain,
    keep_terrain,
    read_heights,
)

WORKER = Reader(7, "worker", (Grant(Role.WORKER, "990101001001"),))
NOBODY = Reader(8, "nobody", ())


def grid(rows: int, columns: int) -> TerrainGrid:
    return TerrainGrid("EPSG:4326", 120.0, 31.0, 0.001, 0.001, columns, rows)


def rough(rows: int, columns: int, seed: int = 1) -> Heights:
    """Heights that no two neighbours share, with voids in a corner and in the middle."""
    made = np.random.default_rng(seed).normal(40, 15, (rows, columns)).astype(np.float32)
    made[0, 0] = made[rows // 2 : rows // 2 + 3, columns // 3] = np.nan
    return made


def keep(engine: Engine, heights: Heights, **words: str) -> bool:
    told = {"title": "test", "source": "test"} | words
    with owner_transaction(engine) as connection:
        return keep_terrain(connection, grid(*heights.shape), heights, **told)


def kept(connection: Connection) -> Terrain:
    terrain = find_terrain(connection)
    assert terrain is not None
    return terrain


@pytest.mark.parametrize("size", [(1, 1), (3, 700), (SIDE, SIDE), (300, 2 * SIDE + 1)])
def test_every_cell_comes_back(engine: Engine, size: tuple[int, int]) -> None:
    heights = rough(*size) if min(size) > 3 else np.ones(size, dtype=np.float32)
    assert keep(engine, heights)
    with reader_transaction(engine, WORKER) as connection:
        terrain = kept(connection)
        rows, columns = size
        whole = read_heights(connection, terrain, 0, range(rows), range(columns))
        np.testing.assert_array_equal(whole, heights)
        part = range(rows // 3, rows - rows // 4), range(columns // 5, columns - columns // 7)
        cut = read_heights(connection, terrain, 0, *part)
    np.testing.assert_array_equal(
        cut, heights[part[0].start : part[0].stop, part[1].start : part[1].stop]
    )
    assert terrain.voids == np.isnan(heights).sum()
    assert (terrain.lowest, terrain.highest) == (np.nanmin(heights), np.nanmax(heights))


def test_a_higher_level_is_the_mean_of_what_was_measured(engine: Engine) -> None:
    heights = rough(301, 517)
    keep(engine, heights)
    with reader_transaction(engine, WORKER) as connection:
        terrain = kept(connection)
        assert terrain.grid.levels == 3
        level = terrain.grid.at_level(1)
        found = read_heights(connection, terrain, 1, range(level.rows), range(level.columns))
    assert found.shape == (151, 259)
    for row, column in ((0, 0), (75, 86), (75, 100), (150, 258), (150, 3)):
        four = heights[2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
        assert found[row, column] == pytest.approx(np.nanmean(four), rel=1e-6)


def test_the_same_again_changes_nothing_and_another_takes_its_place(engine: Engine) -> None:
    first = rough(20, 30)
    assert keep(engine, first)
    with engine.connect() as connection:
        before = kept(connection)
    assert not keep(engine, first.copy())
    assert keep(engine, first, vertical_datum="EGM96")
    assert keep(engine, rough(20, 30, seed=2))
    with engine.connect() as connection:
        assert kept(connection).id != before.id
        tiles = connection.execute(text("SELECT count(*) FROM territory.terrain_tile"))
        assert tiles.scalar_one() == 1
        with pytest.raises(Conflict, match="replaced"):
            read_heights(connection, before, 0, range(20), range(30))


def test_a_void_is_no_height(engine: Engine) -> None:
    keep(engine, np.full((4, 4), np.nan, dtype=np.float32))
    with engine.connect() as connection:
        terrain = kept(connection)
    assert (terrain.lowest, terrain.highest, terrain.voids) == (None, None, 16)


def test_terrain_is_read_with_the_map_and_written_by_no_reader(engine: Engine) -> None:
    keep(engine, rough(20, 30))
    with reader_transaction(engine, NOBODY) as connection:
        assert find_terrain(connection) is None
        count = text("SELECT count(*) FROM territory.terrain_tile")
        assert connection.execute(count).scalar_one() == 0
    for statement in (
        "DELETE FROM territory.terrain",
        "UPDATE territory.terrain_tile SET heights = ''",
        "INSERT INTO territory.terrain_tile VALUES (1, 9, 9, 9, '')",
    ):
        with reader_transaction(engine, WORKER) as connection:
            with pytest.raises(DBAPIError) as refused:
                connection.execute(text(statement))
            connection.rollback()
        assert getattr(refused.value.orig, "pgcode", "") == "42501"


def test_heights_of_another_size_are_refused(engine: Engine) -> None:
    with owner_transaction(engine) as connection, pytest.raises(ValueError, match="20 × 30"):
        keep_terrain(connection, grid(20, 30), rough(30, 20), title="x", source="x")
