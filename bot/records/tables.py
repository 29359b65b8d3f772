"""The tables. An instant is kept as microseconds since 1970 UTC and read as aware UTC; a local date is a date.

A community (a Discord guild, a Slack workspace) is the tenant: every cohort has a home community, and every verb of a
facilitator takes the community they act in.
"""

from typing import Literal, get_args

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    Time,
    UniqueConstraint,
    false,
    text,
    true,
)

from bot.records.columns import Instant

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id() -> Column[int]:
    return Column("id", Integer, primary_key=True)


def _to(column: str, table: str, *, primary_key: bool = False) -> Column[int]:
    return Column(
        column, Integer, ForeignKey(f"{table}.id", ondelete="CASCADE"), nullable=False, primary_key=primary_key
    )


communities = Table(
    "communities",
    metadata,
    _id(),
    Column("platform", String(20), nullable=False),
    Column("foreign_id", String(64), nullable=False),
    UniqueConstraint("platform", "foreign_id"),
)

members = Table(
    "members",
    metadata,
    _id(),
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

absences = Table(
    "absences",
    metadata,
    _id(),
    _to("member_id", "members"),
    Column("first_on", Date, nullable=False),
    Column("last_on", Date, nullable=False),
    Index("ix_absences_member_id", "member_id"),
)

accounts = Table(
    "accounts",
    metadata,
    _id(),
    _to("member_id", "members"),
    Column("platform", String(20), nullable=False),
    Column("foreign_id", String(64), nullable=False),
    Column("name", String(200), nullable=False),
    UniqueConstraint("platform", "foreign_id"),
    Index("ix_accounts_member_id", "member_id"),
)

cohorts = Table(
    "cohorts",
    metadata,
    _id(),
    _to("community_id", "communities"),
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
    _id(),
    _to("cohort_id", "cohorts"),
    _to("community_id", "communities"),
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
    _to("cohort_id", "cohorts"),
    Column("until", Instant, nullable=False),
)

# The channel where those who look after a cohort are told of its weeks; it may be that of several cohorts.
desks = Table(
    "desks",
    metadata,
    _to("cohort_id", "cohorts", primary_key=True),
    _to("community_id", "communities"),
    Column("channel", String(64), nullable=False),
    Column("name", String(200), nullable=False),
    Index("ix_desks_community_id", "community_id", "channel"),
)

# What a facilitator says at the top of one post of a season, and what its week is called there.
post_notes = Table(
    "post_notes",
    metadata,
    _to("cohort_id", "cohorts", primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("step", Integer, primary_key=True),
    Column("title", Text),
    Column("note", Text),
)

# Who looks after a cohort, beside its community's admins and those whom the operator lists.
facilitators = Table(
    "facilitators",
    metadata,
    _to("cohort_id", "cohorts", primary_key=True),
    _to("account_id", "accounts", primary_key=True),
    Column("since_at", Instant, nullable=False),
    Index("ix_facilitators_account_id", "account_id"),
)

# Who leads a cohort in a local week; what concerns it in that week is told to them.
leads = Table(
    "leads",
    metadata,
    _to("cohort_id", "cohorts", primary_key=True),
    Column("period", String(8), primary_key=True),
    _to("account_id", "accounts"),
)

# What was done to cohorts: it only grows. The account is plain, since what it did outlives it.
audit = Table(
    "audit",
    metadata,
    _id(),
    _to("cohort_id", "cohorts"),
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
    _to("cohort_id", "cohorts", primary_key=True),
    Column("item", String(16), primary_key=True),
    Column("state", String(10), nullable=False),
    Column("account_id", Integer, ForeignKey("accounts.id", ondelete="SET NULL")),
    Column("at", Instant, nullable=False),
)

# When it is looked at next whether who leads a cohort is to be told of its checklist; null for not again.
handovers = Table(
    "handovers",
    metadata,
    _to("cohort_id", "cohorts", primary_key=True),
    Column("look_at", Instant),
    Index("ix_handovers_look_at", "look_at", "cohort_id"),
)

enrolments = Table(
    "enrolments",
    metadata,
    _id(),
    _to("member_id", "members"),
    _to("cohort_id", "cohorts"),
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
    _id(),
    _to("cohort_id", "cohorts"),
    _to("member_id", "members"),
    Column("since_at", Instant, nullable=False),
    UniqueConstraint("cohort_id", "member_id"),
    Index("ix_waiting_member_id", "member_id"),
)

passes = Table(
    "passes",
    metadata,
    _to("enrolment_id", "enrolments", primary_key=True),
    Column("period", String(8), primary_key=True),
    Column("at", Instant, nullable=False),
)

progress = Table(
    "progress",
    metadata,
    _id(),
    _to("member_id", "members"),
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
    _id(),
    _to("enrolment_id", "enrolments"),
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

announcements = Table(
    "announcements",
    metadata,
    _id(),
    _to("community_id", "communities"),
    _to("account_id", "accounts"),
    Column("text", Text, nullable=False),
    Column("cohorts", JSON, nullable=False),
    Column("state", String(9), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("sent_at", Instant),
    # What its posts' keys hold; null where that follows from the id and when it was made.
    Column("mark", String(80)),
    # What it says beside the text: a card (its words, and what it is called to those who cannot see it), links, and
    # whether it asks its readers to say that they have read it.
    Column("card", Text),
    Column("alt", Text),
    Column("links", JSON, nullable=False, server_default=text("'[]'")),
    Column("asks", Boolean, nullable=False, server_default=false()),
    # Whom it notifies; of everyone, how many people whoever confirmed it was told that they are.
    Column("notify", String(8), nullable=False, server_default="nobody"),
    Column("people", Integer),
    # The local day and time, the zone, and until when it is repeated; `Slot` says how it is read. When it is next sent.
    Column("slot", JSON(none_as_null=True)),
    Column("send_at", Instant),
    # What a template is called.
    Column("name", String(60)),
    Index("ix_announcements_send_at", "state", "send_at", "id"),
)

# Who pressed the button of an announcement in which cohort.
readings = Table(
    "readings",
    metadata,
    _to("announcement_id", "announcements", primary_key=True),
    _to("member_id", "members", primary_key=True),
    _to("cohort_id", "cohorts"),
    Column("at", Instant, nullable=False),
)

schedule = Table(
    "schedule",
    metadata,
    _to("cohort_id", "cohorts", primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("next_step", Integer, nullable=False),
    Column("next_due_at", Instant),
    Index("ix_schedule_next_due_at", "next_due_at", "cohort_id", "kind"),
)

ToOne = Literal["notice", "letter", "report", "nudge", "snooze", "missed", "seat"]
TO_ONE: tuple[ToOne, ...] = get_args(ToOne)
"""The kinds of posts that go by way of a place but not to it: to one person, or to the desk of who looks after it."""

outbox = Table(
    "outbox",
    metadata,
    _id(),
    Column("key", String(160), nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    _to("cohort_id", "cohorts"),
    _to("place_id", "cohort_places"),
    # The place's, kept here for the index by which the next post is found among a million.
    Column("platform", String(20), nullable=False),
    Column("payload", JSON, nullable=False),
    Column("due_at", Instant, nullable=False),
    # When it may be sent; while it is being sent, when its lease is over; null once it is settled.
    Column("ready_at", Instant),
    Column("state", String(8), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("fence", String(32)),
    Column("first_attempt_at", Instant),
    Column("posted", JSON(none_as_null=True)),
    Column("posted_at", Instant),
    Column("reason", Text),
    # What a post says that is kept up to date, as a hash; when to look at it again; until when to leave it in peace.
    Column("said", String(32)),
    Column("refresh_at", Instant),
    Column("quiet_until", Instant),
    # Since when it is to be taken back; the next look at it does so.
    Column("taken_back_at", Instant),
    # The announcement that it is one copy of. Plain, since SQLite adds no column whose reference can be read back; both
    # go with their community.
    Column("announcement_id", Integer),
    Index("ix_outbox_refresh_at", "platform", "refresh_at", "id"),
    Index("ix_outbox_state", "state", "due_at", "id"),
    Index("ix_outbox_ready_at", "platform", "kind", "ready_at", "id"),
    Index("ix_outbox_cohort_id", "cohort_id"),
    Index("ix_outbox_announcement_id", "announcement_id"),
    # As far as this, since SQLite would look for what is ahead of a post at its place among all that wait otherwise.
    Index("ix_outbox_place_id", "place_id", "kind", "state", "due_at", "id"),
)

projections = Table(
    "projections",
    metadata,
    _to("place_id", "cohort_places", primary_key=True),
    Column("what", String(8), primary_key=True),
    Column("wanted_at", Instant),
    Column("mark", Integer, nullable=False),
    Column("round", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("wait_until", Instant),
    Column("problem", Text),
    Index("ix_projections_wanted_at", "wanted_at"),
)

notes = Table(
    "notes",
    metadata,
    Column("platform", String(20), primary_key=True),
    Column("key", String(120), primary_key=True),
    Column("value", Text, nullable=False),
    Column("until", Instant),
)

restores = Table(
    "restores",
    metadata,
    _id(),
    # What was posted since is not in the records; it was put back `at`.
    Column("since", Instant, nullable=False),
    Column("at", Instant, nullable=False),
)

links = Table(
    "links",
    metadata,
    _id(),
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
    _id(),
    _to("link_id", "links"),
    _to("member_id", "members"),
    _to("cohort_id", "cohorts"),
    Column("curriculum", String(64), nullable=False),
    Column("resource", String(64), nullable=False),
    Column("why", Text),
    Column("at", Instant, nullable=False),
    UniqueConstraint("link_id", "member_id"),
)

link_marks = Table(
    "link_marks",
    metadata,
    _to("community_id", "communities", primary_key=True),
    _to("link_id", "links", primary_key=True),
    Column("is_broken", Boolean, nullable=False),
    Column("at", Instant, nullable=False),
)
