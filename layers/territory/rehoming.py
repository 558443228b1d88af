"""Rows taken from old grids to new ones, whole layers at once.

The set-based sibling of the placing triggers for one community: what lies in a new cell gets its
code, heirs follow their owners. Rows that a layer calls settled stay where they were settled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, text

from layers.core.bulk import begin_bulk, record_bulk
from layers.core.features import after_area
from layers.core.layer import Layer
from layers.core.placing import HOME, placing_order

# What else carries an area code and stays: records of what was done, and where it was done, and
# what the community decides on, whose code begins that of every grid it has or had.
STAYS = (
    "core.history",
    "core.audit",
    "patrol.position",
    "patrol.grid_visit",
    "housing.address_alias",
    "housing.address_review",
    "people.proposal",
)
# What follows by other hands: figures by the triggers on what they count, grants by succession.
FOLLOWS = (
    "people.resident_figure",
    "people.lives_elsewhere",
    "people.population_figure",
    "organisation.account_grant",
)

_CELLS = """
CREATE TEMP TABLE new_cell (code text COLLATE "C", geom geometry) ON COMMIT DROP
"""
_HEIRS = """
CREATE TEMP TABLE new_heir (old_code text COLLATE "C", code text COLLATE "C") ON COMMIT DROP
"""
_MOVE = """
WITH found AS MATERIALIZED ({found}), moved AS (
  UPDATE {table} AS t SET area_code = found.code, row_version = t.row_version + 1,
    updated_at = now(), updated_by = nullif(current_setting('wangge.login', true), '')
  FROM found WHERE t.id = found.id AND t.area_code <> found.code
  RETURNING t.id, found.before, found.code
)
INSERT INTO territory.rehomed (plan_id, layer, feature_id, from_code, to_code, read_right, on_day)
SELECT :plan, :layer, id, before, code, :right, :day FROM moved
ON CONFLICT (plan_id, layer, feature_id) DO UPDATE SET to_code = EXCLUDED.to_code
"""
_IN_COMMUNITY = "t.area_code >= :code AND t.area_code < :end"
_OF_OWNER = "o.area_code >= :code AND o.area_code < :end AND t.area_code <> o.area_code"


def rehome(
    connection: Connection,
    layers: Sequence[Layer],
    community: str,
    cells: Mapping[str, BaseGeometry],
    heirs: Mapping[str, str],
    plan: int,
    day: date,
    note: str,
) -> dict[str, int]:
    """Gives every row of a community the code of the new cell it lies in; counts by layer.

    `cells` are the new governance grids by code, `heirs` says where rows without a place go that
    bear the code of a grid that ends. Each layer that changes gets one history row and notice.
    """
    begin_bulk(connection)
    _prepare(connection, cells, heirs)
    values = {
        "plan": plan,
        "day": day,
        "code": community,
        "end": after_area(community),
    }
    counts: dict[str, int] = {}
    for layer in placing_order(layers):
        for found in _found(layer, layers):
            moved = connection.execute(
                text(_MOVE.format(found=found, table=layer.qualified_table)),
                {**values, "layer": layer.name, "right": layer.read.value},
            ).rowcount
            counts[layer.name] = counts.get(layer.name, 0) + moved
    for layer in layers:
        if counts.get(layer.name):
            record_bulk(connection, layer, note)
    connection.execute(text("SELECT set_config('wangge.bulk', 'off', true)"))
    return {name: count for name, count in counts.items() if count}


def _prepare(
    connection: Connection, cells: Mapping[str, BaseGeometry], heirs: Mapping[str, str]
) -> None:
    connection.exec_driver_sql(_CELLS)
    connection.exec_driver_sql(_HEIRS)
    connection.execute(
        text("INSERT INTO new_cell VALUES (:code, ST_GeomFromWKB(:shape, 4326))"),
        [{"code": code, "shape": shapely.to_wkb(shape)} for code, shape in cells.items()],
    )
    if heirs:
        connection.execute(
            text("INSERT INTO new_heir VALUES (:old, :code)"),
            [{"old": old, "code": code} for old, code in heirs.items()],
        )


def _found(layer: Layer, layers: Sequence[Layer]) -> tuple[str, ...]:
    """Statements that find rows to move: id, the code before, the code now."""
    table = layer.qualified_table
    settled = f"AND NOT ({layer.settled})" if layer.settled else ""
    begin = f"SELECT t.id, t.area_code AS before, {{}} AS code FROM {table} AS t JOIN"
    if layer.area_from == "code":
        return ()
    if layer.area_from == "geom":
        only = "AND t.kind <> 'governance'" if layer.name == "grids" else ""
        return (
            f"{begin.format('min(c.code)')} new_cell AS c ON c.geom && t.geom "
            "AND ST_Covers(c.geom, ST_PointOnSurface(t.geom)) "
            f"WHERE {_IN_COMMUNITY} {only} {settled} GROUP BY t.id, t.area_code",
        )
    by_heir = (
        f"{begin.format('h.code')} new_heir AS h ON h.old_code = t.area_code "
        f"WHERE {_IN_COMMUNITY} {settled}"
    )
    home = f"{begin.format('o.area_code')} people.residence AS o ON {HOME} WHERE {_OF_OWNER}"
    if layer.name == "persons":
        return home, by_heir
    if layer.area_from == "given":
        return (by_heir,)
    owner = next(o for o in layers if o.name == layer.fields[layer.area_from].reference)
    join = f"{owner.qualified_table} AS o ON o.id = t.{layer.area_from}"
    return (f"{begin.format('o.area_code')} {join} WHERE {_OF_OWNER}",)
