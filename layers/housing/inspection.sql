-- What an inspection sets in the rental. Re-created whole on every upgrade, after the migrations.

CREATE OR REPLACE FUNCTION housing.check_inspection() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    NEW.inspector := coalesce(nullif(current_setting('wangge.login', true), ''), NEW.inspector);
  END IF;
  IF NEW.inspected_on > core.today() AND NOT core.is_bulk() THEN
    RAISE EXCEPTION 'inspected in the future' USING ERRCODE = '23514', SCHEMA = 'housing',
      TABLE = 'inspection', CONSTRAINT = 'inspection_day';
  END IF;
  RETURN NEW;
END $$;
DROP TRIGGER IF EXISTS check_inspection ON housing.inspection;
CREATE TRIGGER check_inspection BEFORE INSERT OR UPDATE ON housing.inspection
  FOR EACH ROW EXECUTE FUNCTION housing.check_inspection();

-- A visit that passed puts earlier hazards right. Then the rental: last visited when somebody was in,
-- due again after its interval, else its class's, and no later than a hazard is to be put right.
CREATE OR REPLACE FUNCTION housing.schedule_inspection() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  visited bigint := CASE TG_OP WHEN 'DELETE' THEN OLD.rental_id ELSE NEW.rental_id END;
BEGIN
  IF core.is_bulk() THEN
    RETURN NULL;
  END IF;
  IF TG_OP <> 'DELETE' AND NEW.result = 'passed' THEN
    UPDATE housing.inspection SET rectified_on = NEW.inspected_on
    WHERE rental_id = visited AND result = 'hazard' AND rectified_on IS NULL
      AND inspected_on <= NEW.inspected_on AND id <> NEW.id;
  END IF;
  UPDATE housing.rental AS r SET
    last_inspection = s.last, next_inspection = s.next, hazard = coalesce(s.hazard, '00')
  FROM (
    SELECT v.last, o.hazard, least(
      v.last + coalesce(t.inspection_interval, (
        SELECT (c.extra ->> 'inspection_interval_days')::integer FROM core.code AS c
        WHERE c.table_name = 'rental_class' AND c.code = t.rental_class
      )), o.rectify_by) AS next
    FROM housing.rental AS t
    CROSS JOIN LATERAL (
      SELECT max(inspected_on) AS last FROM housing.inspection
      WHERE rental_id = t.id AND result <> 'nobody'
    ) AS v
    LEFT JOIN LATERAL (
      SELECT min(rectify_by) AS rectify_by,
        (array_agg(hazard ORDER BY inspected_on DESC, id DESC))[1] AS hazard
      FROM housing.inspection
      WHERE rental_id = t.id AND result = 'hazard' AND rectified_on IS NULL
    ) AS o ON TRUE
    WHERE t.id = visited AND v.last IS NOT NULL
  ) AS s
  WHERE r.id = visited AND (r.last_inspection, r.next_inspection, r.hazard)
    IS DISTINCT FROM (s.last, s.next, coalesce(s.hazard, '00'));
  RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS schedule_inspection ON housing.inspection;
CREATE TRIGGER schedule_inspection AFTER INSERT OR UPDATE OR DELETE ON housing.inspection
  FOR EACH ROW EXECUTE FUNCTION housing.schedule_inspection();

-- Whoever may see the inspection may see its photos; who recorded it may add some, where inspecting
-- is allowed still. None is changed or taken away.
REVOKE ALL ON housing.inspection_photo FROM wangge_app;
GRANT SELECT, INSERT ON housing.inspection_photo TO wangge_app;
ALTER TABLE housing.inspection_photo ALTER COLUMN image SET STORAGE EXTERNAL;
ALTER TABLE housing.inspection_photo ALTER COLUMN thumbnail SET STORAGE EXTERNAL;
ALTER TABLE housing.inspection_photo ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS inspection_photo_select ON housing.inspection_photo;
CREATE POLICY inspection_photo_select ON housing.inspection_photo FOR SELECT TO wangge_app
  USING (EXISTS (SELECT FROM housing.inspection AS i WHERE i.id = inspection_id));
DROP POLICY IF EXISTS inspection_photo_insert ON housing.inspection_photo;
CREATE POLICY inspection_photo_insert ON housing.inspection_photo FOR INSERT TO wangge_app
  WITH CHECK (EXISTS (
    SELECT FROM housing.inspection AS i WHERE i.id = inspection_id
      AND i.inspector = current_setting('wangge.login', true)
      AND i.area_code LIKE ANY ((SELECT core.scope('housing:inspect'))::text[])
  ));
