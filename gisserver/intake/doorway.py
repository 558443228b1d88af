"""Single fixes of the OsmAnd protocol, let in before the framework.

A phone sends one every few seconds and thousands of phones do; what the framework does around each
is a third of its cost. The door opens for what is in order only, from a device that is known. All
else goes on to the route, which can tell what is wrong.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import numpy as np
import psycopg2
from sqlalchemy.exc import DBAPIError

from gisserver.answers import SECURITY_HEADERS
from gisserver.errors import BadRequest
from gisserver.intake.answer import FAULTS, count_outcomes, told
from gisserver.intake.protocol import PARAMETERS, fixes_of, reading_of, token_of
from gisserver.intake.writer import TooMuchWaiting

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from gisserver.context import Services

ROUTE = "/api/positions"
FAILURE = "wangge.intake_failure"
"""Where the route finds why nothing could be stored, so that it does not wait for it again."""
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
            body = self._take(environ)
            if body is not None:
                start_response("200 OK", [*HEADERS, ("Content-Length", str(len(body)))])
                return [body]
        return self._inside(environ, start_response)

    def _take(self, environ: WSGIEnvironment) -> bytes | None:
        """What is answered once the fix is committed; None when the route has to answer."""
        began = time.perf_counter()
        values = _values(environ.get("QUERY_STRING", ""))
        if not values:
            return None
        try:
            sender = self._house.devices.find(token_of(values))
            if sender is None:
                return None
            outcomes = self._house.writer.take(fixes_of(sender, [reading_of(values)]))
        except BadRequest:
            return None
        except (TooMuchWaiting, DBAPIError, psycopg2.Error) as failure:
            environ[FAILURE] = failure
            return None
        # A fault is found without the database: the route finds it again and says it.
        if outcomes[0] in FAULTS:
            return None
        count_outcomes(self._house, sender, outcomes)
        self._house.metrics.observe("GET", ROUTE, 200, time.perf_counter() - began)
        return json.dumps(told(np.array(outcomes)), separators=(",", ":")).encode()


def _values(query: str) -> dict[str, str]:
    """The parameters of a query; none when it is not simply that of a client."""
    if len(query) > LONGEST_QUERY:
        return {}
    pairs = parse_qsl(query, keep_blank_values=True)
    values = dict(pairs)
    return values if len(values) == len(pairs) and values.keys() <= _NAMES else {}
