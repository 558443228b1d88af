-- What an auditor may know beside the lines of the log. Re-created whole on every upgrade, after the
-- migrations.

-- The person a line is about: the one it names, else the one on whose row it is.
CREATE OR REPLACE FUNCTION privacy.subject_of(layer text, feature_id bigint, detail jsonb)
RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT coalesce(
    CASE WHEN jsonb_typeof(detail -> 'person') = 'number' THEN (detail ->> 'person')::bigint END,
    CASE WHEN layer = 'persons' THEN feature_id END
  )
$$;

-- Lines about a person, by index; which of them a reader sees is decided where they are joined.
CREATE OR REPLACE FUNCTION privacy.lines_about(person bigint) RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT id FROM core.audit WHERE layer = 'persons' AND feature_id = person
  UNION
  SELECT id FROM core.audit WHERE detail ? 'person' AND detail -> 'person' = to_jsonb(person)
$$;

-- Roles and unit of accounts, for whoever reads the log: not their names.
CREATE OR REPLACE FUNCTION privacy.posts_of(asked text[])
RETURNS TABLE (login text, roles text[], unit text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT a.login, coalesce((
      SELECT array_agg(DISTINCT g.role ORDER BY g.role) FROM organisation.account_grant AS g
      WHERE g.account_id = a.id
    ), '{}'), u.name
  FROM organisation.account AS a
  LEFT JOIN organisation.staff AS s ON s.id = a.staff_id
  LEFT JOIN organisation.unit AS u ON u.id = s.unit_id
  WHERE a.login = ANY (asked) AND cardinality(core.scope('audit:read')) > 0
$$;

-- When accounts were on duty after a moment, for whoever reads the log.
CREATE OR REPLACE FUNCTION privacy.duty_since(since timestamptz)
RETURNS TABLE (login text, starts timestamptz, ends timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT a.login, coalesce(s.started_at, s.planned_start),
    coalesce(s.ended_at, CASE WHEN s.started_at IS NULL THEN s.planned_end END, 'infinity')
  FROM patrol.shift AS s JOIN organisation.account AS a ON a.staff_id = s.staff_id
  WHERE coalesce(s.ended_at, CASE WHEN s.started_at IS NULL THEN s.planned_end END, 'infinity')
      >= since
    AND cardinality(core.scope('audit:read')) > 0
$$;

REVOKE ALL ON FUNCTION privacy.subject_of(text, bigint, jsonb), privacy.lines_about(bigint),
  privacy.posts_of(text[]), privacy.duty_since(timestamptz) FROM PUBLIC, wangge_app;
GRANT EXECUTE ON FUNCTION privacy.subject_of(text, bigint, jsonb), privacy.lines_about(bigint),
  privacy.posts_of(text[]), privacy.duty_since(timestamptz) TO wangge_app;
