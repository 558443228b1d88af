"""`./wangge user`: accounts, their passwords and their grants."""

from __future__ import annotations

from pathlib import Path

import click

from gisserver.cli_options import opened, with_var
from gisserver.cli_sql_access import sql_access
from layers.core.rights import Role

ROLES = click.Choice([role.value for role in Role])


@click.group()
def user() -> None:
    """账号 / Accounts and what they may."""


user.add_command(sql_access)


@user.command("add")
@with_var
@click.argument("login")
@click.option("--name", default="", help="显示名 / display name")
@click.option("--role", type=ROLES, help="角色 / role")
@click.option("--area", default="", help="区划代码,空为全部 / area code, empty for everywhere")
@click.password_option(envvar="WANGGE_PASSWORD", help="不给则询问 / asked for when left out")
def user_add(var: Path, login: str, name: str, role: str | None, area: str, password: str) -> None:
    """新建账号 / Make an account, with one grant if a role is given."""
    from gisserver.auth.accounts import create_account
    from layers.core.scope import Grant

    grants = [Grant(Role(role), area)] if role else []
    with opened(var) as engine:
        create_account(engine, login, name, password, grants)
    click.echo(f"✓ {login}")


@user.command("passwd")
@with_var
@click.argument("login")
@click.password_option(envvar="WANGGE_PASSWORD", help="不给则询问 / asked for when left out")
def user_passwd(var: Path, login: str, password: str) -> None:
    """修改密码 / Set a new password; ends the account's sessions."""
    from gisserver.auth.accounts import change_password

    with opened(var) as engine:
        change_password(engine, login, password)
    click.echo(f"✓ {login}")


@user.command("grant")
@with_var
@click.argument("login")
@click.argument("role", type=ROLES)
@click.argument("area", default="")
@click.option("--remove", is_flag=True, help="收回 / take it away")
def user_grant(var: Path, login: str, role: str, area: str, remove: bool) -> None:
    """授权 / Give a role in AREA (a code; empty for everywhere), or take it away."""
    from gisserver.auth.accounts import grant_role, revoke_role

    with opened(var) as engine:
        (revoke_role if remove else grant_role)(engine, login, Role(role), area)
    click.echo(f"✓ {login}: {role} {area or '全部区域 / everywhere'}")


@user.command("staff")
@with_var
@click.argument("login")
@click.argument("code", required=False)
@click.option("--remove", is_flag=True, help="解除 / take it away")
def user_staff(var: Path, login: str, code: str | None, remove: bool) -> None:
    """绑定工作人员 / Say which employee (staff CODE) an account is: for whose unit it acts."""
    from gisserver.auth.accounts import link_staff

    if remove == (code is not None):
        raise click.UsageError("CODE 或 --remove / a staff code, or --remove")
    with opened(var) as engine:
        link_staff(engine, login, code)
    click.echo(f"✓ {login}: {code or '—'}")


@user.command("close")
@with_var
@click.argument("login")
@click.option("--reopen", is_flag=True, help="重新启用 / open it again")
def user_close(var: Path, login: str, reopen: bool) -> None:
    """停用账号 / Close an account; ends its sessions and tokens."""
    from gisserver.auth.accounts import set_active

    with opened(var) as engine:
        set_active(engine, login, reopen)
    click.echo(f"✓ {login}")


@user.command("list")
@with_var
def user_list(var: Path) -> None:
    """列出账号 / List all accounts with their grants."""
    from gisserver.auth.accounts import list_accounts

    with opened(var) as engine:
        for account in list_accounts(engine):
            grants = ", ".join(
                f"{grant.role.value}@{grant.area_code or '*'}" for grant in account.grants
            )
            closed = "" if account.is_active else "  停用 / closed"
            click.echo(f"{account.login:<16}{grants:<40}{account.display_name}{closed}")
