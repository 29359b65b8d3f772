"""How many members a cohort takes, and who waits for a seat in it."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.add_column("cohorts", sa.Column("capacity", sa.Integer()))
    op.create_table(
        "waiting",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("cohort_id", sa.Integer(), sa.ForeignKey("cohorts.id", ondelete="CASCADE"), nullable=False),
        sa.Column("member_id", sa.Integer(), sa.ForeignKey("members.id", ondelete="CASCADE"), nullable=False),
        sa.Column("since_at", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("cohort_id", "member_id"),
    )
    op.create_index("ix_waiting_member_id", "waiting", ["member_id"])
