"""Heat of places and hot zones."""

from __future__ import annotations

from gisserver.api.document.operation import (
    AREA,
    GEOJSON,
    LAT,
    LIMIT,
    LON,
    ONE,
    READ,
    Operation,
    Parameter,
)
from gisserver.api.document.shapes import (
    FLAG,
    MOMENT,
    NUMBER,
    TEXT,
    WHOLE,
    Schema,
    by_name,
    many,
    or_null,
    thing,
)
from layers.analysis.heat.surface import RADIUS
from layers.analysis.heat.zones import LEAST_INCIDENTS, REACH

_PLACES = (
    Parameter("datetime", description="start/end, the end not included; .. for open"),
    AREA,
    Parameter("bbox", description="west,south,east,north in degrees (CRS84)"),
    Parameter(
        "properties",
        description="Equality by property; codes several by comma, each with all below it",
        is_free=True,
        example="category",
    ),
)
_SURFACE = (
    Parameter("layer", description="Whose places: incidents unless told", example="incidents"),
    Parameter(
        "radius",
        "number",
        "Reach of a place in metres",
        minimum=RADIUS[0],
        maximum=RADIUS[1],
        is_required=True,
    ),
    Parameter("weight", description="A numeric property of the layer; of buildings also residents"),
    Parameter("step", description="Frames of an hour, day, week or month", example="day"),
    *_PLACES,
)
_ZONES = (
    Parameter(
        "reach",
        "number",
        "How near neighbours are, in metres (DBSCAN eps)",
        minimum=REACH[0],
        maximum=REACH[1],
        is_required=True,
    ),
    Parameter(
        "least",
        "integer",
        "Incidents within reach that make a zone (DBSCAN minPoints)",
        minimum=LEAST_INCIDENTS[0],
        maximum=LEAST_INCIDENTS[1],
        is_required=True,
    ),
    *_PLACES,
)
_AFTER = Parameter("after", "integer", "Only rows after this id; `next` of the page before")
_BEFORE = Parameter("before", "boolean", "Those of the time of the same length before")

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "get",
        "/api/heat",
        "heat",
        "heat",
        "Kernel density of places, one surface a frame; persons in whole fives only",
        parameters=_SURFACE,
        answer="Heat",
        problems=READ,
    ),
    Operation(
        "get",
        "/api/heat.tif",
        "heatRaster",
        "heat",
        "The same as a GeoTIFF, a band a frame; needs data:export, written to the audit log",
        parameters=(
            Parameter(
                "crs",
                description="EPSG:3857, EPSG:4490 or local (the three-degree CGCS2000 zone)",
                is_required=True,
            ),
            *_SURFACE,
        ),
        media_type="image/tiff; application=geotiff",
        answer="Raster",
        problems=ONE,
    ),
    Operation(
        "get",
        "/api/heat/rows",
        "heatRows",
        "heat",
        "Places within the radius of a point; not of persons",
        parameters=(LON, LAT, *_SURFACE, LIMIT, _AFTER),
        answer="FeatureCollection",
        media_type=GEOJSON,
        problems=READ,
    ),
    Operation(
        "get",
        "/api/heat/zones",
        "hotZones",
        "heat",
        "Hot zones of incidents by DBSCAN, with rate and change against the time before",
        parameters=_ZONES,
        answer="HotZones",
        media_type=GEOJSON,
        problems=READ,
    ),
    Operation(
        "get",
        "/api/heat/zones/rows",
        "hotZoneRows",
        "heat",
        "Incidents of one of the zones that the same parameters find",
        parameters=(
            Parameter("zone", "integer", "Number of the zone", minimum=1, is_required=True),
            _BEFORE,
            *_ZONES,
            LIMIT,
            _AFTER,
        ),
        answer="FeatureCollection",
        media_type=GEOJSON,
        problems=ONE,
    ),
    Operation(
        "post",
        "/api/heat/zones",
        "keepHotZones",
        "heat",
        "Keep the zones as features of the layer hot_zones; needs analysis:save",
        body="HotZonesToKeep",
        answer="HotZonesKept",
        status=201,
        problems=READ,
    ),
    Operation(
        "get",
        "/api/heat/zones/{zone_id}/rows",
        "keptZoneRows",
        "heat",
        "Incidents that were counted in a kept zone",
        parameters=(_BEFORE, LIMIT, _AFTER),
        answer="FeatureCollection",
        media_type=GEOJSON,
        problems=ONE,
    ),
)

_FRAME = thing(
    {},
    **{"from": or_null(MOMENT)},
    to=or_null(MOMENT),
    count=WHOLE,
    weight=NUMBER,
    runs=many(WHOLE) | {"description": "Row, first column and length of each run of cells"},
    values=many(WHOLE) | {"description": "Values of the cells of all runs, times `unit`"},
)
_GRID = thing(
    level=WHOLE,
    column=WHOLE,
    row=WHOLE,
    columns=WHOLE,
    rows=WHOLE,
    cell_width=NUMBER,
    cell_height=NUMBER,
    bounds=many(NUMBER),
)

SCHEMAS: dict[str, Schema] = {
    "Heat": thing(
        layer=TEXT,
        radius=NUMBER,
        weight=or_null(TEXT),
        per_days=or_null(WHOLE),
        least_persons=or_null(WHOLE),
        unit=NUMBER,
        maximum=NUMBER,
        breaks=many(NUMBER),
        grid=or_null(_GRID)
        | {"description": "Cells are web map tiles of the zoom `level`; rows count from north"},
        frames=many(_FRAME),
    ),
    "Raster": {"type": "string", "format": "binary"},
    "HotZones": thing(
        type={"const": "FeatureCollection"},
        features=many(
            thing(
                type={"const": "Feature"},
                id=WHOLE,
                geometry={"type": "object", "description": "GeoJSON MultiPolygon in CRS84"},
                properties=thing(
                    number=WHOLE,
                    incidents=WHOLE,
                    incidents_before=WHOLE,
                    change=or_null(NUMBER),
                    is_significant=FLAG,
                    residents=or_null(WHOLE),
                    rate=or_null(NUMBER),
                    ground=NUMBER,
                    categories=many(thing(code=TEXT, count=WHOLE)),
                    area_code=TEXT,
                ),
            )
        ),
    ),
    "HotZonesToKeep": thing(
        {"area": TEXT, "bbox": TEXT, "where": by_name(many(TEXT))},
        name=TEXT | {"minLength": 1, "maxLength": 100},
        datetime=TEXT,
        reach=NUMBER,
        least=WHOLE,
    ),
    "HotZonesKept": thing(ids=many(WHOLE)),
}
