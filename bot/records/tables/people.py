"""Who there is: communities, members with their accounts, and what members are in and did."""

from sqlalchemy import (
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

communities = Table(
    "communities",
    metadata,
    id_column(),
    Column("platform", String(20), nullable=False),
    Column("foreign_id", String(64), nullable=False),
    UniqueConstraint("platform", "foreign_id"),
)

members = Table(
    "members",
    metadata,
    id_column(),
    Column("created_at", Instant, nullable=False),
    # The cohort a command means when neither the place nor a single enrolment decides. Plain, since cohorts come later.
    Column("last_cohort_id", Integer),
    # What the member chose; `Preferences` says how each is read. A language or zone that is null was never chosen.
    Column("language", String(12)),
    Column("zone", String(64)),
    Column("reminds", String(6), nullable=False, server_default="thread"),
    Column("remind_at", Time),
    Column("quiet_from", Time, nullable=False, server_default="22:00:00"),
    Column("quiet_until", Time, nullable=False, server_default="08:00:00"),
    Column("shows_streak", Boolean, nullable=False, server_default=true()),
    Column("shares", Boolean, nullable=False, server_default=false()),
    # Why private messages do not reach them, and since when; null while they do.
    Column("closed_because", Text),
    Column("closed_at", Instant),
)

accounts = Table(
    "accounts",
    metadata,
    id_column(),
    reference("member_id", "members"),
    Column("platform", String(20), nullable=False),
    Column("foreign_id", String(64), nullable=False),
    Column("name", String(200), nullable=False),
    UniqueConstraint("platform", "foreign_id"),
    Index("ix_accounts_member_id", "member_id"),
)

absences = Table(
    "absences",
    metadata,
    id_column(),
    reference("member_id", "members"),
    Column("first_on", Date, nullable=False),
    Column("last_on", Date, nullable=False),
    Index("ix_absences_member_id", "member_id"),
)

enrolments = Table(
    "enrolments",
    metadata,
    id_column(),
    reference("member_id", "members"),
    reference("cohort_id", "cohorts"),
    Column("joined_at", Instant, nullable=False),
    Column("left_at", Instant),
    # By how many weeks the member's own plan is behind the cohort; negative if it is ahead.
    Column("behind", Integer, nullable=False, server_default=text("0")),
    # When the member, who had gone silent, was written to; null again once they are back.
    Column("missed_at", Instant),
    # When the member was last welcomed back after a silence: silence is counted, and their plan begins, from there.
    Column("returned_at", Instant),
    # From when until when they were out of the cohort the last time, if they left and came back.
    Column("out_from", Instant),
    Column("out_until", Instant),
    UniqueConstraint("member_id", "cohort_id"),
    Index("ix_enrolments_cohort_id", "cohort_id"),
)

# Who waits for a seat in a cohort, in the order of the ids.
waiting = Table(
    "waiting",
    metadata,
    id_column(),
    reference("cohort_id", "cohorts"),
    reference("member_id", "members"),
    Column("since_at", Instant, nullable=False),
    UniqueConstraint("cohort_id", "member_id"),
    Index("ix_waiting_member_id", "member_id"),
)

passes = Table(
    "passes",
    metadata,
    reference("enrolment_id", "enrolments", primary_key=True),
    Column("period", String(8), primary_key=True),
    Column("at", Instant, nullable=False),
)

progress = Table(
    "progress",
    metadata,
    id_column(),
    reference("member_id", "members"),
    Column("curriculum", String(64), nullable=False),
    Column("task", String(64), nullable=False),
    Column("amount", Integer, nullable=False),
    Column("version", String(32), nullable=False),
    Column("at", Instant, nullable=False),
    Column("source", String(8), nullable=False),
    Column("call_id", String(80), nullable=False, unique=True),
    Column("link", Text),
    Column("undoes", Integer, ForeignKey("progress.id", ondelete="CASCADE"), unique=True),
    Index("ix_progress_member_id", "member_id", "curriculum"),
)

checkins = Table(
    "checkins",
    metadata,
    id_column(),
    reference("enrolment_id", "enrolments"),
    Column("period", String(8), nullable=False),
    Column("did", Text, nullable=False),
    Column("next", Text),
    Column("blocked", Text),
    Column("hours", Integer),
    Column("is_shared", Boolean, nullable=False),
    Column("at", Instant, nullable=False),
    Column("edited_at", Instant),
    UniqueConstraint("enrolment_id", "period"),
)
