"""The words that operations of the OpenAPI document share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Words = dict[str, Any]


def operation(
    name: str, tag: str, summary: str, parameters: Sequence[Words], forms: Mapping[str, str]
) -> Words:
    """A GET that answers in these forms (name to media type); its last parameter is `lang`."""
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
            "200": {"description": summary, "content": {each: {} for each in forms.values()}},
            "400": {"description": "参数不被接受 A parameter is unknown or cannot be read"},
            "401": {"description": "未登录 Not signed in"},
            "404": {"description": "没有，或无权查看 Not there, or not yours to see"},
        },
    }


def in_path(name: str, schema: Words) -> Words:
    """A part of the address."""
    return {"name": name, "in": "path", "required": True, "schema": schema}


def query(name: str, schema: Words) -> Words:
    """A parameter that may be left out."""
    return {"name": name, "in": "query", "required": False, "schema": schema}
