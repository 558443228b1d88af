"""Media types of answers, by the word that `f` names them with."""

JSON = "application/json"
GEOJSON = "application/geo+json"
DOCUMENT_FORMS = {"json": JSON, "html": "text/html"}
FEATURE_FORMS = {"json": GEOJSON, "html": "text/html"}
