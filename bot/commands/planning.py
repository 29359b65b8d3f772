"""What the commands about single posts of a season share: which one is meant, and how it is shown before it is sent."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Annotated, Literal, get_args

from bot.chat import line
from bot.chat.command import Arg
from bot.chat.message import Button, Choice, Fact, Facts, Item, Message, Part, Text
from bot.chat.platform import Call, Clock, Refusal
from bot.chat.wording import Moment, Phrase, Wording, as_typed, listed, say
from bot.commands.drafting import what_is_lost
from bot.commands.study import season_of
from bot.commands.timing import local
from bot.curriculum.load import Curricula
from bot.curriculum.plan import Step
from bot.delivery import amending
from bot.delivery.amending import Planned
from bot.delivery.calendar import Calendar
from bot.delivery.compose import drafts, step_title
from bot.delivery.notices import KINDS
from bot.delivery.previewing import Previewing
from bot.delivery.projecting import Projecting
from bot.records import audit
from bot.records.announcements import Slot
from bot.records.bends import Weekly
from bot.records.cohorts import Cohort, named
from bot.records.post_notes import PostNote
from bot.records.records import Records
from bot.records.references import is_meant, number_in, refer

MOST_SUGGESTED = 12  # posts of a cohort
LAST_STEP = 999  # no season is as long, and no date as far away can be held


@dataclass(frozen=True, slots=True)
class Meant:
    """A post of a cohort's season, which has these `steps`."""

    cohort: Cohort
    steps: tuple[Step, ...]
    post: Planned

    def is_ahead(self, now: datetime) -> bool:
        """Whether its time is still to come."""
        return self.post.at > now

    @property
    def name(self) -> Phrase:
        """What it is, in a few words."""
        return say("{post}, week {n}", post=KINDS[self.post.kind], n=min(self.post.about, len(self.steps)))

    @property
    def reference(self) -> str:
        """How buttons name it: the step's milestone, or the question about that local week, and no other ever."""
        cohort, post = self.cohort, self.post
        return f"{cohort.code}.{post.kind}.{refer(post.step, _what(cohort, post.kind, post.step))}"

    def button(
        self, label: Phrase, command: str, *, style: Literal["plain", "primary", "danger"] = "plain", asks: bool = False
    ) -> Button:
        """Does with it what the command does, or opens its form."""
        return Button(label=label, line=line.write(command, {"post": self.reference}, asks=asks), style=style)


def _what(cohort: Cohort, kind: Weekly, step: int) -> str:
    return f"{cohort.key}:{kind}:{Calendar.of(cohort).slot(kind, step)}"


def upcoming(cohort: Cohort, curricula: Curricula, now: datetime, most: int) -> list[Meant]:
    """The milestone that is there, and the next posts of the cohort after it, so many at most."""
    steps = season_of(curricula, cohort)
    on = Calendar.of(cohort).step_at(now)
    there = amending.find(cohort, "milestone", on, len(steps)) if on else None
    ahead = islice(amending.ahead(cohort, len(steps), now), most)
    return [Meant(cohort, steps, each) for each in (*((there,) if there else ()), *ahead)]


def title_of(meant: Meant, said: PostNote) -> Wording:
    """What a list calls the post: a milestone by its week's title, as it is there."""
    if meant.post.kind != "milestone":
        return meant.name
    step = meant.steps[min(meant.post.about, len(meant.steps)) - 1]
    return say("Week {n}: {title}", n=step.number, title=said.title or step_title(step))


def state_of(meant: Meant, now: datetime) -> Phrase:
    """When the post comes, or came, and what was done to it by hand."""
    at = Moment(at=meant.post.at, zone=meant.cohort.zone.key)
    if meant.post.is_skipped:
        return say("{at} · left out", at=at)
    if not meant.is_ahead(now):
        return say("{at} · posted", at=at)
    return say("{at} · moved by hand", at=at) if meant.post.is_moved else say("{at}", at=at)


def _there(meant: Meant) -> Phrase:
    """When it comes as the form reads it that moves it."""
    calendar, post = Calendar.of(meant.cohort), meant.post
    return local(Slot(*calendar.local(post.kind, post.step), calendar.zone_of(post.step)))


def _heading(meant: Meant, now: datetime) -> Phrase:
    if meant.post.is_skipped:
        return say("Preview: this one is left out")
    return say("Preview: nothing is sent yet") if meant.is_ahead(now) else say("This post is out, or on its way")


def _without_buttons(message: Message) -> list[Part]:
    """What its readers press does nothing in a preview."""
    heading: list[Part] = [] if message.title is None else [Text(text=say("**{title}**", title=message.title))]
    bare = (each.model_copy(update={"button": None}) if isinstance(each, Item) else each for each in message.parts)
    return [*heading, *bare]


def _moves(meant: Meant, now: datetime) -> tuple[Button, ...]:
    edit = meant.button(say("Edit"), "post edit", asks=True)
    back = Button(label=say("What comes next"), line=line.write("schedule", {"cohort": meant.cohort.key}))
    if not meant.is_ahead(now):
        return (edit, back) if meant.post.kind == "milestone" and not meant.post.is_skipped else (back,)
    if meant.post.is_skipped:
        return meant.button(say("Do post it"), "post unskip", style="primary"), edit, back
    return (
        meant.button(say("Send now"), "post now", style="primary"), edit,
        meant.button(say("Move"), "post move", asks=True),
        meant.button(say("Skip"), "post skip", style="danger"), back,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Planning:
    """What each command about one post of a season does: find it, change it, show it as it is then."""

    records: Records
    curricula: Curricula
    clock: Clock
    previewing: Previewing
    projecting: Projecting

    async def find(self, call: Call, typed: str) -> Meant:
        """The post that is referred to, of a cohort that the person looks after, whether it is to come or there.

        Raises a Refusal for any other.
        """
        code, _, rest = typed.strip().partition(".")
        kind, _, number = rest.partition(".")
        step, cohort = number_in(number), named(await self.records.looked_after(call), code)
        for known in get_args(Weekly):
            if cohort and step and step <= LAST_STEP and kind == known:
                steps = season_of(self.curricula, cohort)
                post = amending.find(cohort, known, step, len(steps))
                if post is not None and is_meant(number, step, _what(cohort, known, step)):
                    return Meant(cohort, steps, post)
        raise Refusal(
            "There is no post {typed} of a season here, or not any more. {line} shows what is planned.",
            field="post", typed=typed, line=as_typed("schedule"),
        )  # fmt: skip

    async def amend(self, call: Call, meant: Meant, verb: Callable[..., bool], *given: object) -> bool:
        """Have the verb of `amending` change the post, and the audit keep it. False if nothing became different."""
        post, now = meant.post, self.clock.now()
        kept = audit.kept(call, verb, now, meant.cohort)
        is_new = await self.records.write(
            kept, meant.cohort.id, post.kind, post.step, *given, now=now, weeks=len(meant.steps)
        )
        self.projecting.soon()
        return is_new

    async def show(self, call: Call, reference: str, said: Phrase | None = None) -> Message:
        """The very post as it would be sent now, what is lost of it where, and what to do with it; first, `said`."""
        meant, now = await self.find(call, reference), self.clock.now()
        copies = await self.records.read(drafts, meant.cohort, meant.post.kind, meant.post.step, self.curricula, now)
        places = [each.at.place.seen_from(call.place) for each in copies]
        facts = [
            Fact(label=say("Post"), value=meant.name),
            Fact(label=say("When"), value=state_of(meant, now)),
            Fact(label=say("By the cohort's clock"), value=_there(meant)),
        ]
        if places:
            facts.append(Fact(label=say("Places"), value=listed(places)))
        parts: list[Part] = [Text(text=said)] if said else []
        parts.append(Facts(facts=tuple(facts)))
        parts += [Text(text=each) for each in what_is_lost(call, self.previewing.losses(copies))]
        if copies:
            parts += _without_buttons(copies[0].post.message)
        elif meant.post.kind == "reminder":
            parts.append(Text(text=say("As it is, there is nobody to remind. Who is, is decided when it is sent.")))
        else:
            parts.append(Text(text=say("⚠ Goes to nobody: no place of the cohort can be reached.")))
        return Message(title=_heading(meant, now), parts=tuple(parts), buttons=_moves(meant, now))


async def _suggest(call: Call, typed: str, records: Records, curricula: Curricula, clock: Clock) -> Sequence[Choice]:
    """The next posts of the cohorts that the person looks after, and what is posted of this week, by what they say."""
    wanted, now = typed.strip().casefold(), clock.now()
    looked_after = await records.looked_after(call)
    return [
        Choice(value=each.reference, label=listed([cohort.name, each.name], ": "))
        for cohort in looked_after
        for each in upcoming(cohort, curricula, now, MOST_SUGGESTED)
        if wanted in each.reference or wanted in cohort.name.casefold()
    ]


PlannedPost = Annotated[str, Arg("Which post?", max=40, suggest=_suggest)]
"""The argument that names the post."""
