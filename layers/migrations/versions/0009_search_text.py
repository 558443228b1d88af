"""Add search text: what the search box compares, folded once when a row is written."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

SEARCHED = (
    ("housing", "compound", ("name", "alias", "address")),
    ("territory", "road", ("name",)),
    ("housing", "building", ("name", "alias", "address")),
    ("territory", "grid", ("name",)),
    ("territory", "area", ("name",)),
    ("places", "camera", ("name",)),
    ("places", "organisation", ("name", "address")),
    ("places", "facility", ("name", "address")),
    ("places", "key_site", ("name", "address")),
    ("organisation", "unit", ("name",)),
    ("organisation", "staff", ("name",)),
    ("patrol", "vehicle", ("plate",)),
)


def upgrade() -> None:
    for schema, table, fields in SEARCHED:
        joined = " || ' ' || ".join(f"coalesce({name}, '')" for name in fields)
        folded = sa.Computed(f"core.fold({joined})", persisted=True)
        op.add_column(
            table, sa.Column("search_text", sa.Text(), folded, nullable=True), schema=schema
        )


def downgrade() -> None:
    for schema, table, _ in SEARCHED:
        op.drop_column(table, "search_text", schema=schema)
