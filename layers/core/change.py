"""The one way to write: a `Change` is a list of edits and a reason, applied in one transaction.

The database itself adds area, version, history and notice by trigger, so that not even a writer
beside this module can forget them.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from shapely import is_valid_reason
from shapely.geometry import shape
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DataError, IntegrityError, ProgrammingError

from layers.core.errors import Fault, Forbidden, Invalid, NotFound, Stale
from layers.core.features import visible
from layers.core.layer import Layer
from layers.core.scope import Reader
from layers.core.sealing import Sealer
from layers.core.shapes import NO_SHAPE
from layers.core.values import Codes, checked_values, converted, sealed_values

Action = Literal["create", "update", "delete"]

INSUFFICIENT_PRIVILEGE = "42501"
_LOGIN = "nullif(current_setting('wangge.login', true), '')"


@dataclass(frozen=True)
class Edit:
    """One row to create, update or delete.

    `geometry` is a GeoJSON geometry in CRS84; on update None keeps what is stored.
    `row_version` is the version the edit is based on; None overwrites whatever is there.
    `clears_geometry` empties it, where a row may be without.
    `derived` are columns that a rule of the room sets on create, read-only ones too; not checked.
    `refers` names fields that get the id of an earlier edit of the change, by that one's place.
    """

    layer: Layer
    action: Action
    id: int | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    geometry: Mapping[str, Any] | None = None
    row_version: int | None = None
    derived: Mapping[str, Any] = field(default_factory=dict)
    refers: Mapping[str, int] = field(default_factory=dict)
    clears_geometry: bool = False


@dataclass(frozen=True)
class Change:
    """Edits that belong together, and why they are made."""

    edits: Sequence[Edit]
    reason: str | None = None


@dataclass(frozen=True)
class Tools:
    """What checking and sealing need: valid codes of a table, and the sealer."""

    codes: Codes
    sealer: Sealer


def apply_change(
    connection: Connection, change: Change, actor: Reader, tools: Tools
) -> tuple[int, ...]:
    """Writes every edit and returns the ids touched, in order.

    The connection must be in a `reader_transaction` of the actor.

    Raises: Invalid with every fault of an edit; Stale when a row has moved on; NotFound;
    Forbidden without the right or outside the area. The caller's transaction must roll back.
    """
    try:
        reason = converted(change.reason, "text") or ""
    except ValueError as error:
        raise Invalid([Fault("reason", str(error))]) from error
    connection.execute(
        text("SELECT set_config('wangge.reason', :reason, true)"), {"reason": reason}
    )
    ids: list[int] = []
    for edit in change.edits:
        made = {name: ids[place] for name, place in edit.refers.items()}
        whole = replace(edit, values={**edit.values, **made}) if made else edit
        ids.append(_apply(connection, whole, actor, tools))
    return tuple(ids)


def _apply(connection: Connection, edit: Edit, actor: Reader, tools: Tools) -> int:
    layer = edit.layer
    if edit.action == "create":
        right, areas = layer.create_right, actor.areas_to_create(layer)
    else:
        right, areas = layer.write, actor.areas_to_write(layer)
    if not areas:
        raise Forbidden(f"{layer.name} needs the right {right}")
    try:
        if edit.action != "create":
            _check_current(connection, edit, actor)
        _check_references(connection, edit)
        if edit.action == "create":
            return _create(connection, edit, areas[0], tools)
        if edit.action == "delete":
            return _delete(connection, edit)
        return _update(connection, edit, tools)
    except IntegrityError as error:
        raise Invalid([_constraint_fault(edit.layer, error)]) from error
    except DataError as error:
        raise Invalid([Fault("", str(error.orig).splitlines()[0])]) from error
    except ProgrammingError as error:
        if getattr(error.orig, "pgcode", None) == INSUFFICIENT_PRIVILEGE:
            raise Forbidden(_refusal(edit, areas)) from error
        raise


def _refusal(edit: Edit, areas: Sequence[str]) -> str:
    if edit.action == "delete":
        return f"{edit.layer.name}/{edit.id}: what goes along with it needs rights you lack there"
    return f"{edit.layer.name}: the place lies outside your areas ({', '.join(areas)})"


def _constraint_fault(layer: Layer, error: IntegrityError) -> Fault:
    """What the database refused, in the form's words; its own text would show other rows."""
    diagnostics = getattr(error.orig, "diag", None)
    constraint = str(getattr(diagnostics, "constraint_name", None) or "")
    if constraint in layer.refusals:
        return layer.refusals[constraint]
    column = str(getattr(diagnostics, "column_name", None) or "")
    state = str(getattr(error.orig, "pgcode", None) or "")
    if state == "23502":
        return Fault(column, "required")
    named = sorted(
        (name for name in layer.fields if f"_{name}_" in constraint),
        key=len,
        reverse=True,
    )
    field = named[0] if named else ""
    if state == "23505":
        return Fault(field, "another row has this value already")
    if state == "23P01":
        return Fault(field, "somebody has it at that time already")
    if state == "23503":
        is_own = constraint.startswith(f"{layer.table.name}_")
        missing = f"no such row in {layer.fields[field].reference}" if field in layer.fields else ""
        return Fault(field, missing) if is_own and missing else Fault("", "other rows refer to it")
    # Only a rule of ours hints at why; the database's own text would show the row.
    hint = str(getattr(diagnostics, "message_hint", None) or "")
    return Fault(field, hint or f"outside what is allowed ({constraint})")


def _create(connection: Connection, edit: Edit, home: str, tools: Tools) -> int:
    layer = edit.layer
    given = dict(edit.values)
    if layer.area_from == "given" and not given.get("area_code"):
        given["area_code"] = home
    values = _stored(layer, given, tools, partial=False) | dict(edit.derived)
    geometry = _geometry(layer, edit.geometry, required=True)
    if layer.area_from == "geom" and geometry is None:
        values["area_code"] = home
    columns, marks, binds = _marks(values, geometry)
    statement = (
        f"INSERT INTO {layer.qualified_table} ({', '.join((*columns, 'updated_by'))}) VALUES "
        f"({', '.join((*marks, _LOGIN))}) RETURNING id"
    )
    return int(connection.execute(text(statement), binds).scalar_one())


def _update(connection: Connection, edit: Edit, tools: Tools) -> int:
    layer = edit.layer
    values = _stored(layer, edit.values, tools, partial=True)
    geometry = _geometry(layer, edit.geometry, required=False)
    if geometry is not None and layer.drawn_by_plan:
        _check_outline(connection, edit, layer.drawn_by_plan, geometry)
    columns, marks, binds = _marks(values, geometry)
    if edit.clears_geometry:
        _check_clearing(layer)
        columns, marks = [*columns, "geom"], [*marks, "NULL"]
    if not columns:
        raise Invalid([Fault("", "nothing to change: no property and no geometry given")])
    sets = ", ".join(f"{column} = {mark}" for column, mark in zip(columns, marks, strict=True))
    statement = f"UPDATE {layer.qualified_table} SET {sets} WHERE id = :edit_id RETURNING id"
    found = connection.execute(text(statement), {**binds, "edit_id": edit.id}).scalar_one_or_none()
    return _touched(edit, found)


def _check_clearing(layer: Layer) -> None:
    if layer.geometry_kind is None or not layer.table.columns["geom"].nullable:
        raise Invalid([Fault("geometry", f"{layer.geometry_kind} expected, none given")])


def _check_outline(connection: Connection, edit: Edit, planned: str, geometry: str) -> None:
    """The outline sent must be the one there is: clients send it along with other values.

    It is compared to seven decimals of a degree, as it is told.
    """
    given = "ST_SetSRID(ST_GeomFromGeoJSON(:geometry), 4326)"
    statement = (
        f"SELECT EXISTS (SELECT FROM {edit.layer.qualified_table} WHERE id = :id AND ({planned}) "
        f"AND NOT ST_Equals(ST_SnapToGrid(geom, 1e-7), ST_SnapToGrid({given}, 1e-7)))"
    )
    values = {"id": edit.id, "geometry": geometry}
    if connection.execute(text(statement), values).scalar_one():
        raise Invalid([Fault("geometry", "it changes by a plan only, for its neighbours too")])


def _delete(connection: Connection, edit: Edit) -> int:
    statement = f"DELETE FROM {edit.layer.qualified_table} WHERE id = :id RETURNING id"
    found = connection.execute(text(statement), {"id": edit.id}).scalar_one_or_none()
    return _touched(edit, found)


def _touched(edit: Edit, found: int | None) -> int:
    if found is None:
        raise Forbidden(f"{edit.layer.name}/{edit.id} lies outside the areas you may write")
    return int(found)


def _check_current(connection: Connection, edit: Edit, actor: Reader) -> None:
    current = lock_row(connection, edit.layer, int(edit.id or 0), actor)
    if edit.row_version is not None and edit.row_version != current:
        raise Stale(edit.layer.name, int(edit.id or 0), edit.row_version, current)


def lock_row(connection: Connection, layer: Layer, feature_id: int, actor: Reader) -> int:
    """The version of a row that nobody else may change until the transaction ends.

    Raises: NotFound when the actor may not see it; Forbidden when it may not be written there.
    """
    table = layer.table
    statement = (
        table.select()
        .with_only_columns(table.c.area_code)
        .where(visible(layer, actor), table.c.id == feature_id)
    )
    area = connection.execute(statement).scalar_one_or_none()
    if area is None:
        raise NotFound(f"no feature {feature_id} in {layer.name}")
    if not actor.covers(layer.write, area):
        raise Forbidden(f"{layer.name}/{feature_id} lies outside the areas you may write")
    current = connection.execute(
        text(f"SELECT row_version FROM {layer.qualified_table} WHERE id = :id FOR UPDATE"),
        {"id": feature_id},
    ).scalar_one_or_none()
    if current is None:
        raise NotFound(f"no feature {feature_id} in {layer.name}")
    return int(current)


def _check_references(connection: Connection, edit: Edit) -> None:
    """A row may refer only to rows the actor may see, as row-level security shows them."""
    faults = []
    for name, value in edit.values.items():
        info = edit.layer.fields.get(name)
        if info is None or info.reference is None:
            continue
        try:
            # As it will be stored: "7" and 7.0 are the row 7 as well.
            row_id = converted(value, "integer")
        except ValueError:
            continue  # told with the other faults of the values
        if row_id is None:
            continue
        target = next(iter(edit.layer.column(name).foreign_keys)).column
        seen = connection.execute(select(target).where(target == row_id)).one_or_none()
        if seen is None and not _is_stored(connection, edit, name, row_id):
            faults.append(Fault(name, f"no such row in {info.reference}"))
    if faults:
        raise Invalid(faults)


def _is_stored(connection: Connection, edit: Edit, name: str, value: int) -> bool:
    """Whether the row has the value already: what it refers to may have moved away since."""
    table = edit.layer.table
    statement = select(table.c.id).where(table.c.id == edit.id, table.c[name] == value)
    return edit.action == "update" and connection.execute(statement).one_or_none() is not None


def _stored(
    layer: Layer, given: Mapping[str, Any], tools: Tools, *, partial: bool
) -> dict[str, Any]:
    clean = checked_values(layer, given, tools.codes, partial=partial)
    kept = {
        name: "" if value is None and _is_never_null_text(layer, name) else value
        for name, value in clean.items()
        if value is not None or layer.column(name).nullable or _is_never_null_text(layer, name)
    }
    return sealed_values(layer, kept, tools.sealer)


def _is_never_null_text(layer: Layer, name: str) -> bool:
    """A text that is empty rather than missing, such as the unit of a house without units."""
    column = layer.column(name)
    default = getattr(column.server_default, "arg", None)
    return not column.nullable and str(default) == "''"


def _marks(
    values: Mapping[str, Any], geometry: str | None
) -> tuple[list[str], list[str], dict[str, Any]]:
    columns = [f'"{name}"' for name in values]
    marks = [f":{name}" for name in values]
    binds = dict(values)
    if geometry is not None:
        columns.append("geom")
        marks.append("ST_SetSRID(ST_GeomFromGeoJSON(:geometry), 4326)")
        binds["geometry"] = geometry
    return columns, marks, binds


def _geometry(layer: Layer, given: Mapping[str, Any] | None, *, required: bool) -> str | None:
    kind = layer.geometry_kind
    if kind is None:
        if given is not None:
            raise Invalid([Fault("geometry", f"{layer.name} has no geometry")])
        return None
    if given is None:
        if required and not layer.table.columns["geom"].nullable:
            raise Invalid([Fault("geometry", f"{kind} expected, none given")])
        return None
    reason = geometry_fault(kind, given)
    if reason is not None:
        raise Invalid([Fault("geometry", reason)])
    return json.dumps(as_kind(kind, given))


def geometry_fault(kind: str, given: Mapping[str, Any]) -> str | None:
    """Why a GeoJSON geometry (CRS84) cannot be stored as `kind`; None when it can."""
    if given.get("type") not in (kind, kind.removeprefix("Multi")):
        return f"{kind} expected, got {given.get('type')!r}"
    try:
        made = shape(dict(given))
    except NO_SHAPE as error:
        return f"no GeoJSON {kind}: {error}"
    if made.is_empty:
        return "the geometry is empty"
    if made.has_z:
        return "heights are not kept; longitude and latitude expected"
    west, south, east, north = made.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        return f"longitude -180..180 and latitude -90..90 expected, got {made.bounds}"
    return None if made.is_valid else is_valid_reason(made)


def as_kind(kind: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """A GeoJSON geometry as `kind`; a single one becomes a collection of one."""
    if given["type"] == kind:
        return {"type": kind, "coordinates": given["coordinates"]}
    return {"type": kind, "coordinates": [given["coordinates"]]}
