"""Calendars that bend: earlier turns of a season, weeks off, pauses, phases kept open; a mark in each cohort's keys."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("cohorts", sa.Column("turns", sa.JSON(), server_default=sa.text("'[]'"), nullable=False))
    op.add_column("cohorts", sa.Column("breaks", sa.JSON(), server_default=sa.text("'[]'"), nullable=False))
    op.add_column("cohorts", sa.Column("held", sa.JSON(), server_default=sa.text("'[]'"), nullable=False))
    op.add_column("cohorts", sa.Column("paused_at", sa.BigInteger()))
    op.add_column("cohorts", sa.Column("revision", sa.Integer(), server_default=sa.text("0"), nullable=False))
    # Cohorts that are there already keep the keys that they have.
    op.add_column("cohorts", sa.Column("mark", sa.String(8), server_default="", nullable=False))
