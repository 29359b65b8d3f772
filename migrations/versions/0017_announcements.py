"""Announcements with pictures, links and readers; scheduled, repeated, corrected and taken back."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


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
        sa.Column("announcement_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("cohort_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["announcement_id"], ["announcements.id"], name=op.f("fk_readings_announcement_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_readings_member_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohorts.id"], name=op.f("fk_readings_cohort_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("announcement_id", "member_id", name=op.f("pk_readings")),
    )
    op.add_column("outbox", sa.Column("announcement_id", sa.Integer()))
    op.create_index("ix_outbox_announcement_id", "outbox", ["announcement_id"])
