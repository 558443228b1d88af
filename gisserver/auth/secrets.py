"""Random secrets of sessions and tokens. Only their hash is stored: a copy opens nothing."""

from __future__ import annotations

import hashlib
import secrets

TOKEN_PREFIX = "wgt_"


def new_secret(prefix: str = "") -> str:
    """A text of 32 random bytes behind the prefix."""
    return prefix + secrets.token_urlsafe(32)


def hash_secret(secret: str) -> bytes:
    """What is stored of a secret: SHA-256, enough for 256 random bits."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()
