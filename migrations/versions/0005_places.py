"""Cohorts at home in several places: since when and until when, and the codes that let one in from elsewhere."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cohort_places", sa.Column("joined_at", sa.BigInteger(), nullable=True))
    op.add_column("cohort_places", sa.Column("left_at", sa.BigInteger(), nullable=True))
    op.create_table(
        "place_codes",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("cohort_id", sa.Integer(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohorts.id"], name=op.f("fk_place_codes_cohort_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_place_codes")),
    )
