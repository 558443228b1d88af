-- What the registers of persons keep true, and the one way to make two persons one. Re-created whole
-- on every upgrade, after the migrations.

CREATE OR REPLACE FUNCTION people.check_person() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.birth_date > core.today() AND NOT core.is_bulk() THEN
    RAISE EXCEPTION 'born in the future'
      USING ERRCODE = '23514', SCHEMA = 'people', TABLE = 'person', CONSTRAINT = 'person_born';
  END IF;
  RETURN NEW;
END $$;
DROP TRIGGER IF EXISTS check_person ON people.person;
CREATE TRIGGER check_person BEFORE INSERT OR UPDATE OF birth_date ON people.person
  FOR EACH ROW EXECUTE FUNCTION people.check_person();

-- Nobody moves into a dwelling that is demolished or has ended, or whose building has.
CREATE OR REPLACE FUNCTION people.check_residence() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NEW.valid_to IS NOT NULL OR core.is_bulk()
     OR TG_OP = 'UPDATE' AND NEW.dwelling_id = OLD.dwelling_id AND OLD.valid_to IS NULL THEN
    RETURN NEW;
  END IF;
  IF EXISTS (
    SELECT FROM housing.dwelling AS d LEFT JOIN housing.building AS b ON b.id = d.building_id
    WHERE d.id = NEW.dwelling_id AND (
      d.state = 'demolished' OR d.valid_to <= core.today() OR b.valid_to <= core.today()
    )
  ) THEN
    RAISE EXCEPTION 'the dwelling is gone' USING ERRCODE = '23514', SCHEMA = 'people',
      TABLE = 'residence', CONSTRAINT = 'residence_dwelling_stands';
  END IF;
  RETURN NEW;
END $$;
DROP TRIGGER IF EXISTS check_residence ON people.residence;
CREATE TRIGGER check_residence BEFORE INSERT OR UPDATE OF dwelling_id, valid_to ON people.residence
  FOR EACH ROW EXECUTE FUNCTION people.check_residence();

-- Whether somebody outside the reader's areas bears the number of this keyed index: no more than
-- that, and only for who enters persons.
CREATE OR REPLACE FUNCTION people.is_held_elsewhere(blind bytea) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT cardinality(core.scope('people:write') || core.scope('people:propose')) > 0 AND EXISTS (
    SELECT FROM people.person
    WHERE id_number_index = blind AND merged_into IS NULL
      AND NOT area_code LIKE ANY (core.scope('people:read'))
  )
$$;
REVOKE ALL ON FUNCTION people.is_held_elsewhere(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION people.is_held_elsewhere(bytea) TO wangge_app;

-- Makes two rows of one person one: what the merged one has goes over, and it stays for its history.
-- Every row changed leaves a line of history, from which each can be put back.
CREATE OR REPLACE FUNCTION people.merge_persons(survivor bigint, merged bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  link record;
  filled text;
BEGIN
  PERFORM FROM people.person WHERE id IN (survivor, merged) ORDER BY id FOR UPDATE;
  IF survivor = merged OR 2 <> (
    SELECT count(*) FROM people.person WHERE id IN (survivor, merged) AND merged_into IS NULL
  ) THEN
    RAISE EXCEPTION 'two persons that are not merged are needed' USING ERRCODE = '22023';
  END IF;
  IF core.is_reader() AND EXISTS (
    SELECT FROM people.person WHERE id IN (survivor, merged)
      AND NOT area_code LIKE ANY (core.scope('people:write'))
    UNION ALL
    SELECT FROM people.residence WHERE person_id = merged AND valid_to IS NULL
      AND NOT area_code LIKE ANY (core.scope('people:write'))
  ) THEN
    RAISE EXCEPTION 'both lie in areas of one''s own' USING ERRCODE = '42501';
  END IF;
  -- One person lives once in a dwelling, and has one home.
  UPDATE people.residence AS r SET valid_to = greatest(r.valid_from, core.today()),
    leaving_reason = 'merged', is_home = FALSE
  WHERE r.person_id = merged AND r.valid_to IS NULL AND EXISTS (
    SELECT FROM people.residence AS s
    WHERE s.person_id = survivor AND s.dwelling_id = r.dwelling_id AND s.valid_to IS NULL
  );
  UPDATE people.residence AS r SET is_home = FALSE
  WHERE r.person_id = merged AND r.valid_to IS NULL AND r.is_home AND EXISTS (
    SELECT FROM people.residence AS s
    WHERE s.person_id = survivor AND s.is_home AND s.valid_to IS NULL
  );
  -- Whatever refers to persons, in this room or a later one.
  FOR link IN
    SELECT c.conrelid::regclass AS referring, a.attname AS field
    FROM pg_constraint AS c
    JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
    WHERE c.contype = 'f' AND c.confrelid = 'people.person'::regclass AND cardinality(c.conkey) = 1
    ORDER BY 1, 2
  LOOP
    EXECUTE format('UPDATE %s SET %I = $1 WHERE %I = $2', link.referring, link.field, link.field)
      USING survivor, merged;
  END LOOP;
  UPDATE people.proposal SET "values" = jsonb_set("values", '{person_id}', to_jsonb(survivor))
    WHERE layer = 'residences' AND state = 'pending' AND "values" -> 'person_id' = to_jsonb(merged);
  UPDATE people.proposal AS p SET feature_id = survivor
  WHERE layer = 'persons' AND feature_id = merged AND state = 'pending' AND NOT EXISTS (
    SELECT FROM people.proposal AS q WHERE q.layer = 'persons' AND q.feature_id = survivor
      AND q.proposed_by = p.proposed_by AND q.state = 'pending' AND q.operation <> 'create'
  );
  UPDATE people.proposal SET state = 'superseded', sealed = '{}'
    WHERE layer = 'persons' AND feature_id = merged AND state = 'pending';
  -- What the survivor lacks; a sealed value goes with its mask and index.
  SELECT string_agg(format('%1$I = coalesce(s.%1$I, m.%1$I)', a.attname), ', ') INTO filled
  FROM pg_attribute AS a
  WHERE a.attrelid = 'people.person'::regclass AND a.attnum > 0 AND NOT a.attisdropped
    AND a.attgenerated = '' AND a.attname <> ALL (ARRAY['id', 'code', 'area_code', 'row_version',
      'updated_at', 'updated_by', 'source', 'source_key', 'valid_from', 'valid_to', 'merged_into',
      'deidentified_on']);
  EXECUTE format('UPDATE people.person AS s SET %s FROM people.person AS m
    WHERE s.id = $1 AND m.id = $2', filled) USING survivor, merged;
  UPDATE people.person SET merged_into = survivor, valid_to = core.today() WHERE id = merged;
END $$;
REVOKE ALL ON FUNCTION people.merge_persons(bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION people.merge_persons(bigint, bigint) TO wangge_app;

-- The cipher of one value that waits to be decided on, for who decides or handed it in and may reveal
-- there; logged first.
CREATE OR REPLACE FUNCTION people.reveal_proposed(
  asked bigint, field_name text, who bigint, login_name text, why text
) RETURNS bytea
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  found people.proposal%ROWTYPE;
BEGIN
  IF length(btrim(coalesce(why, ''))) < 4 THEN
    RAISE EXCEPTION 'a reason of at least 4 characters is needed' USING ERRCODE = '22023';
  END IF;
  SELECT * INTO found FROM people.proposal WHERE id = asked AND state IN ('pending', 'returned');
  IF found.id IS NULL OR found.sealed ->> field_name IS NULL
     OR NOT found.area_code LIKE ANY (core.scope('people:reveal'))
     OR NOT (found.proposed_by = current_setting('wangge.login', true)
       OR found.area_code LIKE ANY (core.scope(CASE WHEN found.layer IN ('persons', 'residences')
         THEN 'people:write' ELSE 'housing:write' END))) THEN
    RETURN NULL;
  END IF;
  PERFORM core.write_audit(who, login_name, 'reveal', 'proposals', asked, found.area_code, why,
    jsonb_strip_nulls(jsonb_build_object('field', field_name, 'of', found.layer,
      'person', CASE WHEN found.layer = 'persons' THEN found.feature_id END)));
  RETURN decode(found.sealed ->> field_name, 'hex');
END $$;
REVOKE ALL ON FUNCTION people.reveal_proposed(bigint, text, bigint, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION people.reveal_proposed(bigint, text, bigint, text, text) TO wangge_app;
