-- Who sees and who decides on proposals. Re-created whole on every upgrade, after the migrations.

REVOKE ALL ON people.proposal FROM wangge_app;
GRANT SELECT (id, layer, feature_id, operation, "values", before, base_version, area_code, state,
  reason, proposed_by, proposed_at, decision, decided_by, decided_at, correction, replaces, also)
  ON people.proposal TO wangge_app;
GRANT INSERT (layer, feature_id, operation, "values", sealed, before, base_version, area_code,
  reason, proposed_by, replaces, also) ON people.proposal TO wangge_app;
GRANT UPDATE (feature_id, sealed, state, decision, decided_by, decided_at, correction)
  ON people.proposal TO wangge_app;
ALTER TABLE people.proposal ENABLE ROW LEVEL SECURITY;

-- Whoever handed it in sees it, and whoever could write what it is about.
DROP POLICY IF EXISTS proposal_select ON people.proposal;
CREATE POLICY proposal_select ON people.proposal FOR SELECT TO wangge_app
  USING (
    proposed_by = current_setting('wangge.login', true)
    OR (layer IN ('persons', 'residences')
      AND area_code LIKE ANY ((SELECT core.scope('people:write'))::text[]))
    OR (layer IN ('dwellings', 'rentals')
      AND area_code LIKE ANY ((SELECT core.scope('housing:write'))::text[]))
  );

DROP POLICY IF EXISTS proposal_insert ON people.proposal;
CREATE POLICY proposal_insert ON people.proposal FOR INSERT TO wangge_app
  WITH CHECK (
    proposed_by = current_setting('wangge.login', true)
    AND ((layer IN ('persons', 'residences')
        AND area_code LIKE ANY ((SELECT core.scope('people:propose'))::text[]))
      OR (layer IN ('dwellings', 'rentals')
        AND area_code LIKE ANY ((SELECT core.scope('housing:propose'))::text[])))
  );

DROP POLICY IF EXISTS proposal_update ON people.proposal;
CREATE POLICY proposal_update ON people.proposal FOR UPDATE TO wangge_app
  USING (
    proposed_by = current_setting('wangge.login', true)
    OR (layer IN ('persons', 'residences')
      AND area_code LIKE ANY ((SELECT core.scope('people:write'))::text[]))
    OR (layer IN ('dwellings', 'rentals')
      AND area_code LIKE ANY ((SELECT core.scope('housing:write'))::text[]))
  );

-- The states again, for a writer beside our rules: own proposals are taken back, never decided on.
CREATE OR REPLACE FUNCTION people.guard_proposal() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
  asker text := current_setting('wangge.login', true);
  is_own boolean := OLD.proposed_by = asker;
BEGIN
  -- What is pointed to a merged person's survivor is so by people.merge_persons, not by the reader.
  IF NOT core.is_reader() OR current_user <> 'wangge_app' THEN
    RETURN NEW;
  END IF;
  IF NOT (CASE NEW.state
    WHEN 'accepted' THEN OLD.state = 'pending' AND NOT is_own AND NEW.decided_by = asker
    WHEN 'returned' THEN OLD.state = 'pending' AND NOT is_own AND NEW.decided_by = asker
    WHEN 'withdrawn' THEN OLD.state = 'pending' AND is_own
    WHEN 'superseded' THEN OLD.state IN ('pending', 'returned') AND is_own
    ELSE FALSE
  END) THEN
    RAISE EXCEPTION 'no such step of a proposal' USING ERRCODE = '42501';
  END IF;
  RETURN NEW;
END $$;
DROP TRIGGER IF EXISTS guard_proposal ON people.proposal;
CREATE TRIGGER guard_proposal BEFORE UPDATE ON people.proposal
  FOR EACH ROW EXECUTE FUNCTION people.guard_proposal();

-- The ciphers of an open proposal, for who decides on it or hands it in anew. The server opens them
-- to write them; nobody is shown them.
CREATE OR REPLACE FUNCTION people.sealed_of(asked bigint) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT sealed FROM people.proposal
  WHERE id = asked AND state IN ('pending', 'returned') AND (
    proposed_by = current_setting('wangge.login', true)
    OR area_code LIKE ANY (core.scope(
      CASE WHEN layer IN ('persons', 'residences') THEN 'people:write' ELSE 'housing:write' END
    ))
  )
$$;
REVOKE ALL ON FUNCTION people.sealed_of(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION people.sealed_of(bigint) TO wangge_app;

-- Told like a change of a layer, ids and states only, so that open lists are read anew.
CREATE OR REPLACE FUNCTION people.record_proposal() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  entry core.history%ROWTYPE;
BEGIN
  IF core.is_bulk() THEN
    RETURN NULL;
  END IF;
  PERFORM pg_advisory_xact_lock(7260001);
  INSERT INTO core.history (
    layer, feature_id, action, area_code, read_right, is_public, actor, before, after
  ) VALUES (
    'proposals', NEW.id, CASE TG_OP WHEN 'INSERT' THEN 'create' ELSE 'update' END, NEW.area_code,
    CASE WHEN NEW.layer IN ('persons', 'residences') THEN 'people:write' ELSE 'housing:write' END,
    FALSE, nullif(current_setting('wangge.login', true), ''),
    CASE TG_OP WHEN 'UPDATE' THEN jsonb_build_object('state', OLD.state) END,
    jsonb_build_object('state', NEW.state)
  ) RETURNING * INTO entry;
  PERFORM core.notify_change(entry);
  RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS record_proposal ON people.proposal;
CREATE TRIGGER record_proposal AFTER INSERT OR UPDATE ON people.proposal
  FOR EACH ROW EXECUTE FUNCTION people.record_proposal();
