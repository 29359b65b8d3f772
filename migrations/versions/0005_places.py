"""Cohorts at home in several places: since when and until when, and the codes that let one in from elsewhere."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("cohort_places", sa.Column("joined_at", sa.BigInteger()))
    op.add_column("cohort_places", sa.Column("left_at", sa.BigInteger()))
    op.create_table(
        "place_codes",
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("cohort_id", sa.Integer(), sa.ForeignKey("cohorts.id", ondelete="CASCADE"), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
    )
