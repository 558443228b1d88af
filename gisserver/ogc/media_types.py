"""Media types of answers, by the word that `f` names them with."""

from gisserver.ogc.relations import SCHEMA_TYPE

JSON = "application/json"
GEOJSON = "application/geo+json"
DOCUMENT_FORMS = {"json": JSON, "html": "text/html"}
SCHEMA_FORMS = {**DOCUMENT_FORMS, "json": SCHEMA_TYPE}
FEATURE_FORMS = {"json": GEOJSON, "html": "text/html"}
