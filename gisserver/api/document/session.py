"""Signing in, tokens and the audit log."""

from __future__ import annotations

from gisserver.api.audit import PIECE
from gisserver.api.document.operation import LIMIT, ONE, READ, Operation, Parameter
from gisserver.api.document.shapes import (
    ANY,
    FLAG,
    MOMENT,
    TEXT,
    WHOLE,
    Schema,
    many,
    or_null,
    ref,
    thing,
)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "post",
        "/api/session",
        "signIn",
        "session",
        "Sign in; sets the session cookie",
        body="Credentials",
        answer="Me",
        is_open=True,
    ),
    Operation(
        "delete", "/api/session", "signOut", "session", "Sign out", status=204, problems=READ
    ),
    Operation(
        "get", "/api/me", "me", "session", "Who is signed in and what it may do", answer="Me"
    ),
    Operation("get", "/api/tokens", "tokens", "session", "My personal tokens", answer="Token[]"),
    Operation(
        "post",
        "/api/tokens",
        "addToken",
        "session",
        "Make a token; its secret is in this answer only",
        body="NewToken",
        answer="MadeToken",
        status=201,
        problems=READ,
    ),
    Operation(
        "delete",
        "/api/tokens/{token_id}",
        "removeToken",
        "session",
        "Revoke a token at once",
        status=204,
        problems=ONE,
    ),
    Operation(
        "get",
        "/api/audit",
        "audit",
        "audit",
        "Audit log, newest first; `next` is the `before` of the next page",
        parameters=(
            LIMIT,
            Parameter("before", "integer", "Only lines before this id", minimum=1),
            Parameter("action"),
            Parameter("login"),
            Parameter("layer"),
            Parameter("feature_id", "integer", minimum=0),
            Parameter("from", description="From this moment", format="date-time"),
            Parameter("to", description="Before this moment", format="date-time"),
        ),
        answer="AuditPage",
        problems=READ,
    ),
    Operation(
        "get",
        "/api/audit/check",
        "auditCheck",
        "audit",
        "Whether each line of the audit log follows from the one before, in pieces",
        parameters=(
            Parameter("after", "integer", "`next` of the piece before", minimum=0),
            Parameter("limit", "integer", "Lines of one piece", minimum=1, maximum=PIECE),
        ),
        answer="AuditCheck",
        problems=READ,
    ),
)

SCHEMAS: dict[str, Schema] = {
    "Credentials": thing(login=TEXT, password=TEXT | {"format": "password"}),
    "Me": thing(
        login=TEXT,
        display_name=TEXT,
        roles=many(TEXT),
        rights=many(TEXT),
        areas=many(thing(code=TEXT, name=TEXT, role=TEXT)),
        staff=or_null(
            thing(id=WHOLE, name=TEXT, post=TEXT, unit_id=or_null(WHOLE), unit_name=or_null(TEXT))
        ),
        csrf=TEXT,
        server_time=MOMENT,
    ),
    "Token": thing(
        id=WHOLE,
        name=TEXT,
        created_at=MOMENT,
        expires_at=MOMENT,
        last_used_at=or_null(MOMENT),
        areas=many(TEXT),
        layers=many(TEXT),
        is_read_only=FLAG,
    ),
    "NewToken": thing(
        {
            "days": WHOLE | {"minimum": 1, "maximum": 366, "default": 90},
            "areas": many(TEXT)
            | {"maxItems": 50, "description": "Codes; none: all of the account"},
            "layers": many(TEXT)
            | {"description": "Names of layers; none: all that the account sees"},
            "is_read_only": FLAG | {"default": False},
        },
        name=TEXT,
    ),
    "MadeToken": {"allOf": [ref("Token"), thing(token=TEXT)]},
    "AuditLine": thing(
        id=WHOLE,
        at=MOMENT,
        account_id=or_null(WHOLE),
        login=or_null(TEXT),
        action=TEXT,
        layer=or_null(TEXT),
        feature_id=or_null(WHOLE),
        area_code=TEXT,
        reason=or_null(TEXT),
        detail=ANY,
    ),
    "AuditPage": thing(items=many(ref("AuditLine")), next=or_null(WHOLE)),
    "AuditCheck": thing(broken=FLAG, ids=many(WHOLE), checked=WHOLE, next=or_null(WHOLE)),
}
