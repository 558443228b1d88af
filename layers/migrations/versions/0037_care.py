"""Keep visits of care records, and services for elderly people with who offers them."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

CHECKS = {
    "valid_to_after": "valid_to >= valid_from",
    "visited_before_end": "last_visit <= valid_to",
}
KINDS = ("housekeeping", "health_care", "repair", "errands", "other")


def upgrade() -> None:
    # What was visited or began after its end had not ended then.
    op.execute(
        "UPDATE people.care_record SET valid_to = greatest(valid_to, valid_from, last_visit) "
        "WHERE valid_to < greatest(valid_from, last_visit)"
    )
    for name, check in CHECKS.items():
        op.create_check_constraint(
            op.f(f"care_record_{name}_check"), "care_record", check, schema="people"
        )
    _create(
        "care_visit",
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("visited_on", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("found", sa.Text(), nullable=True),
        sa.Column("found_cipher", sa.LargeBinary(), nullable=True),
        sa.Column("next_step", sa.Text(), nullable=True),
        sa.Column("visited_by", sa.Text(), nullable=True),
        _refers("care_visit", "record_id", "care_record", "CASCADE"),
    )
    op.create_index(
        "care_visit_record_id_index", "care_visit", ["record_id", "visited_on"], schema="people"
    )
    # A visit that was known by its day only, so that the day follows from the visits from now on.
    op.execute(
        "INSERT INTO people.care_visit "
        "(record_id, visited_on, kind, visited_by, area_code, source) "
        "SELECT id, last_visit, 'home_visit', responsible, area_code, source "
        "FROM people.care_record WHERE last_visit IS NOT NULL ORDER BY id"
    )
    _create(
        "service_provider",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        *(
            sa.Column(
                f"offers_{kind}", sa.Boolean(), server_default=sa.text("false"), nullable=False
            )
            for kind in KINDS
        ),
        sa.Column(
            "search_text",
            sa.Text(),
            sa.Computed("core.fold(coalesce(name, ''))", persisted=True),
            nullable=True,
        ),
        sa.Column(
            "search_bigrams",
            sa.ARRAY(sa.Text()),
            sa.Computed("core.bigrams(coalesce(name, ''))", persisted=True),
            nullable=True,
        ),
    )
    op.create_index(
        "service_provider_search_bigrams_index",
        "service_provider",
        ["search_bigrams"],
        schema="people",
        postgresql_using="gin",
    )
    _create_services()


def _create_services() -> None:
    checks = {
        "done_after": "done_on >= requested_on",
        "follow_up_after": "follow_up_on >= done_on",
        "done_day": "(state = 'done') = (done_on IS NOT NULL)",
        "assigned_to": "state IN ('requested', 'cancelled') OR provider_id IS NOT NULL",
        "follow_up_done": "state = 'done' OR follow_up_on IS NULL",
        "follow_up_satisfaction": "(follow_up_on IS NULL) = (satisfaction IS NULL)",
    }
    _create(
        "elderly_service",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("requested_on", sa.Date(), nullable=False),
        sa.Column("wish", sa.Text(), nullable=True),
        sa.Column("provider_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), server_default=sa.text("'requested'"), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("follow_up_on", sa.Date(), nullable=True),
        sa.Column("satisfaction", sa.Text(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        *(
            sa.CheckConstraint(check, name=op.f(f"elderly_service_{name}_check"))
            for name, check in checks.items()
        ),
        _refers("elderly_service", "person_id", "person", "CASCADE"),
        _refers("elderly_service", "provider_id", "service_provider", "RESTRICT"),
    )
    for column in ("person_id", "provider_id"):
        op.create_index(
            op.f(f"elderly_service_{column}_index"), "elderly_service", [column], schema="people"
        )
    op.create_index(
        "elderly_service_open_index",
        "elderly_service",
        ["area_code"],
        schema="people",
        postgresql_where=sa.text("state <> 'cancelled' AND follow_up_on IS NULL"),
    )


def _refers(table: str, column: str, target: str, on_delete: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column],
        [f"people.{target}.id"],
        name=op.f(f"{table}_{column}_fkey"),
        ondelete=on_delete,
    )


def _create(table: str, *own: Any) -> None:
    """A table of features with what every feature has."""
    common: Sequence[Any] = (
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column(
            "area_code", sa.Text(collation="C"), server_default=sa.text("''"), nullable=False
        ),
        sa.Column("row_version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("updated_by", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("source_key", sa.Text(), nullable=True),
    )
    op.create_table(
        table,
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        *own,
        *common,
        sa.PrimaryKeyConstraint("id", name=op.f(f"{table}_pkey")),
        schema="people",
    )
    for columns in (("code",), ("source", "source_key")):
        op.create_index(
            f"{table}_{'_'.join(columns)}_key",
            table,
            columns,
            unique=True,
            schema="people",
            postgresql_where=sa.text(f"{columns[-1]} IS NOT NULL"),
        )
    op.create_index(f"{table}_area_code_index", table, ["area_code"], schema="people")


def downgrade() -> None:
    op.drop_table("elderly_service", schema="people")
    op.drop_table("service_provider", schema="people")
    op.drop_table("care_visit", schema="people")
    for name in CHECKS:
        op.drop_constraint(op.f(f"care_record_{name}_check"), "care_record", schema="people")
