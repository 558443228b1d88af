"""An executable check for each requirement of OGC API Features Part 4 (20-002, draft of 2026).

The names are those of its abstract tests; `building` stands for the test's mutable resource.
"""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

import pyproj
import pytest
from flask import Flask
from jsonschema import Draft4Validator, ValidationError
from sqlalchemy import Engine, text
from werkzeug.test import TestResponse

from layers.core.rights import Role
from tests.gisserver.ogc.conftest import PASSWORD, SOUTH, WEST
from tests.gisserver.ogc.writer import (
    GEOJSON,
    MERGE_PATCH,
    Writer,
    building,
    new_writer,
    path_of,
    square,
)

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
SPEC = "http://www.opengis.net/spec"
DONE = {200, 204}


@pytest.fixture(scope="module")
def writer(city: Flask, module_engine: Engine) -> Writer:
    return new_writer(city, module_engine)


@pytest.fixture
def path(writer: Writer) -> str:
    """A building that the writer may change."""
    return writer.building(levels=3, usage="B1")


def new_content(**properties: Any) -> dict[str, Any]:
    """The content of another building, whole, with another place."""
    return building(name="新内容", levels=6, **properties) | {"geometry": square(0.0086)}


def represents(read: dict[str, Any], sent: dict[str, Any]) -> bool:
    """Whether what is read is what was sent."""
    same = all(read["properties"][name] == value for name, value in sent["properties"].items())
    return same and read["geometry"] == sent["geometry"]


def ids(writer: Writer) -> set[int]:
    answer = writer.ask("GET", "buildings/items?limit=1000")
    assert answer.json is not None
    return {feature["id"] for feature in answer.json["features"]}


def test_every_class_declared_is_tested_here(writer: Writer) -> None:
    answer = writer.client.get("/ogc/conformance", auth=(writer.login, PASSWORD))
    assert answer.json is not None
    parts = ("ogcapi-features-4", "ogcapi-common-5")
    declared = {uri for uri in answer.json["conformsTo"] if any(part in uri for part in parts)}
    tested = {
        "create-replace-delete",
        "update",
        "optimistic-locking-etags",
        "optimistic-locking-timestamps",
        "handling",
        "return-resource-representation-in-response",
    }
    assert declared == {
        f"{SPEC}/ogcapi-features-4/1.0/conf/features",
        *(
            f"http://www.opengis.net/spec/{part}/1.0/conf/{each}"
            for part in parts
            for each in tested
        ),
    }


class TestCreateReplaceDelete:
    """/conf/create-replace-delete"""

    def test_options(self, writer: Writer, path: str) -> None:
        for resource, methods in (("buildings/items", {"POST"}), (path, {"PUT", "DELETE"})):
            answer = writer.ask("OPTIONS", resource)
            assert answer.status_code == 200
            allowed = set(answer.headers["Allow"].split(", "))
            assert methods <= allowed
            assert ("Accept-Post" in answer.headers) == ("POST" in allowed)
        assert GEOJSON in writer.ask("OPTIONS", "buildings/items").headers["Accept-Post"]

    @pytest.mark.parametrize("kind", [GEOJSON, "application/json"])
    def test_create(self, writer: Writer, kind: str) -> None:
        before = ids(writer)
        for sent in (new_content(), new_content() | {"id": 987654321}):
            answer = writer.ask("POST", "buildings/items", sent, kind)
            assert answer.status_code == 201
            made = writer.get(path_of(answer))
            assert represents(made, sent)
            assert made["id"] not in before
            assert answer.headers["Location"].endswith(
                f"/ogc/collections/buildings/items/{made['id']}"
            )

    @pytest.mark.parametrize("method", ["POST", "PUT"])
    def test_content_type(self, writer: Writer, path: str, method: str) -> None:
        resource = "buildings/items" if method == "POST" else path
        before = ids(writer)
        assert writer.ask(method, resource, new_content()).status_code == 400
        assert writer.ask(method, resource, new_content(), "text/csv").status_code == 415
        assert ids(writer) == before

    def test_replace(self, writer: Writer, path: str) -> None:
        assert writer.put(path, new_content()).status_code in DONE
        read = writer.get(path)
        assert represents(read, new_content())
        assert read["properties"]["usage"] is None

    def test_replace_rid(self, writer: Writer, path: str) -> None:
        was = writer.get(path)
        assert writer.put(path, new_content() | {"id": was["id"] + 1}).status_code == 400
        assert writer.get(path) == was
        assert writer.put(path, new_content() | {"id": str(was["id"])}).status_code in DONE
        assert writer.put(path, new_content(id=was["id"])).status_code in DONE

    def test_replace_exceptions(self, writer: Writer) -> None:
        for headers in ({}, {"If_Match": '"xyz"'}):
            missing = "buildings/items/987654321"
            assert writer.put(missing, new_content(), **headers).status_code == 404
            assert writer.ask("GET", missing).status_code == 404
        assert writer.put("buildings/items/none", new_content()).status_code == 404

    def test_delete(self, writer: Writer, path: str) -> None:
        assert writer.delete(path).status_code in DONE
        assert writer.ask("GET", path).status_code == 404
        assert writer.delete(path).status_code == 404


class TestUpdate:
    """/conf/update"""

    def test_options(self, writer: Writer, path: str) -> None:
        answer = writer.ask("OPTIONS", path)
        assert "PATCH" in answer.headers["Allow"]
        assert answer.headers["Accept-Patch"] == MERGE_PATCH

    def test_update(self, writer: Writer, path: str) -> None:
        was = writer.get(path)
        assert writer.patch(path, {"properties": {"levels": 9}}).status_code in DONE
        read = writer.get(path)
        assert read["geometry"] == was["geometry"]
        differing = {
            name for name, value in read["properties"].items() if was["properties"][name] != value
        }
        assert differing == {"levels", "row_version", "updated_at"}

    def test_update_content_type(self, writer: Writer, path: str) -> None:
        answer = writer.ask("PATCH", path, {"properties": {"levels": 9}})
        assert answer.status_code == 400
        assert writer.get(path)["properties"]["levels"] == 3

    def test_update_rid(self, writer: Writer, path: str) -> None:
        was = writer.get(path)
        answer = writer.patch(path, {"id": was["id"] + 1, "properties": {"levels": 9}})
        assert answer.status_code == 400
        assert writer.get(path) == was


def conditional(writer: Writer, method: str, path: str, **headers: str) -> TestResponse:
    """One change of each kind."""
    if method == "PUT":
        return writer.put(path, new_content(), **headers)
    if method == "PATCH":
        return writer.patch(path, {"properties": {"levels": 9}}, **headers)
    return writer.delete(path, **headers)


CHANGES = pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])


class TestOptimisticLockingETags:
    """/conf/optimistic-locking-etags"""

    def test_get_etag(self, writer: Writer, path: str) -> None:
        etag = writer.ask("GET", path).headers["ETag"]
        assert etag.startswith('"')
        assert etag.endswith('"')
        again = writer.ask("GET", path, If_None_Match=etag)
        assert (again.status_code, again.text, again.headers["ETag"]) == (304, "", etag)
        assert writer.patch(path, {"properties": {"levels": 9}}).status_code in DONE
        changed = writer.ask("GET", path, If_None_Match=etag)
        assert changed.status_code == 200
        assert changed.headers["ETag"] != etag

    @CHANGES
    def test_if_match(self, writer: Writer, path: str, method: str) -> None:
        was = writer.get(path)
        etag = writer.ask("GET", path).headers["ETag"]
        for stale in ('"0"', '"xyz"', '"2", "3-EPSG4490"', 'W/"7"', '"1x"'):
            assert conditional(writer, method, path, If_Match=stale).status_code == 412, stale
            assert writer.get(path) == was
        answer = conditional(writer, method, path, If_Match=etag)
        assert answer.status_code in DONE
        if method == "DELETE":
            assert writer.ask("GET", path).status_code == 404
        else:
            assert answer.headers["ETag"] not in (etag, None)
            assert answer.headers["ETag"] == writer.ask("GET", path).headers["ETag"]

    @CHANGES
    @pytest.mark.parametrize("etag", ["*", '"0", "1"', 'W/"1"', None])
    def test_tags_that_match_and_none_demanded(
        self, writer: Writer, path: str, method: str, etag: str | None
    ) -> None:
        headers = {} if etag is None else {"If_Match": etag}
        assert conditional(writer, method, path, **headers).status_code in DONE

    @CHANGES
    def test_if_none_match_of_what_is_there(self, writer: Writer, path: str, method: str) -> None:
        for etag in ("*", '"1"'):
            assert conditional(writer, method, path, If_None_Match=etag).status_code == 412

    def test_a_new_feature_has_its_tag(self, writer: Writer) -> None:
        answer = writer.post("buildings", new_content())
        read = writer.ask("GET", path_of(answer))
        assert answer.headers["ETag"] == read.headers["ETag"]


@pytest.fixture
def aged(module_engine: Engine, path: str) -> str:
    """The building, last changed an hour ago."""
    with module_engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(
            text(
                "UPDATE housing.building SET updated_at = now() - interval '1 hour' WHERE id = :id"
            ),
            {"id": int(path.rpartition("/")[2])},
        )
    return path


class TestOptimisticLockingTimestamps:
    """/conf/optimistic-locking-timestamps"""

    def test_get_last_modified(self, writer: Writer, aged: str) -> None:
        told = parsedate_to_datetime(writer.ask("GET", aged).headers["Last-Modified"])
        hour_ago = datetime.now(UTC) - timedelta(hours=1)
        assert abs(told - hour_ago) < timedelta(minutes=1)

    @CHANGES
    def test_if_unmodified_since(self, writer: Writer, aged: str, method: str) -> None:
        was = writer.get(aged)
        told = writer.ask("GET", aged).headers["Last-Modified"]
        before = parsedate_to_datetime(told) - timedelta(seconds=1)
        stale = conditional(
            writer, method, aged, If_Unmodified_Since=format_datetime(before, usegmt=True)
        )
        assert stale.status_code == 412
        assert writer.get(aged) == was
        answer = conditional(writer, method, aged, If_Unmodified_Since=told)
        assert answer.status_code in DONE
        if method == "DELETE":
            assert writer.ask("GET", aged).status_code == 404
        else:
            later = parsedate_to_datetime(answer.headers["Last-Modified"])
            assert later > parsedate_to_datetime(told)


INVALID = {"name": "楼", "levels": 0, "usage": "B99"}


class TestHandling:
    """/conf/handling"""

    @pytest.mark.parametrize("preference", [None, "handling=strict", "handling=lenient"])
    def test_prefer(self, writer: Writer, preference: str | None) -> None:
        headers = {} if preference is None else {"Prefer": preference}
        assert writer.post("buildings", new_content(), **headers).status_code == 201

    def test_strict(self, writer: Writer, path: str) -> None:
        before = ids(writer)
        strict = {"Prefer": "handling=strict"}
        for answer in (
            writer.post("buildings", building(**INVALID), **strict),
            writer.put(path, building(**INVALID), **strict),
            writer.patch(path, {"properties": INVALID}, **strict),
        ):
            assert answer.status_code == 400
            assert answer.json is not None
            assert {each["field"] for each in answer.json["faults"]} == {"levels", "usage"}
            assert answer.headers["Preference-Applied"] == "handling=strict"
        assert ids(writer) == before
        assert writer.get(path)["properties"]["levels"] == 3


class TestReturnRepresentation:
    """/conf/return-resource-representation-in-response"""

    @pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
    def test_prefer(self, writer: Writer, path: str, method: str) -> None:
        body = {"properties": {"levels": 7}} if method == "PATCH" else new_content()
        kind = MERGE_PATCH if method == "PATCH" else GEOJSON
        resource = "buildings/items" if method == "POST" else path
        sent = {"Prefer": "respond-async, return=representation", "Accept": GEOJSON}
        whole = writer.ask(method, resource, body, kind, **sent)
        assert whole.status_code in {200, 201}
        assert whole.content_type == GEOJSON
        assert whole.headers["Preference-Applied"] == "return=representation"
        assert whole.json is not None
        assert whole.json["properties"]["levels"] == body["properties"]["levels"]
        for headers in ({}, {"Prefer": "return=minimal"}):
            answer = writer.ask(method, resource, body, kind, **headers)
            assert answer.status_code in {201, 204}
            assert answer.text == ""


class TestFeatures:
    """/conf/features"""

    def test_endpoints(self, writer: Writer, path: str) -> None:
        collection = writer.client.get("/ogc/collections/buildings", auth=(writer.login, PASSWORD))
        assert collection.json is not None
        items = [link["href"] for link in collection.json["links"] if link["rel"] == "items"]
        assert any(address.partition("?")[0].endswith("/buildings/items") for address in items)
        assert int(path.rpartition("/")[2]) in ids(writer)

    def test_crs84(self, writer: Writer) -> None:
        for headers in ({}, {"Content_Crs": f"<{CRS84}>"}, {"Content_Crs": CRS84}):
            made = writer.get(path_of(writer.post("buildings", new_content(), **headers)))
            assert made["geometry"] == new_content()["geometry"]

    @pytest.mark.parametrize("code", [4326, 4490, 3857, 4527, 4548])
    def test_crs(self, writer: Writer, path: str, code: int) -> None:
        """Coordinates by the axes of their own system: latitude or northing first in most."""
        plain = new_content()
        moved = deepcopy(plain)
        move = pyproj.Transformer.from_crs("OGC:CRS84", f"EPSG:{code}").transform
        moved["geometry"]["coordinates"] = [
            [[move(*place) for place in ring] for ring in part]
            for part in plain["geometry"]["coordinates"]
        ]
        header = {"Content_Crs": f"<{EPSG}{code}>"}
        for resource in (
            path_of(writer.post("buildings", moved, **header)),
            replaced(writer, path, moved, **header),
            patched(writer, writer.building(), {"geometry": moved["geometry"]}, **header),
        ):
            read = writer.get(resource)["geometry"]["coordinates"][0][0]
            for place, expected in zip(read, plain["geometry"]["coordinates"][0][0], strict=True):
                assert place == pytest.approx(expected, abs=2e-7)
            told = writer.get(f"{resource}?crs={EPSG}{code}")["geometry"]["coordinates"][0][0]
            for place, expected in zip(told, moved["geometry"]["coordinates"][0][0], strict=True):
                assert place == pytest.approx(expected, abs=0.02 if code > 4490 else 2e-7, rel=1e-9)

    def test_what_is_read_in_a_system_is_sent_back_in_it(self, writer: Writer, path: str) -> None:
        """The tag is of the representation; any of the version's is good for writing."""
        system = f"{EPSG}4548"
        read = writer.ask("GET", f"{path}?crs={system}")
        assert read.headers["ETag"] == '"1-EPSG4548"'
        body: dict[str, Any] = read.get_json()
        sent = {"If_Match": read.headers["ETag"], "Content_Crs": f"<{system}>"}
        unchanged = writer.put(path, body, **sent)
        assert (unchanged.status_code, unchanged.headers["ETag"]) == (204, '"1"')
        body["properties"]["levels"] = 5
        assert writer.put(path, body, **sent).headers["ETag"] == '"2"'

    @pytest.mark.parametrize("system", [f"{EPSG}2154", f"{EPSG}4214", "EPSG:4326", "x", "<>"])
    def test_a_system_that_is_not_read(self, writer: Writer, path: str, system: str) -> None:
        was = writer.get(path)
        for answer in (
            writer.post("buildings", new_content(), Content_Crs=system),
            writer.put(path, new_content(), Content_Crs=system),
            writer.patch(path, {"geometry": square()}, Content_Crs=system),
        ):
            assert answer.status_code == 400
        assert writer.get(path) == was

    def test_schema(self, writer: Writer) -> None:
        answer = writer.client.get(
            "/ogc/collections/buildings/schema", auth=(writer.login, PASSWORD)
        )
        assert answer.json is not None
        known = set(answer.json["properties"])
        assert "colour" not in known
        assert writer.post("buildings", new_content()).status_code == 201
        before = ids(writer)
        assert writer.post("buildings", new_content(colour="red")).status_code == 400
        assert writer.post("buildings", new_content(updated_by="me")).status_code == 400
        assert ids(writer) == before

    def test_geojson(self, writer: Writer, path: str) -> None:
        read = writer.get(path)
        sent = new_content() | {"id": read["id"], "bbox": [WEST, SOUTH, WEST, SOUTH], "links": []}
        assert writer.put(path, sent).status_code in DONE
        assert writer.get(path)["geometry"] == sent["geometry"]

    def test_json_merge_patch(self, writer: Writer, path: str) -> None:
        changes = {
            "properties": {"levels": 8, "alias": "别名", "usage": None},
            "geometry": square(0.0087),
        }
        assert writer.patch(path, changes).status_code in DONE
        was = writer.get(path)["id"]
        assert writer.patch(path, {"properties": {"id": was + 1}}).status_code == 400
        read = writer.get(path)
        assert {name: read["properties"][name] for name in ("levels", "alias", "usage")} == changes[
            "properties"
        ]
        assert read["geometry"] == changes["geometry"]
        assert read["properties"]["name"] == "新楼"


def replaced(writer: Writer, path: str, body: Any, **headers: str) -> str:
    assert writer.put(path, body, **headers).status_code in DONE
    return path


def patched(writer: Writer, path: str, body: Any, **headers: str) -> str:
    assert writer.patch(path, body, **headers).status_code in DONE
    return path


def test_a_packed_answer_has_a_tag_that_is_good_for_writing(writer: Writer) -> None:
    """Packing makes a tag weak; it names the version all the same."""
    long = building(name="楼", address="澄" * 150)
    long["geometry"]["coordinates"] = [
        [
            [[WEST + 0.008, SOUTH + 0.008]]
            + [[round(WEST + 0.0081 + n * 1e-6, 7), SOUTH + 0.0081] for n in range(60)]
            + [[WEST + 0.0082, SOUTH + 0.008], [WEST + 0.008, SOUTH + 0.008]]
        ]
    ]
    path = path_of(writer.post("buildings", json.loads(json.dumps(long))))
    read = writer.ask("GET", path, Accept_Encoding="gzip")
    assert read.headers["Content-Encoding"] == "gzip"
    again = writer.ask("GET", path, Accept_Encoding="gzip", If_None_Match=read.headers["ETag"])
    assert again.status_code == 304
    answer = writer.patch(path, {"properties": {"levels": 2}}, If_Match=read.headers["ETag"])
    assert answer.status_code == 204


def test_openapi_lists_what_this_reader_may_write(
    city: Flask, module_engine: Engine, writer: Writer
) -> None:
    def operations(who: Writer, collection: str) -> set[str]:
        answer = who.client.get("/ogc/openapi", auth=(who.login, PASSWORD))
        assert answer.json is not None
        paths = answer.json["paths"]
        items = f"/collections/{collection}/items"
        return {*paths[items], *paths[f"{items}/{{featureId}}"]} - {"get", "parameters"}

    worker = new_writer(city, module_engine, Role.WORKER)
    assert operations(writer, "buildings") == {"post", "put", "patch", "delete"}
    assert operations(writer, "grid_plans") == set()
    assert operations(worker, "buildings") == set()
    assert operations(worker, "incidents") == {"post"}
    # The document of one does not change that of another.
    assert operations(writer, "buildings") == {"post", "put", "patch", "delete"}


def test_the_openapi_document_is_valid(writer: Writer) -> None:
    answer = writer.client.get("/ogc/openapi", auth=(writer.login, PASSWORD))
    assert answer.json is not None
    paths = answer.json["paths"]
    body = paths["/collections/buildings/items"]["post"]["requestBody"]["content"][GEOJSON]
    Draft4Validator.check_schema(body["schema"])
    Draft4Validator(body["schema"]).validate(new_content())
    with pytest.raises(ValidationError):
        Draft4Validator(body["schema"]).validate(building(levels=0))
