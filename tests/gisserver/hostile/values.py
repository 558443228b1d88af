"""What attackers and broken clients send, by the kind of value that is expected.

SQL stands in small letters, so that SQL of ours in an answer is told from theirs repeated.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from copy import deepcopy
from typing import Any

MEBIBYTE = 1 << 20

INJECTIONS = (
    "'", '"', "\\", "';", "' or '1'='1", "' or 1=1 --", '" or ""="', "1 or 1=1", "') or ('1'='1",
    "'; drop table core.audit; --", "1; select pg_sleep(7)", "'||pg_sleep(7)||'",
    "1) union select null,null,version()--", "' union select password_hash from account --",
    "%' or 1=1 --", "$1", "$$", "%s", "%(id)s", "%d%n", ":id", "?", "{0}", "{{7*7}}", "${7*7}",
    "#{7*7}", "${jndi:ldap://127.0.0.1/a}", "<script>alert(1)</script>", "<!--", "]]>",
    "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>", "|id",
    ";id", "`id`", "$(id)", "&& id", "\r\nSet-Cookie: a=b", "\n\nHTTP/1.1 200 OK", "*)(uid=*",
    "__import__('os')", "constructor", "__proto__", "null", "undefined", "None", "nan",
)  # fmt: skip
TRAVERSALS = (
    "..", ".", "../../../../etc/passwd", "..\\..\\..\\windows\\win.ini", "/etc/passwd",
    "....//....//etc/passwd", "file:///etc/passwd", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "..;/..;/",
    "..%00/", "C:\\", "//127.0.0.1/a", "http://127.0.0.1:1/", "~root", "buildings/../persons",
    "..%c0%af..%c0%afetc/passwd", "con", "a" * 300 + "/../../a",
)  # fmt: skip
NUMBERS = (
    "0", "-0", "-1", "1", "2147483647", "2147483648", "-2147483649", "9223372036854775807",
    "9223372036854775808", "18446744073709551616", "9" * 40, "9" * 5000, "1e308", "1e309",
    "-1e400", "1e-400", "NaN", "nan", "Infinity", "-inf", "+1", "1.0", "1.5", ".5", "5.", "0x10",
    "0b1", "1_000", "1,5", " 1", "1 ", "１２", "٣", "²", "½", "Ⅷ", "一", "--1", "1e", "true", "",
    "-",
)  # fmt: skip
TEXTS = (
    "", " ", "\t", "\x00", "a\x00b", "\x01\x02", "\x7f", "\u202e", "\ufeff", "\uffff", "\u2028",
    "𠮷𠮷", "👩‍👩‍👧‍👦", "e" + "\u0301" * 2000, "ﷺ" * 300, "İ", "ß" * 100, "a" * 10_000,
    "。" * 5_000,    "%", "_%_%_%_%", "%" * 500, "*", "(" * 500, "[" * 500, "a," * 3_000, "&", "=",
)  # fmt: skip
BOXES = (
    "nan,nan,nan,nan", "inf,-inf,inf,inf", "-inf,-inf,inf,inf", "1e400,0,1,1", "0,0,0,0",
    "180,90,-180,-90", "-180,-90,180,90", "-1e308,-1e308,1e308,1e308", "170,-10,-170,10", "1,2,3",
    "1,2,3,4,5", "1,2,3,4,5,6", "117,33,nan,118,34,inf", ",,,", "0,0,1,1,", "1;2;3;4", "[1,2,3,4]",
    "116,33,118,34," * 2_000, "a,b,c,d", "１,２,３,４", "0x1,0,1,1", "1e-320,0,1,1",
    "-180.0000001,0,1,1", "500000,3700000,510000,3710000", "-2e7,-2e7,2e7,2e7",
)  # fmt: skip
MOMENTS = (
    "0000-00-00T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
    "9999-12-31T23:59:60Z", "99999-01-01T00:00:00Z", "-4713-01-01T00:00:00Z", "2026-02-30",
    "2026-13-01", "2026-01-01T25:00:00Z", "2026-01-01T00:00:00+99:99", "..", "../..", "/", "//",
    "2026-01-01/..", "../2026-01-01", "2026-01-02/2026-01-01", "2026-W01-1", "2026-001",
    "20260101", "0001-01-01", "9999-12-31", "0001-01-01/9999-12-31", "now", "infinity",
    "-infinity", "today", "2026-01-01 00:00:00", "1767225600", "2026-01-01T00:00:00.000000000001Z",
    "2026-01-01T00:00:00Z/2026-01-02T00:00:00Z/2026-01-03T00:00:00Z", "P1Y", "2026-01-01/P1D",
    "２０２６-01-01", "0001-01-01T00:00:00Z/0001-01-01T00:00:01+23:59",
)  # fmt: skip
_CRS = "http://www.opengis.net/def/crs/"
SYSTEMS = (
    f"{_CRS}EPSG/0/3857", f"{_CRS}EPSG/0/4326", f"{_CRS}EPSG/0/4490", f"{_CRS}EPSG/0/4550",
    f"{_CRS}OGC/1.3/CRS84", f"{_CRS}OGC/0/CRS84h", f"{_CRS}EPSG/0/999999", f"{_CRS}EPSG/0/-1",
    f"{_CRS}EPSG/0/{'9' * 400}", "EPSG:4326", "[EPSG:3857]", "[EPSG:0]", "[:]", "4326",
    "urn:ogc:def:crs:EPSG::4326", f"{_CRS}EPSG/0/../../../etc", "+proj=merc", "http://127.0.0.1:1",
    "<>", "[OGC:CRS84]",
)  # fmt: skip
_LINE = ",".join(f"{i % 360 - 180} {i % 90}" for i in range(4_000))
FILTERS = (
    "1=1", "'a'='a'", "id=id", "1/0=1", "id=1/0", "id = 9223372036854775808", f"id={'9' * 4000}",
    "id = -170141183460469231731687303715884105728",
    "id*9223372036854775807*9223372036854775807>0", "id^9999=1", "id % 0 = 1", "id div 0 = 1",
    "id = 1e308*1e308", "id=1e400", "id = 'a'", "id=true", "levels = 'x'", "name = 5",
    "name like '%%%%%%%%%a%%%%%%%%%b%%%%%%%c'", "name like '\\'",
    "name like '" + "%a" * 2000 + "'", "casei(name)=casei('İ')",
    "accenti(casei(accenti(name)))='a'", "name in (" + ",".join(["'a'"] * 5_000) + ")",
    "id in (" + ",".join(["1"] * 20_000) + ")", "id in ()", "id between 9 and 1",
    "id between 'a' and 'b'", "name is null or", "not", "and and", "not " * 3_000 + "id=1",
    "(" * 3_000 + "id=1" + ")" * 3_000, "(" * 90_000, "id=1 and " * 4_000,
    " or ".join(["id=1"] * 3_000), "id=" + "-" * 3_000 + "1", "id=" + "1+" * 4_000 + "1",
    "s_intersects(geometry,POINT(nan nan))", "s_intersects(geometry,POINT(1e400 0))",
    "s_intersects(geometry,POINT(1e308 1e308))", "s_intersects(geometry,POINT EMPTY)",
    "s_intersects(geometry,POLYGON((0 0,1 1)))",
    "s_intersects(geometry,POLYGON((0 0,1 1,0 1,1 0,0 0)))",
    "s_intersects(geometry,BBOX(-180,-90,180,90))", "s_intersects(geometry,BBOX(nan,nan,nan,nan))",
    "s_intersects(geometry,BBOX(1,2,3))", "s_intersects(geometry,geometry)", "s_touches(geometry)",
    "s_relate(geometry,POINT(0 0),'*********')", "s_intersects('a','b')",
    "s_intersects(id,POINT(0 0))",
    "s_intersects(geometry,LINESTRING(" + _LINE + "))",
    "s_within(geometry,GEOMETRYCOLLECTION(POINT(0 0)))", "s_crosses(POINT(0 0),POINT(0 0))",
    "s_dwithin(geometry,POINT(0 0),1e400,meters)",
    "s_intersects(geometry,MULTIPOLYGON(((180 0,-180 0,180 90,180 0))))",
    "updated_at > timestamp('9999-12-31T23:59:59Z')",
    "updated_at > timestamp('0000-01-01T00:00:00Z')",
    "updated_at > timestamp('0001-01-01T00:00:00+14:00')", "updated_at = date('2026-02-30')",
    "updated_at t_during interval('..','..')", "t_after(updated_at,interval('a','b'))",
    "t_intersects(updated_at,interval('2026-01-01','0001-01-01'))", "updated_at = 'now'",
    "a_contains(name,('a','b'))", "pg_sleep(7)=1", "version()='a'", "current_user='a'", "\"id\"=1",
    "\"a\"\"b\"=1", "`id`=1", "id=1;drop table a", "id=1--", "id/**/=1", "核=1", "name = 'a\x00b'",
    "name = '\ud800'", "name='" + "''" * 4_000 + "'", "TRUE", "null", "id",
)  # fmt: skip
TILE_NUMBERS = (
    "0", "-1", "22", "23", "31", "32", "63", "64", "4294967296", "99999999", "999999999",
)  # fmt: skip
HEADER_BYTES = (
    b"\xff\xfe", b"\xc3\x28", b"\x80", b"\xe4\xb8", "汉".encode(),
    "汉".encode("gbk"), b"a" * 9_000, b"", b" ", b"\t", b"*", b'"', b'""', b'W/"', b'W/""', b'"1"',
    b'"1", "2"', b'"' + b"9" * 200 + b'"', b"1", b"-1", b"\x7f", b"null", b"a;b;c", b",,,,",
    b"q=1", b"*/*;q=nan", b"*/*;q=-1", b"application/geo+json;q=1e999", b"text/html;q=\xff",
    b"text/" * 900, b"zh" * 900, b"zh;q=a", b"bytes=0-", b"bytes=-1", b"bytes=9-1",
    b"bytes=" + b"0-1," * 2_000, b"items=0-1", b"bytes=99999999999999999999-",
    b"Thu, 99 Foo 99999 99:99:99 GMT", b"Sun, 06 Nov 0000 08:49:37 GMT",
    b"Mon, 01 Jan 9999 00:00:00 -2400", b"return=minimal, return=representation",
    b"handling=strict", b"handling=\xff", b"wait=" + b"9" * 100, b"gzip;q=nan",
    b"gzip;q=0, identity;q=0", b"br", b"a=b; c", b"wangge_session=" + b"a" * 4000,
    b'wangge_session="\\377\\000"', b"wangge_session=\xff", b"{{7*7}}", b"' or 1=1 --",
    b"../../etc/passwd", b"%00", b"%", b"%ZZ", b"%E4%B8", b"http://a/\xff",
)  # fmt: skip
CREDENTIALS = (
    b"Basic", b"Basic ", b"Basic =", b"Basic !!!!", b"Basic YQ", b"Basic YQ==", b"Basic Og==",
    b"Basic \xff\xfe", b"Basic AAAAAA==", b"Basic /////w==", b"Basic " + b"YWFh" * 2_000,
    b"Basic bm9ib2R5OgA=", b"Bearer", b"Bearer ", b"Bearer wgt_", b"Bearer wgt_\xff",
    b"Bearer \x7f", b"Bearer wgt_" + b"a" * 7_000, b"Bearer a b c", b"Digest username=\"a\"",
    b"Negotiate YII=", b"Digest " + b"a=" * 900, b"", b" ", b"\xff", b"basic",
    b"AWS4-HMAC-SHA256 a", b"Bearer a=b=c", b"Basic J29yIDE9MSAtLTphYWFhYWFhYWFhYQ==",
    b"Basic 8J+RqTrDgw==", b"Basic gICA", b"Token a",
)  # fmt: skip
QUERY_BYTES = (
    b"%FF", b"%C3%28", b"%ED%A0%80", b"%F0%80%80%80", b"%00", b"%", b"%Z", b"%%", b"\xff\xfe",
    "汉".encode(), b"%u6C49", b"a%0d%0aX: y", b"%26", b"%3D", b"+", b"%2B", b"%C0%AE%C0%AE%C0%AF",
    b"#", b"%EF%BF%BF", b"%F4%90%80%80", b"'", b'"', b"<>", b"{}", b"|", b"^", b"\\",
)  # fmt: skip
MEDIA_TYPES = (
    b"text/plain", b"application/xml", b"multipart/form-data", b"multipart/form-data; boundary=",
    b"multipart/form-data; boundary=" + b"a" * 500, b"application/x-www-form-urlencoded", b"",
    b"application/json; charset=utf-16", b"application/json; charset=none", b"application/json;",
    b"application/geo+json", b"application/merge-patch+json", b"application/json-patch+json",
    b"APPLICATION/JSON", b"json", b"/", b"*/*", b"\xff/\xfe", b"application/json, text/plain",
    b"application/octet-stream", b"image/png", b"application/json; charset=\xff",
)  # fmt: skip
BODIES = (
    b"", b" ", b"{", b"}", b"[", b"[]", b"{}", b"null", b"true", b"1", b'""', b'"a"', b"NaN",
    b"{]", b'{"a":}', b'{"a":1,}', b"{'a':1}", b'{"a":1}{"a":2}', b'{"type":"Feature"}',
    b"\xff\xfe{\x00}\x00", b"\xef\xbb\xbf{}", b"\x00", b"\xff\xff\xff", b'{"a":"\xff"}',
    b'{"\xc3\x28":1}', b'{"a":"\\ud800"}', b'{"\\u0000":1}', b'{"a":1e400}', b'{"a":-Infinity}',
    b'{"a":NaN}', b'{"a":' + b"9" * 5_000 + b"}", b"[" * 100_000, b'{"a":' * 50_000,
    b"[" * 50_000 + b"]" * 50_000, b'{"a":' * 900 + b"1" + b"}" * 900, b"<a/>", b"a=b&c=d",
    b"--a\r\n\r\n--a--\r\n", b'{"a":1,"a":2}', b'{"__proto__":{"a":1}}',
    b"[" + b"1," * 100_000 + b"1]", b'{"a":"' + b"x" * 200_000 + b'"}', b"{" * 200_000,
)  # fmt: skip

# Two that claim more than they hold, one of nothing, one that is a programme.
PICTURES = (
    b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + b"\x00" * 64,
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x7f\xff\xff\xff\x7f\xff\xff\xff\x08\x06\x00\x00\x00",
    b"",
    b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
)

FAMILIES: dict[str, Sequence[str]] = {
    "injection": INJECTIONS,
    "traversal": TRAVERSALS,
    "number": NUMBERS,
    "text": TEXTS,
    "box": BOXES,
    "moment": MOMENTS,
    "system": SYSTEMS,
    "filter": FILTERS,
}


def hostile_text(dice: random.Random, name: str, kind: str) -> str:
    """A value for a parameter: mostly of the family that its name or type asks for."""
    fitting = {
        "bbox": "box",
        "datetime": "moment",
        "from": "moment",
        "to": "moment",
        "on": "moment",
        "since": "moment",
        "until": "moment",
        "at": "moment",
        "crs": "system",
        "bbox-crs": "system",
        "filter-crs": "system",
        "filter": "filter",
        "style": "traversal",
        "name": "traversal",
    }.get(name) or {"integer": "number", "number": "number", "boolean": "number"}.get(
        kind, "injection"
    )
    family = fitting if dice.random() < 0.7 else dice.choice(list(FAMILIES))
    return dice.choice(FAMILIES[family])  # fmt: skip


def nested(depth: int) -> dict[str, Any]:
    """A CQL2 filter of `not` within `not`."""
    tree: dict[str, Any] = {"op": "=", "args": [{"property": "id"}, 1]}
    for _ in range(depth):
        tree = {"op": "not", "args": [tree]}
    return tree


def _geometry(kind: str, coordinates: Any) -> dict[str, Any]:
    return {"type": kind, "coordinates": coordinates}


def _deep(depth: int) -> list[Any]:
    made: list[Any] = []
    for _ in range(depth):
        made = [made]
    return made


_ID, _PLACE = {"property": "id"}, {"property": "geometry"}
_NAME, _CHANGED = {"property": "name"}, {"property": "updated_at"}
_RING = [[117, 33], [118, 34], [117, 34], [118, 33], [117, 33]]

JSON_FILTERS: tuple[Any, ...] = (
    {}, [], None, 1, "id=1", True, nested(5), nested(150), {"op": "and", "args": []},
    {"op": "and"}, {"op": "=", "args": [_ID]}, {"op": "=", "args": [_ID, 1, 2]},
    {"op": ["="], "args": [_ID, 1]}, {"op": {}, "args": {}}, {"op": "="},
    {"op": "=", "args": [{"property": ["id"]}, 1]}, {"op": "=", "args": [{"property": 1}, 1]},
    {"op": "=", "args": [{"property": "\u0000"}, 1]}, {"op": "=", "args": [_ID, 10**400]},
    {"op": "=", "args": [_ID, float("nan")]}, {"op": "=", "args": [_ID, float("inf")]},
    {"op": "=", "args": [_ID, "\ud800"]}, {"op": "=", "args": [_ID, {"a": 1}]},
    {"op": "in", "args": [_ID, list(range(20_000))]}, {"op": "in", "args": [_ID, 1]},
    {"op": "in", "args": [_ID, [[1], {}]]}, {"op": "between", "args": [_ID, 1]},
    {"op": "like", "args": [{"property": "name"}, 1]}, {"op": "isNull", "args": []},
    {"op": "like", "args": [{"property": "name"}, "%a" * 3_000]},
    {"op": "or", "args": [{"op": "=", "args": [_ID, i]} for i in range(5_000)]},
    {"op": "s_intersects", "args": [_PLACE, _geometry("Point", [float("nan"), 0])]},
    {"op": "s_intersects", "args": [_PLACE, _geometry("Point", [1e308, -1e308])]},
    {"op": "s_intersects", "args": [_PLACE, _geometry("Point", "a")]},
    {"op": "s_intersects", "args": [_PLACE, _geometry("Point", [])]},
    {"op": "s_intersects", "args": [_PLACE, _geometry("Polygon", [_RING])]},
    {"op": "s_intersects", "args": [_PLACE, _geometry("Polygon", _deep(250))]},
    {"op": "s_intersects", "args": [_PLACE, _geometry("Polygon", [[[0, 0]] * 3])]},
    {"op": "s_intersects", "args": [_PLACE, _geometry("Banana", [1, 2])]},
    {"op": "s_within", "args": [_PLACE, {"type": "GeometryCollection", "geometries": {}}]},
    {"op": "s_within", "args": [_PLACE, {"bbox": [1, 2, 3]}]},
    {"op": "s_within", "args": [_PLACE, {"bbox": [None] * 4}]},
    {"op": "s_equals", "args": [_PLACE, _PLACE]},
    {"op": "t_after", "args": [_CHANGED, {"timestamp": "0001-01-01T00:00:00+14:00"}]},
    {"op": "t_during", "args": [_CHANGED, {"interval": ["..", ".."]}]},
    {"op": "t_during", "args": [_CHANGED, {"interval": [[], {}]}]},
    {"op": "=", "args": [{"op": "/", "args": [1, 0]}, 1]},
    {"op": "=", "args": [{"op": "casei", "args": [_NAME]}, {"op": "casei", "args": [1]}]},
    {"op": "=", "args": [{"op": "*", "args": [_ID, 2**63 - 1]}, 1]},
    {"op": "pg_sleep", "args": [7]}, {"op": "=", "args": [{"function": {"name": "version"}}, 1]},
    {"op": "=", "args": [{"property": "name"}, "x" * MEBIBYTE]},
)  # fmt: skip
JSON_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 2**31, 2**63, 10**400, 1.5, 1e308, float("nan"), float("inf"),
    -float("inf"), "", " ", [], {}, [[]], [None], {"": ""}, "\ud800", "a\u0000b", "x" * 100_000,
    _deep(300), _deep(200), [1] * 20_000, {str(i): i for i in range(5_000)}, [{"a": 1}],
    _geometry("Point", [0, 0]), _geometry("Point", [117.0, 33.0, 5.0]),
    _geometry("Polygon", [_RING]), _geometry("MultiPolygon", [[_RING]]),
    _geometry("Polygon", [[[0, 0]] * 5_000]), _geometry("Point", [float("nan"), 0]),
    _geometry("LineString", [[117, 33]]), _geometry("Point", ["a", {}]), _geometry("Polygon", []),
    {"type": "GeometryCollection", "geometries": [1]}, {"type": ["Point"], "coordinates": None},
)  # fmt: skip


def hostile_json(dice: random.Random, name: str) -> Any:
    """A value for a member of a body."""
    if name == "filter" and dice.random() < 0.8:
        return deepcopy(dice.choice(JSON_FILTERS))
    if dice.random() < 0.5:
        return deepcopy(dice.choice(JSON_VALUES))
    return hostile_text(dice, name, "string")


def encoded(value: Any) -> bytes:
    """JSON as an attacker writes it: NaN and half characters go out as they are."""
    return json.dumps(value, ensure_ascii=True).encode()
