"""The versions of curricula that cohorts follow, and cohorts that are archived."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.create_table(
        "curricula",
        sa.Column("curriculum", sa.String(64), primary_key=True),
        sa.Column("version", sa.String(32), primary_key=True),
        sa.Column("content", sa.JSON(), nullable=False),
    )
    op.add_column("cohorts", sa.Column("formers", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("cohorts", sa.Column("archived_at", sa.BigInteger()))
