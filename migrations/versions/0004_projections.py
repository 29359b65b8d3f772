"""What a platform shows in its own way: a cohort's role, and its weekly meeting among the events."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cohorts", sa.Column("meeting_weekday", sa.Integer(), nullable=True))
    op.add_column("cohorts", sa.Column("meeting_at", sa.Time(), nullable=True))
    op.add_column("cohorts", sa.Column("meeting_minutes", sa.Integer(), nullable=True))
    op.add_column("cohorts", sa.Column("meeting_where", sa.String(length=100), nullable=True))
    op.add_column("cohort_places", sa.Column("role", sa.String(length=64), nullable=True))
    op.create_table(
        "projections",
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=8), nullable=False),
        sa.Column("wanted_at", sa.BigInteger(), nullable=True),
        sa.Column("mark", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("wait_until", sa.BigInteger(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["place_id"], ["cohort_places.id"], name=op.f("fk_projections_place_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("place_id", "what", name=op.f("pk_projections")),
    )
    op.create_index("ix_projections_wanted_at", "projections", ["wanted_at"], unique=False)
