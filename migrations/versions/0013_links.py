"""The curriculum's links: what came of looking at them, what members report, what facilitators decided."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("url", sa.String(512), nullable=False),
        sa.Column("checked_at", sa.BigInteger()),
        sa.Column("outcome", sa.String(8)),
        sa.Column("reason", sa.String(16)),
        sa.Column("status", sa.Integer()),
        sa.Column("failures", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("since", sa.BigInteger()),
        sa.Column("failed_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_links")),
        sa.UniqueConstraint("url", name=op.f("uq_links_url")),
    )
    op.create_table(
        "link_reports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("link_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("cohort_id", sa.Integer(), nullable=False),
        sa.Column("curriculum", sa.String(64), nullable=False),
        sa.Column("resource", sa.String(64), nullable=False),
        sa.Column("why", sa.Text()),
        sa.Column("at", sa.BigInteger(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_link_reports_{column}"), ondelete="CASCADE"
            )
            for column, table in (("link_id", "links"), ("member_id", "members"), ("cohort_id", "cohorts"))
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_reports")),
        sa.UniqueConstraint("link_id", "member_id", name=op.f("uq_link_reports_link_id_member_id")),
    )
    op.create_table(
        "link_marks",
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("link_id", sa.Integer(), nullable=False),
        sa.Column("is_broken", sa.Boolean(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_link_marks_{column}"), ondelete="CASCADE")
            for column, table in (("community_id", "communities"), ("link_id", "links"))
        ),
        sa.PrimaryKeyConstraint("community_id", "link_id", name=op.f("pk_link_marks")),
    )
