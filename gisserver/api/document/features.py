"""Features of any layer."""

from __future__ import annotations

from gisserver.api.document.operation import (
    AREA,
    GEOJSON,
    LIMIT,
    ONE,
    VERSION,
    WRITE,
    Operation,
    Parameter,
)
from gisserver.api.document.shapes import (
    ANY,
    FLAG,
    MOMENT,
    TEXT,
    WHOLE,
    Schema,
    by_name,
    many,
    or_null,
    ref,
    thing,
)

_FEATURES = "/api/layers/{name}/features"
_FEATURE = "/api/layers/{name}/features/{feature_id}"

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "get",
        _FEATURES,
        "findFeatures",
        "features",
        "Rows of a layer in scope; any property of the layer is a parameter",
        parameters=(
            Parameter("bbox", description="west,south,east,north in degrees (CRS84)"),
            AREA,
            LIMIT,
            Parameter("after", "integer", "Only rows after this id; `next` of the page before"),
            Parameter("datetime", description="An instant, or start/end with .. for open"),
            Parameter("count", "boolean", "Also how many rows there are in all"),
            Parameter("properties", description="Equality by property", is_free=True),
        ),
        answer="FeatureCollection",
        media_type=GEOJSON,
        problems=ONE,
    ),
    Operation(
        "post",
        _FEATURES,
        "createFeature",
        "features",
        "Create a row",
        body="NewFeature",
        answer="Feature",
        status=201,
        media_type=GEOJSON,
        problems=WRITE,
    ),
    Operation(
        "get",
        _FEATURE,
        "feature",
        "features",
        "One row",
        answer="Feature",
        media_type=GEOJSON,
        problems=ONE,
    ),
    Operation(
        "patch",
        _FEATURE,
        "updateFeature",
        "features",
        "Change some properties or the geometry",
        body="FeatureChange",
        answer="Feature",
        media_type=GEOJSON,
        problems=WRITE,
    ),
    Operation(
        "put",
        _FEATURE,
        "replaceFeature",
        "features",
        "Replace a row: what is left out becomes empty",
        body="FeatureChange",
        answer="Feature",
        media_type=GEOJSON,
        problems=WRITE,
    ),
    Operation(
        "delete",
        _FEATURE,
        "deleteFeature",
        "features",
        "Delete a row",
        parameters=(VERSION,),
        status=204,
        problems=WRITE,
    ),
    Operation(
        "get",
        _FEATURE + "/history",
        "history",
        "features",
        "Changes of a row, newest first",
        parameters=(LIMIT,),
        answer="HistoryEntry[]",
        problems=ONE,
    ),
    Operation(
        "get",
        "/api/layers/{name}/schema",
        "layerSchema",
        "features",
        "JSON Schema of a layer's rows",
        answer="Any",
        media_type="application/schema+json",
        problems=ONE,
    ),
)

_GEOMETRY = {"type": "object", "description": "GeoJSON geometry in CRS84 (RFC 7946)"}

SCHEMAS: dict[str, Schema] = {
    "Feature": thing(
        {"editable": FLAG, "proposable": FLAG},
        type={"const": "Feature"},
        id=WHOLE,
        geometry=or_null(_GEOMETRY),
        properties=by_name(ANY),
    ),
    "NewFeature": thing(
        {"geometry": or_null(_GEOMETRY), "reason": TEXT},
        type={"const": "Feature"},
        properties=by_name(ANY),
    ),
    "FeatureChange": thing(
        {
            "type": {"const": "Feature"},
            "geometry": or_null(_GEOMETRY),
            "properties": by_name(ANY),
            "row_version": WHOLE,
            "reason": TEXT,
        }
    ),
    "FeatureCollection": thing(
        {"numberMatched": WHOLE},
        type={"const": "FeatureCollection"},
        numberReturned=WHOLE,
        next=or_null(TEXT),
        features=many(ref("Feature")),
    ),
    "HistoryEntry": thing(
        id=WHOLE,
        at=MOMENT,
        actor=or_null(TEXT),
        action=TEXT,
        reason=or_null(TEXT),
        row_version=or_null(WHOLE),
        differences=many(thing(field=TEXT, before=ANY, after=ANY)),
    ),
}
