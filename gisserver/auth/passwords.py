"""Passwords: argon2id (RFC 9106), one check as slow as another."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MINIMUM_LENGTH = 10
MAXIMUM_LENGTH = 200

# 19 MiB and three passes: about 30 ms on one core; the OWASP minimum is two passes.
_hasher = PasswordHasher(time_cost=3, memory_cost=19_456, parallelism=1)
# More at once would take the cores and the memory from everybody who is signed in already, more
# waiting would take their threads.
_at_once = threading.BoundedSemaphore(2)
_in_line = threading.BoundedSemaphore(24)


class TooManySignIns(Exception):
    """More passwords are waiting to be checked than will be."""


@contextmanager
def _turn() -> Iterator[None]:
    if not _in_line.acquire(blocking=False):
        raise TooManySignIns("too many sign-ins at once")
    try:
        with _at_once:
            yield
    finally:
        _in_line.release()


def hash_password(password: str) -> str:
    """The argon2id hash of a password, with its salt and parameters.

    Raises: ValueError when it is shorter than 10 or longer than 200 characters.
    """
    if not MINIMUM_LENGTH <= len(password) <= MAXIMUM_LENGTH:
        raise ValueError(f"a password has {MINIMUM_LENGTH} to {MAXIMUM_LENGTH} characters")
    with _turn():
        return _hasher.hash(password)


def verify_password(kept: str | None, password: str) -> bool:
    """Whether the password is the one kept; as slow for an account that does not exist (None).

    Raises: TooManySignIns (503) when a flood of them is under way.
    """
    try:
        with _turn():
            _hasher.verify(kept or _nobody(), password[:MAXIMUM_LENGTH])
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None and len(password) <= MAXIMUM_LENGTH


@cache
def _nobody() -> str:
    return _hasher.hash(secrets.token_urlsafe())
