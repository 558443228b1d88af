-- What a database login of an analyst may read. It is known by the session's own role, which no
-- statement of the session changes: settings such as `wangge.scope` say nothing here.

-- Beginnings of area codes in which the account behind this session holds a right and may take data
-- out, without those that lie in another. Nothing for everybody else: the application, the owner.
CREATE OR REPLACE FUNCTION core.session_areas(asked text) RETURNS text[]
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH held AS (
    SELECT r.right_name, g.area_code
    FROM organisation.sql_access AS a
    JOIN organisation.account AS c ON c.id = a.account_id AND c.is_active
    JOIN organisation.account_grant AS g ON g.account_id = a.account_id
    JOIN core.role_rights() AS r ON r.role_name = g.role
    WHERE a.role_name = session_user AND a.expires_at > now()
  ), area AS (
    SELECT DISTINCT CASE WHEN starts_with(seen.area_code, taken.area_code) THEN seen.area_code
      ELSE taken.area_code END AS code
    FROM held AS seen JOIN held AS taken ON starts_with(seen.area_code, taken.area_code)
      OR starts_with(taken.area_code, seen.area_code)
    WHERE seen.right_name = asked AND taken.right_name = 'data:export'
  )
  SELECT coalesce(array_agg(inner_area.code ORDER BY inner_area.code), '{}') FROM area AS inner_area
  WHERE NOT EXISTS (
    SELECT FROM area AS outer_area
    WHERE outer_area.code <> inner_area.code AND starts_with(inner_area.code, outer_area.code)
  )
$$;

-- The same as LIKE patterns, for policies.
CREATE OR REPLACE FUNCTION core.session_scope(asked text) RETURNS text[]
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT ARRAY(SELECT code || '%' FROM unnest(core.session_areas(asked)) AS code)
$$;

-- Whether it is everywhere. Said to be immutable so that it is asked when a statement is planned: the
-- other half of the view is then not in the plan, with its estimates from statistics of all rows. A
-- plan kept beyond a change of grants reads by the other half, where the policy holds as well.
CREATE OR REPLACE FUNCTION core.session_everywhere(asked text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT '' = ANY (core.session_areas(asked))
$$;

-- The same as ranges of area codes, which an index answers.
CREATE OR REPLACE FUNCTION core.session_ranges(asked text)
RETURNS TABLE (first_code text, beyond_code text)
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER ROWS 2
SET search_path = pg_catalog, pg_temp AS $$
  SELECT code, CASE WHEN code = '' THEN '~' ELSE left(code, -1) || chr(ascii(right(code, 1)) + 1) END
  FROM unnest(core.session_areas(asked)) AS code
$$;
