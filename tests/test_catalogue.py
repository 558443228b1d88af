"""Every layer of the catalogue: what its declaration promises holds in database and services."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, inspect, text

from gisserver.settings import ROOT
from layers.catalogue import LAYERS, layer_by_name
from layers.core.errors import Forbidden
from layers.core.features import Query, count_features, find_features
from layers.core.layer import Layer
from layers.core.paint import night_colours
from layers.core.rights import ROLES, Right, Role
from layers.core.schema import layer_schema
from layers.core.values import CHECKS
from tests.builders.two_sides import SOUTH, WEST, TwoSides, build_two_sides, reader
from tests.gisserver.conftest import app_over, signed_in
from tests.gisserver.town import PASSWORD, add_account

every_layer = pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
CODE_TABLES = tomllib.loads((ROOT / "data/codes/tables.toml").read_text(encoding="utf-8"))
TYPES = {"string", "integer", "number", "boolean"}


@pytest.fixture(scope="module")
def town(module_engine: Engine) -> TwoSides:
    return build_two_sides(module_engine)


@pytest.fixture(scope="module")
def app(
    module_database_url: str, town: TwoSides, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    with app_over(module_database_url, tmp_path_factory.mktemp("var")) as app:
        yield app


@pytest.fixture(scope="module")
def clients(app: Flask, module_engine: Engine) -> dict[Role, FlaskClient]:
    """One account a role, each for everywhere."""
    return {role: signed_in(app, add_account(module_engine, role, ""), PASSWORD) for role in Role}


def test_names_are_unique_and_found() -> None:
    names = [layer.name for layer in LAYERS]
    assert len(set(names)) == len(names)
    assert all(layer_by_name(name).name == name for name in names)


@every_layer
def test_table_stands_as_declared(module_engine: Engine, layer: Layer) -> None:
    columns = inspect(module_engine).get_columns(layer.table.name, schema=layer.table.schema)
    assert {column["name"] for column in columns} == set(layer.table.columns.keys())
    for name in layer.sensitive_fields:
        assert f"{name}_cipher" in layer.table.columns
        assert layer.fields[name].mask, "a sensitive field says how it is masked"


@every_layer
def test_fields_named_by_the_layer_exist(layer: Layer) -> None:
    named = [layer.title_field, layer.subtitle_field, layer.time_field]
    grouped = [name for _, names in layer.form_groups for name in names]
    for name in (*layer.tile_fields, *filter(None, named), *grouped):
        assert name in layer.fields, name
    assert len(set(grouped)) == len(grouped), "a field stands in one group of the form"
    assert set(painted_fields(layer.paint)) <= set(layer.tile_fields)
    assert not set(layer.tile_fields) & set(layer.sensitive_fields)
    if layer.search_fields:
        assert layer.title_field == layer.search_fields[0], "a title is searched by its beginning"


def painted_fields(expression: Any) -> Iterator[str]:
    """Fields that `["get", field]` reads anywhere inside."""
    if isinstance(expression, dict):
        for part in expression.values():
            yield from painted_fields(part)
    elif isinstance(expression, list | tuple):
        if len(expression) == 2 and expression[0] == "get":
            yield expression[1]
        for part in expression:
            yield from painted_fields(part)


@every_layer
def test_what_is_drawn_has_a_picture_and_a_legend(layer: Layer) -> None:
    if layer.geometry_kind is None:
        assert not layer.paint
        assert not layer.tile_fields
        assert not layer.legend
        return
    assert layer.paint
    assert layer.legend
    assert 0 <= layer.min_zoom <= layer.max_zoom
    for fragment in layer.paint:
        assert fragment["type"] in {"fill", "line", "circle", "symbol", "fill-extrusion"}
        assert set(fragment["theme"]) == {"light", "dark"}


@every_layer
def test_the_legend_shows_the_colours_of_the_map(layer: Layer) -> None:
    colours = night_colours(layer.paint)
    assert [entry.color for entry in layer.legend if entry.color not in colours] == []


@every_layer
def test_titles_are_in_both_languages(layer: Layer) -> None:
    titles = [layer.title, *(info.title for info in layer.fields.values())]
    titles += [line.title for line in layer.legend] + [title for title, _ in layer.form_groups]
    for zh, en in titles:
        assert any("\u4e00" <= letter <= "\u9fff" for letter in zh), zh
        assert en.strip()
        assert en.isascii()


@every_layer
def test_codes_references_and_checks_exist(layer: Layer) -> None:
    for name, info in layer.fields.items():
        if info.codes is not None:
            assert info.codes in CODE_TABLES, name
        if info.reference is not None:
            foreign = next(iter(layer.column(name).foreign_keys)).column.table
            assert layer_by_name(info.reference).table is foreign
        if info.check is not None:
            assert info.check in CHECKS


@every_layer
def test_form_schema(layer: Layer) -> None:
    schema = layer_schema(layer)
    assert list(schema["properties"]) == list(layer.fields)
    assert set(schema["required"]) <= set(layer.fields)
    for name, words in schema["properties"].items():
        kinds = words["type"] if isinstance(words["type"], list) else [words["type"]]
        assert set(kinds) - {"null"} <= TYPES
        assert words["x-title"] == dict(zip(("zh", "en"), layer.fields[name].title, strict=True))
        assert words.get("readOnly", False) == layer.fields[name].read_only


@every_layer
def test_rights_are_held_by_a_role(layer: Layer) -> None:
    held = set().union(*ROLES.values())
    assert layer.read in held
    assert layer.write in held or layer.write is Right.PATROL_WRITE, "only devices write positions"


@every_layer
@pytest.mark.parametrize("role", Role)
def test_reading_needs_the_right(
    module_engine: Engine, town: TwoSides, layer: Layer, role: Role
) -> None:
    asker = reader(role, "")
    with module_engine.connect() as connection:
        if layer.read in ROLES[role]:
            page = find_features(connection, layer, asker, Query())
            assert page.count == count_features(connection, layer, asker, Query())
        else:
            with pytest.raises(Forbidden):
                find_features(connection, layer, asker, Query())
            with pytest.raises(Forbidden):
                count_features(connection, layer, asker, Query())


@every_layer
@pytest.mark.parametrize("role", Role)
def test_nothing_is_served_without_the_right(
    clients: dict[Role, FlaskClient], town: TwoSides, layer: Layer, role: Role
) -> None:
    client, may_read = clients[role], layer.read in ROLES[role]
    row = town.west(layer.name)
    paths = [
        f"/api/layers/{layer.name}/features",
        f"/api/layers/{layer.name}/features/{row}",
        f"/api/layers/{layer.name}/features/{row}/history",
        f"/api/layers/{layer.name}/schema",
        f"/ogc/collections/{layer.name}?f=json",
        f"/ogc/collections/{layer.name}/items?f=json",
        f"/ogc/collections/{layer.name}/items/{row}?f=json",
        f"/ogc/collections/{layer.name}/queryables?f=json",
    ]
    if layer.geometry_kind is not None:
        paths.append(f"/tiles/{layer.name}/14/13653/6759")
    for path in paths:
        status = client.get(path).status_code
        assert (status in (200, 204)) if may_read else (status in (403, 404)), (path, status)
    listed = client.get("/ogc/collections?f=json").get_json()["collections"]
    assert (layer.name in {each["id"] for each in listed}) == may_read
    assert (layer.name in client.get("/api/summary").get_json()["counts"]) == may_read


@every_layer
def test_sealed_text_leaves_the_server_masked(
    clients: dict[Role, FlaskClient], town: TwoSides, layer: Layer
) -> None:
    client = clients[Role.SUPERVISOR]
    for path in (
        f"/api/layers/{layer.name}/features/{town.west(layer.name)}",
        f"/ogc/collections/{layer.name}/items/{town.west(layer.name)}?f=json",
    ):
        properties = client.get(path).get_json()["properties"]
        assert not [name for name in properties if name.endswith(("_cipher", "_index"))]
        for name in layer.sensitive_fields:
            if properties[name] is not None:
                assert "*" in properties[name] or "＊" in properties[name], name


def test_the_builder_lies_where_the_tile_is() -> None:
    assert (SOUTH, WEST[:6]) == (30.0, "990101")
    assert Path(ROOT / "data/codes/tables.toml").exists()


@every_layer
def test_area_codes_are_found_by_the_database(
    module_engine: Engine, town: TwoSides, layer: Layer
) -> None:
    with module_engine.connect() as connection:
        statement = text(f"SELECT area_code FROM {layer.qualified_table} WHERE id = :id")
        code = connection.execute(statement, {"id": town.west(layer.name)}).scalar_one()
    of_community = {"areas", "units", "vehicles", "grid_plans", "service_providers"}
    assert code == (WEST if layer.name in of_community else f"{WEST}01")
