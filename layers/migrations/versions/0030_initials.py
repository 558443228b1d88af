"""Find names by the initials of their pinyin: a part of the search text."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

# Table, searched fields, and those of them that are found by initials.
SEARCHED = (
    ("housing", "compound", ("name", "alias", "address"), ("name", "alias")),
    ("territory", "road", ("name",), ("name",)),
    ("housing", "building", ("name", "alias", "address"), ("name", "alias")),
    ("territory", "grid", ("name",), ("name",)),
    ("territory", "area", ("name",), ("name",)),
    ("places", "camera", ("name",), ("name",)),
    ("places", "organisation", ("name", "address"), ("name",)),
    ("places", "facility", ("name", "address"), ("name",)),
    ("places", "key_site", ("name", "address"), ("name",)),
    ("organisation", "unit", ("name",), ("name",)),
    ("organisation", "staff", ("name",), ("name",)),
    ("analysis", "hot_zone", ("name",), ("name",)),
)


def upgrade() -> None:
    for schema, table, fields, spelt in SEARCHED:
        _renew(schema, table, f"{_joined(fields)} || ' ' || core.initials({_joined(spelt)})")


def downgrade() -> None:
    for schema, table, fields, _ in SEARCHED:
        _renew(schema, table, _joined(fields))


def _joined(fields: tuple[str, ...]) -> str:
    return " || ' ' || ".join(f"coalesce({name}, '')" for name in fields)


def _renew(schema: str, table: str, joined: str) -> None:
    for name, kind, function in (
        ("search_text", sa.Text(), "fold"),
        ("search_bigrams", postgresql.ARRAY(sa.Text()), "bigrams"),
    ):
        op.drop_column(table, name, schema=schema)
        computed = sa.Computed(f"core.{function}({joined})", persisted=True)
        op.add_column(table, sa.Column(name, kind, computed, nullable=True), schema=schema)
    op.create_index(
        f"{table}_search_bigrams_index",
        table,
        ["search_bigrams"],
        schema=schema,
        postgresql_using="gin",
    )
