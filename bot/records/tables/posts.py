"""What is said: announcements, what comes next and what is to be sent; and what is kept for the platforms."""

from typing import Literal, get_args

from sqlalchemy import JSON, Boolean, Column, Index, Integer, String, Table, Text, false, text

from bot.records.columns import Instant, id_column, metadata, reference

announcements = Table(
    "announcements",
    metadata,
    id_column(),
    reference("community_id", "communities"),
    reference("account_id", "accounts"),
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
    reference("announcement_id", "announcements", primary_key=True),
    reference("member_id", "members", primary_key=True),
    reference("cohort_id", "cohorts"),
    Column("at", Instant, nullable=False),
)

schedule = Table(
    "schedule",
    metadata,
    reference("cohort_id", "cohorts", primary_key=True),
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
    id_column(),
    Column("key", String(160), nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    reference("cohort_id", "cohorts"),
    reference("place_id", "cohort_places"),
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
    reference("place_id", "cohort_places", primary_key=True),
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
    id_column(),
    # What was posted since is not in the records; it was put back `at`.
    Column("since", Instant, nullable=False),
    Column("at", Instant, nullable=False),
)
