"""Hostile requests made from the OpenAPI documents: a request that is in order, then spoiled."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from tests.gisserver.hostile import values
from tests.gisserver.hostile.wire import Attack, Header

BOUNDARY = b"6b1e5f0c"
READING = frozenset({"GET", "HEAD", "OPTIONS"})
ODD_METHODS = ("HEAD", "OPTIONS", "TRACE", "PROPFIND", "get", "POST", "PUT", "PATCH", "DELETE", "A")
ODD_HEADERS = (
    b"If-Match", b"If-None-Match", b"If-Modified-Since", b"If-Unmodified-Since", b"Prefer",
    b"Range",
    b"Accept", b"Accept-Language", b"Accept-Encoding", b"Content-Crs", b"X-Reason",
    b"Cookie",
    b"X-Forwarded-Proto", b"X-Forwarded-For", b"Origin", b"Referer", b"User-Agent", b"Host",
    b"Sec-Fetch-Site", b"X-CSRF-Token", b"Content-Encoding", b"X-HTTP-Method-Override", b"Via",
)  # fmt: skip
_VARIABLE = re.compile(r"\{(\w+)\}")
_WORKDAYS = "2026-11-01T00:00:00Z/2026-11-20T00:00:00Z"
_POINT = {"type": "Point", "coordinates": [117.01, 33.01]}
_BOX = [[117.0, 33.0], [117.02, 33.0], [117.02, 33.02], [117.0, 33.02], [117.0, 33.0]]
_AREA = {"type": "Polygon", "coordinates": [_BOX]}
_SUBJECT = {"geometry": _AREA}
_QUESTION = {"layer": "buildings", "relation": "within", "subject": _SUBJECT}
_SAMPLES: dict[str, str] = {
    "bbox": "116.9,32.9,117.2,33.2", "datetime": _WORKDAYS, "crs": values.SYSTEMS[0],
    "bbox-crs": values.SYSTEMS[4], "filter-crs": values.SYSTEMS[4], "filter": "id > 5",
    "area": "990101", "q": "1号楼", "on": "2026-11-20", "lon": "117.01", "lat": "33.01",
    "sortby": "-id", "offset": "3", "tileMatrixSetId": "WebMercatorQuad", "tileMatrix": "14",
    "tileRow": "6588", "tileCol": "13543", "z": "14", "x": "13543", "y": "6588", "by": "usage",
    "from": "2026-11-19T00:00:00Z", "to": "2026-11-20T00:00:00Z", "community": "990101001001",
    "since": "2026-11-01", "until": "2026-11-20", "properties": "id", "measure": "reported",
    "lang": "en-US", "f": "json",
}  # fmt: skip
_LISTS = {"rentals": "overdue", "care": "visit_overdue", "incidents": "all"}
# Members of bodies whose schema does not say what is in order.
_MEMBERS: dict[str, Any] = {
    "layer": "buildings", "question": _QUESTION, "subject": _SUBJECT, "relation": "within",
    "metres": 50, "community": "990101001001", "datetime": _WORKDAYS, "step": "submit",
    "operation": {"kind": "rename", "piece": 1, "name": "第一网格"}, "areas": ["990101"],
    "bbox": [116.9, 32.9, 117.2, 33.2], "crs": values.SYSTEMS[4], "bbox-crs": values.SYSTEMS[4],
    "filter-crs": values.SYSTEMS[4], "filter": {"op": ">", "args": [{"property": "id"}, 1]},
    "filter-lang": "cql2-json", "after": "1", "category": "UM-0101", "report_source": "SRC01",
    "lon": 117.01, "lat": 33.01, "reached_at": "2026-11-20", "at": "2026-11-20T00:00:00Z",
    "valid_to": "2026-11-20", "review_date": "2026-11-20", "datum": "wgs84", "format": "csv",
    "planned_start": "2026-12-20T00:00:00Z", "planned_end": "2026-12-20T08:00:00Z",
    "sortby": ["id"], "ids": [1], "center": [117.01, 33.01], "language": "en",
}  # fmt: skip


@dataclass(frozen=True)
class Operation:
    """One method of one address, as a document tells it; `address` has the variables in braces."""

    method: str
    address: str
    parameters: tuple[Mapping[str, Any], ...] = ()
    bodies: tuple[tuple[str, Mapping[str, Any]], ...] = ()

    @property
    def is_reading(self) -> bool:
        return self.method in READING or self.address.endswith("/search")


@dataclass(frozen=True)
class Account:
    """Who sends: its name and the headers that prove it."""

    name: str
    headers: tuple[Header, ...]


def operations_of(document: Mapping[str, Any], prefix: str) -> list[Operation]:
    """All operations of a document whose paths begin at the prefix, references followed."""
    found = []
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            if method == "parameters":
                continue
            given = [*methods.get("parameters", []), *told.get("parameters", [])]
            parameters = tuple(_followed(document, each) for each in given)
            content = _followed(document, told.get("requestBody", {})).get("content", {})
            bodies = tuple((kind, each.get("schema", {})) for kind, each in content.items())
            found.append(Operation(method.upper(), prefix + path, parameters, bodies))
    return found


def _followed(document: Mapping[str, Any], node: Mapping[str, Any]) -> Mapping[str, Any]:
    while str(node.get("$ref", "")).startswith("#/"):
        found: Any = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node


class Attacker:
    """Makes the same requests from the same seed; `document` follows references of schemas."""

    def __init__(
        self, documents: Sequence[Mapping[str, Any]], ids: Mapping[str, Sequence[int]], seed: int
    ) -> None:
        self._documents = documents
        self._ids = ids
        self._dice = random.Random(seed)

    def attack(self, operation: Operation, account: Account) -> Attack:
        """One request to the operation with one or two things wrong with it."""
        dice = self._dice
        made = _Made(operation, account)
        self._prepare(made)
        ways = [self._spoil_parameter] * 6 + [self._spoil_header, self._spoil_query]
        ways += [self._spoil_path, self._spoil_place, self._spoil_place]
        if operation.bodies:
            ways += [self._spoil_member] * 8 + [self._spoil_body, self._spoil_type] * 2
        for spoil in dice.sample(ways, k=dice.choice((1, 1, 2))):
            spoil(made)
        if dice.random() < 0.03:
            made.method = dice.choice(ODD_METHODS if not operation.is_reading else ODD_METHODS[:5])
            made.tried.append("method")
        return made.attack()

    def _prepare(self, made: _Made) -> None:
        dice, operation = self._dice, made.operation
        named = {each.get("name"): each for each in operation.parameters}
        for name in _VARIABLE.findall(operation.address):
            schema = named.get(name, {}).get("schema", {})
            made.places[name] = quote(self._ordinary(name, schema, operation), safe="")
        for parameter in operation.parameters:
            if parameter.get("in") != "query" or "name" not in parameter:
                continue
            if parameter.get("required") or dice.random() < 0.12:
                name = parameter["name"]
                value = self._ordinary(name, parameter.get("schema", {}), operation)
                made.query.append((name.encode(), quote(value).encode()))
        if operation.bodies:
            made.media_type, schema = dice.choice(operation.bodies)
            made.content = self._example(schema)
            if made.media_type == "multipart/form-data" and isinstance(made.content, dict):
                made.content.setdefault("photos", [1] * dice.randrange(4))

    def _ordinary(self, name: str, schema: Mapping[str, Any], operation: Operation) -> str:
        dice = self._dice
        schema = self._resolved(schema)
        items = self._resolved(schema.get("items", {}))
        choices = schema.get("enum") or items.get("enum") or schema.get("examples")
        if choices:
            return str(dice.choice(choices))
        if name in _SAMPLES:
            return _SAMPLES[name]
        layer = operation.address.split("/")[3] if "/collections/" in operation.address else ""
        room = f"{operation.address}//".split("/")[2]
        if name == "name" and room in _LISTS:
            return _LISTS[room]
        if name in ("name", "names", "collectionId", "layer"):
            return dice.choice(list(self._ids))
        if name in ("featureId", "identifier"):
            return str(dice.choice(self._ids.get(layer) or (1,)))
        if schema.get("type") in ("integer", "number"):
            ids = self._ids.get(f"{name.removesuffix('_id')}s") or (1, 2, 3)
            return str(schema.get("minimum", dice.choice(ids)))
        if schema.get("type") == "boolean":
            return "true"
        return {"date": "2026-11-20", "date-time": "2026-11-20T00:00:00Z"}.get(
            schema.get("format", ""), "1"
        )

    def _resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        if "$ref" in schema:
            for document in self._documents:
                try:
                    return _followed(document, schema)
                except KeyError:
                    continue
        return schema

    def _example(self, schema: Mapping[str, Any], depth: int = 0) -> Any:
        """A value that the schema admits, more or less; what may be missing is there or not."""
        dice, schema = self._dice, self._resolved(schema)
        for word in ("anyOf", "oneOf", "allOf"):
            if word in schema:
                return self._example(dice.choice(schema[word]), depth)
        if "const" in schema or "enum" in schema or "default" in schema:
            choices = schema.get("enum") or [schema.get("const", schema.get("default"))]
            return dice.choice(choices)
        kind = schema.get("type")
        if isinstance(kind, list):
            kind = kind[0]
        if kind == "object" and depth < 5:
            needed = schema.get("required", ())
            return {
                name: self._member(name, each, depth + 1)
                for name, each in schema.get("properties", {}).items()
                if (name in needed or dice.random() < 0.3) and not each.get("readOnly")
            }
        if kind == "array":
            return [self._example(schema.get("items", {}), depth + 1)]
        made = {"integer": 1, "number": 1.5, "boolean": True, "string": "9901", "null": None}
        return made.get(str(kind), "1")

    def _member(self, name: str, schema: Mapping[str, Any], depth: int) -> Any:
        if name == "geometry":
            return deepcopy(self._dice.choice((_POINT, _AREA)))
        if name in _MEMBERS and not schema.get("properties"):
            return deepcopy(_MEMBERS[name])
        if name.endswith("_on") or schema.get("format") == "date":
            return "2026-11-20"
        if name.endswith("_at") or schema.get("format") == "date-time":
            return "2026-11-20T00:00:00Z"
        return self._example(schema, depth)

    def _spoil_parameter(self, made: _Made) -> None:
        dice = self._dice
        told = [each for each in made.operation.parameters if each.get("in") in ("query", "header")]
        if not told:
            self._spoil_place(made)
            return
        parameter = dice.choice(told)
        name = parameter["name"]
        if parameter["in"] == "header":
            self._put_header(made, name.encode(), dice.choice(values.HEADER_BYTES))
            return
        kind = self._resolved(parameter.get("schema", {})).get("type", "")
        value = values.hostile_text(dice, name, kind)
        made.query = [each for each in made.query if each[0] != name.encode()]
        made.query.append((name.encode(), quote(value.encode("utf-8", "surrogatepass")).encode()))
        if name == "filter" and dice.random() < 0.25:
            tree = values.encoded(dice.choice(values.JSON_FILTERS[:-1]))[:60_000]
            made.query[-1] = (b"filter", quote(tree).encode())
            made.query.append((b"filter-lang", b"cql2-json"))
        made.tried.append(f"{name}={value[:60]!r}")

    def _spoil_query(self, made: _Made) -> None:
        dice = self._dice
        way = dice.randrange(4)
        if way == 0 and made.query:
            made.query.append(dice.choice(made.query))
        elif way == 1:
            made.query.append((dice.choice(values.QUERY_BYTES), b"1"))
        elif way == 2 and made.query:
            name, _ = made.query.pop(dice.randrange(len(made.query)))
            made.query.append((name, dice.choice(values.QUERY_BYTES)))
        else:
            name = quote(dice.choice(values.INJECTIONS)).encode()
            made.query.extend([(name, b"1")] * dice.choice((1, 3, 1_500)))
        made.tried.append(f"query way {way}")

    def _spoil_place(self, made: _Made) -> None:
        """Another value in place of a variable of the address, or of the layer in it."""
        dice = self._dice
        if made.places:
            name = dice.choice(list(made.places))
            kind = "integer" if name not in ("name", "code", "by", "style") else "string"
            value = values.hostile_text(dice, name, kind)
            if dice.random() < 0.2:
                value = dice.choice(values.TILE_NUMBERS)
            made.places[name] = quote(value.encode("utf-8", "surrogatepass"), safe="")
            if dice.random() < 0.15:
                made.places[name] = dice.choice(values.QUERY_BYTES).decode("latin-1")
            made.tried.append(f"{name} in the path: {value[:60]!r}")
        else:
            self._spoil_path(made)

    def _spoil_path(self, made: _Made) -> None:
        dice = self._dice
        address, value = made.address, dice.choice((*values.TRAVERSALS, *values.TEXTS[:12]))
        told = quote(value.encode("utf-8", "surrogatepass"), safe=dice.choice(("", "/.%")))
        raw = dice.choice(values.QUERY_BYTES).decode("latin-1")
        made.address = dice.choice(
            (
                f"{address}/{told}", f"{address}/", f"{address}//", f"//{address}", f"{address}/./",
                f"{address}/../items", f"{address};a=b", f"{address}%00", f"{address}{raw}",
                address.replace("/", "//"), address.replace("/", "/./"), address.upper(),
                address.rsplit("/", 1)[0] + f"/{told}", address.replace("/", "%2F")[3:],
            )
        )  # fmt: skip
        made.tried.append(f"path {value[:40]!r}")

    def _spoil_header(self, made: _Made) -> None:
        dice = self._dice
        if dice.random() < 0.3:
            made.headers = [(b"Authorization", dice.choice(values.CREDENTIALS))]
            made.account = "broken credentials"
            made.tried.append(f"Authorization {made.headers[0][1][:40]!r}")
            return
        for _ in range(dice.choice((1, 1, 3))):
            self._put_header(made, dice.choice(ODD_HEADERS), dice.choice(values.HEADER_BYTES))
        if dice.random() < 0.03:
            made.headers += [(b"X-%d" % i, b"a" * 20) for i in range(120)]

    def _put_header(self, made: _Made, name: bytes, value: bytes) -> None:
        made.headers.append((name, value))
        made.tried.append(f"{name.decode()}: {value[:40]!r}")

    def _spoil_member(self, made: _Made) -> None:
        """One member of the body, anywhere in it, gets another value, another name or is gone."""
        dice = self._dice
        spots = list(_spots(made.content))
        if not spots:
            made.content = values.hostile_json(dice, "")
            return
        holder, key = dice.choice(spots)
        way = dice.random()
        if way < 0.1 and isinstance(holder, dict):
            del holder[key]
        elif way < 0.2 and isinstance(holder, dict):
            holder[dice.choice(values.INJECTIONS)] = 1
        else:
            holder[key] = values.hostile_json(dice, str(key))
        made.tried.append(f"member {key!r}")

    def _spoil_body(self, made: _Made) -> None:
        made.raw = self._dice.choice(values.BODIES)
        made.tried.append(f"body {made.raw[:40]!r}")

    def _spoil_type(self, made: _Made) -> None:
        made.sent_type = self._dice.choice(values.MEDIA_TYPES)
        made.tried.append(f"content type {made.sent_type!r}")


def _spots(node: Any) -> Iterable[tuple[Any, Any]]:
    """Every member and element of a JSON value: what holds it, and under which key."""
    inside: Iterable[tuple[Any, Any]] = ()
    if isinstance(node, dict):
        inside = list(node.items())
    elif isinstance(node, list):
        inside = list(enumerate(node))
    for key, value in inside:
        yield node, key
        yield from _spots(value)


class _Made:
    """A request while it is being made."""

    def __init__(self, operation: Operation, account: Account) -> None:
        self.operation, self.account = operation, account.name
        self.method, self.address = operation.method, operation.address
        self.headers: list[Header] = list(account.headers)
        self.places: dict[str, str] = {}
        self.query: list[tuple[bytes, bytes]] = []
        self.media_type = ""
        self.sent_type: bytes | None = None
        self.content: Any = None
        self.raw: bytes | None = None
        self.tried: list[str] = []

    def attack(self) -> Attack:
        address = _VARIABLE.sub(lambda found: self.places.get(found[1], "1"), self.address)
        target = address.encode("latin-1", "replace").replace(b" ", b"%20")
        if self.query:
            target += b"?" + b"&".join(name + b"=" + value for name, value in self.query)
        body, headers = self.raw, list(self.headers)
        if self.operation.bodies:
            kind, encoded = self.media_type.encode(), values.encoded
            if kind == b"multipart/form-data":
                kind, encoded = kind + b"; boundary=" + BOUNDARY, self._form
            body = encoded(self.content) if body is None else body
            headers.append((b"Content-Type", kind if self.sent_type is None else self.sent_type))
        route = f"{self.operation.method} {self.operation.address}"
        tried = "; ".join(self.tried)
        return Attack(self.method, target, tuple(headers), body, route, self.account, tried)

    def _form(self, content: Any) -> bytes:
        """The members as parts of a form: lists as pictures, all else as JSON."""
        parts = []
        for name, value in content.items() if isinstance(content, dict) else ():
            head = b'Content-Disposition: form-data; name="%s"' % str(name).encode()[:200]
            if isinstance(value, list):
                named = head + b'; filename="../a.jpg"\r\n\r\n'
                parts += [named + each for each in values.PICTURES[: len(value) % 4 + 1]]
            else:
                parts.append(head + b"\r\n\r\n" + values.encoded(value))
        cut = b"\r\n--" + BOUNDARY
        return cut[2:] + b"\r\n" + (cut + b"\r\n").join(parts) + cut + b"--\r\n"


def hugest(account: Account) -> Iterable[Attack]:
    """Requests of megabytes: filters, nested bodies, bodies beyond what is taken."""
    search, items = b"/ogc/collections/buildings/search", b"/ogc/collections/buildings/items"
    as_json = (b"Content-Type", b"application/json")
    long_filters: tuple[Any, ...] = (
        "name='" + "a" * values.MEBIBYTE + "'",
        "(" * values.MEBIBYTE,
        "id=1 or " * (values.MEBIBYTE // 8) + "id=1",
        "not " * (values.MEBIBYTE // 4) + "id=1",
        "s_intersects(geometry,LINESTRING(" + "1 1," * (values.MEBIBYTE // 4) + "2 2))",
        {"op": "in", "args": [{"property": "id"}, list(range(150_000))]},
        {"op": "and", "args": [values.nested(3)] * 15_000},
    )
    bodies = [values.encoded({"filter": each}) for each in long_filters]
    bodies += [
        b'{"filter":' + piece * (values.MEBIBYTE // len(piece)) for piece in (b"[", b'{"a":')
    ]
    bodies.append(b'{"filter":"' + b"\xff" * values.MEBIBYTE + b'"}')
    for body in (*bodies, b"[" * 17 * values.MEBIBYTE, b"1" * 17 * values.MEBIBYTE):
        for target in (search, items, b"/api/questions/answer"):
            headers = (*account.headers, as_json)
            yield Attack("POST", target, headers, body, tried=f"{len(body)} bytes {body[:30]!r}")
    for text in (str(each) for each in long_filters[:3]):
        yield Attack("GET", items + b"?filter=" + quote(text).encode(), account.headers)
