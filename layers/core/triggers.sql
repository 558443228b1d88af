-- What the database keeps true by itself. Re-created whole on every upgrade, after the migrations.

-- The governance grid, else the lowest area, that covers a point; '' when none does.
CREATE OR REPLACE FUNCTION core.area_at(place geometry) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT coalesce(
    (SELECT code FROM territory.grid
      WHERE kind = 'governance' AND valid_to IS NULL AND geom && place AND ST_Covers(geom, place)
      ORDER BY code LIMIT 1),
    (SELECT area_code FROM territory.area
      WHERE valid_to IS NULL AND geom && place AND ST_Covers(geom, place)
      ORDER BY length(area_code) DESC, area_code LIMIT 1),
    ''
  )
$$;

CREATE OR REPLACE FUNCTION core.place_by_geometry() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NEW.geom IS NOT NULL THEN
    NEW.area_code := core.area_at(ST_PointOnSurface(NEW.geom));
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION core.place_grid() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NEW.kind = 'governance' AND NEW.code IS NOT NULL THEN
    NEW.area_code := NEW.code;
  ELSE
    NEW.area_code := core.area_at(ST_PointOnSurface(NEW.geom));
  END IF;
  RETURN NEW;
END $$;

-- What an area or a governance grid covers decides who may see the rows that lie there: a reader
-- draws none over land of areas in which the right is not held. Borders may overlap by a hundredth.
-- TG_ARGV: write right.
CREATE OR REPLACE FUNCTION core.stay_on_own_land() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  held text[] := core.scope(TG_ARGV[0]);
  drawn geometry;
BEGIN
  IF NOT core.is_reader() OR '%' = ANY (held) OR NEW.geom IS NULL
     OR coalesce(to_jsonb(NEW) ->> 'kind', 'governance') <> 'governance' THEN
    RETURN NEW;
  END IF;
  drawn := ST_MakeValid(NEW.geom);
  IF EXISTS (
    SELECT FROM (
      SELECT area_code, geom FROM territory.area WHERE valid_to IS NULL
      UNION ALL
      SELECT code, geom FROM territory.grid WHERE valid_to IS NULL AND kind = 'governance'
    ) AS land
    WHERE land.geom && drawn AND NOT land.area_code LIKE ANY (held)
      AND NOT starts_with(NEW.area_code, land.area_code)
      AND ST_Area(ST_Intersection(ST_MakeValid(land.geom), drawn))
        > 0.01 * least(ST_Area(land.geom), ST_Area(drawn))
  ) THEN
    RAISE EXCEPTION 'the polygon covers land of other areas' USING ERRCODE = '42501';
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION core.place_by_code() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  NEW.area_code := core.region_prefix(NEW.code);
  RETURN NEW;
END $$;

-- TG_ARGV: referring column, table referred to.
CREATE OR REPLACE FUNCTION core.place_by_owner() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  owner_id bigint := (to_jsonb(NEW) ->> TG_ARGV[0])::bigint;
BEGIN
  EXECUTE format('SELECT coalesce((SELECT area_code FROM %s WHERE id = $1), %L)', TG_ARGV[1], '')
    INTO NEW.area_code USING owner_id;
  RETURN NEW;
END $$;

-- TG_ARGV: pairs of table and referring column that inherit this row's area.
CREATE OR REPLACE FUNCTION core.pass_area_on() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  FOR i IN 0 .. TG_NARGS / 2 - 1 LOOP
    EXECUTE format(
      'UPDATE %s SET area_code = $1 WHERE %I = $2 AND area_code <> $1',
      TG_ARGV[2 * i], TG_ARGV[2 * i + 1]
    ) USING NEW.area_code, NEW.id;
  END LOOP;
  RETURN NULL;
END $$;

-- A residence lies where its dwelling lies. A reader ties no person who may not be seen; the refusal
-- is that of a missing row.
CREATE OR REPLACE FUNCTION core.copy_building() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF core.is_reader() AND (TG_OP = 'INSERT' OR NEW.person_id <> OLD.person_id) AND NOT EXISTS (
    SELECT FROM people.person
    WHERE id = NEW.person_id AND area_code LIKE ANY (core.scope('people:read'))
  ) THEN
    RAISE EXCEPTION 'no such person'
      USING ERRCODE = '23503', SCHEMA = 'people', TABLE = 'residence',
        CONSTRAINT = 'residence_person_id_fkey';
  END IF;
  SELECT building_id, area_code INTO NEW.building_id, NEW.area_code
    FROM housing.dwelling WHERE id = NEW.dwelling_id;
  RETURN NEW;
END $$;

-- Residences repeat the building of their dwelling; copy_building looks it up again.
CREATE OR REPLACE FUNCTION core.pass_building_on() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE people.residence SET dwelling_id = NEW.id
    WHERE dwelling_id = NEW.id AND building_id <> NEW.building_id;
  RETURN NULL;
END $$;

-- A person belongs to the area of the open home and moves with it. Who may not write the person
-- where it is now cannot draw it over by registering a residence.
CREATE OR REPLACE FUNCTION core.move_person() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  -- The home itself changes its area when its building is drawn anew: who lives in it goes along.
  earlier text := CASE WHEN TG_OP = 'UPDATE' AND NEW.person_id = OLD.person_id THEN OLD.area_code END;
BEGIN
  IF NEW.is_home AND NEW.valid_to IS NULL THEN
    UPDATE people.person SET area_code = NEW.area_code
      WHERE id = NEW.person_id AND area_code <> NEW.area_code
        AND (NOT core.is_reader() OR area_code = earlier
          OR area_code LIKE ANY (core.scope('people:write')));
  END IF;
  RETURN NULL;
END $$;

-- A reader deletes a row only with the right to write all that goes along, whether there is any or
-- not: the answer must not tell. TG_ARGV: rights.
CREATE OR REPLACE FUNCTION core.guard_delete() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  FOR i IN 0 .. TG_NARGS - 1 LOOP
    IF core.is_reader() AND NOT OLD.area_code LIKE ANY (core.scope(TG_ARGV[i])) THEN
      RAISE EXCEPTION 'deleting this needs the right % where it lies', TG_ARGV[i]
        USING ERRCODE = '42501';
    END IF;
  END LOOP;
  RETURN OLD;
END $$;

CREATE OR REPLACE FUNCTION core.next_version() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  NEW.row_version := OLD.row_version + 1;
  NEW.updated_at := now();
  NEW.updated_by := nullif(current_setting('wangge.login', true), '');
  RETURN NEW;
END $$;

-- One history row and one notice for each changed row; TG_ARGV: layer, read right, 'public' or 'area'.
-- The lock makes history ids grow in commit order, so that a live reader can resume after any id.
CREATE OR REPLACE FUNCTION core.record_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  earlier jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
  later jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
  present jsonb := coalesce(later, earlier);
  sealed text[] := ARRAY(
    SELECT key FROM jsonb_object_keys(present) AS key
      WHERE key LIKE '%\_cipher' OR key LIKE '%\_index' OR key LIKE 'search\_%' OR key = 'cell'
  );
  entry core.history%ROWTYPE;
BEGIN
  PERFORM pg_advisory_xact_lock(7260001);
  INSERT INTO core.history (
    layer, feature_id, action, area_code, area_code_before, read_right, is_public,
    actor, reason, row_version, before, after, sealed
  ) VALUES (
    TG_ARGV[0], (present ->> 'id')::bigint,
    CASE TG_OP WHEN 'INSERT' THEN 'create' WHEN 'UPDATE' THEN 'update' ELSE 'delete' END,
    present ->> 'area_code', earlier ->> 'area_code', TG_ARGV[1], TG_ARGV[2] = 'public',
    nullif(current_setting('wangge.login', true), ''),
    nullif(current_setting('wangge.reason', true), ''),
    (present ->> 'row_version')::integer,
    earlier - sealed, later - sealed,
    (SELECT jsonb_object_agg(key, earlier -> key) FROM unnest(sealed) AS key
      WHERE earlier IS NOT NULL AND key LIKE '%\_cipher')
  ) RETURNING * INTO entry;
  PERFORM core.notify_change(entry);
  RETURN NULL;
END $$;

-- Tells listeners, at commit, on a channel whose name nobody else can know.
CREATE OR REPLACE FUNCTION core.tell(channel text, payload text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT pg_notify(channel || '_' || suffix, payload) FROM core.notice_channel
$$;

CREATE OR REPLACE FUNCTION core.notify_change(entry core.history) RETURNS void
LANGUAGE sql AS $$
  SELECT core.tell('wangge', jsonb_strip_nulls(jsonb_build_object(
    'event', entry.id, 'layer', entry.layer, 'id', entry.feature_id, 'action', entry.action,
    'area', entry.area_code, 'before', entry.area_code_before
  ))::text)
$$;

-- The bulk sibling: one row and one notice for a whole load of a layer.
CREATE OR REPLACE FUNCTION core.record_bulk(layer_name text, right_name text, everywhere boolean, note text)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  entry core.history%ROWTYPE;
BEGIN
  PERFORM pg_advisory_xact_lock(7260001);
  INSERT INTO core.history (layer, action, area_code, read_right, is_public, actor, reason)
  VALUES (
    layer_name, 'bulk', '', right_name, everywhere,
    nullif(current_setting('wangge.login', true), ''), note
  ) RETURNING * INTO entry;
  PERFORM core.notify_change(entry);
  RETURN entry.id;
END $$;

-- Audit: append only, each row's hash covers the row before, so that a missing line shows.
CREATE OR REPLACE FUNCTION core.write_audit(
  who bigint, login_name text, what text, on_layer text, on_feature bigint, in_area text,
  why text, more jsonb
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  last_hash bytea;
  moment timestamptz;
  body text;
  new_id bigint;
BEGIN
  IF core.is_reader() AND login_name IS DISTINCT FROM current_setting('wangge.login', true) THEN
    RAISE EXCEPTION 'nobody writes audit lines in the name of another' USING ERRCODE = '42501';
  END IF;
  PERFORM pg_advisory_xact_lock(7260002);
  moment := clock_timestamp();
  SELECT hash INTO last_hash FROM core.audit ORDER BY id DESC LIMIT 1;
  last_hash := coalesce(last_hash, '\x00');
  body := core.audit_body(moment, who, login_name, what, on_layer, on_feature, in_area, why, more);
  INSERT INTO core.audit (
    at, account_id, login, action, layer, feature_id, area_code, reason, detail, previous_hash, hash
  ) VALUES (
    moment, who, login_name, what, on_layer, on_feature, coalesce(in_area, ''), why, more,
    last_hash, sha256(last_hash || convert_to(body, 'UTF8'))
  ) RETURNING id INTO new_id;
  RETURN new_id;
END $$;

CREATE OR REPLACE FUNCTION core.audit_body(
  moment timestamptz, who bigint, login_name text, what text, on_layer text, on_feature bigint,
  in_area text, why text, more jsonb
) RETURNS text
LANGUAGE sql STABLE AS $$
  -- An array keeps empty members and quotes separators, so that nothing moves between columns.
  SELECT jsonb_build_array(extract(epoch FROM moment), who, login_name, what, on_layer,
    on_feature, coalesce(in_area, ''), why, more)::text
$$;

-- How often who asks has looked in this way within the last `reach`, and since when `allowed` looks
-- are full. A search leaves a line in every area of its reader, a reveal one in all. A subject's copy
-- opens at least as much as a reveal.
CREATE OR REPLACE FUNCTION core.looks_spent(what text, reach interval, allowed integer)
RETURNS TABLE (spent bigint, reached_at timestamptz, moment timestamptz)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT coalesce(max(place), 0), max(at) FILTER (WHERE place = allowed), clock_timestamp()
  FROM (
    SELECT at, row_number() OVER (
      PARTITION BY CASE WHEN what = 'reveal' THEN '' ELSE area_code END ORDER BY at DESC, id DESC
    ) AS place
    FROM core.audit
    WHERE login = current_setting('wangge.login', true)
      AND action IN (what, CASE WHEN what = 'reveal' THEN 'copy' ELSE what END)
      AND at > clock_timestamp() - reach
  ) AS mine
$$;

-- Whether the auditor was told within `reach` that this quota of who asks was refused.
CREATE OR REPLACE FUNCTION core.refusal_told(kind text, period text, reach interval) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (
    SELECT FROM core.audit
    WHERE login = current_setting('wangge.login', true) AND action = 'quota_refused'
      AND at > clock_timestamp() - reach
      AND detail ->> 'kind' = kind AND detail ->> 'period' = period
  )
$$;

-- Whether who asks has looked at one feature, or at none in particular, in this way within `reach`.
-- Not by clock_timestamp(), so that the index of an account's lines serves all of it.
CREATE OR REPLACE FUNCTION core.looked_lately(what text, of_layer text, feature bigint, reach interval)
RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (
    SELECT FROM core.audit
    WHERE login = current_setting('wangge.login', true) AND action = what AND at > now() - reach
      AND layer = of_layer AND feature_id IS NOT DISTINCT FROM feature
  )
$$;

-- Looks of one account are counted one after the other, until the transaction ends.
CREATE OR REPLACE FUNCTION core.lock_quota() RETURNS void
LANGUAGE sql VOLATILE SET search_path = public, pg_temp AS $$
  SELECT pg_advisory_xact_lock(7260003, hashtext(current_setting('wangge.login', true)))
$$;

-- Of the `most` lines after a line: how many they are, the last of them, and those whose hash does not
-- follow from the line before. In pieces, so that a long log is checked in bounded steps. Where old
-- lines were dropped on time, the line that says so holds the hash that the first one kept follows.
CREATE OR REPLACE FUNCTION core.check_audit(after bigint, most integer)
RETURNS TABLE (checked bigint, last_id bigint, broken bigint[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT count(*), max(id), coalesce(array_agg(id ORDER BY id) FILTER (
      WHERE previous_hash <> expected OR hash <> sha256(previous_hash || convert_to(body, 'UTF8'))
    ), '{}')
  FROM (
    SELECT id, previous_hash, hash,
      coalesce(lag(hash) OVER (ORDER BY id), (
        SELECT b.hash FROM core.audit AS b WHERE b.id <= after ORDER BY b.id DESC LIMIT 1
      ), (
        SELECT decode(d.detail ->> 'hash', 'hex') FROM core.audit AS d
        WHERE d.action = 'audit_dropped' ORDER BY d.id DESC LIMIT 1
      ), '\x00') AS expected,
      core.audit_body(at, account_id, login, action, layer, feature_id, area_code, reason, detail)
        AS body
    FROM (SELECT * FROM core.audit WHERE id > after ORDER BY id LIMIT most) AS piece
  ) AS chain
$$;

-- Ids of audit rows whose hash does not follow from the row before; empty when the chain is whole.
CREATE OR REPLACE FUNCTION core.broken_audit() RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT unnest(broken) FROM core.check_audit(-1, 2147483647)
$$;

-- The only way to a sealed value: within the reader's scope, with a reason, logged first. Table, right
-- and whom it is about are those of the declaration (core.sealed_layers), whatever the caller says.
CREATE OR REPLACE FUNCTION core.reveal(
  table_name text, layer_name text, row_id bigint, field_name text, read_right text,
  who bigint, login_name text, why text
) RETURNS bytea
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  found_area text;
  sealed bytea;
  about text;
  person bigint;
BEGIN
  SELECT s INTO about FROM core.sealed_layers() AS each (l, t, r, f, s)
    WHERE (l, t, r, f) = (layer_name, table_name, read_right, field_name);
  IF about IS NULL THEN
    RAISE EXCEPTION 'nothing is sealed there' USING ERRCODE = '42501';
  END IF;
  IF length(btrim(coalesce(why, ''))) < 4 THEN
    RAISE EXCEPTION 'a reason of at least 4 characters is needed' USING ERRCODE = '22023';
  END IF;
  EXECUTE format('SELECT area_code, %I, %s FROM %s WHERE id = $1',
    field_name || '_cipher', about, table_name::regclass) INTO found_area, sealed, person USING row_id;
  IF found_area IS NULL OR NOT found_area LIKE ANY (core.scope('people:reveal'))
     OR NOT found_area LIKE ANY (core.scope(read_right)) THEN
    RETURN NULL;
  END IF;
  PERFORM core.write_audit(who, login_name, 'reveal', layer_name, row_id, found_area, why,
    jsonb_strip_nulls(jsonb_build_object('field', field_name, 'person', person)));
  RETURN sealed;
END $$;
