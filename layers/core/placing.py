"""Where many rows lie: the set-based form of the triggers that give each row its area.

Bulk work switches the row triggers off, so what they would do is done here by one join a layer.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from layers.core.layer import Layer

_FOUND = "place_found"

# The open home; of several the one entered last.
HOME = """o.person_id = t.id AND o.is_home AND o.valid_to IS NULL AND NOT EXISTS (
  SELECT FROM people.residence AS later
  WHERE later.person_id = t.id AND later.is_home AND later.valid_to IS NULL AND later.id > o.id
)"""


@dataclass(frozen=True)
class Place:
    """What a row `t` takes from its place: SQL by column, and the joins that it needs."""

    columns: dict[str, str]
    joins: str = ""


def find_places(connection: Connection, layer: Layer, table: str, key: str) -> Place:
    """How rows of `table` (the layer's own or a stage of it) get their area.

    `key` names its rows: `id`, or `ctid` in a stage to which nobody else writes. Places found by
    geometry wait in a temporary table until `forget_places`.
    """
    if layer.name == "grids":
        own = "t.kind = 'governance' AND t.code IS NOT NULL"
        _find_by_geometry(connection, table, key, f"NOT ({own})")
        area = f"CASE WHEN {own} THEN t.code ELSE {_FOUND}.code END"
        return Place({"area_code": area}, _join_found(key))
    if layer.area_from == "geom":
        _find_by_geometry(connection, table, key, "true")
        return Place({"area_code": f"{_FOUND}.code"}, _join_found(key))
    if layer.area_from == "code":
        return Place({"area_code": "core.region_prefix(t.code)"})
    if layer.name == "persons" and key == "id":  # a new person has no home yet
        return Place({"area_code": "o.area_code"}, f"JOIN people.residence AS o ON {HOME}")
    if layer.area_from in layer.fields:
        column = layer.column(layer.area_from)
        owner = next(iter(column.foreign_keys)).column.table
        join = f"LEFT JOIN {owner.schema}.{owner.name} AS o ON o.id = t.{column.name}"
        copied = ("area_code", "building_id") if layer.name == "residences" else ("area_code",)
        return Place({name: f"o.{name}" for name in copied}, join)
    return Place({})


def forget_places(connection: Connection) -> None:
    """Drops what `find_places` has found."""
    connection.exec_driver_sql(f"DROP TABLE IF EXISTS {_FOUND}")


def rehome(connection: Connection, layers: Sequence[Layer]) -> None:
    """Places every row of every layer again, owners before heirs: after areas or grids changed.

    Call `begin_bulk` before.
    """
    for layer in placing_order(layers):
        _place_rows(connection, layer, "true")


def rehome_heirs(
    connection: Connection, owner: Layer, changed: str, layers: Sequence[Layer]
) -> None:
    """Places the rows again that take their area from some rows of `owner`, and theirs in turn.

    `changed` is a query for the ids of those rows. Call `begin_bulk` before.
    """
    moved = {owner.name: changed}
    for layer in placing_order(layers):
        source = _source(layer)
        if source in moved and layer is not owner:
            told = f"moved_{layer.table.name}"
            connection.exec_driver_sql(f"CREATE TEMP TABLE {told} (id bigint) ON COMMIT DROP")
            _place_rows(connection, layer, f"o.id IN ({moved[source]})", told)
            moved[layer.name] = f"SELECT id FROM {told}"
    for query in list(moved.values())[1:]:
        connection.exec_driver_sql(f"DROP TABLE {query.removeprefix('SELECT id FROM ')}")


def _place_rows(connection: Connection, layer: Layer, among: str, told: str | None = None) -> None:
    """Sets the area of rows that have a place and notes the ids of those that changed."""
    place = find_places(connection, layer, layer.qualified_table, "id")
    if not place.columns:
        return
    sets = ", ".join(f"{name} = placed.{name}" for name in place.columns)
    found = ", ".join(f"{sql} AS {name}" for name, sql in place.columns.items())
    differs = " OR ".join(f"t.{name} <> placed.{name}" for name in place.columns)
    update = (
        f"UPDATE {layer.qualified_table} AS t SET {sets} FROM (SELECT t.id, {found} "
        f"FROM {layer.qualified_table} AS t {place.joins} WHERE {among}) AS placed "
        f"WHERE placed.id = t.id AND ({differs})"
    )
    if told:
        update = f"WITH moved AS ({update} RETURNING t.id) INSERT INTO {told} SELECT id FROM moved"
    connection.exec_driver_sql(update)
    forget_places(connection)


def placing_order(layers: Sequence[Layer]) -> list[Layer]:
    """The layers with areas of their own first, heirs after their owners."""
    ordered: list[Layer] = []
    waiting = list(layers)
    while waiting:
        known = {layer.name for layer in ordered}
        ready = [layer for layer in waiting if _source(layer) in known | {None}]
        if not ready:
            names = [layer.name for layer in waiting]
            raise ValueError(f"areas of {names} come from no known layer")
        ordered += ready
        waiting = [layer for layer in waiting if layer not in ready]
    return ordered


def _source(layer: Layer) -> str | None:
    """The layer from whose rows those of a layer take their area."""
    if layer.name == "persons":
        return "residences"
    return layer.fields[layer.area_from].reference if layer.area_from in layer.fields else None


def _join_found(key: str) -> str:
    return f"LEFT JOIN {_FOUND} ON {_FOUND}.row = t.{key}"


def _find_by_geometry(connection: Connection, table: str, key: str, only: str) -> None:
    """Grids look for points, not points for their grid: few polygons, each made ready once."""
    run = connection.exec_driver_sql
    run(
        f"CREATE TEMP TABLE place_point ON COMMIT DROP AS SELECT t.{key} AS row, "
        f"ST_PointOnSurface(t.geom) AS point FROM {table} AS t "
        f"WHERE t.geom IS NOT NULL AND {only}"
    )
    run("CREATE INDEX ON place_point USING gist (point)")
    run("ANALYZE place_point")
    forget_places(connection)
    run(
        f"""
        CREATE TEMP TABLE {_FOUND} ON COMMIT DROP AS
        WITH gridded AS MATERIALIZED (
          SELECT p.row, min(g.code) AS code
          FROM territory.grid AS g JOIN place_point AS p
            ON g.geom && p.point AND ST_Covers(g.geom, p.point)
          WHERE g.kind = 'governance' AND g.valid_to IS NULL GROUP BY p.row
        )
        SELECT p.row, coalesce(
          gridded.code,
          (SELECT a.area_code FROM territory.area AS a
            WHERE a.valid_to IS NULL AND a.geom && p.point AND ST_Covers(a.geom, p.point)
            ORDER BY length(a.area_code) DESC, a.area_code LIMIT 1),
          '') AS code
        FROM place_point AS p LEFT JOIN gridded ON gridded.row = p.row
        """
    )
    run(f"ANALYZE {_FOUND}")
    run("DROP TABLE place_point")
