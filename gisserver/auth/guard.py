"""From a request to who sends it: session cookie, then Bearer token, then HTTP Basic."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime
from typing import cast

from flask import Request, g, request
from sqlalchemy import Engine

from gisserver.auth import tokens
from gisserver.auth.basic import BasicChecker
from gisserver.auth.cache import TimedCache
from gisserver.auth.identity import Identity, identity_of_session
from gisserver.auth.request_rate import RequestRate
from gisserver.auth.secrets import TOKEN_PREFIX, hash_secret
from gisserver.auth.token_layers import stay_within
from gisserver.errors import Unauthenticated
from layers.core.errors import Forbidden

COOKIE = "wangge_session"
CSRF_HEADER = "X-CSRF-Token"
REMEMBERED_SECONDS = 5.0
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
LIMITED = frozenset({"ogc", "tiles"})
# Questions too long for an address, or answered as jobs.
READING_POSTS = frozenset({"ogc.search", "ogc.execute", "ogc.dismiss"})


class Auth:
    """Finds out who asks, once per request; `cache` remembers accounts for a few seconds.

    `cache.clear()` makes the next request look again; call it when accounts have changed.
    """

    def __init__(self, engine: Engine, rate: RequestRate) -> None:
        self._engine = engine
        self._rate = rate
        self.cache: TimedCache[Identity] = TimedCache(REMEMBERED_SECONDS)
        self._basic = BasicChecker(engine, self.cache)

    def current(self) -> Identity:
        """Who sent this request.

        Raises: Unauthenticated when nobody is signed in.
        """
        if "identity" not in g:
            g.identity = self._identify(request)
        if g.identity is None:
            raise Unauthenticated("sign in first, or send a personal token")
        return cast(Identity, g.identity)

    def identify_again(self, asked: Request) -> Identity | None:
        """Who sent a request still being answered, as the account is now; None when over."""
        return self._identify(asked)

    def admit(self) -> Identity:
        """Who sent this request, when it may go on.

        Raises: Unauthenticated; TooFast; Forbidden for a write of a token that may only read, or
        one that another site may have made the browser send; what `stay_within` raises.
        """
        identity = self.current()
        if request.blueprint in LIMITED:
            token, account = identity.token_id, identity.reader.account_id
            self._rate.take(f"account {account}" if token is None else f"token {token}")
        if request.method not in SAFE_METHODS:
            if identity.is_read_only and request.endpoint not in READING_POSTS:
                raise Forbidden("this token may only read")
            _refuse_foreign_write(identity)
        if identity.reader.layers:
            stay_within(identity.reader, request)
        return identity

    def _identify(self, asked: Request) -> Identity | None:
        cookie = asked.cookies.get(COOKIE)
        found = self._session(hash_secret(cookie)) if cookie else None
        if found is not None:
            return found
        given = asked.authorization
        if given is None:
            return None
        if given.type == "bearer":
            return self._token(given.token or "")
        if given.type == "basic":
            login, password = given.username or "", given.password or ""
            if password.startswith(TOKEN_PREFIX):
                found = self._token(password)
                return found if found and login in {"", found.reader.login} else None
            return self._basic.identify(login, password, asked.remote_addr)
        return None

    def _session(self, key: bytes) -> Identity | None:
        identity = self.cache.get(key)
        if identity is None:
            generation = self.cache.generation
            with self._engine.begin() as connection:
                identity = identity_of_session(connection, key)
            if identity is not None:
                self.cache.put(key, identity, generation)
        return _unless_over(identity)

    def _token(self, secret: str) -> Identity | None:
        if not secret.startswith(TOKEN_PREFIX):
            return None
        key = hash_secret(secret)
        identity = self.cache.get(key)
        if identity is None:
            generation = self.cache.generation
            identity = tokens.use_token(self._engine, key)
            if identity is not None:
                self.cache.put(key, identity, generation)
        return _unless_over(identity)


def _unless_over(identity: Identity | None) -> Identity | None:
    if identity is None or identity.expires_at is None:
        return identity
    return identity if identity.expires_at > datetime.now(UTC) else None


def _refuse_foreign_write(identity: Identity) -> None:
    if identity.method == "session":
        sent = request.headers.get(CSRF_HEADER, "")
        if not hmac.compare_digest(sent.encode(), identity.csrf.encode()):
            raise Forbidden(f"the header {CSRF_HEADER} is missing or not that of this session")
    elif request.headers.get("Sec-Fetch-Site") in {"cross-site", "same-site"}:
        # A browser that remembers Basic credentials sends them along for any page.
        raise Forbidden("a page of another site may not write here")
