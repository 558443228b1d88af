"""Typed settings, one frozen dataclass per concern, read once from the environment."""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KEY_BYTES = 32


class SettingsError(ValueError):
    """A setting is missing or has a value that cannot work; the message names it."""


@dataclass(frozen=True)
class DatabaseSettings:
    """Where the PostGIS database is: a SQLAlchemy URL with the psycopg2 driver."""

    url: str
    pool_size: int = 40

    def __post_init__(self) -> None:
        """Raise SettingsError for anything that is not a psycopg2 URL."""
        if not self.url.startswith("postgresql+psycopg2://"):
            raise SettingsError(f"DATABASE_URL: not a PostgreSQL address: {self.url!r}")
        if not 1 <= self.pool_size <= 100:
            raise SettingsError(f"pool size must be 1..100, not {self.pool_size}")


@dataclass(frozen=True)
class ServerSettings:
    """Where the server listens and how many requests and event streams it holds at once."""

    host: str = "127.0.0.1"
    port: int = 8080
    threads: int = 256

    def __post_init__(self) -> None:
        """Raise SettingsError for an empty host or a port outside 1..65535."""
        if not self.host:
            raise SettingsError("host is empty")
        if not 1 <= self.port <= 65535:
            raise SettingsError(f"port must be 1..65535, not {self.port}")
        if self.threads < 1:
            raise SettingsError(f"threads must be at least 1, not {self.threads}")

    @property
    def address(self) -> str:
        """Address to open in a browser; a wildcard host is shown as loopback."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)
        return f"http://{host}:{self.port}"


@dataclass(frozen=True)
class SecretSettings:
    """Key of sensitive fields, blind indexes and sessions: 32 bytes kept outside the database."""

    key: bytes

    def __post_init__(self) -> None:
        """Raise SettingsError unless the key has exactly 32 bytes."""
        if len(self.key) != KEY_BYTES:
            raise SettingsError(f"the key must have {KEY_BYTES} bytes, not {len(self.key)}")

    def __repr__(self) -> str:
        """Keep the key out of logs and tracebacks."""
        return "SecretSettings(key=…)"


@dataclass(frozen=True)
class PathSettings:
    """Folders: `var` is written while running, `viewer` is the built web client."""

    var: Path
    viewer: Path = ROOT / "viewer" / "dist"


@dataclass(frozen=True)
class TileSettings:
    """How much memory finished vector tiles may take, in bytes."""

    cache_bytes: int = 256 * 1024 * 1024

    def __post_init__(self) -> None:
        """Raise SettingsError for a negative size; 0 keeps nothing."""
        if self.cache_bytes < 0:
            raise SettingsError(f"tile cache must be at least 0 bytes, not {self.cache_bytes}")


@dataclass(frozen=True)
class RateSettings:
    """Requests of one account or token to /ogc and /tiles: on average, and at once.

    A map in QGIS asks for some 40 tiles, a large screen for 100; 0 per second means no limit.
    """

    per_second: int = 200
    burst: int = 2000

    def __post_init__(self) -> None:
        """Raise SettingsError for a negative rate, or a burst of nothing."""
        if self.per_second < 0 or self.burst < 1:
            raise SettingsError("the rate must be at least 0 and the burst at least 1")


@dataclass(frozen=True)
class JobSettings:
    """How many jobs of processes this server does at once; 0 leaves them to others."""

    workers: int = 1

    def __post_init__(self) -> None:
        """Raise SettingsError beyond 0..16."""
        if not 0 <= self.workers <= 16:
            raise SettingsError(f"workers for jobs must be 0..16, not {self.workers}")


@dataclass(frozen=True)
class Settings:
    """Everything `create_app` needs to know."""

    database: DatabaseSettings
    secrets: SecretSettings
    paths: PathSettings
    server: ServerSettings = ServerSettings()
    tiles: TileSettings = TileSettings()
    rate: RateSettings = RateSettings()
    jobs: JobSettings = JobSettings()


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Settings from DATABASE_URL, WANGGE_{KEY,VAR,HOST,PORT,POOL,TILE_MB,RATE,BURST,JOBS}.

    Raises: SettingsError.
    """
    var = var_folder(environ)
    if not environ.get("DATABASE_URL"):
        raise SettingsError("DATABASE_URL is not set; `./wangge up` starts a private PostGIS")
    return Settings(
        database=DatabaseSettings(
            url=psycopg2_url(environ["DATABASE_URL"]),
            pool_size=_whole_number(environ, "WANGGE_POOL", 40),
        ),
        secrets=SecretSettings(key=secret_key(var, environ)),
        paths=PathSettings(var=var),
        server=ServerSettings(
            host=environ.get("WANGGE_HOST", "127.0.0.1"),
            port=_whole_number(environ, "WANGGE_PORT", 8080),
        ),
        tiles=TileSettings(cache_bytes=_whole_number(environ, "WANGGE_TILE_MB", 256) << 20),
        rate=RateSettings(
            per_second=_whole_number(environ, "WANGGE_RATE", 200),
            burst=_whole_number(environ, "WANGGE_BURST", 2000),
        ),
        jobs=JobSettings(workers=_whole_number(environ, "WANGGE_JOBS", 1)),
    )


def var_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Absolute folder of everything written while running (WANGGE_VAR, else `var/` here)."""
    return Path(environ.get("WANGGE_VAR") or ROOT / "var").resolve()


def psycopg2_url(url: str) -> str:
    """The same database address with its driver named, as SQLAlchemy 2.1 needs it."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg2://" + url.removeprefix(prefix)
    return url


def secret_key(var: Path, environ: Mapping[str, str] = os.environ) -> bytes:
    """The 32-byte key: WANGGE_KEY (base64), else `var/secret.key` (mode 600), made if missing."""
    given = environ.get("WANGGE_KEY")
    if given:
        return _decode_key(given, "WANGGE_KEY")
    path = var / "secret.key"
    var.mkdir(parents=True, exist_ok=True)
    # Written aside and linked into place: a killed process leaves no half key, and of two
    # processes starting together one wins and both then read the same key.
    fresh = var / f".secret.{os.getpid()}"
    if not path.exists():
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(fresh, path)
        except FileExistsError:
            return _decode_key(path.read_text(), str(path))
        finally:
            fresh.unlink()
    return _decode_key(path.read_text(), str(path))


def _decode_key(text: str, where: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except binascii.Error as error:
        raise SettingsError(f"{where}: not base64") from error
    if len(key) != KEY_BYTES:
        raise SettingsError(f"{where}: must be {KEY_BYTES} bytes in base64, not {len(key)}")
    return key


def _whole_number(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name) or str(default)
    if not text.isdigit():
        raise SettingsError(f"{name}: not a whole number: {text!r}")
    return int(text)
