"""What facilitators ticked of a cohort's checklist, and when whoever leads it is next told what is open."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ticks",
        sa.Column("cohort_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(16), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("account_id", sa.Integer()),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohorts.id"], name=op.f("fk_ticks_cohort_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_ticks_account_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("cohort_id", "item", name=op.f("pk_ticks")),
    )
    op.create_table(
        "handovers",
        sa.Column("cohort_id", sa.Integer(), nullable=False),
        sa.Column("look_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohorts.id"], name=op.f("fk_handovers_cohort_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("cohort_id", name=op.f("pk_handovers")),
    )
    op.create_index("ix_handovers_look_at", "handovers", ["look_at", "cohort_id"])
    # Cohorts that are there already are looked at once, and from then on when there is something to tell.
    op.execute("INSERT INTO handovers (cohort_id, look_at) SELECT id, created_at FROM cohorts")
