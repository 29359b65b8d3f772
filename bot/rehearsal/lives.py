"""A member's life in the season as their deeds tell it: what they chose, what they answered, when they were away.

All of it is worked out anew from what was said and read. Local days end at 04:00, as people are promised.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.delivery.calendar import monday, period
from bot.delivery.weeks import WEEK, monday_of
from bot.rehearsal.play import Deed, Season
from bot.rehearsal.script import Script

QUIET = ("22:00", "08:00")  # of whoever chose no quiet hours
_DAY_ENDS = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Life:
    """One member up to an instant `at` (aware UTC). `deeds` are those of theirs that were taken before it, in order."""

    script: Script
    at: datetime
    deeds: tuple[Deed, ...]

    @property
    def is_member(self) -> bool:
        """Whether they ever joined."""
        return any(each.command == "join" for each in self.deeds)

    @property
    def zone(self) -> ZoneInfo:
        """Where they live: where they said, else where the cohort is."""
        chosen = self._chosen("set language", "timezone")
        return ZoneInfo(chosen) if chosen else self.script.zone

    @property
    def reminded_by(self) -> str:
        """How they want to be reminded, in the words of `/set reminders`."""
        return self._chosen("set reminders", "by") or "in the thread"

    @property
    def is_quiet(self) -> bool:
        """Whether it is a quiet hour of theirs."""
        ends = zip(("quiet_from", "quiet_until"), QUIET, strict=True)
        first, last = (time.fromisoformat(self._chosen("set reminders", name) or usual) for name, usual in ends)
        shown = self.at.astimezone(self.zone).time()
        return first <= shown < last if first <= last else shown >= first or shown < last

    @property
    def is_away(self) -> bool:
        """Whether they told that they are away on this day."""
        today = self._day(self.at)
        return any(first <= today <= last for first, last in self._away())

    @property
    def answered(self) -> frozenset[str]:
        """The local weeks for which they checked in."""
        return frozenset(week for each in self.deeds if each.command == "checkin" for week in each.heard.weeks)

    @property
    def passed(self) -> frozenset[str]:
        """The local weeks that they passed for certain: who takes time off back gets some of them back."""
        found: set[str] = set()
        for each in self.deeds:
            if each.command == "pass":
                found |= each.heard.weeks
                if _is_cancelled(each):
                    found = {week for week in found if week < period(self._day(each.at) - WEEK)}
        return frozenset(found)

    def snoozed(self, week: str) -> bool:
        """Whether they asked to be reminded of that local week once more; without a name, the one that is on."""
        return any(each.command == "snooze" and each.given.get("week", week) == week for each in self.deeds)

    @property
    def least_streak(self) -> int:
        """How many weeks their streak has at least: the active ones since the last that nothing keeps from ending it.

        A week of a pass, of time away or of the cohort's break ends nothing, nor does the one that is on.
        """
        joined = [each.at for each in self.deeds if each.command == "join"]
        day = this = monday(self._day(self.at))
        since, kept, active = monday(self._day(joined[-1])), self._kept(), self._active()
        count = 0
        while day >= since and (day in active or day in kept or day == this):
            count += day in active
            day -= WEEK
        return count

    def _active(self) -> set[date]:
        """The Mondays of weeks in which something was done, or which were answered."""
        done: list[datetime] = []
        for each in self.deeds:
            if each.command == "done" and each.heard.is_counted:
                done.append(each.at)
            elif each.command == "undo" and done:
                done.pop()
        return {monday(self._day(at)) for at in done} | {monday_of(week) for week in self.answered}

    def _kept(self) -> set[date]:
        found = {monday_of(week) for week in self.passed}
        for first, last in self._away():
            found |= {monday(first + timedelta(days=n)) for n in range((last - first).days + 1)}
        if self.script.break_week is not None:
            found.add(self.script.monday(self.script.break_week))
        return found

    def _away(self) -> list[tuple[date, date]]:
        found: list[tuple[date, date]] = []
        for each in self.deeds:
            today = self._day(each.at)
            if each.command != "pass" or not (_is_cancelled(each) or "until" in each.given):
                continue
            until = today - timedelta(days=1) if _is_cancelled(each) else date.fromisoformat(each.given["until"])
            if found and found[-1][1] >= today:
                found.append((found.pop()[0], until))
            elif not _is_cancelled(each):
                found.append((today, until))
        return found

    def _day(self, at: datetime) -> date:
        return (at.astimezone(self.zone) - _DAY_ENDS).date()

    def _chosen(self, command: str, name: str) -> str | None:
        """What they said last, if they ever did."""
        said = (each.given[name] for each in reversed(self.deeds) if each.command == command and name in each.given)
        return next(said, None)


def life(season: Season, person: str, at: datetime) -> Life:
    """The member's life before that instant."""
    mine = (each for each in season.deeds if each.person == person and each.outcome == "answered" and each.at < at)
    return Life(season.script, at, tuple(mine))


def told_streaks(season: Season) -> Iterator[tuple[Deed, Life]]:
    """Every reply that told somebody their streak, with their life up to then."""
    lived: dict[str, list[Deed]] = {}
    for each in season.deeds:
        if each.outcome == "answered":
            mine = lived.setdefault(each.person, [])
            mine.append(each)
            if each.heard.streak is not None:
                yield each, Life(season.script, each.at, tuple(mine))


def _is_cancelled(deed: Deed) -> bool:
    return deed.given.get("cancel") == "yes"
