"""`./wangge user sql-access`: database logins of accounts, for psql, QGIS and DBeaver."""

from __future__ import annotations

from pathlib import Path

import click

from gisserver.cli_options import opened, with_var


@click.group("sql-access")
def sql_access() -> None:
    """数据库只读登录 / Read-only database logins of analysts."""


@sql_access.command("give")
@with_var
@click.argument("login")
@click.option("--days", default=90, show_default=True, help="有效天数 / valid for so many days")
def give(var: Path, login: str, days: int) -> None:
    """发放或续期 / Make the login of an account, or its password and days anew."""
    from gisserver.auth.sql_access import give_sql_access

    with opened(var) as engine:
        role, password, until = give_sql_access(engine, login, days)
    click.echo(f"✓ {role}  至 / until {until:%Y-%m-%d}")
    click.echo(f"密码,只显示这一次 / password, shown this once: {password}")


@sql_access.command("revoke")
@with_var
@click.argument("login")
def revoke(var: Path, login: str) -> None:
    """收回 / Take the login of an account away and end its sessions."""
    from gisserver.auth.sql_access import revoke_sql_access

    with opened(var) as engine:
        role = revoke_sql_access(engine, login)
    click.echo(f"✓ {role}")


@sql_access.command("list")
@with_var
def listed(var: Path) -> None:
    """列出 / List all logins with the sessions open now."""
    from gisserver.auth.sql_access import list_sql_access

    with opened(var) as engine:
        for row in list_sql_access(engine):
            click.echo(
                f"{row.login:<16}{row.role_name:<24}至 / until {row.expires_at:%Y-%m-%d}"
                f"  {row.sessions} 个会话 / sessions"
            )
