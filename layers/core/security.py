"""SQL derived from the declarations: triggers, grants and row-level security.

All of it is re-created whole on every upgrade, so it is never edited inside a migration.
"""

from collections.abc import Iterator, Sequence
from importlib.resources import files

from layers.core.analyst import early_analyst_statements, late_analyst_statements
from layers.core.database import APP_ROLE
from layers.core.layer import Layer
from layers.core.rights import Right

ROOMS = (
    "territory",
    "organisation",
    "housing",
    "people",
    "places",
    "incidents",
    "patrol",
    "analysis",
    "privacy",
)

SPATIAL_LEAKPROOF = """
DO $$ BEGIN
  -- Row-level security keeps an operator out of an index scan unless it is leakproof. Comparing
  -- boxes, and looking for array elements, raise no error that depends on the data.
  ALTER FUNCTION geometry_overlaps(geometry, geometry) LEAKPROOF;
  ALTER FUNCTION arraycontains(anyarray, anyarray) LEAKPROOF;
EXCEPTION WHEN insufficient_privilege THEN
  RAISE WARNING 'not a superuser: spatial reads of scoped accounts will not use indexes';
END $$
"""

_ROLE = f"""
DO $$ BEGIN
  CREATE ROLE {APP_ROLE} NOLOGIN NOINHERIT;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$
"""


def early_statements() -> Iterator[str]:
    """What the migrations themselves need: schemas' functions and the application role."""
    yield (files("layers.core") / "functions.sql").read_text(encoding="utf-8")
    yield _ROLE
    yield f"GRANT {APP_ROLE} TO CURRENT_USER"
    yield from early_analyst_statements()


def late_statements(layers: Sequence[Layer]) -> Iterator[str]:
    """Triggers, grants and policies of every layer, after the migrations."""
    yield (files("layers.core") / "triggers.sql").read_text(encoding="utf-8")
    yield _sealed_layers(layers)
    yield SPATIAL_LEAKPROOF
    yield from _core_grants()
    yield from _function_grants()
    done: set[str] = set()
    for layer in layers:
        yield from _layer_grants(layer)
        yield from _policies(layer)
        if layer.qualified_table not in done:
            done.add(layer.qualified_table)
            yield from _triggers(layer, layers)
    yield from late_analyst_statements(layers)
    yield from _room_statements()


def _room_statements() -> Iterator[str]:
    """What a room keeps beside its layers (`layers/<room>/*.sql`): functions, policies."""
    for room in ROOMS:
        found = [path for path in (files("layers") / room).iterdir() if path.name.endswith(".sql")]
        for path in sorted(found, key=lambda path: path.name):
            yield path.read_text(encoding="utf-8")


def _core_grants() -> Iterator[str]:
    yield f"GRANT USAGE ON SCHEMA core, {', '.join(ROOMS)} TO {APP_ROLE}"
    yield f"GRANT SELECT ON core.code, core.code_table TO {APP_ROLE}"
    calendar = "core.working_calendar, core.calendar_day, core.working_time"
    yield f"GRANT SELECT ON {calendar} TO {APP_ROLE}"
    yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON core.receipt TO {APP_ROLE}"
    own = "login = current_setting('wangge.login', true)"
    for command, using, check in (
        ("SELECT", own, ""),
        ("INSERT", "", own),
        ("UPDATE", own, own),
        ("DELETE", own, ""),
    ):
        yield from _policy("core.receipt", "receipt", command, using, check)
    yield f"REVOKE ALL ON core.job FROM {APP_ROLE}"
    yield f"GRANT SELECT, INSERT ON core.job TO {APP_ROLE}"
    yield from _policy("core.job", "job", "SELECT", own)
    yield from _policy("core.job", "job", "INSERT", "", own)
    readable = (
        "id, at, layer, feature_id, action, area_code, area_code_before, read_right, is_public, "
        "actor, reason, row_version, before, after"
    )
    yield f"REVOKE ALL ON core.history, core.audit FROM {APP_ROLE}"
    yield f"GRANT SELECT ({readable}) ON core.history TO {APP_ROLE}"
    yield f"GRANT SELECT ON core.audit TO {APP_ROLE}"
    yield from _policy("core.history", "history", "SELECT", _HISTORY_VISIBLE)
    yield from _policy("core.audit", "audit", "SELECT", _within("audit:read"))


# PostgreSQL lets everybody call every new function. Trigger functions need no grant to be fired.
_CALLED_BY_READERS = (
    "bigrams(text)",
    "broken_audit()",
    "cell(geometry)",
    "check_audit(bigint, integer)",
    "fold(text)",
    "initials(text)",
    "is_bulk()",
    "is_reader()",
    "layer_scope(text, text)",
    "lock_quota()",
    "looked_lately(text, text, bigint, interval)",
    "looks_spent(text, interval, integer)",
    "region_prefix(text)",
    "refusal_told(text, text, interval)",
    "tell(text, text)",
    "reveal(text, text, bigint, text, text, bigint, text, text)",
    "scope(text)",
    "today()",
    "write_audit(bigint, text, text, text, bigint, text, text, jsonb)",
)


def _function_grants() -> Iterator[str]:
    yield f"REVOKE ALL ON ALL FUNCTIONS IN SCHEMA core FROM PUBLIC, {APP_ROLE}"
    for function in _CALLED_BY_READERS:
        yield f"GRANT EXECUTE ON FUNCTION core.{function} TO {APP_ROLE}"


def _sealed_layers(layers: Sequence[Layer]) -> str:
    """What `core.reveal` may open: every sealed field with its layer's table and read right.

    `subject` is the SQL of whom a row is about.
    """
    rows = ", ".join(
        f"('{layer.name}', '{layer.qualified_table}', '{layer.read.value}', '{field}', "
        f"'{layer.subject_sql or 'NULL::bigint'}')"
        for layer in layers
        for field in layer.sensitive_fields
    )
    return (
        "DROP FUNCTION IF EXISTS core.sealed_layers(); "
        "CREATE FUNCTION core.sealed_layers() RETURNS TABLE "
        "(layer text, table_name text, read_right text, field text, subject text) "
        f"LANGUAGE sql IMMUTABLE AS $$ VALUES {rows} $$"
    )


_HISTORY_VISIBLE = (
    "CASE WHEN is_public OR action = 'bulk' "
    "THEN cardinality(core.layer_scope(layer, read_right)) > 0 "
    "ELSE area_code LIKE ANY (core.layer_scope(layer, read_right)) END"
)


def _within(right: str) -> str:
    return f"area_code LIKE ANY ((SELECT core.scope('{right}'))::text[])"


def _within_layer(layer: Layer, right: Right) -> str:
    return f"area_code LIKE ANY ((SELECT {_layer_scope(layer, right)})::text[])"


def _layer_scope(layer: Layer, right: Right) -> str:
    return f"core.layer_scope('{layer.name}', '{right.value}')"


def _policy(table: str, name: str, command: str, using: str, check: str = "") -> Iterator[str]:
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
    label = f"{name}_{command.lower()}"
    yield f"DROP POLICY IF EXISTS {label} ON {table}"
    clauses = f"USING ({using})" if using else ""
    clauses += f" WITH CHECK ({check})" if check else ""
    yield f"CREATE POLICY {label} ON {table} FOR {command} TO {APP_ROLE} {clauses}"


def _layer_grants(layer: Layer) -> Iterator[str]:
    columns = [column.name for column in layer.table.columns]
    readable = ", ".join(f'"{name}"' for name in columns if not name.endswith("_cipher"))
    yield f"REVOKE ALL ON {layer.qualified_table} FROM {APP_ROLE}"
    yield f"GRANT SELECT ({readable}) ON {layer.qualified_table} TO {APP_ROLE}"
    written = ", ".join(f'"{name}"' for name in columns if not _is_read_only(layer, name))
    yield f"GRANT INSERT ({written}, updated_by) ON {layer.qualified_table} TO {APP_ROLE}"
    yield f"GRANT UPDATE ({written}) ON {layer.qualified_table} TO {APP_ROLE}"
    yield f"GRANT DELETE ON {layer.qualified_table} TO {APP_ROLE}"


def _is_read_only(layer: Layer, name: str) -> bool:
    """What a declaration calls read only is set by triggers and rules of the room, by no reader."""
    info = layer.fields.get(name)
    return info is not None and info.read_only and name != "area_code"


def _policies(layer: Layer) -> Iterator[str]:
    table, name = layer.qualified_table, layer.table.name
    read, write = _within_layer(layer, layer.read), _within_layer(layer, layer.write)
    if layer.scope == "public":
        read = f"(SELECT cardinality({_layer_scope(layer, layer.read)}) > 0)"
    yield from _policy(table, name, "SELECT", read)
    yield from _policy(table, name, "INSERT", "", _within_layer(layer, layer.create_right))
    yield from _policy(table, name, "UPDATE", write, write)
    yield from _policy(table, name, "DELETE", write)


def _triggers(layer: Layer, layers: Sequence[Layer]) -> Iterator[str]:
    table = layer.qualified_table
    yield from _trigger(table, "place", *_placing(layer, layers))
    yield from _trigger(table, "version", "BEFORE UPDATE", "core.next_version()")
    heirs = [
        (heir.qualified_table, heir.area_from)
        for heir in layers
        if heir.area_from in heir.fields and heir.fields[heir.area_from].reference == layer.name
    ]
    if heirs:
        pairs = ", ".join(f"'{heir}', '{column}'" for heir, column in heirs)
        # Not "UPDATE OF area_code": that would miss what the placing trigger has just changed.
        moved = "OLD.area_code <> NEW.area_code"
        call = f"core.pass_area_on({pairs})"
        yield from _trigger(table, "pass_area_on", "AFTER UPDATE", call, moved)
    if layer.name in ("areas", "grids"):
        # By name after "place", whose area code it needs.
        columns = "geom, code, valid_to" if layer.name == "areas" else "geom, code, valid_to, kind"
        when = f"BEFORE INSERT OR UPDATE OF {columns}"
        call = f"core.stay_on_own_land('{layer.write.value}')"
        yield from _trigger(table, "stay_on_own_land", when, call)
    rights = _rights_to_delete(layer, layers)
    call = f"core.guard_delete({', '.join(repr(right) for right in rights)})"
    yield from _trigger(table, "guard_delete", "BEFORE DELETE" if rights else "", call)
    if layer.name == "dwellings":
        when = "AFTER UPDATE OF building_id"
        yield from _trigger(table, "pass_building_on", when, "core.pass_building_on()")
    if layer.name == "residences":
        yield from _trigger(table, "move_person", "AFTER INSERT OR UPDATE", "core.move_person()")
    told = "AFTER INSERT OR UPDATE OR DELETE" if layer.live and not layer.moving else ""
    arguments = f"'{layer.name}', '{layer.read.value}', '{layer.scope}'"
    yield from _trigger(table, "record_change", told, f"core.record_change({arguments})")


def _rights_to_delete(layer: Layer, layers: Sequence[Layer]) -> tuple[str, ...]:
    """Rights a reader needs where a row lies, beyond its policy: for what goes along with it.

    A row that goes along and lies elsewhere is asked for itself. A last position and a shift are no
    records of their own and go with whom they are about.
    """
    rights = {
        heir.write.value
        for heir in layers
        if _goes_with(heir, layer.name) == heir.area_from and heir.write is not layer.write
    }
    owners = [field for field, info in layer.fields.items() if info.reference]
    elsewhere = any(
        _goes_with(layer, layer.fields[field].reference) not in (None, layer.area_from)
        for field in owners
    )
    if elsewhere and layer.name not in ("positions", "shifts"):
        rights.add(layer.write.value)
    return tuple(sorted(rights))


def _goes_with(heir: Layer, owner: str | None) -> str | None:
    """The column by which rows of a layer are deleted with those of its owner."""
    for field, info in heir.fields.items():
        keys = heir.column(field).foreign_keys
        if info.reference == owner and any(key.ondelete == "CASCADE" for key in keys):
            return field
    return None


def _placing(layer: Layer, layers: Sequence[Layer]) -> tuple[str, str]:
    if layer.name == "residences":
        return "BEFORE INSERT OR UPDATE OF dwelling_id, person_id", "core.copy_building()"
    if layer.name == "grids":
        return "BEFORE INSERT OR UPDATE OF geom, code, kind", "core.place_grid()"
    if layer.area_from == "geom":
        return "BEFORE INSERT OR UPDATE OF geom", "core.place_by_geometry()"
    if layer.area_from == "code":
        return "BEFORE INSERT OR UPDATE OF code", "core.place_by_code()"
    if layer.area_from == "given":
        return "", ""
    owner = _owner_of(layer, layers)
    when = f"BEFORE INSERT OR UPDATE OF {layer.area_from}"
    return when, f"core.place_by_owner('{layer.area_from}', '{owner.qualified_table}')"


def _owner_of(layer: Layer, layers: Sequence[Layer]) -> Layer:
    name = layer.fields[layer.area_from].reference
    return next(owner for owner in layers if owner.name == name)


def _trigger(table: str, name: str, when: str, call: str, condition: str = "TRUE") -> Iterator[str]:
    yield f"DROP TRIGGER IF EXISTS {name} ON {table}"
    if when:
        yield (
            f"CREATE TRIGGER {name} {when} ON {table} FOR EACH ROW "
            f"WHEN ({condition} AND NOT core.is_bulk()) EXECUTE FUNCTION {call}"
        )
