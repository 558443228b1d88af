"""Tell whether a resident lies in a reader's areas without reading the person."""

from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "person_scope_index", "person", ["id"], schema="people", postgresql_include=["area_code"]
    )


def downgrade() -> None:
    op.drop_index("person_scope_index", "person", schema="people")
