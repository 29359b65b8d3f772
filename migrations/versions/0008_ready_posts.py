"""When a post is next to be looked at, in one column and one index, for claims among a million of them."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    platform: sa.Column[str] = sa.Column("platform", sa.String(20), server_default="", nullable=False)
    ready_at: sa.Column[int] = sa.Column("ready_at", sa.BigInteger())
    op.add_column("outbox", platform)
    op.add_column("outbox", ready_at)
    op.execute(
        "UPDATE outbox SET platform = (SELECT communities.platform FROM communities JOIN cohort_places "
        "ON cohort_places.community_id = communities.id WHERE cohort_places.id = outbox.place_id)"
    )
    op.execute("UPDATE outbox SET ready_at = coalesce(wait_until, due_at) WHERE state = 'pending'")
    op.execute("UPDATE outbox SET ready_at = lease_until WHERE state = 'sending'")
    op.create_index("ix_outbox_ready_at", "outbox", ["platform", "kind", "ready_at", "id"])
    op.drop_column("outbox", "wait_until")
    op.drop_column("outbox", "lease_until")
