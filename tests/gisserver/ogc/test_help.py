"""The page that tells how to connect: what it tells works on this server."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from tests.gisserver.ogc.conftest import PASSWORD, ask
from tests.gisserver.ogc.process_client import token_of

BASE = "http://localhost/ogc"
ACCOUNT = ("chief", PASSWORD)


def help_page(client: FlaskClient, **query: str) -> str:
    answer = client.get("/ogc/help", query_string=query, auth=ACCOUNT)
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "text/html"
    return unescape(answer.text)


def test_its_language_is_that_of_the_reader(client: FlaskClient) -> None:
    headers = {"Accept-Language": "en-GB"}
    assert client.get("/ogc/help", auth=ACCOUNT).headers["Content-Language"] == "zh-CN"
    found = client.get("/ogc/help", auth=ACCOUNT, headers=headers)
    assert found.headers["Content-Language"] == "en-US"
    assert "How to connect" in found.text
    for query in ("lang=fr", "f=json", "page=2"):
        assert client.get(f"/ogc/help?{query}", auth=ACCOUNT).status_code == 400
    assert client.get("/ogc/help").status_code == 401


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_address_on_it_is_one_of_this_server(client: FlaskClient, language: str) -> None:
    page = help_page(client, lang=language)
    addresses = set(re.findall(rf"{BASE}[^\s'\"<]*", page))
    assert len(addresses) > 10
    for address in addresses - {BASE}:
        path = address.partition("#")[0].removeprefix("http://localhost")
        if "{z}" in path:
            path = path.format(z=14, y=6599, x=13516)
        allowed = {200, 204} if "/items/17" not in path else {200, 404}
        # This small city has no ground.
        allowed |= {404} if "elevation" in path else set()
        answer = client.get(path, auth=ACCOUNT)
        assert answer.status_code in allowed, (path, answer.text)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_its_filters_are_understood(client: FlaskClient, language: str) -> None:
    page = help_page(client, lang=language)
    (asked,) = re.findall(r'--data-urlencode "filter=([^"]+)"', page)
    answer = client.get(
        "/ogc/collections/buildings/items", query_string={"filter": asked}, auth=ACCOUNT
    )
    assert answer.status_code == 200, answer.text
    (written,) = re.findall(r"<code>(\"levels\"[^<]+)</code>", page)
    answer = client.get(
        "/ogc/collections/buildings/items", query_string={"filter": written}, auth=ACCOUNT
    )
    assert answer.json is not None
    assert answer.json["numberMatched"] > 0


def test_its_pictures_are_small_and_there(client: FlaskClient) -> None:
    pictures = re.findall(r'<img src="http://localhost(/ogc/static/[^"]+)"', help_page(client))
    assert len(pictures) == 4
    for path in pictures:
        answer = client.get(path, auth=ACCOUNT)
        assert answer.status_code == 200
        assert answer.data[8:12] == b"WEBP"
        assert len(answer.data) <= 120 * 1024
        answer.close()


def test_a_token_of_one_layer_may_read_it(client: FlaskClient) -> None:
    _, token = token_of(client, "chief", layers=["buildings"])
    answer = client.get("/ogc/help", auth=("chief", token))
    assert answer.status_code == 200
    assert ask(client, "/")["links"]
