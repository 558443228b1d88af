-- What rooms of a matrix keep to. Re-created whole on every upgrade, after the migrations.

REVOKE ALL ON housing.dwelling_lineage FROM wangge_app;
GRANT SELECT ON housing.dwelling_lineage TO wangge_app;
GRANT INSERT (kind, dwelling_id, other_id, was, residences, made_by)
  ON housing.dwelling_lineage TO wangge_app;
ALTER TABLE housing.dwelling_lineage ENABLE ROW LEVEL SECURITY;

-- Rows of dwellings are themselves shown within the reader's areas only.
DROP POLICY IF EXISTS dwelling_lineage_select ON housing.dwelling_lineage;
CREATE POLICY dwelling_lineage_select ON housing.dwelling_lineage FOR SELECT TO wangge_app
  USING (EXISTS (SELECT FROM housing.dwelling AS d WHERE d.id = dwelling_id));

DROP POLICY IF EXISTS dwelling_lineage_insert ON housing.dwelling_lineage;
CREATE POLICY dwelling_lineage_insert ON housing.dwelling_lineage FOR INSERT TO wangge_app
  WITH CHECK (
    made_by = current_setting('wangge.login', true)
    AND EXISTS (SELECT FROM housing.dwelling AS d WHERE d.id = dwelling_id
      AND d.area_code LIKE ANY ((SELECT core.scope('housing:write'))::text[]))
  );

-- The highest floor number of so many floors when some numbers are not used.
CREATE OR REPLACE FUNCTION housing.top_floor(levels integer, skipped text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT max(number) FROM (
    SELECT number FROM generate_series(1, levels + 200) AS number
    WHERE number NOT IN (
      SELECT found[1]::integer FROM regexp_matches(coalesce(skipped, ''), '-?[0-9]{1,3}', 'g') AS found
    ) ORDER BY number LIMIT levels
  ) AS used
$$;
REVOKE ALL ON FUNCTION housing.top_floor(integer, text) FROM PUBLIC;

-- A reader puts no room outside the floors its building is known to have. What was loaded stays.
CREATE OR REPLACE FUNCTION housing.stay_within_floors() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  house record;
  top integer;
BEGIN
  IF NOT core.is_reader() THEN
    RETURN NEW;
  END IF;
  SELECT levels, levels_below, skipped_floors INTO house
    FROM housing.building WHERE id = NEW.building_id;
  top := housing.top_floor(house.levels, house.skipped_floors);
  IF NEW.floor = 0 THEN
    RAISE EXCEPTION 'no such floor' USING ERRCODE = '23514',
      CONSTRAINT = 'dwelling_floor_building_check', HINT = 'there is no floor 0';
  ELSIF house.levels IS NOT NULL AND (
    NEW.floor > top OR NEW.floor < -coalesce(house.levels_below, 20)
  ) THEN
    RAISE EXCEPTION 'no such floor' USING ERRCODE = '23514',
      CONSTRAINT = 'dwelling_floor_building_check',
      HINT = format('the building has floors %s to %s', CASE WHEN coalesce(house.levels_below, 20) > 0
        THEN -coalesce(house.levels_below, 20) ELSE 1 END, top);
  END IF;
  RETURN NEW;
END $$;
DROP TRIGGER IF EXISTS stay_within_floors ON housing.dwelling;
CREATE TRIGGER stay_within_floors BEFORE INSERT OR UPDATE OF floor, building_id ON housing.dwelling
  FOR EACH ROW WHEN (NOT core.is_bulk()) EXECUTE FUNCTION housing.stay_within_floors();
