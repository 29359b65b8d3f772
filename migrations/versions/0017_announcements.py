"""Announcements with pictures, links and readers; scheduled, repeated, corrected and taken back."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.add_column("announcements", sa.Column("mark", sa.String(80)))
    op.add_column("announcements", sa.Column("card", sa.Text()))
    op.add_column("announcements", sa.Column("alt", sa.Text()))
    op.add_column("announcements", sa.Column("links", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("announcements", sa.Column("asks", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("announcements", sa.Column("notify", sa.String(8), nullable=False, server_default="nobody"))
    op.add_column("announcements", sa.Column("people", sa.Integer()))
    op.add_column("announcements", sa.Column("slot", sa.JSON()))
    op.add_column("announcements", sa.Column("send_at", sa.BigInteger()))
    op.add_column("announcements", sa.Column("name", sa.String(60)))
    op.create_index("ix_announcements_send_at", "announcements", ["state", "send_at", "id"])
    op.create_table(
        "readings",
        sa.Column(
            "announcement_id", sa.Integer(), sa.ForeignKey("announcements.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("member_id", sa.Integer(), sa.ForeignKey("members.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("cohort_id", sa.Integer(), sa.ForeignKey("cohorts.id", ondelete="CASCADE"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )
    op.add_column("outbox", sa.Column("announcement_id", sa.Integer()))
    op.create_index("ix_outbox_announcement_id", "outbox", ["announcement_id"])
