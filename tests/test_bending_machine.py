"""Whatever is done to a calendar and whenever: nothing posted moves or repeats, and every step comes once, in order."""

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import Connection, create_engine, select
from sqlalchemy.pool import StaticPool

from bot.chat.message import text
from bot.chat.platform import Person, Place, Refusal
from bot.delivery import amending, changing, schedule
from bot.delivery.amending import Planned
from bot.delivery.bending import Change, Hold, Pause, Rest, Resume, Rhythm, Shift, Work
from bot.delivery.calendar import WEEKLY, Calendar, instant, monday
from bot.delivery.due import Putting
from bot.delivery.schedule import LATEST
from bot.records import cohorts, posts
from bot.records.bends import Amendment, Weekly
from bot.records.cohorts import Cohort
from bot.records.tables import metadata, outbox
from bot.records.tables import schedule as schedule_table

GRACE = Person(platform="square", id="grace", name="Grace")
WEEKS = 6
PHASES = (2, 4, 6)  # the last steps of three phases
ZONES = ("UTC", "Asia/Seoul", "America/New_York", "Africa/Cairo", "Pacific/Apia", "America/Santiago", "Pacific/Chatham",
         "Pacific/Honolulu", "Pacific/Kiritimati", "Pacific/Niue", "America/Nuuk", "Australia/Lord_Howe")  # fmt: skip
TIMES = some.builds(time, some.sampled_from([0, 2, 9, 17, 23]), some.sampled_from([0, 30]))
HOURS = some.sampled_from([0, 1, 5, 14, 24, 60, 100, 168, 200])
FIRST_DAY = date(2026, 10, 19)  # changes of clocks lie ahead in most of the zones


class Bending(RuleBasedStateMachine):
    """A cohort of six weeks on a real database; time passes, and its facilitators cannot make up their minds."""

    connection: Connection
    cohort_id: int
    now: datetime

    def __init__(self) -> None:
        super().__init__()
        engine = create_engine("sqlite://", poolclass=StaticPool)
        metadata.create_all(engine)
        self.connection = engine.connect()
        self.now = datetime(2026, 10, 18, 12, tzinfo=UTC)
        self.put: dict[str, tuple[datetime, date]] = {}
        self.ticked_at: list[datetime] = []
        self.unasked: set[tuple[int, str]] = set()  # each a step, and the local week whose prompt for it was left out

    @initialize(
        weekday=some.integers(0, 6), at=TIMES, zone=some.sampled_from(ZONES), held=some.sampled_from(PHASES),
        checkin_weekday=some.integers(0, 6), checkin_at=TIMES,
    )  # fmt: skip
    def begin(self, weekday: int, at: time, zone: str, held: int, checkin_weekday: int, checkin_at: time) -> None:
        place = Place(platform="square", community="town", channel="main")
        self.cohort_id = schedule.begin(
            self.connection, place, self.now, GRACE, name="Deep", curriculum="any", version="1.0.0", start_on=FIRST_DAY,
            zone=ZoneInfo(zone), weekday=weekday, at=at, pace="middle", language="en", held=[held] if held < 4 else [],
            checkin_weekday=checkin_weekday, checkin_at=checkin_at,
        ).id  # fmt: skip

    @rule(hours=HOURS)
    def time_passes(self, hours: int) -> None:
        before = len(self.rows())
        was_paused = self.cohort.paused_at is not None
        self.now += timedelta(hours=hours)
        self.tick()
        assert not was_paused or len(self.rows()) == before

    @rule(hours=HOURS, weeks=some.integers(-3, 3).filter(bool))
    def shift(self, hours: int, weeks: int) -> None:
        self.time_passes(hours)
        self.change(Shift(weeks=weeks))

    @rule(hours=HOURS, days=some.integers(-7, 15), weeks=some.integers(1, 2))
    def rest(self, hours: int, days: int, weeks: int) -> None:
        self.time_passes(hours)
        self.change(Rest(start_on=self.today + timedelta(days=days), weeks=weeks))

    @rule(hours=HOURS, data=some.data())
    def work(self, hours: int, data: Any) -> None:
        self.time_passes(hours)
        days = [each.last_on for each in self.cohort.breaks]
        if days:
            self.change(Work(day=data.draw(some.sampled_from(days))))

    @rule(hours=HOURS, meanwhile=HOURS, days=some.none() | some.integers(0, 20))
    def pause_and_resume(self, hours: int, meanwhile: int, days: int | None) -> None:
        self.time_passes(hours)
        self.change(Pause())
        self.time_passes(meanwhile)
        start_on = None if days is None else self.today + timedelta(days=days)
        if self.change(Resume(start_on=start_on)) and start_on:
            back_at = instant(start_on, time(), self.cohort.zone)
            coming = posts.coming(self.connection, self.cohort_id)
            assert all(each.next_due_at >= back_at for each in coming if each.kind in ("milestone", "checkin"))

    @rule(
        hours=HOURS, weekday=some.none() | some.integers(0, 6), at=some.none() | TIMES,
        zone=some.none() | some.sampled_from(ZONES),
        checkin_weekday=some.none() | some.integers(0, 6), checkin_at=some.none() | TIMES,
    )  # fmt: skip
    def rhythm(
        self, hours: int, weekday: int | None, at: time | None, zone: str | None,
        checkin_weekday: int | None, checkin_at: time | None,
    ) -> None:  # fmt: skip
        self.time_passes(hours)
        self.change(Rhythm(weekday=weekday, at=at, zone=zone, checkin_weekday=checkin_weekday, checkin_at=checkin_at))

    @rule(
        to_post=some.sampled_from(["milestone", "checkin", "reminder"]),
        zone=some.sampled_from(["Pacific/Honolulu", "Asia/Seoul"]),
        days=some.integers(0, 15),
    )
    def move_away_from_a_post_and_pause(self, to_post: str, zone: str, days: int) -> None:
        """Within an hour of a post its local day may become tomorrow."""
        coming = [each.next_due_at for each in posts.coming(self.connection, self.cohort_id) if each.kind == to_post]
        self.wait_until(max([self.now, *coming]))
        self.change(Rhythm(zone=zone))
        self.now += timedelta(minutes=30)
        self.change(Pause())
        self.now += timedelta(days=days)
        self.change(Resume())

    @rule(hours=HOURS, step=some.sampled_from(PHASES), is_open=some.booleans())
    def hold(self, hours: int, step: int, is_open: bool) -> None:
        self.time_passes(hours)
        self.change(Hold(step=step, is_open=is_open))

    @rule(hours=HOURS, kind=some.sampled_from(WEEKLY), ahead=some.integers(0, 3))
    def skip(self, hours: int, kind: Weekly, ahead: int) -> None:
        self.time_passes(hours)
        if (post := self.planned(kind, ahead)) and self.amend(amending.skip, post):
            assert not self.amend(amending.skip, post)

    @rule(hours=HOURS, data=some.data())
    def skip_and_think_better_of_it(self, hours: int, data: Any) -> None:
        self.time_passes(hours)
        skipped = [each for each in self.cohort.amendments if each.is_skipped]
        if skipped:
            self.amend(amending.unskip, data.draw(some.sampled_from(skipped)))

    @rule(hours=HOURS, kind=some.sampled_from(WEEKLY), ahead=some.integers(0, 2))
    def send(self, hours: int, kind: Weekly, ahead: int) -> None:
        """Before the tick: what has fallen due meanwhile is put first."""
        self.now += timedelta(hours=hours)
        before = len(self.rows())
        if (post := self.planned(kind, ahead)) and self.amend(amending.send, post):
            assert self.rows()[before:][-1][0] == kind
            assert not self.amend(amending.send, post)
        self.tick()

    @rule(hours=HOURS, kind=some.sampled_from(WEEKLY), ahead=some.integers(0, 2), days=some.integers(-9, 9), at=TIMES)
    def move(self, hours: int, kind: Weekly, ahead: int, days: int, at: time) -> None:
        self.now += timedelta(hours=hours)
        if post := self.planned(kind, ahead):
            day = Calendar.of(self.cohort).local(post.kind, post.step)[0] + timedelta(days=days)
            self.amend(amending.move, post, (day, at))
        self.tick()

    def planned(self, kind: Weekly, ahead: int) -> Planned | None:
        """The next post of the kind, or one of those after it."""
        posts_ahead = islice(amending.ahead(self.cohort, WEEKS, self.now), 3 * WEEKS)  # without an end during a hold
        return next(islice((each for each in posts_ahead if each.kind == kind), ahead, None), None)

    def amend(self, verb: Callable[..., bool], post: Planned | Amendment, *to: tuple[date, time]) -> bool:
        """False if it was refused, or did nothing; what was put stays put either way."""
        before = self.rows()
        self.note_what_is_left_out()
        with suppress(Refusal):
            is_new = verb(self.connection, self.cohort_id, post.kind, post.step, *to, self.now, WEEKS)
            assert self.rows()[: len(before)] == before
            return is_new
        return False

    def change(self, change: Change) -> bool:
        """Show it, make it, and press again. False if it was refused."""
        self.note_what_is_left_out()
        with suppress(Refusal):
            token, shown = changing.propose(self.connection, self.cohort_id, change, self.now, WEEKS)
            made, told = changing.make(self.connection, token, self.now, WEEKS, lambda effect: text("moved"))
            assert (made.moved, made.nexts, told) == (shown.moved, shown.nexts, 1)
            assert self.refuses(lambda: changing.make(self.connection, token, self.now, WEEKS, None))
            return True
        return False

    def refuses(self, deed: Callable[[], object]) -> bool:
        with suppress(Refusal):
            deed()
            return False
        return True

    def wait_until(self, at: datetime) -> None:
        """Be up all the while, so that nothing comes too late."""
        while (coming := posts.coming(self.connection, self.cohort_id)) and coming[0].next_due_at < at:
            self.now = max(self.now, coming[0].next_due_at)
            self.tick()
        self.now = at
        self.tick()

    def note_what_is_left_out(self) -> None:
        """Which prompts are due and do not come: nobody was up in time, or somebody wanted it so.

        During a hold the prompt that asks about a step may be one that only counts its weeks, in the same week but at
        another time. When the cohort moves on, that vanishes, and the calendar gives the step a time of its own again.
        """
        calendar = Calendar.of(self.cohort)
        upcoming = posts.next_steps(self.connection, self.cohort_id)["checkin"]
        due = calendar.fallen_due("checkin", upcoming, WEEKS, self.now).steps
        late = [step for step, at in due if schedule.is_too_late("checkin", at, self.now)]
        planned = {step: calendar.planned_at("checkin", step) for step in self.skipped("checkin")}
        for asking in (*late, *(step for step, at in planned.items() if at and at <= self.now)):
            week, steps = calendar.slot("checkin", asking), range(1, calendar.about(asking) + 1)
            self.unasked |= {(step, week) for step in steps if calendar.slot("checkin", step) == week}

    def tick(self) -> None:
        self.note_what_is_left_out()
        self.ticked_at.append(self.now)
        putting = Putting(self.now, lambda cohort: WEEKS)
        while putting.page(self.connection):
            pass

    @property
    def cohort(self) -> Cohort:
        return cohorts.get(self.connection, self.cohort_id)

    def skipped(self, kind: Weekly) -> list[int]:
        """The steps whose post of the kind is left out."""
        return [each.step for each in self.cohort.amendments if each.is_skipped and each.kind == kind]

    @property
    def today(self) -> date:
        return self.now.astimezone(self.cohort.zone).date()

    def rows(self) -> list[tuple[str, str, int, datetime]]:
        """Kind, key, step and time of what was put for the season."""
        found = self.connection.execute(select(outbox).where(outbox.c.kind.in_(WEEKLY)).order_by(outbox.c.id))
        return [(row.kind, row.key, row.payload["step"], row.due_at) for row in found]

    @invariant()
    def what_is_put_stays_on_its_day_which_is_no_day_off(self) -> None:
        cohort, calendar = self.cohort, Calendar.of(self.cohort)
        for kind, key, step, due_at in self.rows():
            if kind == "milestone":
                assert calendar.due_at("milestone", step) == due_at
                self.put.setdefault(key, (due_at, calendar.local("milestone", step)[0]))
                assert self.put[key] == (due_at, calendar.local("milestone", step)[0])
            assert not calendar.is_off(due_at.astimezone(cohort.zone).date()) or cohort.turns

    @invariant()
    def steps_come_once_and_in_order_one_in_a_local_week(self) -> None:
        milestones = [(step, due_at) for kind, _, step, due_at in self.rows() if kind == "milestone"]
        steps = [step for step, _ in milestones]
        assert steps == [step for step in range(1, max(steps, default=0) + 1) if step not in self.skipped("milestone")]
        assert [at for _, at in milestones] == sorted({at for _, at in milestones})
        weeks = [monday(day) for _, day in self.put.values()]
        assert weeks == sorted(set(weeks))

    @invariant()
    def nobody_is_asked_about_two_weeks_in_one(self) -> None:
        prompts = [(key, due_at) for kind, key, _, due_at in self.rows() if kind == "checkin"]
        assert [at for _, at in prompts] == sorted({at for _, at in prompts})
        calendar = Calendar.of(self.cohort)
        asked_on = [monday(calendar.checkin_on(step)) for kind, _, step, _ in self.rows() if kind == "milestone"]
        assert asked_on == sorted(asked_on)
        assert calendar.breaks or len(set(asked_on)) == len(asked_on)  # only days off bring two weeks together
        weeks = [key.split(":")[2] for key, _ in prompts]
        assert len(set(weeks)) == len(weeks)

    @invariant()
    def the_schedule_is_what_the_calendar_says(self) -> None:
        calendar = Calendar.of(self.cohort)
        for row in self.connection.execute(select(schedule_table)):
            assert calendar.coming(row.kind, row.next_step, WEEKS) == (row.next_step, row.next_due_at)

    @invariant()
    def what_has_fallen_due_was_put(self) -> None:
        """If anybody was up at the time: no change brings a date into the past."""
        calendar, keys = Calendar.of(self.cohort), [key.rsplit(":", 1)[0] for _, key, *_ in self.rows()]
        until = max(self.ticked_at, default=self.now)
        last = calendar.slot_at(until) if calendar.counts_on(WEEKS) else min(calendar.slot_at(until), WEEKS)
        for kind in ("milestone", "checkin"):
            for step in range(1, last + 1):
                at = calendar.due_at(kind, step, is_last=step == WEEKS and not calendar.counts_on(WEEKS))
                is_met = at and any(at <= each <= at + LATEST[kind] for each in self.ticked_at)
                slot = calendar.slot(kind, step)
                is_put = f"{self.cohort.key}:{kind}:{slot}" in keys
                assert not is_met or is_put or (step, slot) in self.unasked, f"no {kind} for step {step}"

    def every_step_was_asked_about(self) -> None:
        """By a prompt of its own, or by that of the next step in the same week; if anybody was up at the time."""
        calendar = Calendar.of(self.cohort)
        asked = {step for kind, _, step, _ in self.rows() if kind == "checkin"}
        for step in range(1, WEEKS + 1):
            if calendar.is_skipped("checkin", step) or (step, calendar.slot("checkin", step)) in self.unasked:
                continue
            asks_later = step < WEEKS and monday(calendar.checkin_on(step)) == monday(calendar.checkin_on(step + 1))
            at = calendar.prompt_at(step)
            is_missed = not any(at <= each <= at + LATEST["checkin"] for each in self.ticked_at)
            assert step in asked or asks_later or is_missed, f"nobody was asked about step {step}"

    def teardown(self) -> None:
        """In the end, whatever was done, the whole season was there."""
        try:
            if not hasattr(self, "cohort_id"):
                return
            self.change(Resume())
            for step in self.cohort.held:
                self.change(Hold(step=step, is_open=False))
            while coming := posts.coming(self.connection, self.cohort_id):
                self.now = max(self.now, coming[0].next_due_at)
                self.tick()
            self.steps_come_once_and_in_order_one_in_a_local_week()
            self.what_is_put_stays_on_its_day_which_is_no_day_off()
            assert sum(kind == "milestone" for kind, *_ in self.rows()) == WEEKS - len(self.skipped("milestone"))
            self.every_step_was_asked_about()
        finally:
            self.connection.close()


@pytest.mark.parametrize("is_skipped", [False, True], ids=["too late", "on purpose"])
def test_a_prompt_that_was_left_out_in_a_hold_is_not_expected_at_another_time_after_it(is_skipped: bool) -> None:
    """Week 2 was to be asked about on Sunday at midnight in Seoul; after the hold its prompt has midnight in Nuuk."""
    season = Bending()
    season.begin(weekday=3, at=time(9), zone="America/Nuuk", held=2, checkin_weekday=6, checkin_at=time())
    season.wait_until(datetime(2026, 10, 29, 11, tzinfo=UTC))
    assert season.change(Rhythm(zone="Asia/Seoul"))
    season.pause_and_resume(hours=0, meanwhile=145, days=None)  # week 2 is asked about with the one after it
    counted = Planned("checkin", 3, 2, datetime(2026, 11, 7, 15, tzinfo=UTC), is_skipped=False, is_moved=False)
    assert season.planned("checkin", 0) == counted
    assert not is_skipped or season.amend(amending.skip, counted)
    season.time_passes(hours=107)  # until 32 hours after the prompt, and 21 after that midnight in Nuuk
    assert season.change(Hold(step=2, is_open=False))
    assert Calendar.of(season.cohort).due_at("checkin", 2) == datetime(2026, 11, 8, 2, tzinfo=UTC)
    season.what_has_fallen_due_was_put()
    season.teardown()


TestBending = Bending.TestCase
IS_STORM = os.environ.get("HYPOTHESIS_PROFILE") == "storm"
TestBending.settings = settings(max_examples=400 if IS_STORM else 15, stateful_step_count=30 if IS_STORM else 12)
