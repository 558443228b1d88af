"""Who looked at whom, warnings of it, how long what is kept, a subject's own copy."""

from __future__ import annotations

from gisserver.api.document.operation import AREA, ONE, QUOTA, READ, WRITE, Operation, Parameter
from gisserver.api.document.shapes import (
    DAY,
    MOMENT,
    NUMBER,
    TEXT,
    WHOLE,
    Schema,
    by_name,
    many,
    or_null,
    record,
    ref,
    thing,
)
from gisserver.xlsx import XLSX
from layers.privacy.look_list import KINDS, MOST_ROWS, LookCounts
from layers.privacy.retention_rules import ACTIONS, NAMES
from layers.privacy.warning_list import PATTERNS, STATES

_DAYS = (
    Parameter("from", description="First day, in China", format="date"),
    Parameter("to", description="Last day, in China", format="date"),
    Parameter("login", description="Account that looked"),
    Parameter("subject", "integer", "Number of the person looked at", minimum=1),
    AREA,
)
_FILTERS = (
    *_DAYS,
    Parameter("kind", description=f"One of {', '.join(KINDS)}"),
)
_PAGE = Parameter("limit", "integer", "Most rows of one page", minimum=1, maximum=MOST_ROWS)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "get",
        "/api/privacy/looks",
        "looks",
        "audit",
        "Who looked at whom, newest first; persons by number only",
        parameters=(
            *_FILTERS,
            _PAGE,
            Parameter("before", "integer", "`next` of the page before", minimum=0),
        ),
        answer="Looks",
        problems=READ,
    ),
    Operation(
        "get",
        "/api/privacy/looks/figures",
        "lookFigures",
        "audit",
        "How many looks of each kind: in all, by account and by day",
        parameters=_FILTERS,
        answer="LookFigures",
        problems=READ,
    ),
    Operation(
        "post",
        "/api/privacy/looks/export",
        "exportLooks",
        "audit",
        "Looks as an Excel file, for a reason; written to the audit log",
        body="LookExport",
        answer="Any",
        media_type=XLSX,
        problems=READ,
    ),
    Operation(
        "get",
        "/api/privacy/warnings",
        "warnings",
        "audit",
        "Spent quotas and unusual patterns of looks, with what an auditor made of each",
        parameters=(
            *_DAYS,
            Parameter("pattern", description=f"One of {', '.join(PATTERNS)}"),
            Parameter("state", description=f"One of {', '.join(STATES)}"),
            _PAGE,
            Parameter("after", description="`next` of the page before"),
        ),
        answer="Warnings",
        problems=READ,
    ),
    Operation(
        "post",
        "/api/privacy/warnings/state",
        "markWarning",
        "audit",
        "Set the state of a warning with a remark; written to the audit log",
        body="WarningMark",
        answer="Warning",
        problems=WRITE,
    ),
    Operation(
        "post",
        "/api/persons/{person_id}/copy",
        "subjectCopy",
        "people",
        "All that is held about a person as an Excel file, for a reason; counted as a reveal",
        body="CopyRequest",
        answer="Any",
        media_type=XLSX,
        problems=(*ONE, QUOTA),
    ),
    Operation(
        "get",
        "/api/privacy/retention",
        "retention",
        "audit",
        "What is past its term by each rule, in the reader's areas; nothing is changed",
        answer="Retention",
        problems=READ,
    ),
)

_KIND: Schema = TEXT | {"enum": list(KINDS)}
_PATTERN: Schema = TEXT | {"enum": list(PATTERNS)}
_STATE: Schema = TEXT | {"enum": list(STATES)}

SCHEMAS: dict[str, Schema] = {
    "Look": thing(
        id=WHOLE,
        at=MOMENT,
        login=TEXT,
        roles=many(TEXT),
        unit=or_null(TEXT),
        kind=_KIND,
        action=TEXT,
        layer=or_null(TEXT),
        subject=or_null(WHOLE),
        field=or_null(TEXT),
        rows=or_null(WHOLE),
        reason=or_null(TEXT),
        area_code=TEXT,
    ),
    "Looks": thing(items=many(ref("Look")), next=or_null(WHOLE)),
    "LookCounts": record(LookCounts),
    "AccountLooks": {"allOf": [ref("LookCounts"), thing(roles=many(TEXT), unit=or_null(TEXT))]},
    "LookFigures": thing(
        total=ref("LookCounts"),
        accounts=many(ref("AccountLooks")),
        days=many(ref("LookCounts")),
    ),
    "LookExport": thing(
        {"filters": by_name(TEXT), "language": TEXT | {"enum": ["zh", "en"]}}, reason=TEXT
    ),
    "Warning": thing(
        key=TEXT,
        pattern=_PATTERN,
        day=DAY,
        login=or_null(TEXT),
        roles=many(TEXT),
        unit=or_null(TEXT),
        subject=or_null(WHOLE),
        kind=or_null(TEXT),
        period=or_null(TEXT),
        amount=WHOLE,
        usual=or_null(NUMBER),
        threshold=WHOLE,
        first_at=MOMENT,
        last_at=MOMENT,
        areas=many(TEXT),
        state=_STATE,
        remark=or_null(TEXT),
        marked_by=or_null(TEXT),
        marked_at=or_null(MOMENT),
        mark=or_null(WHOLE),
    ),
    "Warnings": thing(items=many(ref("Warning")), counts=by_name(WHOLE), next=or_null(TEXT)),
    "CopyRequest": thing({"language": TEXT | {"enum": ["zh", "en"]}}, reason=TEXT),
    "RetentionRule": thing(
        name=TEXT | {"enum": list(NAMES)},
        action=TEXT | {"enum": sorted(set(ACTIONS.values()))},
        months=WHOLE,
        least_months=WHOLE,
        basis=TEXT,
        rows=WHOLE,
        oldest=or_null(DAY),
    ),
    "Retention": thing(rules=many(ref("RetentionRule"))),
    "WarningMark": thing({"mark": or_null(WHOLE)}, key=TEXT, state=_STATE, remark=TEXT),
}
