"""What a platform shows in its own way: a cohort's role, and its weekly meeting among the events."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("cohorts", sa.Column("meeting_weekday", sa.Integer()))
    op.add_column("cohorts", sa.Column("meeting_at", sa.Time()))
    op.add_column("cohorts", sa.Column("meeting_minutes", sa.Integer()))
    op.add_column("cohorts", sa.Column("meeting_where", sa.String(100)))
    op.add_column("cohort_places", sa.Column("role", sa.String(64)))
    op.create_table(
        "projections",
        sa.Column("place_id", sa.Integer(), sa.ForeignKey("cohort_places.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("what", sa.String(8), primary_key=True),
        sa.Column("wanted_at", sa.BigInteger()),
        sa.Column("mark", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("wait_until", sa.BigInteger()),
        sa.Column("problem", sa.Text()),
    )
    op.create_index("ix_projections_wanted_at", "projections", ["wanted_at"])
