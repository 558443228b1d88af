-- What is asked of a service for elderly people. Re-created whole on every upgrade, after the
-- migrations.

-- Asked as whoever writes: a person or provider that may not be seen is told as one that is not there.
CREATE OR REPLACE FUNCTION people.check_elderly_service() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
  born date;
  offered boolean;
  refused text;
BEGIN
  -- The synthetic city has a today of its own.
  IF core.is_bulk() AND NEW.source = 'synthetic' THEN
    RETURN NEW;
  END IF;
  IF TG_OP = 'INSERT' THEN
    SELECT birth_date INTO born FROM people.person WHERE id = NEW.person_id;
    IF NOT FOUND AND core.is_reader() THEN
      RAISE EXCEPTION 'no such person' USING ERRCODE = '23503', SCHEMA = 'people',
        TABLE = 'elderly_service', CONSTRAINT = 'elderly_service_person_id_fkey';
    END IF;
    refused := CASE
      WHEN FOUND AND (born + interval '60 years' <= core.today()) IS NOT TRUE
        THEN 'elderly_service_age'
      -- A register that is loaded tells of what is over, too.
      WHEN NEW.state NOT IN ('requested', 'assigned') AND NOT core.is_bulk()
        THEN 'elderly_service_step' END;
  ELSE
    refused := CASE
      -- Merging two rows of one person, which the owner does, takes the services along.
      WHEN NEW.person_id <> OLD.person_id AND current_user = 'wangge_app'
        THEN 'elderly_service_person'
      WHEN NEW.state <> OLD.state AND NOT core.is_bulk() AND (OLD.state, NEW.state) NOT IN (
        ('requested', 'assigned'), ('requested', 'cancelled'), ('assigned', 'requested'),
        ('assigned', 'done'), ('assigned', 'cancelled')
      ) THEN 'elderly_service_step' END;
  END IF;
  refused := coalesce(refused, CASE
    WHEN NEW.requested_on > core.today() THEN 'elderly_service_requested_day'
    WHEN NEW.done_on > core.today() THEN 'elderly_service_done_future'
    WHEN NEW.follow_up_on > core.today() THEN 'elderly_service_follow_up_future' END);
  IF refused IS NULL AND NEW.provider_id IS NOT NULL AND (
    TG_OP = 'INSERT' OR (NEW.provider_id, NEW.kind) IS DISTINCT FROM (OLD.provider_id, OLD.kind)
  ) THEN
    SELECT (to_jsonb(p) ->> ('offers_' || NEW.kind))::boolean INTO offered
    FROM people.service_provider AS p WHERE p.id = NEW.provider_id;
    IF NOT FOUND AND core.is_reader() THEN
      RAISE EXCEPTION 'no such provider' USING ERRCODE = '23503', SCHEMA = 'people',
        TABLE = 'elderly_service', CONSTRAINT = 'elderly_service_provider_id_fkey';
    END IF;
    refused := CASE WHEN FOUND AND offered IS NOT TRUE THEN 'elderly_service_offer' END;
  END IF;
  IF refused IS NOT NULL THEN
    RAISE EXCEPTION 'not so for a service: %', refused USING ERRCODE = '23514', SCHEMA = 'people',
      TABLE = 'elderly_service', CONSTRAINT = refused;
  END IF;
  RETURN NEW;
END $$;
DROP TRIGGER IF EXISTS check_elderly_service ON people.elderly_service;
CREATE TRIGGER check_elderly_service BEFORE INSERT OR UPDATE ON people.elderly_service
  FOR EACH ROW EXECUTE FUNCTION people.check_elderly_service();
