-- What visits keep true in their care record. Re-created whole on every upgrade, after the migrations.

-- Asked as whoever writes: a record that may not be seen is told as one that is not there.
CREATE OR REPLACE FUNCTION people.check_care_visit() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
  begins date;
  ends date;
  refused text;
BEGIN
  -- The synthetic city has a today of its own.
  IF core.is_bulk() AND NEW.source = 'synthetic' THEN
    RETURN NEW;
  END IF;
  IF TG_OP = 'INSERT' THEN
    NEW.visited_by := coalesce(NEW.visited_by, nullif(current_setting('wangge.login', true), ''));
  END IF;
  SELECT valid_from, valid_to INTO begins, ends FROM people.care_record WHERE id = NEW.record_id;
  IF NOT FOUND AND core.is_reader() THEN
    RAISE EXCEPTION 'no such record' USING ERRCODE = '23503', SCHEMA = 'people',
      TABLE = 'care_visit', CONSTRAINT = 'care_visit_record_id_fkey';
  END IF;
  refused := CASE WHEN NEW.visited_on > core.today() THEN 'care_visit_day'
    WHEN NEW.visited_on < begins THEN 'care_visit_begun'
    WHEN NEW.visited_on > ends THEN 'care_visit_ended' END;
  IF refused IS NOT NULL THEN
    RAISE EXCEPTION 'not a day of a visit: %', refused USING ERRCODE = '23514', SCHEMA = 'people',
      TABLE = 'care_visit', CONSTRAINT = refused;
  END IF;
  RETURN NEW;
END $$;
DROP TRIGGER IF EXISTS check_care_visit ON people.care_visit;
CREATE TRIGGER check_care_visit BEFORE INSERT OR UPDATE OF record_id, visited_on ON people.care_visit
  FOR EACH ROW EXECUTE FUNCTION people.check_care_visit();

-- Whoever writes visits holds their records first, so that of two at once the second sees what the
-- first has written.
CREATE OR REPLACE FUNCTION people.set_last_visits(records bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM FROM people.care_record WHERE id = ANY (records) ORDER BY id FOR NO KEY UPDATE;
  UPDATE people.care_record AS c SET last_visit = v.latest
  FROM (
    SELECT asked.id, max(w.visited_on) AS latest
    FROM unnest(records) AS asked (id) LEFT JOIN people.care_visit AS w ON w.record_id = asked.id
    GROUP BY asked.id
  ) AS v
  WHERE c.id = v.id AND c.last_visit IS DISTINCT FROM v.latest;
END $$;
REVOKE ALL ON FUNCTION people.set_last_visits(bigint[]) FROM PUBLIC;

-- Once for each statement, not for each row: a bulk load is one set.
CREATE OR REPLACE FUNCTION people.care_visits_added() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM people.set_last_visits(ARRAY(SELECT DISTINCT record_id FROM added));
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION people.care_visits_removed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM people.set_last_visits(ARRAY(SELECT DISTINCT record_id FROM removed));
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION people.care_visits_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM people.set_last_visits(ARRAY(
    SELECT a.record_id FROM added AS a JOIN removed AS r ON r.id = a.id
    WHERE (a.record_id, a.visited_on) IS DISTINCT FROM (r.record_id, r.visited_on)
    UNION
    SELECT r.record_id FROM added AS a JOIN removed AS r ON r.id = a.id
    WHERE a.record_id <> r.record_id
  ));
  RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS last_visit_added ON people.care_visit;
CREATE TRIGGER last_visit_added AFTER INSERT ON people.care_visit
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION people.care_visits_added();
DROP TRIGGER IF EXISTS last_visit_removed ON people.care_visit;
CREATE TRIGGER last_visit_removed AFTER DELETE ON people.care_visit
  REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION people.care_visits_removed();
DROP TRIGGER IF EXISTS last_visit_changed ON people.care_visit;
CREATE TRIGGER last_visit_changed AFTER UPDATE ON people.care_visit
  REFERENCING OLD TABLE AS removed NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION people.care_visits_changed();
