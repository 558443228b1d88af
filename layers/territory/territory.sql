-- Plans of grids: what is kept beside their layer. Re-created whole on every upgrade.

REVOKE ALL ON territory.plan_operation, territory.plan_grid, territory.grid_lineage,
  territory.rehomed FROM wangge_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON territory.plan_operation, territory.plan_grid TO wangge_app;
GRANT SELECT ON territory.grid_lineage, territory.rehomed TO wangge_app;
-- What no form sets, but those who draw do step by step; decisions are no reader's to write.
GRANT INSERT (title, author) ON territory.plan TO wangge_app;
GRANT UPDATE (state, reason, effective_on, submitted_by, submitted_at, position)
  ON territory.plan TO wangge_app;

ALTER TABLE territory.plan_operation ENABLE ROW LEVEL SECURITY;
ALTER TABLE territory.plan_grid ENABLE ROW LEVEL SECURITY;
ALTER TABLE territory.grid_lineage ENABLE ROW LEVEL SECURITY;
ALTER TABLE territory.rehomed ENABLE ROW LEVEL SECURITY;

-- Pieces and operations are seen with their plan and changed by those who may change it, in a draft.
CREATE OR REPLACE FUNCTION territory.is_own_draft(asked bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT EXISTS (
    SELECT FROM territory.plan WHERE id = asked AND state = 'draft'
      AND area_code LIKE ANY (core.scope('territory:write'))
  )
$$;

DROP POLICY IF EXISTS plan_operation_select ON territory.plan_operation;
CREATE POLICY plan_operation_select ON territory.plan_operation FOR SELECT TO wangge_app
  USING (EXISTS (SELECT FROM territory.plan WHERE id = plan_id));
DROP POLICY IF EXISTS plan_operation_write ON territory.plan_operation;
CREATE POLICY plan_operation_write ON territory.plan_operation FOR ALL TO wangge_app
  USING (territory.is_own_draft(plan_id)) WITH CHECK (territory.is_own_draft(plan_id));

DROP POLICY IF EXISTS plan_grid_select ON territory.plan_grid;
CREATE POLICY plan_grid_select ON territory.plan_grid FOR SELECT TO wangge_app
  USING (EXISTS (SELECT FROM territory.plan WHERE id = plan_id));
DROP POLICY IF EXISTS plan_grid_write ON territory.plan_grid;
CREATE POLICY plan_grid_write ON territory.plan_grid FOR ALL TO wangge_app
  USING (territory.is_own_draft(plan_id)) WITH CHECK (territory.is_own_draft(plan_id));

-- Lineage is seen by who sees one of the grids, rehomed rows by who could read them where they were.
DROP POLICY IF EXISTS grid_lineage_select ON territory.grid_lineage;
CREATE POLICY grid_lineage_select ON territory.grid_lineage FOR SELECT TO wangge_app
  USING (EXISTS (SELECT FROM territory.grid WHERE id IN (old_id, new_id)));
DROP POLICY IF EXISTS rehomed_select ON territory.rehomed;
CREATE POLICY rehomed_select ON territory.rehomed FOR SELECT TO wangge_app
  USING (from_code LIKE ANY (core.scope(read_right)));

-- A plan is discarded, never deleted. A decision is made by the owner of the tables, after the
-- right to it was checked.
CREATE OR REPLACE FUNCTION territory.guard_plan() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  IF NOT core.is_reader() THEN
    RETURN coalesce(NEW, OLD);
  END IF;
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'plans are discarded, not deleted' USING ERRCODE = '42501';
  ELSIF NEW.state IN ('approved', 'in_force') OR OLD.state IN ('in_force', 'discarded') THEN
    RAISE EXCEPTION 'decisions are made by approval' USING ERRCODE = '42501';
  END IF;
  RETURN NEW;
END $$;
DROP TRIGGER IF EXISTS guard_plan ON territory.plan;
CREATE TRIGGER guard_plan BEFORE UPDATE OR DELETE ON territory.plan
  FOR EACH ROW EXECUTE FUNCTION territory.guard_plan();
