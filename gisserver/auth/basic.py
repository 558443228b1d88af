"""HTTP Basic for GIS clients, which send login and password with every single request.

What argon2 said about a credential is remembered for a minute under a keyed hash, so a map of
forty tiles costs one check; a wrong one that a client repeats is one failure, not forty.
"""

from __future__ import annotations

import secrets
import threading
from hashlib import blake2b

from sqlalchemy import Engine

from gisserver.auth.cache import TimedCache
from gisserver.auth.identity import Identity, identity_of_account
from gisserver.auth.sign_in import Proven, check_password, normalise_login

VERDICT_SECONDS = 60.0


class BasicChecker:
    """Turns login and password into an identity; accounts are looked up every few seconds."""

    def __init__(self, engine: Engine, accounts: TimedCache[Identity]) -> None:
        self._engine = engine
        self._accounts = accounts
        self._key = secrets.token_bytes(32)
        self._asking = tuple(threading.Lock() for _ in range(64))
        self._verdicts: TimedCache[Proven | str] = TimedCache(VERDICT_SECONDS)

    def identify(self, login: str, password: str, address: str | None) -> Identity | None:
        """The account, when the password is the one it has now; None otherwise."""
        message = f"{normalise_login(login)}\x00{password}".encode("utf-8", "surrogateescape")
        # One that lets other threads go on meanwhile would have to wait for them afterwards.
        key = blake2b(message, key=self._key, digest_size=32).digest()
        verdict = self._verdicts.get(key)
        if verdict is None:
            # A map asks for many tiles at once; the first of them asks for all.
            with self._asking[key[0] % len(self._asking)]:
                verdict = self._verdicts.get(key) or self._ask(key, login, password, address)
        if isinstance(verdict, str):
            return None
        identity = self._account(verdict.account_id)
        if identity is None or identity.password_hash != verdict.password_hash:
            return None
        return identity

    def _ask(self, key: bytes, login: str, password: str, address: str | None) -> Proven | str:
        generation = self._verdicts.generation
        proven = check_password(self._engine, login, password, via="basic", address=address)
        verdict = proven or "refused"
        self._verdicts.put(key, verdict, generation)
        return verdict

    def _account(self, account_id: int) -> Identity | None:
        key = f"account {account_id}".encode()
        identity = self._accounts.get(key)
        if identity is None:
            generation = self._accounts.generation
            with self._engine.begin() as connection:
                identity = identity_of_account(connection, account_id)
            if identity is not None:
                self._accounts.put(key, identity, generation)
        return identity
