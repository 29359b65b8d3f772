"""The day and time at which a cohort is asked to check in; those that there are keep Friday at 17:00."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("cohorts", sa.Column("checkin_weekday", sa.Integer(), nullable=False, server_default="4"))
    op.add_column("cohorts", sa.Column("checkin_at", sa.Time(), nullable=False, server_default="17:00:00"))
