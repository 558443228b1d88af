"""OGC APIs under `/ogc`: pygeoapi is the protocol shell, features come straight from PostGIS."""
