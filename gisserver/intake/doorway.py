"""Single fixes of the OsmAnd protocol, let in before the framework.

A phone sends one every few seconds and thousands of phones do; what the framework does around each
takes three times as long as the fix. The door opens for what is in order only: a fix that is taken,
from a device that is known. All else, refusals above all, goes on to the route that can tell.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import psycopg2
from sqlalchemy.exc import DBAPIError

from gisserver.answers import SECURITY_HEADERS
from gisserver.errors import BadRequest
from gisserver.intake.protocol import PARAMETERS, fixes_of, reading_of, token_of
from gisserver.intake.writer import TooMuchWaiting
from layers.patrol.fixes import Outcome

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from gisserver.context import Services

ROUTE = "/api/positions"
TAKEN = b'{"taken":1,"duplicates":0,"flagged":0,"refused":0}'
JUMPED = b'{"taken":1,"duplicates":0,"flagged":1,"refused":0}'
LONGEST_QUERY = 2_000
HEADERS = [
    ("Content-Type", "application/json"),
    *SECURITY_HEADERS.items(),
    ("Cache-Control", "no-store"),
    ("Vary", "Accept-Encoding"),
]
_NAMES = frozenset(PARAMETERS)


class Doorway:
    """A WSGI application before another; `house` holds who may send and who stores."""

    def __init__(self, inside: WSGIApplication, house: Services) -> None:
        self._inside = inside
        self._house = house

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The answer to a fix that is taken, else that of the application inside."""
        if environ["PATH_INFO"] == ROUTE and environ["REQUEST_METHOD"] == "GET":
            body = self._take(environ.get("QUERY_STRING", ""))
            if body is not None:
                start_response("200 OK", [*HEADERS, ("Content-Length", str(len(body)))])
                return [body]
        return self._inside(environ, start_response)

    def _take(self, query: str) -> bytes | None:
        """What is answered once the fix is committed; None when there is more to say."""
        began = time.perf_counter()
        values = _values(query)
        if not values:
            return None
        try:
            sender = self._house.devices.find(token_of(values))
            if sender is None:
                return None
            outcomes = self._house.writer.take(fixes_of(sender, [reading_of(values)]))
        except (BadRequest, TooMuchWaiting, DBAPIError, psycopg2.Error):
            return None
        # A fix that is refused or known is stored no more when it is taken once again.
        if outcomes not in ([Outcome.TAKEN], [Outcome.JUMP]):
            return None
        self._house.devices.count(sender.device_id, 1, ())
        self._house.metrics.count_fixes({outcomes[0]: 1})
        self._house.metrics.observe("GET", ROUTE, 200, time.perf_counter() - began)
        return TAKEN if outcomes == [Outcome.TAKEN] else JUMPED


def _values(query: str) -> dict[str, str]:
    """The parameters of a query; none when it is not simply that of a client."""
    if len(query) > LONGEST_QUERY:
        return {}
    pairs = parse_qsl(query, keep_blank_values=True)
    values = dict(pairs)
    return values if len(values) == len(pairs) and values.keys() <= _NAMES else {}
