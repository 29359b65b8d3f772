"""Posts of a season that are moved or left out, and words that are said in one of them."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.add_column("cohorts", sa.Column("amendments", sa.JSON(), nullable=False, server_default="[]"))
    op.create_table(
        "post_notes",
        sa.Column("cohort_id", sa.Integer(), sa.ForeignKey("cohorts.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("step", sa.Integer(), primary_key=True),
        sa.Column("title", sa.Text()),
        sa.Column("note", sa.Text()),
    )
