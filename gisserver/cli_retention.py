"""`./wangge retention`: what is past its term, and erasing or de-identifying it."""

from __future__ import annotations

from pathlib import Path

import click

from gisserver.cli_options import opened, with_var

ACTIONS = {"erase": "删除 / erase", "deidentify": "去标识 / de-identify"}


@click.command()
@with_var
@click.option(
    "--apply/--dry-run",
    "is_applied",
    default=False,
    help="执行,默认仅列出 / do it, else only tell what would be done",
)
def retention(var: Path, is_applied: bool) -> None:
    """到期清理 / Erase or de-identify personal data past its term (data/privacy/retention.toml)."""
    from layers.core.database import owner_transaction
    from layers.privacy.retention import apply_rule, due_by_rule
    from layers.privacy.retention_rules import rules

    with opened(var) as engine:
        if is_applied:
            found = []
            for rule in rules():
                with owner_transaction(engine) as connection:
                    found.append(apply_rule(connection, rule))
        else:
            with owner_transaction(engine) as connection:
                found = due_by_rule(connection)
    for due in found:
        oldest = str(due.oldest or "-")
        click.echo(
            f"{due.rule.name:<18} {due.rows:>10,}  {oldest:<10}  {due.rule.months:>4} 月 / months  "
            f"{ACTIONS[due.rule.action]}"
        )
    done = "已处理 / done" if is_applied else "将处理 / would be done"
    click.echo(f"{done}: {sum(due.rows for due in found):,}")
