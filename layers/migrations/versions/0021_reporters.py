"""Keep who told of an incident, and its photos."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

LOGIN = sa.text("nullif(current_setting('wangge.login', true), '')")
NOW = sa.text("now()")


def upgrade() -> None:
    op.create_table(
        "reporter",
        sa.Column("incident_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("report_source", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("reported_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("reported_by", sa.Text(), server_default=LOGIN, nullable=True),
        sa.Column("name_cipher", sa.LargeBinary(), nullable=True),
        sa.Column("phone_cipher", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column(
            "area_code", sa.Text(collation="C"), server_default=sa.text("''"), nullable=False
        ),
        sa.Column("row_version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("source_key", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["incident_id"],
            ["incidents.incident.id"],
            name=op.f("reporter_incident_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("reporter_pkey")),
        schema="incidents",
    )
    for columns in (("code",), ("source", "source_key")):
        op.create_index(
            f"reporter_{'_'.join(columns)}_key",
            "reporter",
            columns,
            unique=True,
            schema="incidents",
            postgresql_where=sa.text(f"{columns[-1]} IS NOT NULL"),
        )
    op.create_index("reporter_area_code_index", "reporter", ["area_code"], schema="incidents")
    op.create_index(
        op.f("reporter_incident_id_index"), "reporter", ["incident_id"], schema="incidents"
    )
    op.create_table(
        "photo",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("incident_id", sa.BigInteger(), nullable=False),
        sa.Column("reporter_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("image", sa.LargeBinary(), nullable=False),
        sa.Column("thumbnail", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("added_by", sa.Text(), server_default=LOGIN, nullable=True),
        sa.ForeignKeyConstraint(
            ["incident_id"],
            ["incidents.incident.id"],
            name=op.f("photo_incident_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["reporter_id"],
            ["incidents.reporter.id"],
            name=op.f("photo_reporter_id_fkey"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("photo_pkey")),
        sa.UniqueConstraint("incident_id", "sha256", name=op.f("photo_incident_id_sha256_key")),
        schema="incidents",
    )
    op.create_index(op.f("photo_reporter_id_index"), "photo", ["reporter_id"], schema="incidents")


def downgrade() -> None:
    op.drop_table("photo", schema="incidents")
    op.drop_table("reporter", schema="incidents")
