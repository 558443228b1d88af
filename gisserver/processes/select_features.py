"""Process `select_features`: features of a layer within, near or along a place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gisserver.processes.declaration import Asker, Input, Output, Process, Result, Work
from layers.analysis.answer import MOST_ROWS, Paging, find_answer
from layers.analysis.place import LARGEST_DISTANCE, RELATIONS, find_place
from layers.analysis.question import LIVED_IN, MEMBERS, PARTS, Question, read_question
from layers.analysis.record import record_question
from layers.catalogue import LAYERS
from layers.core.rights import Right

# Of persons no more than a page: who takes more out says why (export).
MOST_FEATURES = 20_000
_PLACED = [layer.name for layer in LAYERS if layer.geometry_kind or layer.name in LIVED_IN]


def _read(inputs: Mapping[str, Any], asker: Asker) -> tuple[Question, int]:
    given = {name: inputs[name] for name in MEMBERS if name in inputs}
    question = read_question(given, LAYERS, asker.reader, asker.codes)
    most = MOST_ROWS if question.layer.is_personal else MOST_FEATURES
    return question, min(inputs["limit"], most)


def _run(work: Work, asked: tuple[Question, int], media_type: str) -> Result:
    question, limit = asked
    connection, reader = work.connection, work.reader
    place = find_place(connection, reader, question.subject, question.relation, question.metres)
    features: list[str] = []
    matched, after = 0, None
    while True:
        paging = Paging(after=after, limit=min(limit - len(features), MOST_ROWS))
        found = find_answer(connection, question, place, reader, paging)
        features += found.features
        matched = matched if found.total is None else found.total
        after = found.next
        if after is None or len(features) >= limit:
            break
        work.tell(
            len(features) * 100 // min(limit, max(matched, 1)), f"{len(features)} / {matched}"
        )
    record_question(connection, question, place, reader, len(features))
    head = (
        f'{{"type":"FeatureCollection","numberMatched":{matched},'
        f'"numberReturned":{len(features)},"features":['
    )
    return Result(f"{head}{','.join(features)}]}}".encode(), media_type)


_CONDITIONS = {
    "type": "array",
    "items": {"type": "object"},
    "maxItems": 20,
    "format": "layer-conditions",
}

SELECT_FEATURES = Process(
    name="select_features",
    title=("缓冲与选取", "Buffer and select"),
    description=(
        "某图层中位于一处之内（within）、周边若干米（near）或沿线一定宽度（along）的要素；"
        "人口脱敏、一次最多 1,000 条，并写入审计日志。",
        "Features of a layer within a place, near it (metres) or along a line (full width); "
        "persons masked, at most 1,000 at once, and logged.",
    ),
    rights=(Right.BASE_READ,),
    inputs={
        "layer": Input(("图层", "Layer"), {"type": "string", "enum": _PLACED}, is_required=True),
        "relation": Input(
            ("关系", "Relation"), {"type": "string", "enum": list(RELATIONS)}, is_required=True
        ),
        "subject": Input(
            ("地点", "Place"),
            {"type": "object", "format": "place"},
            (
                "{geometry}、{center, radius} 或 {layer, ids}",
                "{geometry}, {center, radius} or {layer, ids}",
            ),
            is_required=True,
        ),
        "metres": Input(
            ("距离", "Metres"),
            {"type": "number", "exclusiveMinimum": 0, "maximum": LARGEST_DISTANCE},
            ("near 的距离，along 的全宽", "Distance of near, full width of along"),
        ),
        "part": Input(
            ("部分", "Part"),
            {"type": "string", "enum": list(PARTS)},
            ("中心、任意部分或整体在内", "Whether its centre, any part or the whole lies inside"),
        ),
        "conditions": Input(
            ("条件", "Conditions"),
            _CONDITIONS,
            (
                "{field, in | minimum | maximum | contains | begins | is | empty}",
                "{field, in | minimum | maximum | contains | begins | is | empty}",
            ),
        ),
        "building_conditions": Input(
            ("楼栋条件", "Conditions of the building"), {**_CONDITIONS, "x-layer": "buildings"}
        ),
        "limit": Input(
            ("最多条数", "Limit"),
            {"type": "integer", "minimum": 1, "maximum": MOST_FEATURES, "default": MOST_ROWS},
        ),
    },
    output=Output("features", ("要素", "Features")),
    read=_read,
    run=_run,
)
