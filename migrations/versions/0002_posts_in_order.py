"""A post that is tried again keeps the instant at which it was due, so that it keeps its turn."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("outbox", sa.Column("wait_until", sa.BigInteger()))
    op.create_index("ix_outbox_place_id", "outbox", ["place_id", "kind", "state"])
