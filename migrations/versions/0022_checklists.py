"""What facilitators ticked of a cohort's checklist, and when whoever leads it is next told what is open."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.create_table(
        "ticks",
        sa.Column("cohort_id", sa.Integer(), sa.ForeignKey("cohorts.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("item", sa.String(16), primary_key=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("account_id", sa.Integer(), sa.ForeignKey("accounts.id", ondelete="SET NULL")),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "handovers",
        sa.Column("cohort_id", sa.Integer(), sa.ForeignKey("cohorts.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("look_at", sa.BigInteger()),
    )
    op.create_index("ix_handovers_look_at", "handovers", ["look_at", "cohort_id"])
    # Cohorts that are there already are looked at once, and from then on when there is something to tell.
    op.execute("INSERT INTO handovers (cohort_id, look_at) SELECT id, created_at FROM cohorts")
