-- Who may see and change saved questions. Re-created whole on every upgrade, after the migrations.

REVOKE ALL ON analysis.saved_question FROM wangge_app;
GRANT SELECT, INSERT, DELETE ON analysis.saved_question TO wangge_app;
ALTER TABLE analysis.saved_question ENABLE ROW LEVEL SECURITY;

-- Shared in an area means: with who works in it, in a part of it, or in a whole it is part of.
DROP POLICY IF EXISTS saved_question_select ON analysis.saved_question;
CREATE POLICY saved_question_select ON analysis.saved_question FOR SELECT TO wangge_app
  USING (
    owner = current_setting('wangge.login', true)
    OR EXISTS (
      SELECT FROM unnest((SELECT core.scope('base:read'))) AS held
      WHERE shared_area LIKE held OR starts_with(held, shared_area)
    )
  );

DROP POLICY IF EXISTS saved_question_insert ON analysis.saved_question;
CREATE POLICY saved_question_insert ON analysis.saved_question FOR INSERT TO wangge_app
  WITH CHECK (
    owner = current_setting('wangge.login', true)
    AND (SELECT cardinality(core.scope('analysis:save')) > 0)
    AND (
      shared_area IS NULL OR shared_area LIKE ANY ((SELECT core.scope('analysis:save'))::text[])
    )
  );

-- Who has left an office leaves questions behind: whoever may share in an area may tidy it up.
DROP POLICY IF EXISTS saved_question_delete ON analysis.saved_question;
CREATE POLICY saved_question_delete ON analysis.saved_question FOR DELETE TO wangge_app
  USING (
    owner = current_setting('wangge.login', true)
    OR shared_area LIKE ANY ((SELECT core.scope('analysis:save'))::text[])
  );
