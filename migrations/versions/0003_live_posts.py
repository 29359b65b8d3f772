"""Posts that are kept up to date, and who is told when a place is lost."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outbox", sa.Column("said", sa.String(length=32), nullable=True))
    op.add_column("outbox", sa.Column("refresh_at", sa.BigInteger(), nullable=True))
    op.add_column("outbox", sa.Column("quiet_until", sa.BigInteger(), nullable=True))
    op.create_index("ix_outbox_refresh_at", "outbox", ["refresh_at"], unique=False)
    op.add_column("cohorts", sa.Column("created_by", sa.Integer(), nullable=True))
