"""The words that operations of the OpenAPI document share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Words = dict[str, Any]


PROBLEM: Words = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
REDIRECT: Words = {
    "description": "在别处 Elsewhere",
    "headers": {"Location": {"schema": {"type": "string"}}},
}
MEANINGS = {
    "400": "参数不被接受 A parameter is unknown or cannot be read",
    "401": "未登录 Not signed in",
    "403": "无权 The right is missing",
    "404": "没有，或无权查看 Not there, or not yours to see",
    "429": "请求过多 Too many requests; `Retry-After` says when to go on",
    "503": "繁忙 Busy, or it took too long",
}
_ANY_GET = ("400", "401", "404", "429", "503")


def refusals(*statuses: str) -> Words:
    """Answers that are problem documents, by status."""
    return {each: {"description": MEANINGS[each], "content": PROBLEM} for each in statuses}


def operation(
    name: str,
    tag: str,
    summary: str,
    parameters: Sequence[Words],
    forms: Mapping[str, str],
    shape: str = "",
) -> Words:
    """A GET that answers in these forms (name to media type); its last parameter is `lang`.

    `shape` names the schema, among the components, of the forms that are JSON.
    """
    schema: Words = {"schema": {"$ref": f"#/components/schemas/{shape}"}} if shape else {}
    content: Words = {each: schema if "json" in each else {} for each in forms.values()}
    return {
        "operationId": name,
        "summary": summary,
        "tags": [tag],
        "parameters": [
            *parameters,
            query("f", {"type": "string", "enum": list(forms)}),
            query("lang", {"type": "string", "enum": ["zh-CN", "en-US"]}),
        ],
        "responses": {
            "200": {"description": summary, "content": content},
            **refusals(*_ANY_GET),
        },
    }


def in_path(name: str, schema: Words) -> Words:
    """A part of the address."""
    return {"name": name, "in": "path", "required": True, "schema": schema}


def query(name: str, schema: Words) -> Words:
    """A parameter that may be left out."""
    return {"name": name, "in": "query", "required": False, "schema": schema}
