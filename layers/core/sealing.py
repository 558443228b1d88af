"""Sensitive text: sealed with AES-256-GCM, found by a keyed blind index, shown masked.

The key lives outside the database. Each value is bound to its field's name as associated data,
so a sealed phone cannot be passed off as a sealed ID number.
"""

import hmac
import os
import unicodedata
from collections.abc import Callable
from hashlib import sha256

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12
BLIND_BYTES = 16
HIDDEN = "＊＊＊"


class Sealer:
    """Seals, opens and blinds values with one secret of 32 bytes."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) != 32:
            raise ValueError(f"the key has {len(secret)} bytes; 32 are needed")
        self._cipher = AESGCM(hmac.digest(secret, b"wangge seal", sha256))
        self._blind_key = hmac.digest(secret, b"wangge blind index", sha256)

    def seal(self, field: str, value: str) -> bytes:
        """Nonce and ciphertext of `value`."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, value.encode(), field.encode())

    def open(self, field: str, sealed: bytes) -> str:
        """The value sealed under `field`.

        Raises: cryptography.exceptions.InvalidTag for another key, field or changed bytes.
        """
        body = bytes(sealed)
        opened = self._cipher.decrypt(body[:NONCE_BYTES], body[NONCE_BYTES:], field.encode())
        return opened.decode()

    def blind(self, field: str, value: str) -> bytes:
        """16 bytes equal for equal values of one field, useless without the key."""
        message = f"{field}\x00{normalise(value)}".encode()
        return hmac.digest(self._blind_key, message, sha256)[:BLIND_BYTES]


def normalise(value: str) -> str:
    """The value as compared: full-width folded (NFKC), upper case, no spaces or hyphens."""
    folded = unicodedata.normalize("NFKC", value).upper()
    if folded.isalnum():  # nothing to drop: most values, and a million of them in a bulk load
        return folded
    return "".join(
        character for character in folded if not character.isspace() and character != "-"
    )


def mask(rule: str, value: str) -> str:
    """What a reader sees of `value`.

    name keeps the family name; phone 3+4; id_number 6+4 (1+1 when short); address its first six
    characters; hidden nothing.

    Raises: KeyError for a rule that does not exist.
    """
    return _RULES[rule](value)


def _mask_name(value: str) -> str:
    return value[:1] + "*" * max(1, len(value) - 1)


def _keep_ends(first: int, last: int) -> Callable[[str], str]:
    def masked(value: str) -> str:
        if len(value) <= first + last:
            return value[:1] + "*" * max(1, len(value) - 2) + value[-1:]
        return value[:first] + "*" * (len(value) - first - last) + value[-last:]

    return masked


def _mask_address(value: str) -> str:
    return value[:6] + "****"


def _mask_hidden(value: str) -> str:
    return HIDDEN if value else ""


_RULES: dict[str, Callable[[str], str]] = {
    "name": _mask_name,
    "phone": _keep_ends(3, 4),
    "id_number": _keep_ends(6, 4),
    "address": _mask_address,
    "hidden": _mask_hidden,
}
