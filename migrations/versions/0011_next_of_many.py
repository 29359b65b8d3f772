"""What comes next at a place and on a platform, among a million that wait: each one the first of an index."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.drop_index("ix_outbox_place_id", "outbox")
    op.create_index("ix_outbox_place_id", "outbox", ["place_id", "kind", "state", "due_at", "id"])
    op.drop_index("ix_outbox_refresh_at", "outbox")
    op.create_index("ix_outbox_refresh_at", "outbox", ["platform", "refresh_at", "id"])
