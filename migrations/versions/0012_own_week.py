"""A member's own week: what they chose, days away, passes, their own pace; and posts that are taken back."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("members", sa.Column("language", sa.String(12)))
    op.add_column("members", sa.Column("zone", sa.String(64)))
    op.add_column("members", sa.Column("reminds", sa.String(6), nullable=False, server_default="thread"))
    op.add_column("members", sa.Column("remind_at", sa.Time()))
    op.add_column("members", sa.Column("quiet_from", sa.Time(), nullable=False, server_default="22:00:00"))
    op.add_column("members", sa.Column("quiet_until", sa.Time(), nullable=False, server_default="08:00:00"))
    op.add_column("members", sa.Column("shows_streak", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("members", sa.Column("shares", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("members", sa.Column("closed_because", sa.Text()))
    op.add_column("members", sa.Column("closed_at", sa.BigInteger()))
    op.add_column("enrolments", sa.Column("behind", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("enrolments", sa.Column("missed_at", sa.BigInteger()))
    op.add_column("cohorts", sa.Column("passes", sa.Integer(), nullable=False, server_default="2"))
    op.add_column("outbox", sa.Column("taken_back_at", sa.BigInteger()))
    op.create_table(
        "absences",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("member_id", sa.Integer(), sa.ForeignKey("members.id", ondelete="CASCADE"), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
    )
    op.create_index("ix_absences_member_id", "absences", ["member_id"])
    op.create_table(
        "passes",
        sa.Column("enrolment_id", sa.Integer(), sa.ForeignKey("enrolments.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("period", sa.String(8), primary_key=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )
