-- How many belong to each area (layers/people/population.py), counted again by whatever is written.
-- Re-created whole on every upgrade, after the migrations.

CREATE OR REPLACE FUNCTION people.known_sex(sex text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT CASE WHEN sex IN ('1', '2') THEN sex ELSE '' END $$;

DROP VIEW IF EXISTS people.counted_population;
CREATE VIEW people.counted_population AS
SELECT area_code, register, people.known_sex(sex) AS sex,
  count(*)::integer AS people,
  coalesce(array_agg(birth_date ORDER BY birth_date) FILTER (WHERE birth_date IS NOT NULL), '{}')
    AS born
FROM people.person GROUP BY 1, 2, 3;

-- Groups come as three arrays side by side. Whoever counts a group holds its row first, so that two
-- who write at once count one after the other and the second sees what the first has written.
CREATE OR REPLACE FUNCTION people.count_population(areas text[], registers text[], sexes text[])
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF cardinality(areas) = 0 THEN
    RETURN;
  END IF;
  INSERT INTO people.population_figure (area_code, register, sex, people, born)
  SELECT DISTINCT area_code, register, sex, 0, '{}'::date[]
  FROM unnest(areas, registers, sexes) AS t (area_code, register, sex)
  ORDER BY 1, 2, 3 ON CONFLICT DO NOTHING;
  PERFORM FROM people.population_figure
    WHERE (area_code, register, sex) IN (SELECT * FROM unnest(areas, registers, sexes))
    ORDER BY area_code, register, sex FOR UPDATE;
  UPDATE people.population_figure AS f SET people = c.people, born = c.born
  FROM (
    SELECT t.area_code, t.register, t.sex, count(p.id)::integer AS people,
      coalesce(
        array_agg(p.birth_date ORDER BY p.birth_date) FILTER (WHERE p.birth_date IS NOT NULL), '{}'
      ) AS born
    FROM (SELECT DISTINCT * FROM unnest(areas, registers, sexes)) AS t (area_code, register, sex)
    LEFT JOIN people.person AS p ON p.area_code = t.area_code AND p.register = t.register
      AND people.known_sex(p.sex) = t.sex
    GROUP BY 1, 2, 3
  ) AS c
  WHERE (f.area_code, f.register, f.sex) = (c.area_code, c.register, c.sex);
  DELETE FROM people.population_figure
  WHERE people = 0
    AND (area_code, register, sex) IN (SELECT * FROM unnest(areas, registers, sexes));
END $$;

CREATE OR REPLACE FUNCTION people.recount_population() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  LOCK TABLE people.population_figure IN SHARE ROW EXCLUSIVE MODE;
  DELETE FROM people.population_figure;
  INSERT INTO people.population_figure (area_code, register, sex, people, born)
  SELECT area_code, register, sex, people, born
  FROM people.counted_population ORDER BY area_code, register, sex;
$$;

-- Which row of a table of areas a code belongs to: its first digits within the area asked for,
-- elsewhere the highest area beside the way down to it.
CREATE OR REPLACE FUNCTION people.row_of(code text, area text, digits integer) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN starts_with(code, area) THEN left(code, digits)
    WHEN left(code, 2) <> left(area, 2) THEN left(code, 2)
    WHEN left(code, 4) <> left(area, 4) THEN left(code, 4)
    WHEN left(code, 6) <> left(area, 6) THEN left(code, 6)
    WHEN left(code, 9) <> left(area, 9) THEN left(code, 9)
    WHEN left(code, 12) <> left(area, 12) THEN left(code, 12)
    ELSE left(code, 14) END
$$;

-- Counts alone, for whom the rows themselves are not open. ':' follows the digits.
CREATE OR REPLACE FUNCTION people.households_by_area(scope text, area text, digits integer)
RETURNS TABLE (code text, households bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT people.row_of(f.area_code, area, digits), sum(f.households)::bigint
  FROM (
    SELECT area_code, sum(households) AS households FROM people.resident_figure
    WHERE area_code >= scope AND area_code < scope || ':' GROUP BY 1
  ) AS f
  WHERE f.area_code LIKE ANY ((SELECT core.scope('base:read'))::text[])
  GROUP BY 1
$$;

-- A second home is no move; one that has ended may have been the home, so both of its days count.
-- `starts` are the first days of the months and the day after the last of them. In plpgsql, so that
-- it is planned for the days and the area asked for.
CREATE OR REPLACE FUNCTION people.moves_by_area(
  scope text, area text, digits integer, starts date[]
) RETURNS TABLE (code text, month integer, moved_in bigint, moved_out bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
SET plan_cache_mode = force_custom_plan AS $$
DECLARE
  first date := starts[1];
  after date := starts[cardinality(starts)];
  beyond text := scope || ':';
BEGIN
  RETURN QUERY
  SELECT people.row_of(m.area_code, area, digits), m.month,
    sum(m.began)::bigint, sum(m.ended)::bigint
  FROM (
    SELECT r.area_code, width_bucket(r.valid_from, starts) AS month, count(*) AS began, 0 AS ended
    FROM people.residence AS r
    WHERE (r.is_home OR r.valid_to IS NOT NULL) AND r.valid_from >= first AND r.valid_from < after
      AND r.area_code >= scope AND r.area_code < beyond
    GROUP BY 1, 2
    UNION ALL
    SELECT r.area_code, width_bucket(r.valid_to, starts), 0, count(*) FROM people.residence AS r
    WHERE r.valid_to >= first AND r.valid_to < after
      AND r.area_code >= scope AND r.area_code < beyond
    GROUP BY 1, 2
  ) AS m
  WHERE m.area_code LIKE ANY ((SELECT core.scope('base:read'))::text[])
  GROUP BY 1, 2;
END $$;

REVOKE ALL ON people.counted_population FROM PUBLIC, wangge_app;
REVOKE ALL ON FUNCTION people.count_population(text[], text[], text[]), people.recount_population(),
  people.households_by_area(text, text, integer),
  people.moves_by_area(text, text, integer, date[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION people.households_by_area(text, text, integer),
  people.moves_by_area(text, text, integer, date[]) TO wangge_app;

CREATE OR REPLACE FUNCTION people.population_added() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM people.count_population(array_agg(area_code), array_agg(register), array_agg(sex)) FROM (
    SELECT DISTINCT area_code, register, people.known_sex(sex) AS sex
    FROM added
  ) AS t HAVING count(*) > 0;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION people.population_removed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM people.count_population(array_agg(area_code), array_agg(register), array_agg(sex)) FROM (
    SELECT DISTINCT area_code, register, people.known_sex(sex) AS sex
    FROM removed
  ) AS t HAVING count(*) > 0;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION people.population_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM people.count_population(array_agg(area_code), array_agg(register), array_agg(sex)) FROM (
    SELECT DISTINCT each.area_code, each.register,
      people.known_sex(each.sex) AS sex
    FROM added AS p JOIN removed AS q ON q.id = p.id
    CROSS JOIN LATERAL (
      VALUES (p.area_code, p.register, p.sex), (q.area_code, q.register, q.sex)
    ) AS each (area_code, register, sex)
    WHERE (p.sex, p.register, p.birth_date, p.area_code)
      IS DISTINCT FROM (q.sex, q.register, q.birth_date, q.area_code)
  ) AS t HAVING count(*) > 0;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION people.population_emptied() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  DELETE FROM people.population_figure;
  RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS population_added ON people.person;
CREATE TRIGGER population_added AFTER INSERT ON people.person
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION people.population_added();
DROP TRIGGER IF EXISTS population_removed ON people.person;
CREATE TRIGGER population_removed AFTER DELETE ON people.person
  REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION people.population_removed();
DROP TRIGGER IF EXISTS population_changed ON people.person;
CREATE TRIGGER population_changed AFTER UPDATE ON people.person
  REFERENCING OLD TABLE AS removed NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION people.population_changed();
DROP TRIGGER IF EXISTS population_emptied ON people.person;
CREATE TRIGGER population_emptied AFTER TRUNCATE ON people.person
  FOR EACH STATEMENT EXECUTE FUNCTION people.population_emptied();

-- Whoever sees an area may see how many live in it: small numbers are hidden above (small_cells.py),
-- and nothing in a row says who they are.
REVOKE ALL ON people.population_figure FROM wangge_app;
GRANT SELECT ON people.population_figure TO wangge_app;
ALTER TABLE people.population_figure ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS population_figure_select ON people.population_figure;
CREATE POLICY population_figure_select ON people.population_figure FOR SELECT TO wangge_app
  USING (area_code LIKE ANY ((SELECT core.scope('base:read'))::text[]));

-- A database that has persons from before it kept figures.
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM people.population_figure) THEN
    PERFORM people.recount_population();
  END IF;
END $$;
