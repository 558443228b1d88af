-- Where nobody moves in. Re-created whole on every upgrade, after the migrations.

-- A reader lets nobody move into a room or a house that is no more.
CREATE OR REPLACE FUNCTION people.live_where_one_can() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  gone text;
BEGIN
  IF NOT core.is_reader() OR NEW.valid_to IS NOT NULL THEN
    RETURN NEW;
  END IF;
  SELECT CASE
      WHEN d.state = 'demolished' OR b.valid_to <= core.today() THEN 'it is demolished'
      WHEN d.valid_to <= core.today() THEN 'the room is retired since ' || d.valid_to
    END INTO gone
    FROM housing.dwelling AS d JOIN housing.building AS b ON b.id = d.building_id
    WHERE d.id = NEW.dwelling_id;
  IF gone IS NOT NULL THEN
    RAISE EXCEPTION 'nobody lives there any more' USING ERRCODE = '23514',
      CONSTRAINT = 'residence_dwelling_id_standing_check', HINT = gone;
  END IF;
  RETURN NEW;
END $$;
DROP TRIGGER IF EXISTS live_where_one_can ON people.residence;
CREATE TRIGGER live_where_one_can BEFORE INSERT OR UPDATE OF dwelling_id ON people.residence
  FOR EACH ROW WHEN (NOT core.is_bulk()) EXECUTE FUNCTION people.live_where_one_can();
