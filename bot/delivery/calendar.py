"""A cohort's dates: a season's steps as local dates and instants, derived and never stored."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.chat.wording import Phrase, say
from bot.records.bends import FIVE, FRIDAY, Amendment, Break, Turn, Weekly
from bot.records.cohorts import Cohort
from bot.records.posts import Kind

DAYS = (
    say("Monday"), say("Tuesday"), say("Wednesday"), say("Thursday"), say("Friday"), say("Saturday"), say("Sunday"),
)  # fmt: skip
WEEKLY: tuple[Weekly, ...] = ("milestone", "checkin", "reminder")
"""The posts by which a season's dates are bent: what of them is put stays where it is."""
REMINDER_AFTER = timedelta(days=2)
DIGEST_AFTER, DIGEST_AT = timedelta(days=3), time(8)  # with the default days an hour before the next milestone
GRACE = timedelta(days=1)  # how long after a reminder an answer is still taken for the week that it asked about


def next_weekly(after: date, weekday: int, at: time, zone: ZoneInfo) -> datetime:
    """The first slot on a local `weekday` (Monday is 0) strictly after the local date `after`, as an aware UTC instant.

    Slots are counted in local dates, so every local week has exactly one, also across a change of clocks: a time that
    the clock skips moves forward by the gap (past midnight in Nuuk, on one Saturday a year); one that it shows twice is
    taken the first time. Cron-style triggers skip a week in Cairo and Santiago and double one in New York (measured
    with APScheduler 3.11).
    """
    return instant(on_or_after(after + timedelta(days=1), weekday), at, zone)


def on_or_after(day: date, weekday: int) -> date:
    """The first `weekday` (Monday is 0) from the day on."""
    return day + timedelta(days=(weekday - day.weekday()) % 7)


def instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """That local time of the day, as aware UTC; about gaps and folds see `next_weekly`."""
    return datetime.combine(day, at.replace(fold=0), zone).astimezone(UTC)


def weekly(weekday: int, at: time, zone: ZoneInfo) -> Phrase:
    """A weekly slot in words: a local `weekday` (Monday is 0) and time of that zone."""
    return say("every week: {day} at {time}, {zone}", day=DAYS[weekday], time=f"{at:%H:%M}", zone=zone.key)


def monday(day: date) -> date:
    """The first day of the date's local week."""
    return day - timedelta(days=day.weekday())


def period(day: date) -> str:
    """The local ISO week of a date, as check-ins and keys name it: `2026-W50`."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


@dataclass(frozen=True, slots=True)
class FallenDue:
    """Steps that are due, each with the instant, and the step that comes next, and when; None if none has a date."""

    steps: tuple[tuple[int, datetime], ...]
    next_step: int
    next_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Calendar:
    """A cohort's dates. Steps are numbered from 1; instants are aware UTC.

    Each turn of the season has a weekly slot, and its steps take the slots in order. What bends it:

    * **Breaks.** A slot on a day off is no slot, so the steps move on. A check-in prompt waits for the first of its
      weekday that is not off; if the next step's prompt is in that week too, that one asks for both. A reminder on a
      day off is left out: whoever has not answered by then is on holiday.
    * **A digest** comes after its week's reminder, a day off brings it forward; no date of the season hangs on it.
    * **A pause** lasts until somebody ends it. Until then nothing has a date that was not there before `paused_at`;
      afterwards it is a break of the days that it took.
    * **Amendments.** One post comes at another local time, and its week keeps its name and its place; or it is left
      out. A reminder follows its prompt, unless it was moved itself, and is left out with it. A step whose milestone is
      left out begins all the same. A prompt that a change of the calendar would bring into the past waits for the next
      of its weekday.
    * **A hold.** After the step `held_at` no milestone follows until a facilitator moves the cohort on. Prompts and
      reminders go on every week, as if there were steps: these are numbered on, and vanish when the cohort moves on.

    What is posted is frozen: breaks and turns come only after it (`bot.delivery.bending` sees to that).
    """

    start_on: date
    weekday: int
    at: time
    zone: ZoneInfo
    turns: tuple[Turn, ...] = ()
    breaks: tuple[Break, ...] = ()
    held_at: int | None = None
    paused_at: datetime | None = None
    checkin_weekday: int = FRIDAY
    checkin_at: time = FIVE
    amendments: tuple[Amendment, ...] = ()

    @classmethod
    def of(cls, cohort: Cohort) -> "Calendar":
        """The calendar of the cohort."""
        held_at = min(cohort.held, default=None)
        return cls(
            cohort.start_on, cohort.weekday, cohort.at, cohort.zone, cohort.turns, cohort.breaks, held_at,
            cohort.paused_at, cohort.checkin_weekday, cohort.checkin_at, cohort.amendments,
        )  # fmt: skip

    # ---- Slots, whether or not anything is put in them --------------------------------------------------------------

    def _turn(self, step: int) -> tuple[int, "Turn | Calendar"]:
        """The step's turn, and the first step of that: the last turn that begins with it or before."""
        for number in range(len(self.turns), 0, -1):
            first = self.turns[number - 1].end_step
            if first <= step:
                return first, self.turns[number] if number < len(self.turns) else self
        return 1, self.turns[0] if self.turns else self

    def milestone_on(self, step: int) -> date:
        """The local date of the step's slot, on which its milestone comes unless that was moved."""
        first_step, turn = self._turn(step)
        free_on = on_or_after(turn.start_on, turn.weekday)
        day = free_on + timedelta(weeks=step - first_step)
        for each in self.breaks:
            slot = on_or_after(max(each.first_on, free_on), turn.weekday)
            if slot > day:
                break
            if slot <= each.last_on:
                day += timedelta(weeks=(each.last_on - slot).days // 7 + 1)
            free_on = max(free_on, each.last_on + timedelta(days=1))
        return day

    def milestone_at(self, step: int) -> datetime:
        """When the step begins, if nothing keeps it from beginning."""
        return self.local_at("milestone", step)

    def checkin_on(self, step: int) -> date:
        """The local date for the step's check-in prompt: the first such weekday after its slot that is not off.

        It names the week that is asked about: a prompt is moved within that. It is in no later week than the next
        step's, which asks for both then.
        """
        after, amended = self.milestone_on(step), self.amended("checkin", step)
        if amended and amended.moved_to:
            return amended.moved_to[0]
        if amended and amended.waits_on:
            after = max(after, amended.waits_on)
        day = self.asked_after(after, self._turn(step)[1].checkin_weekday)
        if (self.breaks or self.amendments) and self.milestone_on(step + 1) < day:
            return min(day, self.checkin_on(step + 1), key=monday)
        return day

    def asked_after(self, day: date, weekday: int) -> date:
        """The local date of the prompt, on that weekday, that belongs to a milestone on that day."""
        day = on_or_after(day + timedelta(days=1), weekday)
        while self.is_off(day):
            day += timedelta(weeks=1)
        return day

    def prompt_at(self, step: int) -> datetime:
        """When the step's check-in is asked for."""
        return self.local_at("checkin", step)

    def reminder_at(self, step: int) -> datetime:
        """When those who have not answered are reminded: two days after the prompt, at the same local time."""
        return self.local_at("reminder", step)

    def digest_at(self, step: int) -> datetime | None:
        """When the week that the step's prompt names is told of: on the morning after its reminder, at 8:00.

        If that day is off, it is told of with the reminder, before the break; None if that day is off, too.
        """
        day = self.checkin_on(step) + DIGEST_AFTER
        if not self.is_off(day):
            return instant(day, DIGEST_AT, self.zone_of(step))
        return None if self.is_off(day - timedelta(days=1)) else self.reminder_at(step)

    def zone_of(self, step: int) -> ZoneInfo:
        """The zone in which the step has its days."""
        return self._turn(step)[1].zone

    def amended(self, kind: Kind, step: int) -> Amendment | None:
        """What was done to the step's post of that kind, if anything was."""
        return next((each for each in self.amendments if each.step == step and each.kind == kind), None)

    def unmoved(self, amendment: Amendment) -> "Calendar":
        """The calendar in which the post of the amendment is not moved by it."""
        others = (each for each in self.amendments if each != amendment)
        return replace(self, amendments=(*others, replace(amendment, moved_to=None)))

    def local(self, kind: Kind, step: int) -> tuple[date, time]:
        """The local day and time of the step's post of that kind, if there is one, in the step's zone."""
        amended = self.amended(kind, step)
        if amended and amended.moved_to:
            return amended.moved_to
        turn = self._turn(step)[1]
        match kind:
            case "milestone":
                return self.milestone_on(step), turn.at
            case "checkin":
                return self.checkin_on(step), turn.checkin_at
            case _:
                day, at = self.local("checkin", step)
                return day + REMINDER_AFTER, at

    def local_at(self, kind: Kind, step: int) -> datetime:
        """The `local` time of the step's post of that kind as an instant."""
        return instant(*self.local(kind, step), self.zone_of(step))

    def is_off(self, day: date) -> bool:
        """Whether the local day is in a break, or in a pause that is over."""
        return any(each.covers(day) for each in self.breaks)

    # ---- What is put when -------------------------------------------------------------------------------------------

    def due_at(self, kind: Kind, step: int, *, is_last: bool = False) -> datetime | None:
        """When the step's post of that kind is due; None if there is none, or none before somebody says so.

        Say of the season's last step that it is, for no next prompt can ask for both.
        """
        return None if self.is_skipped(kind, step) else self.planned_at(kind, step, is_last=is_last)

    def is_skipped(self, kind: Kind, step: int) -> bool:
        """Whether the step's post of that kind is left out. Where nobody is asked, nobody is reminded."""
        if not self.amendments:  # as it nearly always is, and this is asked of each of a million posts
            return False
        amended = self.amended(kind, step)
        return (amended is not None and amended.is_skipped) or (kind == "reminder" and self.is_skipped("checkin", step))

    def planned_at(self, kind: Kind, step: int, *, is_last: bool = False) -> datetime | None:
        """As `due_at`, whether or not the post is left out: for a milestone, when the step begins."""
        asks = is_last or self._asks(step)
        match kind:
            case "milestone":
                due_at = self.milestone_at(step) if self.held_at is None or step <= self.held_at else None
            case "checkin":
                due_at = self.prompt_at(step) if asks else None
            case "digest":
                due_at = self.digest_at(step) if asks else None
            case _:
                is_off = self.is_off(self.local("reminder", step)[0])
                due_at = self.reminder_at(step) if asks and not is_off else None
        return None if due_at and self.paused_at and due_at > self.paused_at else due_at

    def _asks(self, step: int) -> bool:
        # Where none has to wait, no two steps have their prompt in one week: slots are a week apart, and so are turns.
        is_plain = not (self.breaks or self.amendments)
        return is_plain or monday(self.checkin_on(step)) < monday(self.checkin_on(step + 1))

    def coming(self, kind: Kind, step: int, weeks: int) -> tuple[int, datetime | None]:
        """The first step from that on which has a post of that kind, and when, in a season of so many weeks.

        None says that there is none, or none before somebody says so; the step is the one to go on with then.
        """
        goes_on = kind != "milestone" and self.counts_on(weeks)
        later = step
        while self.paused_at is None and (later <= weeks or goes_on):
            if due_at := self.due_at(kind, later, is_last=later == weeks and not goes_on):
                return later, due_at
            later += 1
        return step, None

    def fallen_due(self, kind: Kind, step: int, weeks: int, now: datetime) -> "FallenDue":
        """What of the kind is due by now, from that step on, and what is `coming` after it."""
        steps, (step, due_at) = [], self.coming(kind, step, weeks)
        while due_at and due_at <= now:
            steps.append((step, due_at))
            step, due_at = self.coming(kind, step + 1, weeks)
        return FallenDue(tuple(steps), step, due_at)

    def season_due_at(self, kind: Kind, step: int, weeks: int) -> datetime | None:
        """When the step's post of that kind is due in a season of so many weeks; None also for one that only counts on.

        Of those there are as many as the hold goes on for, so none is a post of the season.
        """
        is_last = step == weeks and not self.counts_on(weeks)
        return self.due_at(kind, step, is_last=is_last) if self.about(step) == step else None

    def counts_on(self, weeks: int) -> bool:
        """Whether questions go on week by week after a hold, in a season of so many weeks."""
        return self.held_at is not None and self.held_at <= weeks

    def about(self, step: int) -> int:
        """The step that a post of that one is about: the last before a hold, for those that only count its weeks."""
        return step if self.held_at is None else min(step, self.held_at)

    def slot(self, kind: Kind, step: int) -> str:
        """What the key of the step's post is named after: the step for milestones, the local week for questions."""
        return f"step-{step}" if kind == "milestone" else period(self.checkin_on(step))

    def asking(self, week: str) -> int | None:
        """The step whose prompt names that local week, the last one if it asks for two; None if there is none."""
        found, step = None, 1
        while (named := period(self.checkin_on(step))) <= week:
            found = step if named == week else found
            step += 1
        return found

    # ---- What is on at an instant -----------------------------------------------------------------------------------

    def slot_at(self, now: datetime) -> int:
        """The last slot that has begun, those without a milestone during a hold among them; 0 before the season."""
        at = min(now, self.paused_at or now)
        moved = (each.step for each in self.amendments if each.kind == "milestone" and each.moved_to)
        return max([self._planned_slot_at(at), *(step for step in moved if self.milestone_at(step) <= at)])

    def _planned_slot_at(self, at: datetime) -> int:
        """The last slot that has begun, but for those whose milestone was moved to an earlier time."""
        for number in range(len(self.turns), -1, -1):
            first_step = self.turns[number - 1].end_step if number else 1
            turn: Turn | Calendar = self.turns[number] if number < len(self.turns) else self
            days = (at.astimezone(turn.zone).date() - on_or_after(turn.start_on, turn.weekday)).days
            step = first_step + days // 7
            if isinstance(turn, Turn):
                step = min(step, turn.end_step - 1)
            while step >= first_step and self.milestone_at(step) > at:
                step -= 1
            if step >= first_step:
                return step
        return 0

    def checkin_due(self, now: datetime, weeks: int) -> datetime | None:
        """When the prompt that belongs to that instant is due, in a season of so many weeks; None if nobody asks."""
        slot = max(1, self.slot_at(now))
        return self.due_at("checkin", slot, is_last=True) if self.held_at is not None or slot <= weeks else None

    def step_at(self, now: datetime) -> int:
        """The step that has begun last; 0 before the season."""
        return self.about(self.slot_at(now))

    def checkin_day(self, now: datetime) -> date:
        """The local date of the prompt that belongs to that instant: that of the step that is on, or of the first."""
        return self.checkin_on(max(1, self.slot_at(now)))

    def period_at(self, now: datetime) -> str:
        """The local ISO week, named by its prompt, to which what is done at that instant counts."""
        return period(self.checkin_day(now))

    def open_periods(self, now: datetime) -> tuple[str, ...]:
        """The weeks that a check-in at that instant may be for, the older first.

        Up to a day after its reminder, last week may still be answered, also when the next step has begun.
        """
        step = max(1, self.slot_at(now))
        is_late = step > 1 and now < self.reminder_at(step - 1) + GRACE
        # Where one prompt asks for two steps, both name its week.
        return tuple(dict.fromkeys(period(self.checkin_on(each)) for each in ([step - 1, step] if is_late else [step])))

    def asked_by(self, now: datetime) -> frozenset[str]:
        """The local weeks that members were or are asked about, up to the one that is on."""
        return frozenset(period(self.checkin_on(step)) for step in range(1, max(1, self.slot_at(now)) + 1))

    def break_at(self, now: datetime) -> Break | None:
        """The break that is on at that instant, or the pause whose end is known."""
        day = now.astimezone(self.zone).date()
        return next((each for each in self.breaks if each.covers(day)), None)
