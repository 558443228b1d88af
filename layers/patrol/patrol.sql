-- What the room of patrol keeps true beside its layers. Re-created whole on every upgrade.

-- The employee behind the account that asks; no row when it belongs to nobody in service.
CREATE OR REPLACE FUNCTION patrol.own_staff()
RETURNS TABLE (id bigint, name text, post text, area_code text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT staff.id, staff.name, staff.post, staff.area_code
  FROM organisation.account JOIN organisation.staff ON staff.id = account.staff_id
  WHERE account.login = current_setting('wangge.login', true) AND account.is_active
    AND (staff.valid_to IS NULL OR staff.valid_to > current_date)
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

-- Whoever begins a shift is on the map at once, whoever ends it is gone from it.
CREATE OR REPLACE FUNCTION patrol.follow_shift() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NEW.ended_at IS NOT NULL THEN
    DELETE FROM patrol.last_position WHERE staff_id = NEW.staff_id AND NOT EXISTS (
      SELECT FROM patrol.shift WHERE staff_id = NEW.staff_id
        AND started_at IS NOT NULL AND ended_at IS NULL
    );
  ELSIF NEW.start_place IS NOT NULL AND NOT EXISTS (
    SELECT FROM patrol.last_position WHERE staff_id = NEW.staff_id
  ) THEN
    INSERT INTO patrol.last_position (staff_id, label, device_time, geom)
    SELECT id, name, NEW.started_at, NEW.start_place FROM organisation.staff WHERE id = NEW.staff_id;
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
GRANT EXECUTE ON FUNCTION patrol.own_staff(), patrol.may_clock(bigint) TO wangge_app;
