"""What PostgreSQL leaves open to everybody who may connect, and a login for analysts must not have.

Temporary tables, large objects and objects of one's own are writing; advisory locks would hold up
the server's work. All of it is taken from PUBLIC in this database before the first such login, and
looked at again before each.
"""

from collections.abc import Iterator

from sqlalchemy import Connection, text

from layers.core.analyst import ANALYSTS, SCHEMA
from layers.core.database import APP_ROLE
from layers.core.errors import Forbidden

# ST_EstimatedExtent reads the statistics of any table as its owner.
_OPEN_TO_ALL = (
    "(pronamespace = 'pg_catalog'::regnamespace AND (proname ~ '^pg_(try_)?advisory_' "
    "OR proname ~ '^lo_' OR proname IN ('loread', 'lowrite')) OR proname = 'st_estimatedextent')"
)
_TAKE_AWAY = f"""
DO $$
DECLARE
  shared regprocedure;
BEGIN
  EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO {APP_ROLE}', current_database());
  EXECUTE format('REVOKE TEMPORARY, CREATE ON DATABASE %I FROM PUBLIC', current_database());
  REVOKE CREATE ON SCHEMA public FROM PUBLIC;
  FOR shared IN SELECT oid FROM pg_proc WHERE {_OPEN_TO_ALL} LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', shared);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO {APP_ROLE}', shared);
  END LOOP;
EXCEPTION WHEN insufficient_privilege THEN
  RAISE WARNING 'not a superuser: what is open to everybody is not closed';
END $$
"""
_RELATIONS = "relkind IN ('r', 'v', 'm', 'p', 'f')"
_OPEN = text(
    f"""
SELECT 'TEMPORARY ON DATABASE ' || current_database()
  WHERE has_database_privilege(:who, current_database(), 'TEMPORARY')
UNION ALL SELECT 'CREATE ON DATABASE ' || current_database()
  WHERE has_database_privilege(:who, current_database(), 'CREATE')
UNION ALL SELECT 'CREATE ON SCHEMA ' || nspname FROM pg_namespace
  WHERE nspname !~ '^pg_(toast_)?temp' AND has_schema_privilege(:who, oid, 'CREATE')
UNION ALL SELECT 'USAGE ON SCHEMA ' || nspname FROM pg_namespace
  WHERE nspname NOT IN ('{SCHEMA}', 'public', 'pg_catalog', 'information_schema')
    AND has_schema_privilege(:who, oid, 'USAGE')
UNION ALL SELECT 'EXECUTE ON FUNCTION ' || oid::regprocedure FROM pg_proc
  WHERE ({_OPEN_TO_ALL} OR prosecdef AND has_schema_privilege(:who, pronamespace, 'USAGE'))
    AND has_function_privilege(:who, oid, 'EXECUTE')
UNION ALL SELECT 'writing ' || oid::regclass FROM pg_class
  WHERE {_RELATIONS} AND (has_table_privilege(:who, oid, 'DELETE, TRUNCATE, TRIGGER')
    OR oid <> 'pg_settings'::regclass  -- the same as SET
      AND has_any_column_privilege(:who, oid, 'INSERT, UPDATE, REFERENCES'))
UNION ALL SELECT 'SELECT ON ' || oid::regclass FROM pg_class
  WHERE {_RELATIONS} AND relnamespace NOT IN ('{SCHEMA}'::regnamespace, 'pg_catalog'::regnamespace,
      'information_schema'::regnamespace)
    AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = pg_class.oid AND d.deptype = 'e')
    AND has_any_column_privilege(:who, oid, 'SELECT')
UNION ALL SELECT 'membership in ' || rolname FROM pg_roles
  WHERE rolname <> :who AND NOT rolsuper AND pg_has_role(:who, oid, 'MEMBER')
"""
)


def close_doors(connection: Connection) -> None:
    """Takes from everybody what no analyst must have; the connection is the owner's.

    Raises: Forbidden, naming what is still open: a superuser has to take it away.
    """
    connection.exec_driver_sql(_TAKE_AWAY, execution_options={"no_parameters": True})
    still = list(open_doors(connection))
    if still:
        raise Forbidden(
            "no database login is made while analysts would have: "
            f"{'; '.join(still)}. A superuser has to REVOKE it"
        )


def open_doors(connection: Connection) -> Iterator[str]:
    """What the role of all analysts may do beside reading its schema, in SQL's words."""
    yield from connection.execute(_OPEN, {"who": ANALYSTS}).scalars()
