"""The curriculum's links: what came of looking at them, what members report, what facilitators decided."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "links",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("url", sa.String(512), nullable=False),
        sa.Column("checked_at", sa.BigInteger()),
        sa.Column("outcome", sa.String(8)),
        sa.Column("reason", sa.String(16)),
        sa.Column("status", sa.Integer()),
        sa.Column("failures", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("since", sa.BigInteger()),
        sa.Column("failed_at", sa.BigInteger()),
        sa.UniqueConstraint("url"),
    )
    op.create_table(
        "link_reports",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("link_id", sa.Integer(), sa.ForeignKey("links.id", ondelete="CASCADE"), nullable=False),
        sa.Column("member_id", sa.Integer(), sa.ForeignKey("members.id", ondelete="CASCADE"), nullable=False),
        sa.Column("cohort_id", sa.Integer(), sa.ForeignKey("cohorts.id", ondelete="CASCADE"), nullable=False),
        sa.Column("curriculum", sa.String(64), nullable=False),
        sa.Column("resource", sa.String(64), nullable=False),
        sa.Column("why", sa.Text()),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("link_id", "member_id"),
    )
    op.create_table(
        "link_marks",
        sa.Column("community_id", sa.Integer(), sa.ForeignKey("communities.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("link_id", sa.Integer(), sa.ForeignKey("links.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("is_broken", sa.Boolean(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )
