"""Facilitators of each cohort, who of them leads it in which week, and who did what."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.create_table(
        "facilitators",
        sa.Column("cohort_id", sa.Integer(), sa.ForeignKey("cohorts.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("account_id", sa.Integer(), sa.ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("since_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_facilitators_account_id", "facilitators", ["account_id"])
    # Who made a cohort looks after it.
    op.execute(
        "INSERT INTO facilitators (cohort_id, account_id, since_at) "
        "SELECT cohorts.id, accounts.id, cohorts.created_at FROM cohorts "
        "JOIN accounts ON accounts.id = cohorts.created_by"
    )
    op.drop_column("cohorts", "created_by")
    op.create_table(
        "leads",
        sa.Column("cohort_id", sa.Integer(), sa.ForeignKey("cohorts.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("period", sa.String(8), primary_key=True),
        sa.Column("account_id", sa.Integer(), sa.ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("cohort_id", sa.Integer(), sa.ForeignKey("cohorts.id", ondelete="CASCADE"), nullable=False),
        sa.Column("account_id", sa.Integer()),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("command", sa.String(100), nullable=False),
        sa.Column("given", sa.JSON(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_audit_cohort_id", "audit", ["cohort_id", "id"])
