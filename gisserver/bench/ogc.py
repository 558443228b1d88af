"""What GIS clients ask of OGC API Features, beside the bare SQL of the same questions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from shapely.geometry import shape
from sqlalchemy import Engine, text

from gisserver.bench import people
from gisserver.bench.bare import Statements
from gisserver.bench.figures import Comparison, Goal
from gisserver.bench.questions import Bench
from layers.catalogue import layer_by_name

ITEMS = "/ogc/collections/buildings/items"
PREFIX = "OGC "
BOX = f"{PREFIX}items in a box of 2.6 km², 1,000 at most"
SINGLE = 200
PAGES = 100
# Half of 1.6 km at 31 to 34 degrees north.
HALF_WIDTH, HALF_HEIGHT = 0.0087, 0.0072

_LAYER = layer_by_name("buildings")
_PROPERTIES = ", ".join(f"'{name}', t.\"{name}\"" for name in (*_LAYER.fields, "row_version"))
_FEATURE = (
    "json_build_object('type', 'Feature', 'id', t.id, 'geometry', "
    f"ST_AsGeoJSON(t.geom, 7)::json, 'properties', json_build_object({_PROPERTIES}))::text"
)
_ROWS = "FROM housing.building AS t WHERE"
_COUNT = "SELECT count(*) FROM housing.building"
_AFTER = f"SELECT t.id, {_FEATURE} {_ROWS} t.id > %(after)s ORDER BY t.id LIMIT 11"
_ONE = f"SELECT {_FEATURE} {_ROWS} t.id = %(id)s"
_WITHIN = "t.geom && {box} AND ST_Intersects(t.geom, {box})"
_ENVELOPE = "ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)"
_CONDITION = _WITHIN.format(box=_ENVELOPE)
_NARROW = f"t.levels > 5 AND t.usage = 'B1' AND {_CONDITION}"
_FILTER = "levels > 5 AND usage = 'B1' AND S_INTERSECTS(geom, BBOX({west},{south},{east},{north}))"


def ogc(engine: Engine, bench: Bench) -> list[Comparison]:
    """First pages, single features, deep pages by link, boxes and filters of buildings."""
    ids = _ids(engine)
    boxes = [_box(polygon) for polygon in people.polygons(engine)]
    first: list[Statements] = [[(_AFTER, {"after": 0}), (_COUNT, {})]] * PAGES
    deep: list[Statements] = [[(_AFTER, {"after": number})] for number in ids]
    single: list[Statements] = [[(_ONE, {"id": number})] for number in ids]
    return [
        bench.compare(f"{PREFIX}first page of 10, counted", first, [f"{ITEMS}?limit=10"] * PAGES),
        bench.compare(
            f"{PREFIX}deep page of 10 by its link",
            deep,
            [f"{ITEMS}?limit=10&after={number}" for number in ids],
        ),
        bench.compare(f"{PREFIX}one item", single, [f"{ITEMS}/{number}" for number in ids]),
        bench.compare(BOX, [_counted(_CONDITION, box) for box in boxes], [_path(b) for b in boxes]),
        bench.compare(
            f"{PREFIX}CQL2 of two attributes and a box",
            [_counted(_NARROW, box) for box in boxes],
            [_path({}, _FILTER.format(**box)) for box in boxes],
        ),
    ]


def goals(found: Sequence[Comparison]) -> list[Goal]:
    """What is promised of them."""
    box = next(each for each in found if each.title == BOX)
    return [Goal(f"{BOX}, against bare SQL, p50", box.ratio, 1.4, "×", is_ceiling=True)]


def _ids(engine: Engine) -> list[int]:
    statement = text("SELECT id FROM housing.building ORDER BY md5(id::text) LIMIT :n")
    with engine.begin() as connection:
        return [int(number) for number in connection.execute(statement, {"n": SINGLE}).scalars()]


def _box(polygon: dict[str, Any]) -> dict[str, float]:
    middle = shape(polygon).centroid
    return {
        "west": middle.x - HALF_WIDTH,
        "south": middle.y - HALF_HEIGHT,
        "east": middle.x + HALF_WIDTH,
        "north": middle.y + HALF_HEIGHT,
    }


def _counted(condition: str, box: dict[str, float]) -> Statements:
    page = f"SELECT t.id, {_FEATURE} {_ROWS} {condition} ORDER BY t.id LIMIT 1001"
    return [(page, box), (f"SELECT count(*) {_ROWS} {condition}", box)]


def _path(box: dict[str, float], condition: str = "") -> str:
    if condition:
        return f"{ITEMS}?limit=1000&filter={quote(condition)}"
    return f"{ITEMS}?limit=1000&bbox={','.join(str(each) for each in box.values())}"
