"""Cohorts: their calendars, their places, who looks after them, and what was done to them."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    Time,
    UniqueConstraint,
    false,
    text,
    true,
)

from bot.records.columns import Instant, id_column, metadata, reference

cohorts = Table(
    "cohorts",
    metadata,
    id_column(),
    reference("community_id", "communities"),
    Column("name", String(100), nullable=False),
    Column("curriculum", String(64), nullable=False),
    Column("version", String(32), nullable=False),
    Column("start_on", Date, nullable=False),
    Column("zone", String(64), nullable=False),
    Column("weekday", Integer, nullable=False),
    Column("at", Time, nullable=False),
    # When members are asked to check in: a local weekday (Monday is 0) and time.
    Column("checkin_weekday", Integer, nullable=False, server_default=text("4")),
    Column("checkin_at", Time, nullable=False, server_default="17:00:00"),
    Column("pace", String(8), nullable=False),
    Column("language", String(12), nullable=False),
    Column("created_at", Instant, nullable=False),
    # The weekly meeting, if there is one: a local weekday (Monday is 0) and time in the cohort's zone.
    Column("meeting_weekday", Integer),
    Column("meeting_at", Time),
    Column("meeting_minutes", Integer),
    Column("meeting_where", String(100)),
    # How the calendar was bent; `Cohort` says how each is read. `revision` counts the changes.
    Column("turns", JSON, nullable=False, server_default=text("'[]'")),
    Column("breaks", JSON, nullable=False, server_default=text("'[]'")),
    Column("held", JSON, nullable=False, server_default=text("'[]'")),
    Column("paused_at", Instant),
    Column("amendments", JSON, nullable=False, server_default=text("'[]'")),
    Column("revision", Integer, nullable=False, server_default=text("0")),
    # The versions of its curriculum that it followed before, each with the first step that was not posted by it.
    Column("formers", JSON, nullable=False, server_default=text("'[]'")),
    # Since when the season is over for good; null while it is not.
    Column("archived_at", Instant),
    # How many weeks of a season a member may pass.
    Column("passes", Integer, nullable=False, server_default=text("2")),
    # Whether the cohort is told of its own week.
    Column("has_digest", Boolean, nullable=False, server_default=true()),
    # How many members it takes; null for as many as come.
    Column("capacity", Integer),
    # What the cohort's keys hold beside its id, lest one that gets the same id after a restore meets its posts.
    Column("mark", String(8), nullable=False, server_default=""),
    UniqueConstraint("community_id", "name"),
)

# The versions of curricula that are on offer, and those that cohorts follow.
curricula = Table(
    "curricula",
    metadata,
    Column("curriculum", String(64), primary_key=True),
    Column("version", String(32), primary_key=True),
    Column("content", JSON, nullable=False),
)

cohort_places = Table(
    "cohort_places",
    metadata,
    id_column(),
    reference("cohort_id", "cohorts"),
    reference("community_id", "communities"),
    Column("channel", String(64), nullable=False),
    Column("name", String(200), nullable=False),
    Column("lost_because", Text),
    Column("role", String(64)),
    # Null for a place from the time when a cohort had but one.
    Column("joined_at", Instant),
    Column("left_at", Instant),
    Column("is_private", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("community_id", "channel"),
    Index("ix_cohort_places_cohort_id", "cohort_id"),
)

place_codes = Table(
    "place_codes",
    metadata,
    Column("hash", String(64), primary_key=True),
    reference("cohort_id", "cohorts"),
    Column("until", Instant, nullable=False),
)

# The channel where those who look after a cohort are told of its weeks; it may be that of several cohorts.
desks = Table(
    "desks",
    metadata,
    reference("cohort_id", "cohorts", primary_key=True),
    reference("community_id", "communities"),
    Column("channel", String(64), nullable=False),
    Column("name", String(200), nullable=False),
    Index("ix_desks_community_id", "community_id", "channel"),
)

# What a facilitator says at the top of one post of a season, and what its week is called there.
post_notes = Table(
    "post_notes",
    metadata,
    reference("cohort_id", "cohorts", primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("step", Integer, primary_key=True),
    Column("title", Text),
    Column("note", Text),
)

# Who looks after a cohort, beside its community's admins and those whom the operator lists.
facilitators = Table(
    "facilitators",
    metadata,
    reference("cohort_id", "cohorts", primary_key=True),
    reference("account_id", "accounts", primary_key=True),
    Column("since_at", Instant, nullable=False),
    Index("ix_facilitators_account_id", "account_id"),
)

# Who leads a cohort in a local week; what concerns it in that week is told to them.
leads = Table(
    "leads",
    metadata,
    reference("cohort_id", "cohorts", primary_key=True),
    Column("period", String(8), primary_key=True),
    reference("account_id", "accounts"),
)

# What was done to cohorts: it only grows. The account is plain, since what it did outlives it.
audit = Table(
    "audit",
    metadata,
    id_column(),
    reference("cohort_id", "cohorts"),
    Column("account_id", Integer),
    Column("name", String(200), nullable=False),
    Column("command", String(100), nullable=False),
    Column("given", JSON, nullable=False),
    Column("before", JSON, nullable=False),
    Column("after", JSON, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_audit_cohort_id", "cohort_id", "id"),
)

# What facilitators ticked by hand of a cohort's checklist. It stays when whoever did it is forgotten.
ticks = Table(
    "ticks",
    metadata,
    reference("cohort_id", "cohorts", primary_key=True),
    Column("item", String(16), primary_key=True),
    Column("state", String(10), nullable=False),
    Column("account_id", Integer, ForeignKey("accounts.id", ondelete="SET NULL")),
    Column("at", Instant, nullable=False),
)

# When it is looked at next whether who leads a cohort is to be told of its checklist; null for not again.
handovers = Table(
    "handovers",
    metadata,
    reference("cohort_id", "cohorts", primary_key=True),
    Column("look_at", Instant),
    Index("ix_handovers_look_at", "look_at", "cohort_id"),
)
