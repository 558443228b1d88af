"""The app of the pass-through: a connection a thread, texts joined, nothing looked at."""

from __future__ import annotations

import threading
from typing import Any

import psycopg2
from flask import Flask, Response
from psycopg2.extensions import connection as Connection  # noqa: N812

from tests.bench.peers.questions import Box, Deep, First, Item, Narrow, Question, Square
from tests.bench.peers.statements import statements

app = Flask("passthrough")
_local = threading.local()


@app.get("/first")
def first() -> Response:
    return _collection(First())


@app.get("/box/<float:west>/<float:south>/<float:east>/<float:north>")
def box(west: float, south: float, east: float, north: float) -> Response:
    return _collection(Box(west, south, east, north))


@app.get("/item/<int:number>")
def item(number: int) -> Response:
    ((feature,),) = _asked(Item(number))[0]
    return _geojson(feature)


@app.get("/deep/<int:offset>")
def deep(offset: int) -> Response:
    return _collection(Deep(offset, 0))


@app.get("/filter/<polygon>")
def narrow(polygon: str) -> Response:
    return _collection(Narrow(polygon))


@app.get("/tile/<int:z>/<int:x>/<int:y>")
def tile(z: int, x: int, y: int) -> Response:
    ((body,),) = _asked(Square(z, x, y))[0]
    return Response(bytes(body), mimetype="application/vnd.mapbox-vector-tile")


def _collection(question: Question) -> Response:
    features, ((matched,),) = _asked(question)
    return _geojson(
        f'{{"type":"FeatureCollection","numberMatched":{matched},'
        f'"numberReturned":{len(features)},"features":[{",".join(row[0] for row in features)}]}}'
    )


def _geojson(text: str) -> Response:
    return Response(text, mimetype="application/geo+json")


def _asked(question: Question) -> list[list[tuple[Any, ...]]]:
    found = []
    with _connection().cursor() as cursor:
        for statement, values in statements(question):
            cursor.execute(statement, values)
            found.append(cursor.fetchall())
    return found


def _connection() -> Connection:
    found: Connection | None = getattr(_local, "connection", None)
    if found is None:
        found = _local.connection = psycopg2.connect("", options="-c jit=off")
        found.autocommit = True
    return found
