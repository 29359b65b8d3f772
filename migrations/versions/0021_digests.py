"""Weekly digests: where facilitators read theirs, whether the cohort has one, and a row of the schedule for them."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.add_column("cohorts", sa.Column("has_digest", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.create_table(
        "desks",
        sa.Column("cohort_id", sa.Integer(), sa.ForeignKey("cohorts.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("community_id", sa.Integer(), sa.ForeignKey("communities.id", ondelete="CASCADE"), nullable=False),
        sa.Column("channel", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
    )
    op.create_index("ix_desks_community_id", "desks", ["community_id", "channel"])
    # A digest is due after its week's reminder: when that one was due next is early enough to look at the calendar.
    op.execute(
        "INSERT INTO schedule (cohort_id, kind, next_step, next_due_at) "
        "SELECT cohort_id, 'digest', next_step, next_due_at FROM schedule WHERE kind = 'reminder'"
    )
