"""The schema `analyst`: one view a layer, for who asks in SQL with a database login of their own.

A view belongs to `wangge_views`, a role held by row-level security that asks whose session it is.
Who may see everything reads the table with all its indexes. Who may not gets the rows of the own
areas, by the index on area codes, and only these meet what the session's statement asks: a plan
(EXPLAIN ANALYZE) or an error would else tell of rows that lie elsewhere.
"""

from collections.abc import Iterator, Sequence
from importlib.resources import files

from layers.core.layer import Layer
from layers.core.rights import ROLES

VIEW_OWNER = "wangge_views"
ANALYSTS = "wangge_analyst"
SCHEMA = "analyst"

_ROLES = f"""
DO $$ BEGIN
  CREATE ROLE {VIEW_OWNER} NOLOGIN NOINHERIT;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
DO $$ BEGIN
  CREATE ROLE {ANALYSTS} NOLOGIN NOINHERIT;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$
"""
# A view keeps a table from being altered, and an open transaction a view from being dropped.
_DROP = f"""
DO $$ BEGIN
  PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND usename IN (
      SELECT r.rolname FROM pg_auth_members AS m JOIN pg_roles AS r ON r.oid = m.member
      JOIN pg_roles AS g ON g.oid = m.roleid
      WHERE g.rolname = '{ANALYSTS}' AND r.rolcanlogin AND NOT r.rolsuper
    );
EXCEPTION WHEN insufficient_privilege THEN NULL;
END $$;
DROP SCHEMA IF EXISTS {SCHEMA} CASCADE
"""
_CODES = f"""
GRANT SELECT ON core.code TO {VIEW_OWNER};
CREATE OR REPLACE VIEW {SCHEMA}.codes AS
  SELECT table_name, code, name_zh, name_en, parent, valid_from, valid_to FROM core.code;
ALTER VIEW {SCHEMA}.codes OWNER TO {VIEW_OWNER};
COMMENT ON VIEW {SCHEMA}.codes IS '代码表 / Code tables'
"""


def is_told(layer: Layer) -> bool:
    """Whether analysts read the layer in SQL.

    Not one about persons, at which every look is logged, nor one that says who is where now: no
    line of a log can be written by a SELECT.
    """
    return not layer.is_personal and not layer.moving


def told_columns(layer: Layer) -> tuple[str, ...]:
    """Columns of a layer's view: what its readers see, sealed fields masked."""
    geometry = () if layer.geometry_kind is None else ("geom",)
    return ("id", *layer.fields, "row_version", *geometry)


def early_analyst_statements() -> Iterator[str]:
    """Before the migrations: its roles, and the views out of their way."""
    yield _ROLES
    yield f"GRANT {VIEW_OWNER} TO CURRENT_USER"
    yield _DROP


def late_analyst_statements(layers: Sequence[Layer]) -> Iterator[str]:
    """After the functions and tables: what a session may see, policies, views with comments."""
    yield _role_rights()
    yield (files("layers.core") / "analyst.sql").read_text(encoding="utf-8")
    yield f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"
    yield f"COMMENT ON SCHEMA {SCHEMA} IS '分析员只读视图 / Read-only views for analysts'"
    yield f"GRANT CREATE, USAGE ON SCHEMA {SCHEMA} TO {VIEW_OWNER}"
    yield f"GRANT USAGE ON SCHEMA {SCHEMA} TO {ANALYSTS}"
    for function in ("areas", "scope", "everywhere", "ranges"):
        name = f"core.session_{function}(text)"
        yield f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC"
        # Functions in a view are called as who reads it. No use of the schema: not by name.
        yield f"GRANT EXECUTE ON FUNCTION {name} TO {VIEW_OWNER}, {ANALYSTS}"
    for layer in layers:
        yield f"REVOKE ALL ON {layer.qualified_table} FROM {VIEW_OWNER}"
        if is_told(layer):
            yield from _view(layer)
    yield _CODES
    yield f"GRANT SELECT ON ALL TABLES IN SCHEMA {SCHEMA} TO {ANALYSTS}"


def _role_rights() -> str:
    """Rights of each role, as the declaration says them."""
    pairs = ", ".join(
        f"('{role.value}', '{right.value}')" for role in ROLES for right in sorted(ROLES[role])
    )
    return (
        "CREATE OR REPLACE FUNCTION core.role_rights() "
        "RETURNS TABLE (role_name text, right_name text) "
        f"LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ VALUES {pairs} $$; "
        "REVOKE ALL ON FUNCTION core.role_rights() FROM PUBLIC"
    )


def _view(layer: Layer) -> Iterator[str]:
    table, view, right = layer.qualified_table, f"{SCHEMA}.{layer.name}", layer.read.value
    columns = ", ".join(f't."{name}"' for name in told_columns(layer))
    granted = columns.replace("t.", "")
    yield f"GRANT SELECT ({granted}) ON {table} TO {VIEW_OWNER}"
    policy = f"{layer.table.name}_analyst"
    yield f"DROP POLICY IF EXISTS {policy} ON {table}"
    nothing = ", ".join(f'(none.t)."{name}"' for name in told_columns(layer))
    whole = f"SELECT {columns} FROM {table} AS t WHERE core.session_everywhere('{right}')"
    if layer.scope == "public":
        seen = f"(SELECT cardinality(core.session_scope('{right}')) > 0)"
        body = f"SELECT {columns} FROM {table} AS t WHERE {seen}"
    else:
        seen = f"area_code LIKE ANY ((SELECT core.session_scope('{right}'))::text[])"
        # OFFSET keeps what the session's statement asks out of the scan of the table, the empty
        # half keeps the table's statistics out of the estimates of what it asks.
        body = (
            f"{whole} UNION ALL SELECT * FROM (SELECT {columns} "
            f"FROM core.session_ranges('{right}') AS s JOIN {table} AS t "
            f"ON t.area_code >= s.first_code AND t.area_code < s.beyond_code "
            f"UNION ALL SELECT {nothing} FROM (SELECT NULL::{table} AS t) AS none WHERE false "
            f"OFFSET 0) AS part "
            f"WHERE NOT core.session_everywhere('{right}')"
        )
    yield f"CREATE POLICY {policy} ON {table} FOR SELECT TO {VIEW_OWNER} USING ({seen})"
    yield f"DROP VIEW IF EXISTS {view}"
    yield f"CREATE VIEW {view} WITH (security_barrier) AS {body}"
    yield f"ALTER VIEW {view} OWNER TO {VIEW_OWNER}"
    yield from _comments(layer, view)


def _comments(layer: Layer, view: str) -> Iterator[str]:
    yield f"COMMENT ON VIEW {view} IS {_text(' / '.join(layer.title))}"
    for name, info in layer.fields.items():
        zh, en = info.title
        unit = f" ({info.unit})" if info.unit else ""
        codes = f" → codes.table_name = {info.codes}" if info.codes else ""
        masked = "（脱敏 masked）" if info.sensitivity else ""
        comment = f"{zh}{masked}{unit} / {en}{codes}"
        yield f'COMMENT ON COLUMN {view}."{name}" IS {_text(comment)}'
    yield f"COMMENT ON COLUMN {view}.id IS {_text('要素编号 / Feature id')}"
    yield f"COMMENT ON COLUMN {view}.row_version IS {_text('版本 / Version')}"
    if layer.geometry_kind is not None:
        yield f"COMMENT ON COLUMN {view}.geom IS {_text('几何 EPSG:4326 / Geometry, EPSG:4326')}"


def _text(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"
