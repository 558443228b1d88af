"""Settings: what is read, what is refused, how the key is kept."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from gisserver.settings import (
    DatabaseSettings,
    SecretSettings,
    ServerSettings,
    SettingsError,
    psycopg2_url,
    read_settings,
    secret_key,
)

KEY = bytes(range(32))


def test_everything_comes_from_the_environment(tmp_path: Path) -> None:
    settings = read_settings(
        {
            "DATABASE_URL": "postgresql://city@localhost/city",
            "WANGGE_KEY": base64.b64encode(KEY).decode(),
            "WANGGE_VAR": str(tmp_path),
            "WANGGE_HOST": "0.0.0.0",
            "WANGGE_PORT": "8123",
            "WANGGE_POOL": "7",
        }
    )
    assert settings.database == DatabaseSettings("postgresql+psycopg2://city@localhost/city", 7)
    assert settings.secrets.key == KEY
    assert settings.paths.var == tmp_path
    assert settings.server.address == "http://127.0.0.1:8123"
    assert list(tmp_path.iterdir()) == []


def test_a_missing_database_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="DATABASE_URL"):
        read_settings({"WANGGE_VAR": str(tmp_path)})


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("postgres://a/b", "postgresql+psycopg2://a/b"),
        ("postgresql://a/b", "postgresql+psycopg2://a/b"),
        ("postgresql+psycopg2://a/b", "postgresql+psycopg2://a/b"),
    ],
)
def test_the_driver_is_named(url: str, named: str) -> None:
    assert psycopg2_url(url) == named


@pytest.mark.parametrize("url", ["", "mysql://a/b", "host=a dbname=b"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(SettingsError):
        DatabaseSettings(url)


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_an_impossible_port_is_refused(port: int) -> None:
    with pytest.raises(SettingsError, match="port"):
        ServerSettings(port=port)


def test_a_port_that_is_no_number_is_refused(tmp_path: Path) -> None:
    environ = {"DATABASE_URL": "postgresql://a/b", "WANGGE_VAR": str(tmp_path)}
    with pytest.raises(SettingsError, match="WANGGE_PORT"):
        read_settings(environ | {"WANGGE_PORT": "eighty"})


def test_the_key_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    var = tmp_path / "var"
    key = secret_key(var, {})
    assert len(key) == 32
    assert secret_key(var, {}) == key
    assert (var / "secret.key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in var.iterdir()] == ["secret.key"]


@pytest.mark.parametrize("text", ["short", "AAAA", "not base64 at all!"])
def test_a_bad_key_is_refused_not_replaced(tmp_path: Path, text: str) -> None:
    (tmp_path / "secret.key").write_text(text)
    with pytest.raises(SettingsError, match=r"secret\.key"):
        secret_key(tmp_path, {})
    with pytest.raises(SettingsError, match="WANGGE_KEY"):
        secret_key(tmp_path, {"WANGGE_KEY": text})
    assert (tmp_path / "secret.key").read_text() == text


def test_the_key_is_never_printed() -> None:
    assert repr(SecretSettings(KEY)) == "SecretSettings(key=…)"
