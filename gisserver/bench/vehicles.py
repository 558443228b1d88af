"""Vehicles that exist for a measurement only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, text

_MAKE = text(
    "INSERT INTO patrol.vehicle (plate, source, source_key) SELECT 'B' || n, :source, n::text "
    "FROM generate_series(1, :count) AS n RETURNING id"
)
_MOVED = ("position", "grid_visit", "day_track")


@contextmanager
def temporary_vehicles(engine: Engine, source: str, count: int) -> Iterator[list[int]]:
    """Ids of vehicles of a source; they go with all they left behind, also an earlier run's."""
    _take_back(engine, source)
    with engine.begin() as connection:
        made = connection.execute(_MAKE, {"source": source, "count": count})
        ids = list(made.scalars())
    try:
        yield ids
    finally:
        _take_back(engine, source)


def _take_back(engine: Engine, source: str) -> None:
    with engine.begin() as connection:
        for table in _MOVED:
            connection.execute(
                text(
                    f"DELETE FROM patrol.{table} WHERE object_kind = 'vehicle' AND object_id IN "
                    "(SELECT id FROM patrol.vehicle WHERE source = :source)"
                ),
                {"source": source},
            )
        gone = connection.execute(
            text("DELETE FROM patrol.vehicle WHERE source = :source RETURNING id"),
            {"source": source},
        )
        connection.execute(
            text("DELETE FROM core.history WHERE layer = 'vehicles' AND feature_id = ANY(:ids)"),
            {"ids": list(gone.scalars())},
        )
