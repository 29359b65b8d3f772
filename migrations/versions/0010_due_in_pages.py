"""What is due is read in pages, each beginning where the one before ended."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.drop_index("ix_schedule_next_due_at", "schedule")
    op.create_index("ix_schedule_next_due_at", "schedule", ["next_due_at", "cohort_id", "kind"])
