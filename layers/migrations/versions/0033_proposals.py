"""Keep proposals of changes until somebody decides on them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

SCHEMA = "people"
ONE_OF = {
    "layer": "layer IN ('persons', 'residences', 'dwellings', 'rentals')",
    "operation": "operation IN ('create', 'update', 'delete')",
    "state": "state IN ('pending', 'accepted', 'returned', 'withdrawn', 'superseded')",
    "base": "(operation = 'create') = (base_version IS NULL)",
}


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _members(name: str, default: str | None = "'{}'") -> sa.Column[object]:
    server_default = sa.text(default) if default else None
    return sa.Column(name, postgresql.JSONB(), server_default=server_default, nullable=False)


def upgrade() -> None:
    op.create_table(
        "proposal",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        _text("layer"),
        sa.Column("feature_id", sa.BigInteger(), nullable=True),
        _text("operation"),
        _members("values", None),
        _members("sealed"),
        _members("before"),
        sa.Column("base_version", sa.Integer(), nullable=True),
        sa.Column("area_code", sa.Text(collation="C"), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'pending'"), nullable=False),
        _text("reason", nullable=True),
        _text("proposed_by"),
        sa.Column(
            "proposed_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        _text("decision", nullable=True),
        _text("decided_by", nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        _members("correction"),
        sa.Column("replaces", sa.BigInteger(), nullable=True),
        *(
            sa.CheckConstraint(condition, name=op.f(f"proposal_{name}_check"))
            for name, condition in ONE_OF.items()
        ),
        sa.ForeignKeyConstraint(
            ["replaces"],
            ["people.proposal.id"],
            name=op.f("proposal_replaces_fkey"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("proposal_pkey")),
        schema=SCHEMA,
    )
    for name, columns in (
        ("proposal_state_index", ["state", "id"]),
        ("proposal_area_code_index", ["area_code"]),
        ("proposal_decided_index", ["decided_at"]),
        ("proposal_proposed_by_index", ["proposed_by", "id"]),
    ):
        op.create_index(name, "proposal", columns, schema=SCHEMA)
    op.create_index(
        "proposal_open_key",
        "proposal",
        ["layer", "feature_id", "proposed_by"],
        unique=True,
        schema=SCHEMA,
        postgresql_where=sa.text("state = 'pending' AND operation <> 'create'"),
    )


def downgrade() -> None:
    op.drop_table("proposal", schema=SCHEMA)
