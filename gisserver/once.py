"""A write that is sent twice is done once: the Idempotency-Key of a request."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from flask import Response, request
from sqlalchemy import Connection

from gisserver.errors import BadRequest
from layers.core.receipt import claim, keep

KEY_HEADER = "Idempotency-Key"
_KEY = re.compile(r"[!-~]{8,128}")


def done_once(
    connection: Connection, fingerprint: bytes, do: Callable[[], dict[str, Any]]
) -> tuple[dict[str, Any], bool]:
    """What `do` answers, and whether it was done before under the same key.

    Without a key it is done each time. The receipt is part of the transaction.

    Raises: BadRequest for what is no key; Conflict when the key came with another request, told by
    its `fingerprint`.
    """
    key = request.headers.get(KEY_HEADER)
    if key is None:
        return do(), False
    if not _KEY.fullmatch(key):
        raise BadRequest(f"{KEY_HEADER}: 8 to 128 visible ASCII characters expected")
    receipt = claim(connection, key, fingerprint)
    if receipt is not None:
        return receipt.answer, True
    answer = do()
    keep(connection, key, answer)
    return answer, False


def tell_replayed(response: Response, was_done: bool) -> None:
    """Says in the answer that nothing was done anew."""
    if was_done:
        response.headers["Idempotency-Replayed"] = "true"
