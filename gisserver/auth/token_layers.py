"""What a token of certain layers may ask at all: that which names a layer, or tells of none."""

from __future__ import annotations

from flask import Request

from layers.core.errors import Forbidden, NotFound
from layers.core.scope import Reader

# Each names the layer in its address; a theme of several shows those of its reader.
_OF_A_LAYER = ("/ogc/collections/<name>", "/api/layers/<name>/", "/tiles/<names>/")
_OF_THOSE_THERE_ARE = (
    "/ogc/styles",
    "/ogc/tiles",
    "/ogc/tileMatrixSets",
)
_EXACT = frozenset(
    {
        "/ogc/",
        "/ogc/conformance",
        "/ogc/openapi",
        "/ogc/collections",
        "/ogc/qgis-project",
        "/ogc/help",
        "/ogc/static/<path:filename>",
        "/api/me",
        "/api/codes",
        "/api/openapi.json",
    }
)


def stay_within(reader: Reader, asked: Request) -> None:
    """Nothing, when a reader of certain layers may ask this; what a route adds later is closed.

    Raises: NotFound for another layer, in the words for one that is not there; Forbidden for what
    is about layers without naming one.
    """
    rule = "" if asked.url_rule is None else asked.url_rule.rule
    if rule.startswith(_OF_A_LAYER):
        arguments = asked.view_args or {}
        asked_names = str(arguments.get("name") or arguments.get("names")).split(",")
        names = {layer.name for layer in reader.layers}
        missing = [name for name in asked_names if name not in names]
        if missing:
            raise NotFound(f"no layer {missing[0][:60]!r}; there are: {', '.join(sorted(names))}")
    elif asked.url_rule is not None and rule not in _EXACT and not _is_of_those(rule):
        raise Forbidden("this token is for some layers: it may use /ogc, /tiles and /api/layers")


def _is_of_those(rule: str) -> bool:
    return any(rule == each or rule.startswith(f"{each}/") for each in _OF_THOSE_THERE_ARE)
