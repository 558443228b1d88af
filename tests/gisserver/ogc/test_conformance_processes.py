"""OGC API Processes 1.0 (18-062r2): a check for each requirement of the classes declared."""

from __future__ import annotations

import base64
import re
import uuid
from collections.abc import Mapping
from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from shapely.geometry import box, mapping

from tests.gisserver.ogc.conftest import BUILDINGS, PASSWORD, SOUTH, WEST, ask
from tests.gisserver.ogc.process_client import done, execute, job_over

PREFIX = "http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf/"
RELATIONS = "http://www.opengis.net/def/rel/ogc/1.0/"
EXCEPTIONS = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0/"
CLASSES = ("core", "ogc-process-description", "json", "html", "oas30", "job-list", "dismiss")
HALF = mapping(box(WEST, SOUTH, WEST + 0.01, SOUTH + 0.01))
COUNT = {"polygons": {"value": HALF}, "layer": "buildings"}
ONE_IN_JANUARY = {
    "first": "2026-01-01T00:00:00Z/2026-01-16T00:00:00Z",
    "second": "2026-01-16T00:00:00Z/2026-02-01T00:00:00Z",
}


def checked(document: Any, schema: Mapping[str, Any]) -> None:
    Draft202012Validator(schema).validate(document)


LINK = {
    "type": "object",
    "required": ["href"],
    "properties": {"href": {"type": "string"}, "rel": {"type": "string"}},
}
SUMMARY = {
    "type": "object",
    "required": ["id", "version"],
    "properties": {
        "id": {"type": "string"},
        "version": {"type": "string"},
        "title": {"type": "string"},
        "description": {"type": "string"},
        "jobControlOptions": {
            "type": "array",
            "items": {"enum": ["sync-execute", "async-execute", "dismiss"]},
        },
        "outputTransmission": {"type": "array", "items": {"enum": ["value", "reference"]}},
        "links": {"type": "array", "items": LINK},
    },
}
DESCRIPTION = {
    "allOf": [
        SUMMARY,
        {
            "required": ["inputs", "outputs"],
            "properties": {
                "inputs": {
                    "type": "object",
                    "additionalProperties": {
                        "type": "object",
                        "required": ["schema"],
                        "properties": {
                            "title": {"type": "string"},
                            "minOccurs": {"type": "integer"},
                            "maxOccurs": {"type": "integer"},
                            "schema": {"type": "object"},
                        },
                    },
                },
                "outputs": {
                    "type": "object",
                    "minProperties": 1,
                    "additionalProperties": {"type": "object", "required": ["schema"]},
                },
            },
        },
    ]
}
STATUS = {
    "type": "object",
    "required": ["jobID", "status", "type"],
    "properties": {
        "processID": {"type": "string"},
        "type": {"enum": ["process"]},
        "jobID": {"type": "string"},
        "status": {"enum": ["accepted", "running", "successful", "failed", "dismissed"]},
        "created": {"type": "string"},
        "started": {"type": "string"},
        "finished": {"type": "string"},
        "updated": {"type": "string"},
        "progress": {"type": "integer", "minimum": 0, "maximum": 100},
        "links": {"type": "array", "items": LINK},
    },
}


def delete(client: FlaskClient, path: str, login: str = "chief") -> Any:
    return client.delete(f"/ogc{path}", auth=(login, PASSWORD))


def get(client: FlaskClient, path: str, login: str = "chief", **headers: str) -> Any:
    return client.get(f"/ogc{path}", auth=(login, PASSWORD), headers=headers)


# Conformance and landing page


def test_each_class_is_declared(client: FlaskClient) -> None:
    declared = ask(client, "/conformance")["conformsTo"]
    told = {uri.removeprefix(PREFIX) for uri in declared if uri.startswith(PREFIX)}
    assert told == set(CLASSES)


def test_core_landingpage_success(client: FlaskClient) -> None:
    links = {link["rel"]: link["href"] for link in ask(client, "/")["links"]}
    for rel, end in ((f"{RELATIONS}processes", "/processes"), (f"{RELATIONS}job-list", "/jobs")):
        assert links[rel].endswith(f"/ogc{end}")
        assert get(client, end).status_code == 200
    assert {"service-desc", "conformance"} <= set(links)


# Process list


def test_core_process_list_success(client: FlaskClient) -> None:
    document = ask(client, "/processes")
    for process in document["processes"]:
        checked(process, SUMMARY)
        own = [link["href"] for link in process["links"] if link["rel"] == "self"]
        assert ask(client, own[0].split("/ogc", 1)[1])["id"] == process["id"]
    rels = {link["rel"]: link["type"] for link in document["links"]}
    assert rels["self"] == "application/json"
    assert rels["alternate"] == "text/html"


def test_core_pl_limit(client: FlaskClient) -> None:
    every = [each["id"] for each in ask(client, "/processes")["processes"]]
    assert len(every) > 3
    met: list[str] = []
    path = "/processes?limit=2"
    while path:
        page = ask(client, path)
        assert len(page["processes"]) <= 2
        met += [each["id"] for each in page["processes"]]
        following = [each["href"] for each in page["links"] if each["rel"] == "next"]
        path = following[0].split("/ogc", 1)[1] if following else ""
    assert met == every


@pytest.mark.parametrize("limit", ["0", "1001", "x", ""])
def test_core_pl_limit_definition(client: FlaskClient, limit: str) -> None:
    assert get(client, f"/processes?limit={limit}").status_code == 400


# Process description


def test_core_process_success_and_ogc_process_description(client: FlaskClient) -> None:
    for summary in ask(client, "/processes")["processes"]:
        process = ask(client, f"/processes/{summary['id']}")
        checked(process, DESCRIPTION)
        for declared in process["inputs"].values():
            Draft202012Validator.check_schema(declared["schema"])
            assert declared["minOccurs"] in (0, 1)
            assert declared["maxOccurs"] == 1
        for output in process["outputs"].values():
            Draft202012Validator.check_schema(output["schema"])


def test_core_process_exception_no_such_process(client: FlaskClient) -> None:
    for answer in (
        get(client, "/processes/nothing"),
        execute(client, "nothing", {}),
    ):
        assert answer.status_code == 404
        assert answer.json["type"] == f"{EXCEPTIONS}no-such-process"


# What is sent to be done


def counted(answer: Any) -> int:
    assert answer.status_code == 200, answer.text
    return int(answer.json["features"][0]["properties"]["count"])


def test_core_process_execute_op_and_default_outputs(client: FlaskClient) -> None:
    answer = execute(client, "count_in_polygons", COUNT)
    assert counted(answer) == BUILDINGS
    assert answer.content_type == "application/geo+json"


def test_core_process_execute_input_inline_object(client: FlaskClient) -> None:
    qualified = {"polygons": {"value": HALF, "mediaType": "application/geo+json"}}
    assert counted(execute(client, "count_in_polygons", COUNT | qualified)) == BUILDINGS
    assert counted(execute(client, "count_in_polygons", COUNT | {"polygons": HALF})) == BUILDINGS


def test_core_process_execute_input_inline_mixed_types(client: FlaskClient) -> None:
    feature = {"type": "Feature", "geometry": HALF, "properties": {}}
    collection = {"type": "FeatureCollection", "features": [feature]}
    for value in (HALF, feature, collection):
        sent = COUNT | {"polygons": {"value": value}}
        assert counted(execute(client, "count_in_polygons", sent)) == BUILDINGS


def test_core_process_execute_input_array(client: FlaskClient) -> None:
    where = {"levels": ["1", "2"]}
    found = counted(execute(client, "count_in_polygons", COUNT | {"where": where}))
    one = counted(execute(client, "count_in_polygons", COUNT | {"where": {"levels": ["1"]}}))
    assert 0 < one < found < BUILDINGS


def test_core_process_execute_input_inline_bbox(client: FlaskClient) -> None:
    degrees = [WEST, SOUTH, WEST + 0.01, SOUTH + 0.01]
    north_first = [SOUTH, WEST, SOUTH + 0.01, WEST + 0.01]
    epsg = "http://www.opengis.net/def/crs/EPSG/0/4326"
    told = [
        execute(client, "camera_coverage", {"bbox": each})
        for each in (degrees, {"bbox": degrees}, {"bbox": north_first, "crs": epsg})
    ]
    assert [each.status_code for each in told] == [200] * 3
    assert told[0].json == told[1].json == told[2].json
    wrong = execute(client, "camera_coverage", {"bbox": {"bbox": north_first, "crs": "nothing"}})
    assert wrong.status_code == 400


def test_core_process_execute_input_ref(client: FlaskClient) -> None:
    areas = "http://localhost/ogc/collections/areas/items"
    found = execute(client, "count_in_polygons", COUNT | {"polygons": {"href": areas}})
    counts = {
        each["properties"]["code"]: each["properties"]["count"] for each in found.json["features"]
    }
    assert counts["990101001001"] == counts["990101001002"] == BUILDINGS
    narrowed = {"href": f"{areas}?filter=code%3D%27990101001001%27", "type": "application/geo+json"}
    answer = execute(client, "count_in_polygons", COUNT | {"polygons": narrowed})
    assert len(answer.json["features"]) == 1


@pytest.mark.parametrize(
    ("inputs", "field"),
    [
        ({"layer": "buildings"}, "polygons"),
        (COUNT | {"layer": "nothing"}, "layer"),
        (COUNT | {"nothing": 1}, "nothing"),
        (COUNT | {"weight": 7}, "weight"),
        (COUNT | {"polygons": {"type": "Point", "coordinates": [0, 0]}}, "polygons.type"),
        (COUNT | {"where": {"levels": "1"}}, "where.levels"),
    ],
)
def test_core_process_execute_input_validation(
    client: FlaskClient, inputs: Any, field: str
) -> None:
    for is_job in (False, True):
        answer = execute(client, "count_in_polygons", inputs, is_job=is_job)
        assert answer.status_code == 400
        assert field in [fault["field"] for fault in answer.json["faults"]]


# Done now or later


def test_core_process_execute_default_execution_mode(client: FlaskClient) -> None:
    assert execute(client, "count_in_polygons", COUNT).status_code == 200


def test_core_process_execute_auto_execution_mode(client: FlaskClient) -> None:
    answer = client.post(
        "/ogc/processes/count_in_polygons/execution",
        json={"inputs": COUNT},
        auth=("chief", PASSWORD),
        headers={"Prefer": "return=minimal, respond-async; wait=1"},
    )
    assert answer.status_code == 201
    assert answer.headers["Preference-Applied"] == "respond-async"


# Executing now


def test_core_process_execute_sync_raw_value_one(client: FlaskClient) -> None:
    inputs = {"layer": "incidents", "radius": 100}
    answer = execute(client, "heat_surface", inputs)
    assert answer.status_code == 200
    assert answer.content_type.startswith("image/tiff")
    assert answer.data[:2] in (b"II", b"MM")
    other = {"surface": {"format": {"mediaType": "application/json"}}}
    told = execute(client, "heat_surface", inputs, outputs=other)
    assert told.json["radius"] == 100


def test_core_process_execute_sync_document(client: FlaskClient) -> None:
    answer = execute(client, "count_in_polygons", COUNT, response="document")
    assert answer.content_type == "application/json"
    assert answer.json["counts"]["value"]["features"][0]["properties"]["count"] == BUILDINGS
    assert answer.json["counts"]["mediaType"] == "application/geo+json"
    inputs = {"layer": "incidents", "radius": 100}
    heat = execute(client, "heat_surface", inputs, response="document").json["surface"]
    assert heat["encoding"] == "base64"
    assert base64.b64decode(heat["value"])[:2] in (b"II", b"MM")


def test_core_process_execute_sync_raw_ref(client: FlaskClient) -> None:
    by_reference = {"counts": {"transmissionMode": "reference"}}
    answer = execute(client, "count_in_polygons", COUNT, outputs=by_reference)
    assert answer.status_code == 204
    href, rel = re.fullmatch(r'<([^>]+)>; rel="(\w+)"; .*', answer.headers["Link"]).groups()  # type: ignore[union-attr]
    assert rel == "counts"
    assert counted(get(client, href.split("/ogc", 1)[1])) == BUILDINGS


def test_core_process_execute_sync_document_ref(client: FlaskClient) -> None:
    by_reference = {"counts": {"transmissionMode": "reference"}}
    answer = execute(client, "count_in_polygons", COUNT, outputs=by_reference, response="document")
    assert answer.status_code == 200
    href = answer.json["counts"]["href"]
    assert counted(get(client, href.split("/ogc", 1)[1])) == BUILDINGS


@pytest.mark.parametrize(
    "members",
    [
        {"outputs": {"nothing": {}}},
        {"outputs": {"counts": {"transmissionMode": "pigeon"}}},
        {"outputs": {"counts": {"format": {"mediaType": "text/csv"}}}},
        {"response": "loud"},
        {"subscriber": {"successUri": "http://example.org"}},
    ],
)
def test_what_cannot_be_answered_is_refused(client: FlaskClient, members: Any) -> None:
    answer = execute(client, "count_in_polygons", COUNT, **members)
    assert answer.status_code == 400
    assert answer.json["allowed"]


# Executing later


def test_core_process_execute_success_async(client: FlaskClient) -> None:
    answer = execute(client, "count_in_polygons", COUNT, is_job=True)
    assert answer.status_code == 201
    checked(answer.json, STATUS)
    assert answer.headers["Location"].endswith(f"/ogc/jobs/{answer.json['jobID']}")
    over = job_over(client, answer.json["jobID"])
    assert over["status"] == "successful"


def test_core_job_success(client: FlaskClient) -> None:
    status = done(client, "count_in_polygons", COUNT)
    checked(status, STATUS)
    assert status["processID"] == "count_in_polygons"
    assert status["progress"] == 100
    assert status["created"] <= status["started"] <= status["finished"]
    assert f"{RELATIONS}results" in [link["rel"] for link in status["links"]]


@pytest.mark.parametrize("job", [str(uuid.UUID(int=7)), "nothing", "1", "%00"])
def test_core_job_exception_no_such_job(client: FlaskClient, job: str) -> None:
    for answer in (
        get(client, f"/jobs/{job}"),
        get(client, f"/jobs/{job}/results"),
        delete(client, f"/jobs/{job}"),
    ):
        assert answer.status_code == 404
        assert answer.json["type"] == f"{EXCEPTIONS}no-such-job"


def test_core_job_results_async_raw_and_document(client: FlaskClient) -> None:
    raw = done(client, "count_in_polygons", COUNT)["jobID"]
    assert counted(get(client, f"/jobs/{raw}/results")) == BUILDINGS
    document = done(client, "count_in_polygons", COUNT, response="document")["jobID"]
    told = ask(client, f"/jobs/{document}/results")
    assert told["counts"]["value"]["features"][0]["properties"]["count"] == BUILDINGS
    by_reference = {"counts": {"transmissionMode": "reference"}}
    linked = done(client, "count_in_polygons", COUNT, outputs=by_reference)["jobID"]
    answer = get(client, f"/jobs/{linked}/results")
    assert answer.status_code == 204
    assert f"/ogc/jobs/{linked}/results/counts" in answer.headers["Link"]


def test_core_job_results_exception_no_such_output(client: FlaskClient) -> None:
    job = done(client, "count_in_polygons", COUNT)["jobID"]
    assert get(client, f"/jobs/{job}/results/nothing").status_code == 404


def test_core_job_results_failed(client: FlaskClient) -> None:
    # Which properties are numbers is asked of the layer when the work begins.
    inputs = {"layer": "buildings", "radius": 50, "weight": "nothing"}
    wrong = done(client, "heat_surface", inputs)
    assert wrong["status"] == "failed"
    assert "weight" in wrong["message"]
    answer = get(client, f"/jobs/{wrong['jobID']}/results")
    assert answer.status_code == 400
    assert answer.json["title"] == "Invalid input"
    assert answer.json["detail"] == wrong["message"]


# JSON, HTML, OpenAPI


@pytest.mark.parametrize("path", ["/processes", "/processes/hot_zones", "/jobs"])
def test_html_content(client: FlaskClient, path: str) -> None:
    for answer in (
        get(client, path, Accept="text/html"),
        get(client, f"{path}?f=html"),
    ):
        assert answer.content_type == "text/html; charset=utf-8"
        assert "<h1>" in answer.text


def test_html_of_jobs(client: FlaskClient) -> None:
    job = done(client, "count_in_polygons", COUNT)["jobID"]
    page = get(client, f"/jobs/{job}?f=html")
    assert "完成" in page.text
    assert f"/jobs/{job}/results" in page.text
    assert job[:8] in get(client, "/jobs?f=html").text


def test_json_definition(client: FlaskClient) -> None:
    for path in ("/processes", "/processes/hot_zones", "/jobs"):
        assert get(client, path, Accept="application/json").content_type == "application/json"


def test_oas30_completeness(client: FlaskClient) -> None:
    paths = ask(client, "/openapi")["paths"]
    assert {"get"} <= set(paths["/processes"])
    assert {"get"} <= set(paths["/processes/{processID}"])
    for process in ask(client, "/processes")["processes"]:
        body = paths[f"/processes/{process['id']}/execution"]["post"]["requestBody"]
        declared = ask(client, f"/processes/{process['id']}")["inputs"]
        schema = body["content"]["application/json"]["schema"]["properties"]["inputs"]
        assert set(schema["properties"]) == set(declared)
    assert {"get", "delete"} <= set(paths["/jobs/{jobId}"])
    assert {"get"} <= set(paths["/jobs/{jobId}/results"])


# Job list


@pytest.fixture(scope="module")
def listed(city: Any) -> dict[str, str]:
    """Jobs of an account of their own, by what becomes of them."""
    client = city.test_client(use_cookies=False)
    jobs = {
        "counted": done(client, "count_in_polygons", COUNT, login="one")["jobID"],
        "compared": done(client, "compare_periods", ONE_IN_JANUARY, login="one")["jobID"],
        "failed": done(
            client, "heat_surface", {"layer": "buildings", "radius": 50, "weight": "x"}, login="one"
        )["jobID"],
        "dismissed": done(client, "count_in_polygons", COUNT, login="one")["jobID"],
    }
    assert delete(client, f"/jobs/{jobs['dismissed']}", "one").status_code == 200
    return jobs


def names(client: FlaskClient, jobs: Mapping[str, str], query: str) -> list[str]:
    by_id = {job: name for name, job in jobs.items()}
    answer = ask(client, f"/jobs?{query}", "one")
    for job in answer["jobs"]:
        checked(job, STATUS)
    return [by_id[job["jobID"]] for job in answer["jobs"] if job["jobID"] in by_id]


def test_job_list_success(client: FlaskClient, listed: Mapping[str, str]) -> None:
    assert names(client, listed, "limit=100") == ["dismissed", "failed", "compared", "counted"]
    rels = [link["rel"] for link in ask(client, "/jobs", "one")["links"]]
    assert {"self", "alternate"} <= set(rels)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("type=process", ["dismissed", "failed", "compared", "counted"]),
        ("type=other", []),
        ("processID=compare_periods", ["compared"]),
        ("processID=compare_periods,heat_surface", ["failed", "compared"]),
        ("status=failed", ["failed"]),
        ("status=failed,dismissed", ["dismissed", "failed"]),
        ("status=running", []),
        ("datetime=2100-01-01T00:00:00Z/..", []),
        (
            "datetime=2020-01-01T00:00:00Z/2100-01-01T00:00:00Z&status=successful",
            ["compared", "counted"],
        ),
        ("minDuration=3600", []),
        ("maxDuration=3600&status=successful", ["compared", "counted"]),
        ("minDuration=0&maxDuration=3600&status=failed", ["failed"]),
    ],
)
def test_job_list_filters(
    client: FlaskClient, listed: Mapping[str, str], query: str, expected: list[str]
) -> None:
    assert names(client, listed, f"limit=100&{query}") == expected


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=1001", "status=lost", "minDuration=-1", "datetime=x", "after=x"]
)
def test_job_list_definitions(client: FlaskClient, query: str) -> None:
    assert get(client, f"/jobs?{query}").status_code == 400


def test_job_list_limit_response(client: FlaskClient, listed: Mapping[str, str]) -> None:
    met: list[str] = []
    path = "/jobs?limit=1"
    while path:
        page = ask(client, path, "one")
        assert len(page["jobs"]) <= 1
        met += [job["jobID"] for job in page["jobs"]]
        following = [each["href"] for each in page["links"] if each["rel"] == "next"]
        path = following[0].split("/ogc", 1)[1] if following else ""
    assert met == [job["jobID"] for job in ask(client, "/jobs?limit=1000", "one")["jobs"]]
    assert set(listed.values()) <= set(met)


# Dismiss


def test_dismiss_job_dismiss_success(client: FlaskClient) -> None:
    job = done(client, "count_in_polygons", COUNT)["jobID"]
    answer = delete(client, f"/jobs/{job}")
    assert answer.status_code == 200
    checked(answer.json, STATUS)
    assert answer.json["status"] == "dismissed"
    assert ask(client, f"/jobs/{job}")["status"] == "dismissed"
    gone = get(client, f"/jobs/{job}/results")
    assert gone.status_code == 404
    assert gone.json["type"] == f"{EXCEPTIONS}result-not-ready"
