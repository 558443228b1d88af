-- How many live in each building (layers/people/figures.py), counted again by whatever is written.
-- Re-created whole on every upgrade, after the migrations.

DROP VIEW IF EXISTS people.counted_residents;
CREATE VIEW people.counted_residents AS
SELECT building_id, area_code, ST_PointOnSurface(geom) AS spot, count(*)::integer AS residents,
  count(DISTINCT home)::integer AS households,
  count(*) FILTER (WHERE NOT here)::integer AS elsewhere,
  count(*) FILTER (WHERE here AND sex = '1')::integer AS men,
  count(*) FILTER (WHERE here AND sex = '2')::integer AS women,
  count(*) FILTER (WHERE here AND register = 'POP-01')::integer AS registered,
  count(*) FILTER (WHERE here AND register = 'POP-02')::integer AS floating,
  count(*) FILTER (WHERE here AND register = 'POP-03')::integer AS overseas,
  count(*) FILTER (WHERE here AND register = 'POP-04')::integer AS unregistered,
  coalesce(array_agg(born ORDER BY born) FILTER (WHERE dated AND sex = '1'), '{}') AS men_born,
  coalesce(array_agg(born ORDER BY born) FILTER (WHERE dated AND sex = '2'), '{}') AS women_born,
  coalesce(array_agg(born ORDER BY born) FILTER (WHERE dated AND sex NOT IN ('1', '2')), '{}')
    AS others_born
FROM (
  SELECT r.building_id, b.area_code, b.geom, coalesce(p.sex, '') AS sex, p.register, p.birth_date AS born,
    (r.dwelling_id || ' ' || coalesce(r.household, '')) COLLATE "C" AS home,
    p.area_code = r.area_code AS here,
    p.area_code = r.area_code AND p.birth_date IS NOT NULL AS dated
  FROM people.residence AS r
  JOIN people.person AS p ON p.id = r.person_id
  JOIN housing.building AS b ON b.id = r.building_id
  WHERE r.valid_to IS NULL
) AS lives
GROUP BY building_id, area_code, geom;

DROP VIEW IF EXISTS people.found_elsewhere;
CREATE VIEW people.found_elsewhere AS
SELECT r.id AS residence_id, r.building_id, r.area_code, p.area_code AS person_area
FROM people.residence AS r JOIN people.person AS p ON p.id = r.person_id
WHERE r.valid_to IS NULL AND p.area_code <> r.area_code;

-- Whoever counts a building holds its row first, so that two who write at once count one after the
-- other and the second sees what the first has written.
CREATE OR REPLACE FUNCTION people.count_residents(buildings bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF cardinality(buildings) = 0 THEN
    RETURN;
  END IF;
  INSERT INTO people.resident_figure (
    building_id, area_code, spot, residents, households, elsewhere, men, women, registered,
    floating, overseas, unregistered, men_born, women_born, others_born
  )
  SELECT id, area_code, ST_PointOnSurface(geom), 0, 0, 0, 0, 0, 0, 0, 0, 0, '{}', '{}', '{}'
  FROM housing.building WHERE id = ANY (buildings) ORDER BY id ON CONFLICT DO NOTHING;
  PERFORM FROM people.resident_figure
    WHERE building_id = ANY (buildings) ORDER BY building_id FOR UPDATE;
  UPDATE people.resident_figure AS f SET
    area_code = c.area_code, spot = c.spot, residents = c.residents, households = c.households,
    elsewhere = c.elsewhere, men = c.men, women = c.women, registered = c.registered,
    floating = c.floating, overseas = c.overseas, unregistered = c.unregistered,
    men_born = c.men_born, women_born = c.women_born, others_born = c.others_born
  FROM people.counted_residents AS c
  WHERE c.building_id = ANY (buildings) AND f.building_id = c.building_id;
  DELETE FROM people.resident_figure AS f
  WHERE f.building_id = ANY (buildings) AND NOT EXISTS (
    SELECT FROM people.residence AS r WHERE r.building_id = f.building_id AND r.valid_to IS NULL
  );
  DELETE FROM people.lives_elsewhere WHERE building_id = ANY (buildings);
  INSERT INTO people.lives_elsewhere (residence_id, building_id, area_code, person_area)
  SELECT residence_id, building_id, area_code, person_area FROM people.found_elsewhere
  WHERE building_id = ANY (buildings);
END $$;

CREATE OR REPLACE FUNCTION people.recount_residents() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  LOCK TABLE people.resident_figure IN SHARE ROW EXCLUSIVE MODE;
  DELETE FROM people.resident_figure;
  INSERT INTO people.resident_figure (
    building_id, area_code, spot, residents, households, elsewhere, men, women, registered,
    floating, overseas, unregistered, men_born, women_born, others_born
  )
  SELECT building_id, area_code, spot, residents, households, elsewhere, men, women, registered,
    floating, overseas, unregistered, men_born, women_born, others_born
  FROM people.counted_residents ORDER BY building_id;
  DELETE FROM people.lives_elsewhere;
  INSERT INTO people.lives_elsewhere (residence_id, building_id, area_code, person_area)
  SELECT residence_id, building_id, area_code, person_area FROM people.found_elsewhere;
$$;

REVOKE ALL ON people.counted_residents, people.found_elsewhere FROM PUBLIC, wangge_app;
REVOKE ALL ON FUNCTION people.count_residents(bigint[]), people.recount_residents() FROM PUBLIC;

-- Once for each statement, not for each row: a bulk load is counted as a set.
CREATE OR REPLACE FUNCTION people.residences_added() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM people.count_residents(ARRAY(SELECT DISTINCT building_id FROM added));
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION people.residences_removed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM people.count_residents(ARRAY(SELECT DISTINCT building_id FROM removed));
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION people.residences_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM people.count_residents(
    ARRAY(SELECT building_id FROM added UNION SELECT building_id FROM removed)
  );
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION people.persons_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM people.count_residents(ARRAY(
    SELECT DISTINCT r.building_id FROM added AS p JOIN removed AS q ON q.id = p.id
    JOIN people.residence AS r ON r.person_id = p.id AND r.valid_to IS NULL
    WHERE (p.sex, p.register, p.birth_date, p.area_code)
      IS DISTINCT FROM (q.sex, q.register, q.birth_date, q.area_code)
  ));
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION people.buildings_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM people.count_residents(ARRAY(
    SELECT b.id FROM added AS b JOIN removed AS c ON c.id = b.id
    JOIN people.resident_figure AS f ON f.building_id = b.id
    WHERE b.area_code <> c.area_code OR ST_AsBinary(b.geom) <> ST_AsBinary(c.geom)
  ));
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION people.residences_emptied() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  DELETE FROM people.resident_figure;
  DELETE FROM people.lives_elsewhere;
  RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS count_added ON people.residence;
CREATE TRIGGER count_added AFTER INSERT ON people.residence
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION people.residences_added();
DROP TRIGGER IF EXISTS count_removed ON people.residence;
CREATE TRIGGER count_removed AFTER DELETE ON people.residence
  REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION people.residences_removed();
DROP TRIGGER IF EXISTS count_changed ON people.residence;
CREATE TRIGGER count_changed AFTER UPDATE ON people.residence
  REFERENCING OLD TABLE AS removed NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION people.residences_changed();
DROP TRIGGER IF EXISTS count_emptied ON people.residence;
CREATE TRIGGER count_emptied AFTER TRUNCATE ON people.residence
  FOR EACH STATEMENT EXECUTE FUNCTION people.residences_emptied();
DROP TRIGGER IF EXISTS count_changed ON housing.building;
CREATE TRIGGER count_changed AFTER UPDATE ON housing.building
  REFERENCING OLD TABLE AS removed NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION people.buildings_changed();
DROP TRIGGER IF EXISTS count_changed ON people.person;
CREATE TRIGGER count_changed AFTER UPDATE ON people.person
  REFERENCING OLD TABLE AS removed NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION people.persons_changed();

REVOKE ALL ON people.resident_figure FROM wangge_app;
GRANT SELECT ON people.resident_figure TO wangge_app;
ALTER TABLE people.resident_figure ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS resident_figure_select ON people.resident_figure;
CREATE POLICY resident_figure_select ON people.resident_figure FOR SELECT TO wangge_app
  USING (area_code LIKE ANY ((SELECT core.scope('people:read'))::text[]));

REVOKE ALL ON people.lives_elsewhere FROM wangge_app;
GRANT SELECT ON people.lives_elsewhere TO wangge_app;
ALTER TABLE people.lives_elsewhere ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS lives_elsewhere_select ON people.lives_elsewhere;
CREATE POLICY lives_elsewhere_select ON people.lives_elsewhere FOR SELECT TO wangge_app
  USING (area_code LIKE ANY ((SELECT core.scope('people:read'))::text[]));

-- A database that has residents from before it kept figures.
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM people.resident_figure) THEN
    PERFORM people.recount_residents();
  END IF;
END $$;
