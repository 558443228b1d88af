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
-- before it, and the difference of the two; microseconds, since 1970 where they are moments. There is
-- no difference for the last span, so that nothing is told from where the calendar ends. It is left
-- out, not null: in an array with a null PostgreSQL counts through all entries before the one it wants.
DROP VIEW IF EXISTS incidents.working_clock;
CREATE VIEW incidents.working_clock AS
SELECT
  array_agg(at ORDER BY at) AS starts,
  array_agg(worked ORDER BY at) AS befores,
  array_agg(at - worked ORDER BY at) FILTER (WHERE at < latest) AS offsets
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

-- A case number for a report that has none: county, local day, serial of that day. A number once
-- given may be lost with its transaction's end; none is given twice. Fires after "place".
CREATE OR REPLACE FUNCTION incidents.give_number() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  home text := rpad(left(NEW.area_code, 6), 6, '0');
  today date := (NEW.reported_at AT TIME ZONE (SELECT zone FROM core.working_calendar))::date;
  stem text := home || to_char(today, 'YYYYMMDD');
  serial integer;
BEGIN
  INSERT INTO incidents.case_serial AS held (county, day, last)
  VALUES (home, today, 1 + coalesce((
    -- Numbers that came with loaded cases.
    SELECT max(substr(code, 15))::integer FROM incidents.incident
    WHERE code >= stem || '00000' AND code <= stem || '99999' AND code ~ '^\d{19}$'
  ), 0))
  ON CONFLICT (county, day) DO UPDATE SET last = held.last + 1
  RETURNING last INTO serial;
  NEW.code := stem || lpad(serial::text, greatest(5, length(serial::text)), '0');
  RETURN NEW;
END $$;

DROP TRIGGER IF EXISTS set_number ON incidents.incident;
CREATE TRIGGER set_number BEFORE INSERT ON incidents.incident FOR EACH ROW
  WHEN (NEW.code IS NULL AND NOT core.is_bulk()) EXECUTE FUNCTION incidents.give_number();

-- A report may propose the condition; only the flow changes it.
GRANT INSERT (condition) ON incidents.incident TO wangge_app;

-- Whoever may see the case may see its photos; whoever may report or work there may add some,
-- with a step of that case or alone. None is changed or taken away.
REVOKE ALL ON incidents.photo FROM wangge_app;
GRANT SELECT, INSERT ON incidents.photo TO wangge_app;
ALTER TABLE incidents.photo ALTER COLUMN image SET STORAGE EXTERNAL;
ALTER TABLE incidents.photo ALTER COLUMN thumbnail SET STORAGE EXTERNAL;
ALTER TABLE incidents.photo ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS photo_select ON incidents.photo;
CREATE POLICY photo_select ON incidents.photo FOR SELECT TO wangge_app
  USING (EXISTS (SELECT FROM incidents.incident AS i WHERE i.id = incident_id));
DROP POLICY IF EXISTS photo_insert ON incidents.photo;
CREATE POLICY photo_insert ON incidents.photo FOR INSERT TO wangge_app
  WITH CHECK (EXISTS (
    SELECT FROM incidents.incident AS i WHERE i.id = incident_id AND (
      i.area_code LIKE ANY ((SELECT core.scope('incidents:report'))::text[])
      OR i.area_code LIKE ANY ((SELECT core.scope('incidents:handle'))::text[])
      OR i.area_code LIKE ANY ((SELECT core.scope('incidents:check'))::text[])
    )
  ) AND (step_id IS NULL OR EXISTS (
    SELECT FROM incidents.step AS s WHERE s.id = step_id AND s.incident_id = photo.incident_id
  )));
