-- The flow record and the one way to move a case. Re-created whole on every upgrade.

-- Whoever may see the incident may see its steps; nobody but record_step writes any.
GRANT SELECT ON incidents.step TO wangge_app;
ALTER TABLE incidents.step ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS step_select ON incidents.step;
CREATE POLICY step_select ON incidents.step FOR SELECT TO wangge_app
  USING (EXISTS (SELECT FROM incidents.incident AS i WHERE i.id = incident_id));

-- Takes a step for the reader: id of its row, or null when the incident has moved on since
-- `based_on`. The rules of the flow are those of `incidents.step_rule()`, written from
-- workflow.py, whatever the caller says; `put` holds columns of the incident by name.
CREATE OR REPLACE FUNCTION incidents.record_step(
  case_id bigint, based_on integer, step_name text, next_state text, acting_role text,
  acting_staff bigint, why text, given jsonb, put jsonb
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  held incidents.incident%ROWTYPE;
  moved incidents.incident%ROWTYPE;
  who text := nullif(current_setting('wangge.login', true), '');
  step_id bigint;
BEGIN
  SELECT * INTO held FROM incidents.incident WHERE id = case_id FOR UPDATE;
  IF held.id IS NULL OR held.row_version <> based_on THEN
    RETURN NULL;
  END IF;
  IF NOT EXISTS (
    SELECT FROM incidents.step_rule() AS rule
    WHERE rule.step = step_name AND rule.from_state = held.state AND rule.to_state = next_state
      AND (NOT core.is_reader() OR held.area_code LIKE ANY (core.scope(rule.needed_right)))
  ) OR (core.is_reader() AND NOT held.area_code LIKE ANY (core.scope('incidents:read'))) THEN
    RAISE EXCEPTION 'the step is not open to the reader' USING ERRCODE = '42501';
  END IF;
  PERFORM set_config('wangge.reason', coalesce(why, ''), true);
  moved := jsonb_populate_record(held, put);
  UPDATE incidents.incident SET
    state = next_state, condition = moved.condition, unit_id = moved.unit_id,
    handler_id = moved.handler_id, accepted_at = moved.accepted_at,
    registered_at = moved.registered_at, registered_by = moved.registered_by,
    dispatched_at = moved.dispatched_at, received_at = moved.received_at,
    arrived_at = moved.arrived_at, handled_at = moved.handled_at, checked_at = moved.checked_at,
    check_passed = moved.check_passed, closed_at = moved.closed_at, closing = moved.closing,
    closing_condition = moved.closing_condition, archived_at = moved.archived_at,
    satisfaction = moved.satisfaction, supervision = moved.supervision,
    warn_at = moved.warn_at, due_at = moved.due_at, paused_at = moved.paused_at, pauses = moved.pauses,
    extension_days = moved.extension_days, extended_days = moved.extended_days,
    extension_count = moved.extension_count, rework_count = moved.rework_count,
    return_count = moved.return_count
  WHERE id = case_id;
  INSERT INTO incidents.step (
    incident_id, step, from_state, to_state, login, actor, role, staff_id, unit_id, reason, inputs
  ) VALUES (
    case_id, step_name, held.state, next_state, who,
    (SELECT display_name FROM organisation.account WHERE login = who), acting_role,
    acting_staff, coalesce(moved.unit_id, held.unit_id), why, given
  ) RETURNING id INTO step_id;
  RETURN step_id;
END $$;

-- Every case begins with the step of its report.
CREATE OR REPLACE FUNCTION incidents.record_report() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO incidents.step (incident_id, at, step, to_state, login, actor, staff_id)
  SELECT NEW.id, NEW.reported_at, 'report', NEW.state, NEW.reported_by, account.display_name,
    account.staff_id
  FROM (VALUES (NEW.reported_by)) AS given (login)
  LEFT JOIN organisation.account USING (login);
  RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS record_report ON incidents.incident;
CREATE TRIGGER record_report AFTER INSERT ON incidents.incident FOR EACH ROW
  WHEN (NOT core.is_bulk()) EXECUTE FUNCTION incidents.record_report();

-- A registered case is closed, never deleted, and an archived one stays as it is. Not a definer's
-- function: the flow itself comes as the owner.
CREATE OR REPLACE FUNCTION incidents.keep_case() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF current_user = 'wangge_app' AND OLD.registered_at IS NOT NULL THEN
      RAISE EXCEPTION 'a registered case is closed, not deleted' USING ERRCODE = '42501';
    END IF;
    RETURN OLD;
  END IF;
  IF current_user = 'wangge_app' AND OLD.state = 'archived' THEN
    RAISE EXCEPTION 'an archived case stays as it is' USING ERRCODE = '42501';
  END IF;
  RETURN NEW;
END $$;

DROP TRIGGER IF EXISTS keep_case ON incidents.incident;
CREATE TRIGGER keep_case BEFORE UPDATE OR DELETE ON incidents.incident FOR EACH ROW
  EXECUTE FUNCTION incidents.keep_case();

-- Functions are open to everybody when they are made; readers get the one they need.
REVOKE ALL ON FUNCTION
  incidents.record_step(bigint, integer, text, text, text, bigint, text, jsonb, jsonb)
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
  incidents.record_step(bigint, integer, text, text, text, bigint, text, jsonb, jsonb)
  TO wangge_app;
