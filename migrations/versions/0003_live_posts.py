"""Posts that are kept up to date, and who is told when a place is lost."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("outbox", sa.Column("said", sa.String(32)))
    op.add_column("outbox", sa.Column("refresh_at", sa.BigInteger()))
    op.add_column("outbox", sa.Column("quiet_until", sa.BigInteger()))
    op.create_index("ix_outbox_refresh_at", "outbox", ["refresh_at"])
    op.add_column("cohorts", sa.Column("created_by", sa.Integer()))
