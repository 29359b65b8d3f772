"""Places that are private channels: their cohorts are not shown to everybody in the community."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    private: sa.Column[bool] = sa.Column("is_private", sa.Boolean(), server_default=sa.false(), nullable=False)
    op.add_column("cohort_places", private)
