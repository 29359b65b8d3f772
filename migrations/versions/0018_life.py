"""The versions of curricula that cohorts follow, and cohorts that are archived."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "curricula",
        sa.Column("curriculum", sa.String(64), nullable=False),
        sa.Column("version", sa.String(32), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("curriculum", "version", name=op.f("pk_curricula")),
    )
    op.add_column("cohorts", sa.Column("formers", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("cohorts", sa.Column("archived_at", sa.BigInteger()))
