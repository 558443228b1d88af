-- What the incidents room keeps beside its layer. Re-created whole on every upgrade.

-- Registration conditions with their limits, out of the code tables.
DROP VIEW IF EXISTS incidents.condition;
CREATE VIEW incidents.condition AS
SELECT
  condition.code, condition.name_zh, condition.name_en, condition.position,
  condition.extra ->> 'kind' AS kind,
  condition.extra ->> 'class_code' AS category,
  (condition.extra ->> 'limit_value')::integer AS limit_value,
  unit.code AS limit_unit,
  (condition.extra ->> 'limit_value')::integer * (unit.extra ->> 'unit_minutes')::integer * 60
    AS limit_seconds,
  unit.extra ->> 'counts_night' = '1' AS runs_always,
  (unit.extra ->> 'warn_percent')::integer AS warn_percent,
  closing.name_zh AS closing_zh,
  closing.name_en AS closing_en,
  condition.valid_to
FROM core.code AS condition
JOIN core.code AS unit
  ON unit.table_name = 'time_limit_unit' AND unit.code = condition.extra ->> 'limit_unit'
LEFT JOIN core.code AS closing
  ON closing.table_name = 'closing_condition'
  AND closing.code IN (
    condition.extra ->> 'class_code', regexp_replace(condition.extra ->> 'class_code', '..$', '')
  )
WHERE condition.table_name = 'registration_condition';

GRANT SELECT ON incidents.condition TO wangge_app;

-- The working calendar for binary search, one row: when each working span starts, the working time
-- before it, and the difference of the two; microseconds, since 1970 where they are moments. The
-- difference is null for the last span, so that nothing is told from where the calendar ends.
DROP VIEW IF EXISTS incidents.working_clock;
CREATE VIEW incidents.working_clock AS
SELECT
  array_agg(at ORDER BY at) AS starts,
  array_agg(worked ORDER BY at) AS befores,
  array_agg(CASE WHEN at < latest THEN at - worked END ORDER BY at) AS offsets
FROM (
  SELECT
    (date_part('epoch', starts_at) * 1000000)::bigint AS at,
    seconds_before * 1000000 AS worked,
    (date_part('epoch', max(starts_at) OVER ()) * 1000000)::bigint AS latest
  FROM core.working_time
) AS span;

-- What a clock shows at a moment, in microseconds: the moment itself on the clock that runs always,
-- the working time since the calendar begins on the other; null before that.
CREATE OR REPLACE FUNCTION incidents.clock_reading(moment timestamptz, runs_always boolean)
RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN runs_always THEN (date_part('epoch', moment) * 1000000)::bigint ELSE (
    SELECT ((seconds_before + date_part('epoch', least(moment, ends_at) - starts_at)) * 1000000)::bigint
    FROM core.working_time WHERE starts_at <= moment ORDER BY starts_at DESC LIMIT 1
  ) END
$$;

-- The earliest moment at which a clock shows a reading; arrays of incidents.working_clock.
CREATE OR REPLACE FUNCTION incidents.moment_of(
  reading bigint, runs_always boolean, befores bigint[], offsets bigint[]
) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT to_timestamp(CASE
    WHEN runs_always THEN reading ELSE reading + offsets[width_bucket(reading - 1, befores)]
  END / float8 '1000000')
$$;

GRANT SELECT ON incidents.working_clock TO wangge_app;
