-- Terrain is no personal data: who reads the basemap anywhere reads all of it. Loading is bulk work
-- of the owner. Re-created whole on every upgrade.

REVOKE ALL ON territory.terrain, territory.terrain_tile FROM wangge_app;
GRANT SELECT ON territory.terrain, territory.terrain_tile TO wangge_app;
ALTER TABLE territory.terrain ENABLE ROW LEVEL SECURITY;
ALTER TABLE territory.terrain_tile ENABLE ROW LEVEL SECURITY;

DROP POLICY IF EXISTS terrain_select ON territory.terrain;
CREATE POLICY terrain_select ON territory.terrain FOR SELECT TO wangge_app
  USING ((SELECT cardinality(core.scope('base:read')) > 0));
DROP POLICY IF EXISTS terrain_tile_select ON territory.terrain_tile;
CREATE POLICY terrain_tile_select ON territory.terrain_tile FOR SELECT TO wangge_app
  USING ((SELECT cardinality(core.scope('base:read')) > 0));
