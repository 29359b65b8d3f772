"""The curriculum's links: what came of looking at them, and what is said of them."""

from sqlalchemy import Boolean, Column, Integer, String, Table, Text, UniqueConstraint, text

from bot.records.columns import Instant, id_column, metadata, reference

links = Table(
    "links",
    metadata,
    id_column(),
    Column("url", String(512), nullable=False, unique=True),
    # When it was last looked at, what came of it, and why; null for one that was reported and never looked at.
    Column("checked_at", Instant),
    Column("outcome", String(8)),
    Column("reason", String(16)),
    Column("status", Integer),
    # How often in a row it failed, since when it fails, or opens, without a break, and when it failed last.
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Column("since", Instant),
    Column("failed_at", Instant),
)

link_reports = Table(
    "link_reports",
    metadata,
    id_column(),
    reference("link_id", "links"),
    reference("member_id", "members"),
    reference("cohort_id", "cohorts"),
    Column("curriculum", String(64), nullable=False),
    Column("resource", String(64), nullable=False),
    Column("why", Text),
    Column("at", Instant, nullable=False),
    UniqueConstraint("link_id", "member_id"),
)

link_marks = Table(
    "link_marks",
    metadata,
    reference("community_id", "communities", primary_key=True),
    reference("link_id", "links", primary_key=True),
    Column("is_broken", Boolean, nullable=False),
    Column("at", Instant, nullable=False),
)
