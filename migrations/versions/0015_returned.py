"""When somebody who had gone silent was welcomed back."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("enrolments", sa.Column("returned_at", sa.BigInteger()))
    op.add_column("enrolments", sa.Column("out_from", sa.BigInteger()))
    op.add_column("enrolments", sa.Column("out_until", sa.BigInteger()))
