-- Who may see and change other names of places and matches under review. Re-created on every upgrade.

REVOKE ALL ON housing.address_alias, housing.address_review FROM wangge_app;
GRANT SELECT, INSERT, DELETE ON housing.address_alias TO wangge_app;
GRANT SELECT, INSERT ON housing.address_review TO wangge_app;
GRANT UPDATE (state, building_id, dwelling_id, decided_by, decided_at)
  ON housing.address_review TO wangge_app;
ALTER TABLE housing.address_alias ENABLE ROW LEVEL SECURITY;
ALTER TABLE housing.address_review ENABLE ROW LEVEL SECURITY;

-- A name used in a whole district is used in each of its communities.
DROP POLICY IF EXISTS address_alias_select ON housing.address_alias;
CREATE POLICY address_alias_select ON housing.address_alias FOR SELECT TO wangge_app
  USING (
    EXISTS (
      SELECT FROM unnest((SELECT core.scope('base:read'))) AS held
      WHERE area_code LIKE held OR starts_with(held, area_code)
    )
  );

DROP POLICY IF EXISTS address_alias_insert ON housing.address_alias;
CREATE POLICY address_alias_insert ON housing.address_alias FOR INSERT TO wangge_app
  WITH CHECK (area_code LIKE ANY ((SELECT core.scope('housing:write'))::text[]));

DROP POLICY IF EXISTS address_alias_delete ON housing.address_alias;
CREATE POLICY address_alias_delete ON housing.address_alias FOR DELETE TO wangge_app
  USING (area_code LIKE ANY ((SELECT core.scope('housing:write'))::text[]));

DROP POLICY IF EXISTS address_review_select ON housing.address_review;
CREATE POLICY address_review_select ON housing.address_review FOR SELECT TO wangge_app
  USING (area_code LIKE ANY ((SELECT core.scope('housing:read'))::text[]));

DROP POLICY IF EXISTS address_review_insert ON housing.address_review;
CREATE POLICY address_review_insert ON housing.address_review FOR INSERT TO wangge_app
  WITH CHECK (area_code LIKE ANY ((SELECT core.scope('housing:write'))::text[]));

DROP POLICY IF EXISTS address_review_update ON housing.address_review;
CREATE POLICY address_review_update ON housing.address_review FOR UPDATE TO wangge_app
  USING (area_code LIKE ANY ((SELECT core.scope('housing:write'))::text[]))
  WITH CHECK (area_code LIKE ANY ((SELECT core.scope('housing:write'))::text[]));
