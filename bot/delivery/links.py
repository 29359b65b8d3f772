"""What is said of links: the warning beside one, what is wrong with it in words, and a member's report of it."""

from datetime import datetime

from sqlalchemy import Connection

from bot.chat import line
from bot.chat.message import Button, Item, Message, Text
from bot.chat.platform import Person
from bot.chat.wording import FALLBACK, Day, Phrase, as_typed, languages, plain, say
from bot.curriculum.model import Curriculum, Resource
from bot.delivery import notices
from bot.delivery.notices import Told
from bot.records import links, members
from bot.records.cohorts import Cohort
from bot.records.columns import micros
from bot.records.links import Look, Mark, Reason, Trouble

_REASONS: dict[Reason, Phrase] = {
    "name": say("no such site is known"),
    "answer": say("its server does not answer"),
    "tls": say("its certificate is not valid"),
    "slow": say("its server takes too long"),
    "redirects": say("it leads on and on"),
    "address": say("it is, or leads to, a private address or an odd port, which is not looked at"),
    "offline": say("nothing answered that night, so Milepost itself was probably offline"),
}


def warning(mark: Mark) -> Phrase:
    """The warning beside a link."""
    if mark.is_decided:
        return say("⚠ found to be broken ({day})", day=Day(on=mark.on))
    return say("⚠ did not open when it was last looked at ({day})", day=Day(on=mark.on))


def reason(look: Look) -> Phrase:
    """Why the link did not open; for a look with a reason."""
    if look.reason is None:
        raise ValueError("a link that opened has no reason not to")
    if look.reason == "status":
        return say("its server answers {status}", status=str(look.status))
    return _REASONS[look.reason]


def cautions(mark: Mark, spoken: tuple[str, ...]) -> dict[str, str]:
    """The warning for a curriculum's file, as its keys `caution`, `caution.ko` …, in each language that Milepost has.

    The first of the `spoken` languages, the curriculum's own, is written in English where Milepost does not have it.
    """
    day = Day(on=mark.on)
    said = (
        say("This page was found to be broken ({day}).", day=day)
        if mark.is_decided
        else say("This page did not open when it was last looked at ({day}), so it may be gone.", day=day)
    )
    first, *others = spoken
    has = {each: each.replace("_", "-").partition("-")[0].lower() in languages() for each in spoken}
    written = {f"caution.{each}": plain(said, each) for each in others if has[each]}
    return {"caution": plain(said, first if has[first] else FALLBACK), **written}


def report(
    connection: Connection, cohort: Cohort, by: Person, curriculum: Curriculum, found: Resource, why: str | None,
    now: datetime,
) -> Told:  # fmt: skip
    """Keep a member's report of a resource that has a link, and tell a facilitator.

    They are told once for each link, and again only after somebody decided about it.
    """
    if found.url is None:
        raise ValueError(f"{found.id} has no link")
    _, member_id = members.account(connection, by, now)
    trouble = links.report(connection, found.url, member_id, cohort, curriculum.id, found.id, why, now)
    reader = notices.reader(connection, cohort, now)
    who = by.seen_by(reader) if reader else by.name
    lead = say("{person} says that this link does not work. Nobody else sees this.", person=who)
    way_out = say(
        "If it is broken, readers are warned of it. {line} shows all such links, and what to change in the curriculum.",
        line=as_typed("links"),
    )
    message = Message(
        title=say("A broken link in {cohort}?", cohort=cohort.name),
        parts=(Text(text=lead), Item(title=found.title, text=why, link=found.url), Text(text=way_out)),
        buttons=decisions(trouble, cohort),
    )
    decided = micros(trouble.decision.at) if trouble.decision else 0
    return notices.tell(connection, cohort, reader, f"link:{trouble.link.id}-{decided}", now, message, by=by)


def decisions(trouble: Trouble, cohort: Cohort) -> tuple[Button, Button]:
    """The buttons by which a facilitator says that a link is broken, or that it is fine."""
    given = {"link": str(trouble.link.id), "cohort": cohort.key}
    return (
        Button(label=say("It is broken"), line=line.write("mark link", {**given, "state": "broken"})),
        Button(label=say("It is fine"), line=line.write("mark link", {**given, "state": "fine"})),
    )
