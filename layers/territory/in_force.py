"""A plan's grids put in force: old ones end, new ones begin, lineage is kept. As the owner.

Within one transaction, so that a reader sees the old grids or the new ones, never something
between, and nothing is half done when the process dies.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, text

from layers.core.features import after_area
from layers.core.layer import Layer
from layers.territory.draft import Piece, as_multi, continuing, is_same_grid
from layers.territory.drafting import OpenPlan
from layers.territory.rehoming import rehome

_PAST = (
    "CREATE TEMP TABLE past_grid ON COMMIT DROP AS "
    "SELECT * FROM territory.grid WHERE id = ANY(%(ids)s)"
)
_GO_ON = text(
    "UPDATE territory.grid SET geom = ST_GeomFromWKB(:shape, 4326), name = :name, "
    "valid_from = coalesce(CAST(:day AS date), valid_from) WHERE id = :id"
)
_KEEP_PAST = text(
    "INSERT INTO territory.grid (code, name, kind, land_use, households_target, responsible, note, "
    "geom, source, valid_from, valid_to) SELECT code, name, kind, land_use, households_target, "
    "responsible, note, geom, source, valid_from, CAST(:day AS date) FROM past_grid WHERE id = :id "
    "RETURNING id"
)
_END = text("UPDATE territory.grid SET valid_to = :day WHERE id = ANY(:ids)")
_BEGIN = text(
    "INSERT INTO territory.grid (code, name, kind, valid_from, land_use, responsible, geom) "
    "SELECT :code, :name, 'governance', :day, "
    "(SELECT land_use FROM territory.grid WHERE id = :model), "
    "(SELECT responsible FROM territory.grid WHERE id = :model), "
    "ST_GeomFromWKB(:shape, 4326) RETURNING id"
)
# What lay in an old grid and lies in a new one: rows that moved say so, the others stayed.
_LINEAGE = text(
    """
    WITH pair AS (
      SELECT old.id AS old_id, new.id AS new_id, old.code AS old_code, new.code AS new_code,
        ST_Area(old.geom::geography) AS whole,
        ST_Area(ST_Intersection(old.geom, new.geom)::geography) AS area
      FROM territory.grid AS old JOIN territory.grid AS new
        ON old.geom && new.geom AND ST_Intersects(old.geom, new.geom)
      WHERE old.id = ANY(:old) AND new.id = ANY(:new)
    ), went AS (
      SELECT layer, from_code, to_code, count(*) AS number FROM territory.rehomed
      WHERE plan_id = :plan AND layer IN ('buildings', 'dwellings', 'persons') GROUP BY 1, 2, 3
      UNION ALL
      SELECT 'buildings', area_code, area_code, count(*) FROM housing.building AS t
      WHERE area_code >= :code AND area_code < :end AND NOT EXISTS (SELECT FROM territory.rehomed
        WHERE plan_id = :plan AND layer = 'buildings' AND feature_id = t.id) GROUP BY 2
      UNION ALL
      SELECT 'dwellings', area_code, area_code, count(*) FROM housing.dwelling AS t
      WHERE area_code >= :code AND area_code < :end AND NOT EXISTS (SELECT FROM territory.rehomed
        WHERE plan_id = :plan AND layer = 'dwellings' AND feature_id = t.id) GROUP BY 2
      UNION ALL
      SELECT 'persons', area_code, area_code, count(*) FROM people.person AS t
      WHERE area_code >= :code AND area_code < :end AND NOT EXISTS (SELECT FROM territory.rehomed
        WHERE plan_id = :plan AND layer = 'persons' AND feature_id = t.id) GROUP BY 2
    )
    INSERT INTO territory.grid_lineage
      (plan_id, old_id, new_id, area, area_share, buildings, dwellings, residents)
    SELECT :plan, old_id, new_id, area, area / whole,
      coalesce(sum(number) FILTER (WHERE layer = 'buildings'), 0),
      coalesce(sum(number) FILTER (WHERE layer = 'dwellings'), 0),
      coalesce(sum(number) FILTER (WHERE layer = 'persons'), 0)
    FROM pair LEFT JOIN went ON from_code = old_code AND to_code = new_code
    WHERE area >= 1 GROUP BY old_id, new_id, area, whole
    """
)


@dataclass(frozen=True)
class InForce:
    """What putting a plan in force has done: grids by code, and rows moved by layer."""

    begun: Sequence[str]
    ended: Sequence[str]
    changed: Sequence[str]
    rehomed: Mapping[str, int]


def put_grids_in_force(
    connection: Connection, layers: Sequence[Layer], plan: OpenPlan, day: date
) -> InForce:
    """Ends the old grids on a day and begins the new ones, and re-homes all rows of the community.

    A grid whose border moved goes on under its id and code, its past version is kept beside it;
    split and merged grids are closed, their successors have new ids and codes. The caller has
    locked the plan and the grids.
    """
    pieces, base, plane = plan.draft.pieces, plan.base.pieces, plan.draft.plane
    by_id = {piece.base_id: piece for piece in base.values() if piece.base_id is not None}
    going_on = continuing(pieces)
    shapes = {key: as_multi(piece.shape) for key, piece in pieces.items()}
    moved = {
        key: grid
        for key, grid in going_on.items()
        if not is_same_grid(pieces[key], by_id[grid].shape, plane)
    }
    ended = sorted(set(by_id) - set(going_on.values()))
    counts = rehome(
        connection,
        layers,
        plan.row.area_code,
        {piece.code: shapes[key] for key, piece in pieces.items()},
        {by_id[grid].code: _main_heir(by_id[grid], pieces.values()) for grid in ended},
        plan.row.id,
        day,
        plan.row.title,
    )
    old = [*ended, *_go_on(connection, plan, going_on, moved, shapes, day)]
    connection.execute(_END, {"day": day, "ids": ended})
    fresh = [piece for key, piece in pieces.items() if key not in going_on]
    new = [*moved.values(), *(_begin(connection, piece, by_id, day) for piece in fresh)]
    values = {"old": old, "new": new, "plan": plan.row.id, "code": plan.row.area_code}
    connection.execute(_LINEAGE, {**values, "end": after_area(plan.row.area_code)})
    return InForce(
        sorted(piece.code for piece in fresh),
        sorted(by_id[grid].code for grid in ended),
        sorted(pieces[key].code for key in moved),
        counts,
    )


def _go_on(
    connection: Connection,
    plan: OpenPlan,
    going_on: Mapping[int, int],
    moved: Mapping[int, int],
    shapes: Mapping[int, BaseGeometry],
    day: date,
) -> list[int]:
    """Grids that keep their id: past versions of those whose border moved; their ids."""
    connection.exec_driver_sql(_PAST, {"ids": list(moved.values())})
    past = []
    base = {piece.base_id: piece for piece in plan.base.pieces.values()}
    for key, grid in going_on.items():
        piece, before = plan.draft.pieces[key], base[grid]
        if piece.shape.equals_exact(before.shape, 0) and piece.name == before.name:
            continue
        since = day if key in moved else None
        values = {"id": grid, "name": piece.name, "day": since}
        connection.execute(_GO_ON, {**values, "shape": shapely.to_wkb(shapes[key])})
        if key in moved:
            past.append(connection.execute(_KEEP_PAST, {"id": grid, "day": day}).scalar_one())
    return past


def _begin(connection: Connection, piece: Piece, base: Mapping[int, Piece], day: date) -> int:
    """A new grid; land use and body in charge are those of the grid most of it comes from."""
    model = max(
        piece.parents,
        key=lambda grid: base[grid].shape.intersection(piece.shape).area,
        default=None,
    )
    values = {"code": piece.code, "name": piece.name, "day": day, "model": model}
    shape = shapely.to_wkb(as_multi(piece.shape))
    return int(connection.execute(_BEGIN, {**values, "shape": shape}).scalar_one())


def _main_heir(grid: Piece, pieces: Iterable[Piece]) -> str:
    """The code of the piece that gets most of a grid's land."""
    return max(pieces, key=lambda piece: piece.shape.intersection(grid.shape).area).code
