-- What the room of patrol keeps true beside its layers. Re-created whole on every upgrade.

-- The employee behind the account that asks; no row when it belongs to nobody in service.
CREATE OR REPLACE FUNCTION patrol.own_staff()
RETURNS TABLE (id bigint, name text, post text, area_code text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT staff.id, staff.name, staff.post, staff.area_code
  FROM organisation.account JOIN organisation.staff ON staff.id = account.staff_id
  WHERE account.login = current_setting('wangge.login', true) AND account.is_active
    AND (staff.valid_to IS NULL OR staff.valid_to > core.today())
$$;

-- Whether the asking account may clock somebody: oneself, or those who serve where it assigns staff.
CREATE OR REPLACE FUNCTION patrol.may_clock(asked bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT (cardinality(core.scope('patrol:duty')) > 0
      AND EXISTS (SELECT FROM patrol.own_staff() AS own WHERE own.id = asked))
    OR EXISTS (SELECT FROM organisation.staff AS s WHERE s.id = asked
      AND s.area_code LIKE ANY (core.scope('organisation:assign')))
$$;

DROP POLICY IF EXISTS shift_own ON patrol.shift;
CREATE POLICY shift_own ON patrol.shift FOR SELECT TO wangge_app
  USING (staff_id = (SELECT own.id FROM patrol.own_staff() AS own));
DROP POLICY IF EXISTS shift_clock_in ON patrol.shift;
CREATE POLICY shift_clock_in ON patrol.shift FOR INSERT TO wangge_app
  WITH CHECK (patrol.may_clock(staff_id));
DROP POLICY IF EXISTS shift_clock_out ON patrol.shift;
CREATE POLICY shift_clock_out ON patrol.shift FOR UPDATE TO wangge_app
  USING (patrol.may_clock(staff_id)) WITH CHECK (patrol.may_clock(staff_id));
DROP POLICY IF EXISTS shift_cancel ON patrol.shift;
CREATE POLICY shift_cancel ON patrol.shift FOR DELETE TO wangge_app
  USING (started_at IS NULL AND area_code LIKE ANY ((SELECT core.scope('organisation:assign'))::text[]));

-- A past position is part of a track: it needs the right to replay, where it lies.
ALTER TABLE patrol.position ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS position_select ON patrol.position;
CREATE POLICY position_select ON patrol.position FOR SELECT TO wangge_app
  USING (area_code LIKE ANY ((SELECT core.scope('patrol:replay'))::text[]));
ALTER TABLE patrol.grid_visit ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS grid_visit_select ON patrol.grid_visit;
CREATE POLICY grid_visit_select ON patrol.grid_visit FOR SELECT TO wangge_app
  USING (area_code LIKE ANY ((SELECT core.scope('patrol:read'))::text[]));
GRANT SELECT ON patrol.position, patrol.grid_visit TO wangge_app;

-- Devices are managed by who manages staff, within the area of whom they belong to.
CREATE OR REPLACE FUNCTION patrol.may_manage(of_staff bigint, of_vehicle bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (
    SELECT FROM organisation.staff WHERE id = of_staff
      AND area_code LIKE ANY (core.scope('organisation:write'))
    UNION ALL
    SELECT FROM patrol.vehicle WHERE id = of_vehicle
      AND area_code LIKE ANY (core.scope('organisation:write'))
  )
$$;
ALTER TABLE patrol.device ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS device_manage ON patrol.device;
CREATE POLICY device_manage ON patrol.device FOR ALL TO wangge_app
  USING (patrol.may_manage(staff_id, vehicle_id)) WITH CHECK (patrol.may_manage(staff_id, vehicle_id));
REVOKE ALL ON patrol.device FROM wangge_app;
GRANT SELECT (id, staff_id, vehicle_id, name, datum, created_at, created_by, expires_at, revoked_at,
  last_used_at, taken, refused, last_refusal) ON patrol.device TO wangge_app;
GRANT INSERT, UPDATE (revoked_at) ON patrol.device TO wangge_app;

-- Microseconds since 1970 UTC.
CREATE OR REPLACE FUNCTION patrol.micros(moment timestamptz) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT (extract(epoch FROM moment) * 1000000)::bigint
$$;

-- The table of one day (China time) of positions, made when it is missing; what had come before is
-- moved into it. Returns whether it was made.
CREATE OR REPLACE FUNCTION patrol.ensure_day(day date) RETURNS boolean
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  name text := format('position_%s', to_char(day, 'YYYYMMDD'));
  since timestamptz := day::timestamp AT TIME ZONE 'Asia/Shanghai';
  until timestamptz := (day + 1)::timestamp AT TIME ZONE 'Asia/Shanghai';
BEGIN
  IF to_regclass('patrol.' || name) IS NOT NULL THEN
    RETURN false;
  END IF;
  PERFORM pg_advisory_xact_lock(7260005);
  IF to_regclass('patrol.' || name) IS NOT NULL THEN
    RETURN false;
  END IF;
  EXECUTE format(
    'CREATE TABLE patrol.%I (LIKE patrol.position INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name);
  EXECUTE format(
    'WITH moved AS (DELETE FROM patrol.position_default WHERE device_time >= %L AND device_time < %L '
    'RETURNING *) INSERT INTO patrol.%I SELECT * FROM moved', since, until, name);
  EXECUTE format(
    'ALTER TABLE patrol.position ATTACH PARTITION patrol.%I FOR VALUES FROM (%L) TO (%L)',
    name, since, until);
  RETURN true;
END $$;

-- Makes the tables of the coming days, and of every day of which the default table holds fixes.
-- Returns the days made.
CREATE OR REPLACE FUNCTION patrol.ensure_days(ahead integer DEFAULT 7) RETURNS SETOF date
LANGUAGE sql SET search_path = public, pg_temp AS $$
  SELECT day FROM (
    SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date + n AS day FROM generate_series(0, ahead) AS n
    UNION
    SELECT (device_time AT TIME ZONE 'Asia/Shanghai')::date FROM patrol.position_default
  ) AS wanted WHERE patrol.ensure_day(day) ORDER BY day
$$;

-- Whether a track may be replayed by who asks: where the object belongs, all of it, wherever it went.
CREATE OR REPLACE FUNCTION patrol.may_replay(of_kind text, asked bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT NOT core.is_reader() OR EXISTS (
    SELECT FROM organisation.staff AS s WHERE of_kind = 'staff' AND s.id = asked
      AND s.area_code LIKE ANY (core.scope('patrol:replay'))
    UNION ALL
    SELECT FROM patrol.vehicle AS v WHERE of_kind = 'vehicle' AND v.id = asked
      AND v.area_code LIKE ANY (core.scope('patrol:replay'))
  )
$$;
ALTER TABLE patrol.day_track ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS day_track_select ON patrol.day_track;
CREATE POLICY day_track_select ON patrol.day_track FOR SELECT TO wangge_app
  USING (patrol.may_replay(object_kind, object_id));
GRANT SELECT ON patrol.day_track TO wangge_app;

-- Who moved on a day and may be replayed by who asks, with the fixes taken in and when.
CREATE OR REPLACE FUNCTION patrol.moved_on(asked date)
RETURNS TABLE (kind text, id bigint, label text, icon text, area_code text, visited bigint,
  first_at timestamptz, last_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH moved AS (
    SELECT object_kind, object_id, sum(fixes)::bigint AS visited, min(first_at) AS first_at,
      max(last_at) AS last_at
    FROM patrol.grid_visit WHERE day = asked GROUP BY 1, 2
  )
  SELECT 'staff', s.id, s.name, s.post, s.area_code, m.visited, m.first_at, m.last_at
  FROM moved AS m JOIN organisation.staff AS s ON m.object_kind = 'staff' AND s.id = m.object_id
  WHERE s.area_code LIKE ANY (core.scope('patrol:replay'))
  UNION ALL
  SELECT 'vehicle', v.id, v.plate, v.kind, v.area_code, m.visited, m.first_at, m.last_at
  FROM moved AS m JOIN patrol.vehicle AS v ON m.object_kind = 'vehicle' AND v.id = m.object_id
  WHERE v.area_code LIKE ANY (core.scope('patrol:replay'))
$$;

-- The last day on which anybody moved; of no use to learn more.
CREATE OR REPLACE FUNCTION patrol.last_day() RETURNS date
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT max(day) FROM patrol.grid_visit
$$;

-- What may be replayed of a day: the trusted fixes of each object packed in the order of time
-- (seconds since the day began, longitude, latitude), and how many were taken in at all.
CREATE OR REPLACE FUNCTION patrol.fixes_of(kinds text[], ids bigint[], since timestamptz, until timestamptz)
RETURNS TABLE (kind text, id bigint, fixes bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT asked.kind, asked.id, (
    SELECT string_agg(int4send(extract(epoch FROM p.device_time - since)::integer)
      || float8send(p.longitude) || float8send(p.latitude), '' ORDER BY p.device_time)
    FROM patrol.position AS p WHERE p.object_kind = asked.kind AND p.object_id = asked.id
      AND p.device_time >= since AND p.device_time < until AND p.flag IS NULL)
  FROM unnest(kinds, ids) AS asked (kind, id) WHERE patrol.may_replay(asked.kind, asked.id)
$$;
DROP FUNCTION IF EXISTS patrol.visits_of(text[], bigint[], date);
CREATE FUNCTION patrol.visits_of(kinds text[], ids bigint[], asked_day date)
RETURNS TABLE (kind text, id bigint, label text, icon text, visited bigint, area_codes text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT v.object_kind, v.object_id, coalesce(min(s.name), min(c.plate)),
    coalesce(min(s.post), min(c.kind)), sum(v.fixes)::bigint, array_agg(v.area_code)
  FROM unnest(kinds, ids) AS asked (kind, id) JOIN patrol.grid_visit AS v
    ON v.day = asked_day AND v.object_kind = asked.kind AND v.object_id = asked.id
  LEFT JOIN organisation.staff AS s ON asked.kind = 'staff' AND s.id = asked.id
  LEFT JOIN patrol.vehicle AS c ON asked.kind = 'vehicle' AND c.id = asked.id
  WHERE patrol.may_replay(asked.kind, asked.id) GROUP BY 1, 2
$$;

-- Drops the positions of days that are more than `keep` days ago (China time), with the visits of
-- grids; nothing when `dry`. Returns each day with the fixes it holds and their bytes.
CREATE OR REPLACE FUNCTION patrol.drop_days(keep integer, dry boolean)
RETURNS TABLE (day date, fixes bigint, bytes bigint)
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
  first_kept date := (now() AT TIME ZONE 'Asia/Shanghai')::date - keep;
  part record;
BEGIN
  IF keep < 1 THEN
    RAISE EXCEPTION 'at least one day is kept' USING ERRCODE = '22023';
  END IF;
  PERFORM count(*) FROM patrol.ensure_days(0);
  FOR part IN
    SELECT c.oid::regclass AS name, to_date(right(c.relname, 8), 'YYYYMMDD') AS day
    FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'patrol.position'::regclass AND c.relname ~ '^position_\d{8}$'
    ORDER BY c.relname
  LOOP
    CONTINUE WHEN part.day >= first_kept;
    day := part.day;
    bytes := pg_total_relation_size(part.name);
    EXECUTE format('SELECT count(*) FROM %s', part.name) INTO fixes;
    IF NOT dry THEN
      EXECUTE format('DROP TABLE %s', part.name);
    END IF;
    RETURN NEXT;
  END LOOP;
  IF NOT dry THEN
    DELETE FROM patrol.grid_visit AS v WHERE v.day < first_kept;
    DELETE FROM patrol.day_track AS t WHERE t.day < first_kept;
  END IF;
END $$;

-- Numbers what moved, in commit order: the lock is held until the transaction ends.
CREATE OR REPLACE FUNCTION patrol.next_change() RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  change bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(7260004);
  change := nextval('patrol.position_change');
  PERFORM core.tell('wangge_positions', change::text);
  RETURN change;
END $$;

-- Where objects were last, one row each; older fixes than what is known change nothing, and staff
-- who have just gone off duty do not come back. Returns the number of the change.
CREATE OR REPLACE FUNCTION patrol.keep_last(
  vehicle integer[], id bigint[], label text[], at timestamptz[], area text[],
  longitude float8[], latitude float8[], speed real[], heading real[], accuracy real[],
  battery integer[]
) RETURNS bigint
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
  this_change bigint := patrol.next_change();
  was_bulk text := current_setting('wangge.bulk', true);
BEGIN
  PERFORM set_config('wangge.bulk', 'on', true);
  INSERT INTO patrol.last_position AS old (staff_id, label, device_time, server_time, area_code, geom,
    speed, heading, accuracy, battery, change)
  SELECT n.id, n.label, n.at, now(), n.area, ST_SetSRID(ST_MakePoint(n.x, n.y), 4326),
    n.speed, n.heading, n.accuracy, n.battery, this_change
  FROM unnest(vehicle, id, label, at, area, longitude, latitude, speed, heading, accuracy, battery)
    AS n (vehicle, id, label, at, area, x, y, speed, heading, accuracy, battery)
  WHERE n.vehicle = 0 AND EXISTS (SELECT FROM patrol.shift AS h WHERE h.staff_id = n.id
    AND h.started_at IS NOT NULL AND h.ended_at IS NULL)
  ON CONFLICT (staff_id) DO UPDATE SET label = EXCLUDED.label, device_time = EXCLUDED.device_time,
    server_time = EXCLUDED.server_time, area_code = EXCLUDED.area_code, geom = EXCLUDED.geom,
    speed = EXCLUDED.speed, heading = EXCLUDED.heading, accuracy = EXCLUDED.accuracy,
    battery = coalesce(EXCLUDED.battery, old.battery), change = EXCLUDED.change,
    row_version = old.row_version + 1, updated_at = now()
  WHERE EXCLUDED.device_time > old.device_time;
  INSERT INTO patrol.last_position AS old (vehicle_id, label, device_time, server_time, area_code,
    geom, speed, heading, accuracy, battery, change)
  SELECT n.id, n.label, n.at, now(), n.area, ST_SetSRID(ST_MakePoint(n.x, n.y), 4326),
    n.speed, n.heading, n.accuracy, n.battery, this_change
  FROM unnest(vehicle, id, label, at, area, longitude, latitude, speed, heading, accuracy, battery)
    AS n (vehicle, id, label, at, area, x, y, speed, heading, accuracy, battery)
  WHERE n.vehicle = 1
  ON CONFLICT (vehicle_id) DO UPDATE SET label = EXCLUDED.label, device_time = EXCLUDED.device_time,
    server_time = EXCLUDED.server_time, area_code = EXCLUDED.area_code, geom = EXCLUDED.geom,
    speed = EXCLUDED.speed, heading = EXCLUDED.heading, accuracy = EXCLUDED.accuracy,
    battery = coalesce(EXCLUDED.battery, old.battery), change = EXCLUDED.change,
    row_version = old.row_version + 1, updated_at = now()
  WHERE EXCLUDED.device_time > old.device_time;
  PERFORM set_config('wangge.bulk', coalesce(was_bulk, ''), true);
  RETURN this_change;
END $$;

-- Which grids were visited on which day, kept by whoever stores fixes.
CREATE OR REPLACE FUNCTION patrol.keep_visits(
  day date[], vehicle integer[], id bigint[], area text[], first timestamptz[], last timestamptz[],
  fixes integer[]
) RETURNS void
LANGUAGE sql SET search_path = public, pg_temp AS $$
  INSERT INTO patrol.grid_visit AS old (day, object_kind, object_id, area_code, first_at, last_at, fixes)
  SELECT n.day, CASE n.vehicle WHEN 0 THEN 'staff' ELSE 'vehicle' END, n.id, n.area, n.first, n.last,
    n.fixes
  FROM unnest(day, vehicle, id, area, first, last, fixes)
    AS n (day, vehicle, id, area, first, last, fixes)
  ON CONFLICT (day, object_kind, object_id, area_code) DO UPDATE SET
    first_at = least(old.first_at, EXCLUDED.first_at),
    last_at = greatest(old.last_at, EXCLUDED.last_at), fixes = old.fixes + EXCLUDED.fixes
$$;

-- Whoever begins a shift is on the map at once, whoever ends it is gone from it.
CREATE OR REPLACE FUNCTION patrol.follow_shift() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  this_change bigint := patrol.next_change();
BEGIN
  IF NEW.ended_at IS NOT NULL THEN
    DELETE FROM patrol.last_position WHERE staff_id = NEW.staff_id AND NOT EXISTS (
      SELECT FROM patrol.shift WHERE staff_id = NEW.staff_id
        AND started_at IS NOT NULL AND ended_at IS NULL
    );
  ELSIF NEW.start_place IS NOT NULL THEN
    INSERT INTO patrol.last_position AS known (staff_id, label, device_time, geom, change)
    SELECT id, name, NEW.started_at, NEW.start_place, this_change
    FROM organisation.staff WHERE id = NEW.staff_id
    ON CONFLICT (staff_id) DO UPDATE SET label = EXCLUDED.label, device_time = EXCLUDED.device_time,
      server_time = now(), geom = EXCLUDED.geom, speed = NULL, heading = NULL, accuracy = NULL,
      change = EXCLUDED.change
    WHERE EXCLUDED.device_time > known.device_time;
  END IF;
  RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS follow_shift ON patrol.shift;
CREATE TRIGGER follow_shift AFTER INSERT OR UPDATE OF started_at, ended_at ON patrol.shift
  FOR EACH ROW WHEN (NEW.started_at IS NOT NULL AND NOT core.is_bulk())
  EXECUTE FUNCTION patrol.follow_shift();

-- Ends shifts that nobody clocked out of: two hours after their planned end, without a plan 14 hours
-- after they began. They end with the last sign of work, else as planned, else at that limit.
-- Returns the shifts ended.
CREATE OR REPLACE FUNCTION patrol.close_forgotten(moment timestamptz DEFAULT now()) RETURNS SETOF bigint
LANGUAGE sql SET search_path = public, pg_temp AS $$
  UPDATE patrol.shift AS h SET end_kind = 'rule', ended_at = greatest(h.started_at, coalesce(
    (SELECT p.device_time FROM patrol.position AS p
      WHERE p.object_kind = 'staff' AND p.object_id = h.staff_id
        AND p.device_time >= h.started_at AND p.device_time <= moment
      ORDER BY p.device_time DESC LIMIT 1),
    h.planned_end, h.started_at + interval '14 hours'))
  WHERE h.started_at IS NOT NULL AND h.ended_at IS NULL
    AND moment > coalesce(h.planned_end + interval '2 hours', h.started_at + interval '14 hours')
  RETURNING h.id
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA patrol FROM PUBLIC, wangge_app;
GRANT EXECUTE ON FUNCTION patrol.own_staff(), patrol.may_clock(bigint),
  patrol.may_manage(bigint, bigint), patrol.may_replay(text, bigint), patrol.moved_on(date),
  patrol.last_day(),
  patrol.fixes_of(text[], bigint[], timestamptz, timestamptz),
  patrol.visits_of(text[], bigint[], date) TO wangge_app;
