"""Every address that can be read is asked for foreign rows, also those that are yet to come.

The routes come from the app itself, their parameters from the API's own document, so that a new
one is tried without a line here. `test_scope` tries the same surfaces one by one and writes too.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from itertools import product
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from werkzeug.routing import Rule

from gisserver.api.document import OPERATIONS
from gisserver.api.document.operation import Parameter
from layers.catalogue import LAYERS
from layers.core.rights import Role
from layers.core.tile_matrix import TILE_MATRIX_SETS
from tests.builders.two_sides import EAST, NAMES, PHONES, SIDES, TwoSides, at, build_two_sides
from tests.gisserver.conftest import signed_in
from tests.gisserver.test_scope import BOTH, tiles_over_both
from tests.gisserver.town import PASSWORD, add_account

# Parks, ponds and roads are for everybody; these are the texts of all other rows of a side.
MARKS = ("社区{}", "网格{}", "云溪花园{}区", "小学{}", "避难场所{}", "摄像机{}", "公司{}",
         "为老中心{}",
         "工作站{}", "网格员{}", "虚A0000{}", "路灯不亮{}", "号云溪花园{}幢")  # fmt: skip
STREAMS = ("/live", "/api/walls/<code>/stream")  # never end; test_live and test_walls read them
TILE_ARGUMENTS = ("z", "x", "y", "matrix_set", "level", "row", "column")
LIST_NAME = re.compile(r'"name": ?"(\w+)"')


@pytest.fixture(scope="module")
def town(module_engine: Engine) -> TwoSides:
    return build_two_sides(module_engine)


@pytest.fixture(scope="module")
def west(app: Flask, town: TwoSides, module_engine: Engine) -> FlaskClient:
    """Somebody with every right that reads, in the western community alone."""
    first, *more = (role for role in Role if role is not Role.ADMIN)
    return signed_in(app, add_account(module_engine, first, SIDES[0], *more), PASSWORD)


def marks(side: str) -> list[bytes]:
    texts = [mark.format(side[-1]) for mark in MARKS]
    return [text.encode() for text in (*texts, NAMES[side], PHONES[side])]


def test_no_address_gives_a_foreign_row_away(app: Flask, west: FlaskClient, town: TwoSides) -> None:
    rules = [
        rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and rule.rule not in STREAMS
    ]
    told: set[str] = set()
    faults: list[tuple[str, object]] = []
    for rule in rules:
        for address in addresses(rule, west, town):
            answer = west.get(address)
            body = gzip.decompress(answer.data) if is_packed(answer) else answer.data
            # The log tells auditors what was asked, also by themselves.
            names = b"" if rule.rule == "/api/audit" else NAMES[EAST][:1].encode() + b"*"
            leaked = [mark.decode() for mark in (*marks(EAST), names) if mark and mark in body]
            if answer.status_code >= 500 or leaked:
                faults.append((address, leaked or answer.status_code))
            if any(mark in body for mark in marks(SIDES[0])):
                told.add(rule.rule)
    assert not faults, faults
    assert len(told) > 15, "own rows are told, so what is asked for is really asked"


def is_packed(answer: Any) -> bool:
    return answer.headers.get("Content-Encoding") == "gzip"


def addresses(rule: Rule, west: FlaskClient, town: TwoSides) -> Iterator[str]:
    """The address with every foreign and own row in it, plain and with each parameter it knows."""
    queries = [dict[str, Any]()]
    template = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
    for operation in OPERATIONS:
        if (operation.method, operation.path) == ("get", template):
            queries = list(asked(operation.parameters, town))
    if rule.rule.startswith("/ogc"):
        queries = [{"f": "json"}, {"f": "html"}, {"f": "json", "bbox": BOTH}]
        queries = queries if rule.rule.endswith("/items") else queries[:2]
        queries = ogc_queries(rule) or queries
    for values in fillings(rule, west, town):
        path = template.format(**values)
        yield from (f"{path}?{urlencode(query)}" if query else path for query in queries)


def ogc_queries(rule: Rule) -> list[dict[str, Any]]:
    """What tiles and styles of `/ogc` are asked with; nothing for the rest."""
    if "level" in rule.arguments:
        chosen = [{"collections": layer.name} for layer in LAYERS if "name" not in rule.arguments]
        return [{}, *chosen]
    if "style" in rule.arguments and not rule.rule.endswith("/metadata"):
        return [{"f": form} for form in ("mapbox", "sld10", "sld11", "html")]
    return []


def fillings(rule: Rule, west: FlaskClient, town: TwoSides) -> Iterator[dict[str, Any]]:
    names = [argument for argument in rule.arguments if argument not in TILE_ARGUMENTS]
    tiles: list[dict[str, Any]] = [{}]
    if "z" in rule.arguments:
        tiles = [{"z": z, "x": x, "y": y} for z in (13, 16) for x, y in tiles_over_both(z)]
    elif "level" in rule.arguments:
        tiles = list(ogc_tiles())
    elif "matrix_set" in rule.arguments:
        tiles = [{"matrix_set": quad.id} for quad in TILE_MATRIX_SETS]
    choices = [list(values(rule, name, west, town)) for name in names]
    for tile, chosen in product(tiles, product(*choices)):
        yield dict(zip(names, chosen, strict=True)) | tile


def ogc_tiles() -> Iterator[dict[str, Any]]:
    """Every tile of either matrix set that a row of a side could be drawn in."""
    for z in (13, 16):
        for x, y in tiles_over_both(z):
            yield {"matrix_set": "WebMercatorQuad", "level": z, "row": y, "column": x}
        west, south, east, north = (float(each) for each in BOTH.split(","))
        rows, columns = (
            (int((90 - lat) / 360 * 2**z) for lat in (north, south)),
            (int((lon + 180) / 360 * 2**z) for lon in (west, east)),
        )
        for y, x in product(through(*rows), through(*columns)):
            yield {"matrix_set": "CGCS2000Quad", "level": z, "row": y, "column": x}


def through(first: int, last: int) -> range:
    return range(first, last + 1)


def values(rule: Rule, name: str, west: FlaskClient, town: TwoSides) -> Iterator[Any]:
    layers = [layer.name for layer in LAYERS]
    if name == "style":
        layers.append("wangge")
    if name.endswith("_id") or name == "identifier":
        yield from {town.ids[layer][side] for layer in layers for side in SIDES}
    elif rule.rule.startswith(("/api/layers", "/ogc/", "/tiles")):
        yield from layers
    else:
        above = west.get(rule.rule.split("/<")[0])
        yield from {EAST, "usage", *LIST_NAME.findall(above.text)}


def asked(parameters: tuple[Parameter, ...], town: TwoSides) -> Iterator[dict[str, Any]]:
    """What has to be said, alone and with each parameter that may be."""
    needed = [each for each in parameters if each.is_required]
    for query in product(*(tries(each, town) for each in needed)):
        said = dict(zip((each.name for each in needed), query, strict=True))
        yield said
        for each in parameters:
            if not each.is_required and not each.is_free:
                yield from (said | {each.name: value} for value in tries(each, town))


def tries(parameter: Parameter, town: TwoSides) -> list[Any]:
    lon, lat = at(EAST, 5)
    known: dict[str, list[Any]] = {
        "q": [NAMES[EAST], PHONES[EAST], "网格员", "幢"],
        "bbox": [BOTH],
        "area": [EAST],
        "area_code": [EAST],
        "lon": [lon],
        "lat": [lat],
        "limit": [parameter.maximum or 100],
    }
    if parameter.name in known:
        return known[parameter.name]
    if parameter.format in ("date", "date-time"):
        return ["2030-01-01" + ("T00:00:00Z" if parameter.format == "date-time" else "")]
    if parameter.kind == "boolean":
        return ["true"]
    if parameter.kind in ("integer", "number"):
        return [town.east("buildings"), town.east("staff")]
    return [EAST]
