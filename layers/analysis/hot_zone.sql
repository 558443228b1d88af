-- Keeping hot zones, and who may see what they were counted from. Re-created whole on every upgrade,
-- after the migrations.

REVOKE ALL ON analysis.hot_zone_incident FROM wangge_app;
GRANT SELECT ON analysis.hot_zone_incident TO wangge_app;
ALTER TABLE analysis.hot_zone_incident ENABLE ROW LEVEL SECURITY;

DROP POLICY IF EXISTS hot_zone_incident_select ON analysis.hot_zone_incident;
CREATE POLICY hot_zone_incident_select ON analysis.hot_zone_incident FOR SELECT TO wangge_app
  USING (EXISTS (SELECT FROM analysis.hot_zone AS z WHERE z.id = hot_zone_id));

-- What was measured is written by nothing else. A zone counts no incident that the reader may not
-- see, and is kept only where the reader may keep zones. Answers the new ids by number.
CREATE OR REPLACE FUNCTION analysis.keep_hot_zones(
  zones jsonb, period_since timestamptz, period_until timestamptz, reach_metres float8,
  least_incidents integer, asked text
) RETURNS bigint[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  kept bigint[];
BEGIN
  IF EXISTS (
    SELECT FROM jsonb_to_recordset(zones) AS z (area_code text)
    WHERE z.area_code IS NULL OR NOT z.area_code LIKE ANY (core.scope('analysis:save'))
  ) THEN
    RAISE EXCEPTION 'a zone reaches beyond the areas where zones may be kept'
      USING ERRCODE = '42501';
  END IF;
  WITH given AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(zones) AS z (
      name text, number integer, incidents bigint[], before bigint[], residents integer,
      top_category text, ground float8, area_code text, geometry jsonb
    )
  ), counted AS MATERIALIZED (
    SELECT number, i.id, id_is_before
    FROM given, LATERAL (
      SELECT unnest(incidents) AS id, FALSE AS id_is_before
      UNION ALL SELECT unnest(before), TRUE
    ) AS listed JOIN incidents.incident AS i USING (id)
    WHERE starts_with(i.area_code, given.area_code)
      AND i.area_code LIKE ANY (core.scope('incidents:read'))
  ), figures AS (
    SELECT number, count(*) FILTER (WHERE NOT id_is_before)::integer AS now,
      count(*) FILTER (WHERE id_is_before)::integer AS before
    FROM counted GROUP BY number
  ), zone AS (
    INSERT INTO analysis.hot_zone (
      name, number, incidents, incidents_before, residents, rate, top_category, ground, since,
      until, reach, least, conditions, area_code, geom, updated_by
    )
    SELECT g.name, g.number, f.now, f.before, g.residents, f.now * 1000.0 / g.residents,
      g.top_category, g.ground, period_since, period_until, reach_metres, least_incidents, asked,
      g.area_code, ST_SetSRID(ST_GeomFromGeoJSON(g.geometry), 4326),
      nullif(current_setting('wangge.login', true), '')
    FROM given AS g JOIN figures AS f USING (number) ORDER BY g.number
    RETURNING id, number
  ), members AS (
    INSERT INTO analysis.hot_zone_incident (hot_zone_id, incident_id, is_before)
    SELECT zone.id, counted.id, id_is_before FROM zone JOIN counted USING (number)
  )
  SELECT array_agg(id ORDER BY number) INTO kept FROM zone;
  RETURN kept;
END $$;
REVOKE ALL ON FUNCTION analysis.keep_hot_zones(jsonb, timestamptz, timestamptz, float8, integer, text)
  FROM PUBLIC;
GRANT EXECUTE
  ON FUNCTION analysis.keep_hot_zones(jsonb, timestamptz, timestamptz, float8, integer, text)
  TO wangge_app;

-- An incident that is deleted is no longer counted where it was.
CREATE OR REPLACE FUNCTION analysis.count_hot_zones() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE analysis.hot_zone AS z SET incidents = c.now, incidents_before = c.before,
    rate = c.now * 1000.0 / z.residents
  FROM (
    SELECT r.hot_zone_id, count(i.incident_id) FILTER (WHERE NOT i.is_before) AS now,
      count(i.incident_id) FILTER (WHERE i.is_before) AS before
    FROM (SELECT DISTINCT hot_zone_id FROM removed) AS r
    LEFT JOIN analysis.hot_zone_incident AS i USING (hot_zone_id) GROUP BY r.hot_zone_id
  ) AS c WHERE z.id = c.hot_zone_id;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION analysis.count_hot_zones() FROM PUBLIC;

DROP TRIGGER IF EXISTS count_hot_zones ON analysis.hot_zone_incident;
CREATE TRIGGER count_hot_zones AFTER DELETE ON analysis.hot_zone_incident
  REFERENCING OLD TABLE AS removed
  FOR EACH STATEMENT EXECUTE FUNCTION analysis.count_hot_zones();
