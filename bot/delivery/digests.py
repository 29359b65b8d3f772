"""Digests: a cohort's week in one message, put once a local week and decided when it is sent.

There are two. The cohort's own, in its places, has numbers, milestones and the picture; of people it names those alone
who shared something. The report to who looks after it also says who is silent, what is in somebody's way and what
comes next: it goes to their desk while that is private, else privately to who leads the week.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from bot.chat import line
from bot.chat.literal import flat
from bot.chat.message import Button, Fact, Facts, Item, Message, Part, Post, Text
from bot.chat.platform import Failure, Person, Place
from bot.chat.wording import Moment, Phrase, Value, listed, say, say_n
from bot.curriculum.model import Curriculum
from bot.delivery import letters, notices, quiet
from bot.delivery.advance import Advance, advance, advance_parts
from bot.delivery.calendar import Calendar
from bot.delivery.notices import KINDS
from bot.delivery.quiet import STATES, Standing
from bot.delivery.reminding import asked_at
from bot.delivery.weeks import Week, of_cohort
from bot.records import checkins, claims, cohorts, desks, due, links, members, posts, reminders
from bot.records.checkins import Answer
from bot.records.claims import Due
from bot.records.cohorts import Cohort, CohortPlace
from bot.records.columns import micros

log = logging.getLogger(__name__)

MOST_NAMED = 30  # names in one line of a report
MOST_BLOCKED = 4  # with what else a report says, what one message on Discord holds
LONGEST = 300  # characters of what is in somebody's way
EVER = datetime(1970, 1, 1, tzinfo=UTC)


# ---- When a digest falls due ----------------------------------------------------------------------------------------


def put(connection: Connection, fallen_due: Sequence[tuple[int, str, datetime]], now: datetime) -> None:
    """Put the reports on weeks whose digest has fallen due, one for each: (cohort, local week, due at)."""
    if not fallen_due:
        return
    ids = {each[0] for each in fallen_due}
    known, at_desk = cohorts.get_all(connection, ids), desks.of_cohorts(connection, ids)
    places = cohorts.places_of(connection, ids)
    found = []
    for cohort_id, week, due_at in fallen_due:
        cohort = known[cohort_id]
        there = places.get(cohort_id, [])
        made = _to(at_desk.get(cohort_id), there) or _to(notices.reader(connection, cohort, now), there)
        if made is None:
            log.warning("cohort %s: nobody is known who could be told of its week %s", cohort.code, week)
            continue
        way, where = made
        found.append(_row(cohort, week, "", way, where, due_at))
    due.put(connection, found)


def _to(reader: Place | Person | None, places: Sequence[CohortPlace]) -> tuple[CohortPlace, Mapping[str, Any]] | None:
    """By way of which of the cohort's places a report gets there, and what its post holds of that; None if by none."""
    way = next((each for each in places if reader and each.place.platform == reader.platform), None)
    if reader is None or way is None:
        return None
    return way, {"desk" if isinstance(reader, Place) else "person": reader.model_dump(mode="json")}


def _row(
    cohort: Cohort, week: str, mark: str, way: CohortPlace, where: Mapping[str, Any], due_at: datetime
) -> dict[str, Any]:
    return {
        "key": f"{cohort.key}:report:{week}{mark}", "kind": "report", "cohort_id": cohort.id, "place_id": way.id,
        "platform": way.place.platform, "due_at": micros(due_at), "payload": json.dumps({"report": week, **where}),
    }  # fmt: skip


def instead(connection: Connection, post: Due, now: datetime, reason: Failure | str) -> bool:
    """Record, under the fence, that the report did not get through, and from its desk, bring it to who leads the week.

    False if somebody else has the post by now.
    """
    if not claims.settle(connection, post, "skipped", now, reason=str(reason)):
        return False
    if post.place.person:
        return True
    cohort = cohorts.get(connection, post.cohort_id)
    made = _to(notices.reader(connection, cohort, now), cohorts.places(connection, cohort.id))
    if made is None:
        log.warning("cohort %s: nobody is known who could be told of its week", cohort.code)
        return True
    way, where = made
    told = {**where, "desk_trouble": str(reason)}
    due.put(connection, [_row(cohort, post.payload["report"], ":privately", way, told, post.due_at)])
    return True


# ---- When one is sent -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Told:
    """A local week of a cohort: what its members answered, how it gets on, and which of its steps that was."""

    cohort: Cohort
    curriculum: Curriculum
    length: int  # of the season, in weeks
    week: str
    answers: Sequence[Answer]
    asked: int
    gone: Advance

    @property
    def answered(self) -> list[Answer]:
        return [each for each in self.answers if each.checkin]

    @property
    def step(self) -> int:
        calendar = Calendar.of(self.cohort)
        # A week of an open phase is asked about no more once the cohort has moved on.
        return calendar.about(calendar.asking(self.week) or max(1, calendar.slot_at(asked_at(self.cohort, self.week))))

    @property
    def facts(self) -> list[Fact]:
        """What the cohort may hear as well as those who look after it."""
        done = len(self.answered)
        facts = [Fact(label=say("Checked in"), value=say("{done} of {n}", done=done, n=max(done, self.asked)))]
        facts.append(Fact(label=say("Tasks finished"), value=self.gone.finished_in(self.week)))
        reached = [
            say("{milestone} ({n})", milestone=each.title, n=n)
            for each, n in self.gone.reached_in(self.week, self.curriculum)
        ]
        return [*facts, Fact(label=say("Milestones reached"), value=listed(reached))] if reached else facts

    @property
    def picture(self) -> Part:
        where = say("Week {n} of {weeks}", n=self.step, weeks=self.length)
        return advance_parts(self.gone, self.cohort, self.curriculum, where)[0]


def _told(
    connection: Connection, cohort: Cohort, curriculum: Curriculum, length: int, week: str, now: datetime
) -> _Told | None:  # fmt: skip
    """None if there is nobody of whom to tell, or the cohort has paused since it fell due."""
    answers = checkins.of_cohort(connection, cohort.id, week)
    if not answers or cohort.paused_at is not None:
        return None
    asked = reminders.asked(connection, cohort.id, asked_at(cohort, week))
    return _Told(cohort, curriculum, length, week, answers, asked, advance(connection, cohort, curriculum, now))


def in_place(
    connection: Connection, post: Due, cohort: Cohort, curriculum: Curriculum, length: int, now: datetime
) -> Post | None:  # fmt: skip
    """The cohort's own digest, in a season of `length` weeks; None if it wants none, or has nothing good to hear."""
    week = posts.what_of(post.key)
    told = _told(connection, cohort, curriculum, length, week, now) if cohort.has_digest else None
    if told is None or not (told.answered or told.gone.finished_in(told.week)):
        return None
    shared: list[Value] = [each.name for each in told.answered if each.checkin and each.checkin.is_shared]
    facts = told.facts
    if shared:
        facts.append(Fact(label=say("Shared how it went"), value=_names(shared)))
    message = Message(
        title=say("How week {n} went", n=told.step),
        parts=(Facts(facts=tuple(facts)), told.picture),
        buttons=(Button(label=say("What next?"), line="next"), Button(label=say("My progress"), line="progress")),
    )
    return Post(key=post.key, message=message, locale=cohort.language)


def report(
    connection: Connection, post: Due, cohort: Cohort, curriculum: Curriculum, length: int, now: datetime
) -> Post | None:  # fmt: skip
    """The report to who looks after the cohort, in a season of that many weeks; None if there is nobody to tell of."""
    week = post.payload["report"]
    told = _told(connection, cohort, curriculum, length, week, now)
    if told is None:
        return None
    since = posts.due_before(connection, cohort.id, "report", post.due_at) or EVER
    came, went = members.came_and_went(connection, cohort.id, since, post.due_at)
    facts = told.facts
    facts[1:1] = _silent(told.answers, of_cohort(connection, cohort, length, now), week)
    facts += [Fact(label=label, value=_names(who)) for label, who in ((say("New"), came), (say("Left"), went)) if who]
    facts += _standings(quiet.standings(connection, cohort, length, now))
    urls = {each.url for each in curriculum.resources}
    broken = [
        each for each in links.troubles(connection, cohort.community_id) if each.is_wrong and each.link.url in urls
    ]
    if broken:
        facts.append(Fact(label=say("Links"), value=say_n("{n} needs a look", "{n} need a look", len(broken))))
    facts += _coming(connection, cohort)
    there = {"cohort": cohort.key}
    message = Message(
        title=say("{cohort}: how week {n} went", cohort=cohort.name, n=told.step),
        parts=(*_trouble(post), Facts(facts=tuple(facts)), *_blocked(told), told.picture),
        buttons=(
            Button(label=say("Who is quiet"), line=line.write("cohort quiet", there), style="primary"),
            Button(label=say("Check-ins"), line=line.write("cohort checkins", {**there, "week": week})),
            Button(label=say("Links"), line=line.write("links", there)),
        ),
    )
    return Post(key=post.key, message=message, locale=cohort.language)


def _silent(answers: Sequence[Answer], weeks: Mapping[int, Sequence[Week]], week: str) -> list[Fact]:
    """Who has not checked in: some were at work all the same, some had passed the week or were away."""
    labels: Mapping[str, Phrase] = {
        "active": say("At work, without a check-in"), "silent": say("Not heard of"), "passed": say("Not this week"),
    }  # fmt: skip
    same = {"open": "silent", "away": "passed"}
    found: dict[str, list[Value]] = {}
    for each in answers:
        state = next((one.state for one in weeks[each.enrolment_id] if one.period == week), "unasked")
        if each.checkin is None:
            found.setdefault(same.get(state, state), []).append(each.name)
    return [Fact(label=label, value=_names(found[state])) for state, label in labels.items() if state in found]


def _standings(of: Sequence[Standing]) -> list[Fact]:
    found: list[Fact] = []
    for state, label in STATES.items():
        names: list[Value] = [each.heard.name for each in of if each.state == state]
        if names and state != "current":
            found.append(Fact(label=label, value=_names(names)))
    return found


def _coming(connection: Connection, cohort: Cohort) -> list[Fact]:
    """What is posted next, and when."""
    return [
        Fact(label=say("Next: {post}", post=KINDS[each.kind]), value=Moment(at=each.next_due_at, zone=cohort.zone.key))
        for each in posts.coming(connection, cohort.id)
        if each.kind != "digest"
    ]


def _blocked(told: _Told) -> list[Item | Text]:
    blocked = [(each, each.checkin.blocked) for each in told.answered if each.checkin and each.checkin.blocked]
    parts: list[Item | Text] = [
        Item(
            title=say("⚠ {person} is blocked", person=each.name), text=flat(words, LONGEST),
            button=letters.button(told.cohort, each.enrolment_id, each.name),
        )
        for each, words in blocked[:MOST_BLOCKED]
    ]  # fmt: skip
    if len(blocked) > MOST_BLOCKED:
        n = len(blocked) - MOST_BLOCKED
        parts.append(Text(text=say_n("{n} more is blocked.", "{n} more are blocked.", n)))
    return parts


def _trouble(post: Due) -> list[Text]:
    """Why this comes to one person, and not to their desk."""
    reason = post.payload.get("desk_trouble")
    said = say("⚠ This comes to you alone, since it could not be posted at the desk: {reason}", reason=reason)
    return [Text(text=said)] if reason else []


def _names(people: Sequence[Value]) -> Phrase:
    return listed(people, most=MOST_NAMED)
