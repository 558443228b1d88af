"""Which form of a resource, and in which language, a request asks for; documents in that form."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import Response, request

from gisserver.errors import BadRequest
from gisserver.ogc.media_types import DOCUMENT_FORMS, JSON
from gisserver.ogc.pages import html_page
from gisserver.parameters import LANGUAGES
from layers.core.layer import Layer

TAGS = ("zh-CN", "en-US")
DOCUMENT_PARAMETERS = ("f", "lang")
ANYTHING = "*/*"


def negotiated(forms: Mapping[str, str]) -> str:
    """The name of one of the forms (name to media type): by `f`, by `Accept`, else the first.

    Who accepts JSON gets the first of its kinds.

    Raises: BadRequest for an `f` that is none of them.
    """
    given = request.args.get("f")
    if given is not None:
        if given not in forms:
            raise BadRequest(f"f={given!r}: {' or '.join(forms)} expected", allowed=forms)
        return given
    if request.environ.get("HTTP_ACCEPT", ANYTHING) == ANYTHING:
        return next(iter(forms))
    named = {media_type: name for name, media_type in forms.items()}
    kinds = [media_type for media_type in named if media_type.endswith("json")]
    if kinds:
        named.setdefault(JSON, named[kinds[0]])
    best = request.accept_mimetypes.best_match(list(named))
    return next(iter(forms)) if best is None else named[best]


def wanted_language() -> int:
    """0 for Chinese, 1 for English: by `lang`, else by `Accept-Language`, else Chinese.

    Raises: BadRequest for another `lang`.
    """
    given = request.args.get("lang")
    if given is None:
        best = request.accept_languages.best_match([*TAGS, *LANGUAGES])
        return 1 if best and best.startswith("en") else 0
    language = given.replace("_", "-").partition("-")[0].lower()
    if language not in LANGUAGES:
        raise BadRequest(f"lang={given!r}: {' or '.join(TAGS)} expected", allowed=TAGS)
    return LANGUAGES.index(language)


def form_answer(
    page: str, content: Mapping[str, Any], media_type: str, layer: Layer | None = None
) -> Response:
    """A document as JSON of some media type, or as the page of that name."""
    if media_type == "text/html":
        response = html_page(page, content, layer)
    else:
        response = Response(json.dumps(content, ensure_ascii=False), mimetype=media_type)
    response.headers["Content-Language"] = TAGS[wanted_language()]
    response.vary.update(("Accept", "Accept-Language"))
    return response


def document_answer(page: str, content: Mapping[str, Any]) -> Response:
    """A document in the form asked for, JSON or a page."""
    return form_answer(page, content, DOCUMENT_FORMS[negotiated(DOCUMENT_FORMS)])
