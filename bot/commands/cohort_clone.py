"""`/cohort clone`: the next season of a cohort, the same in all that was set, with nobody in it yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from bot.chat import line
from bot.chat.command import Arg, Rank, command
from bot.chat.message import Button, Choice, Message, Part, Text
from bot.chat.platform import Call, Clock, Missing, Refusal
from bot.chat.wording import as_typed, say
from bot.commands.cohort_create import dates, first_day
from bot.commands.cohort_restore import suggest_archived
from bot.commands.season_begin import asked, is_ready
from bot.commands.study import check_home, suggest_cohorts
from bot.curriculum.load import Curricula
from bot.curriculum.model import Curriculum
from bot.delivery import archiving, cloning
from bot.delivery.cloning import Wish
from bot.delivery.outbox import Delivery
from bot.delivery.projecting import Projecting
from bot.delivery.versions import season, season_length
from bot.records import audit, desks, homes
from bot.records.cohorts import Cohort
from bot.records.records import Records


async def suggest_all(call: Call, typed: str, records: Records) -> Sequence[Choice]:
    """The cohorts whose names hold what was typed, of those that the person looks after here, archived ones last."""
    return [*await suggest_cohorts(call, typed, records), *await suggest_archived(call, typed, records)]


@command(allow=Rank.FACILITATOR)
async def cohort_clone(
    call: Call, records: Records, curricula: Curricula, clock: Clock, delivery: Delivery, projecting: Projecting,
    name: Annotated[str | None, Arg("What is the next season called?", max=80)] = None,
    start: Annotated[date | None, Arg("From which day on? (today if empty)")] = None,
    cohort: Annotated[str | None, Arg("Which cohort?", suggest=suggest_all)] = None,
    archive: Annotated[bool, Arg("Archive the old one?", pressed=True)] = False,
    shown: Annotated[str | None, Arg("What were you shown? Its button knows", max=16, pressed=True)] = None,
) -> Message:  # fmt: skip
    """Begin the next season of a cohort here; you see its dates first."""
    check_home(call)
    now = clock.now()
    if shown is None:
        old = await _old(call, records, cohort)
        if name is None:
            raise Missing("What is the next season called?", field="name")
        begin_on = first_day(start, now.astimezone(old.zone).date())
        wish = Wish(cohort_id=old.id, name=" ".join(name.split()), start_on=begin_on, channel=call.place.channel)
        plan = await _plan(call, records, curricula, wish)
        desk = await _desk(call, records, old)
        return _preview(curricula, plan, desk, await records.write(cloning.remember, wish, now))
    plan = await _plan(call, records, curricula, await records.read(cloning.remembered, shown, now))
    old, end = plan.old, audit.kept(call, archiving.archive, now, plan.old)
    ends = (end, season_length(curricula, old) or 0) if archive and plan.is_in_place else None
    made = await records.write(
        audit.kept(call, cloning.begin, now), old, plan.following, call.place, call.person, now, ends
    )
    delivery.soon()
    projecting.soon()
    invite = Button(label=say("Announce it"), line=line.write("announce", {"cohort": made.key}, asks=True))
    return is_ready(curricula, made, plan.curriculum, invite)


@dataclass(frozen=True, slots=True)
class _Plan:
    """The old cohort and the one that follows; `is_in_place` says that the old one is still where that is to be."""

    old: Cohort
    following: Cohort
    curriculum: Curriculum
    is_in_place: bool


async def _plan(call: Call, records: Records, curricula: Curricula, wish: Wish) -> _Plan:
    """What the wish comes to. Raises a Refusal where the person may not begin it, or it cannot be begun here."""
    among = (*await records.looked_after(call), *await records.archived(call))
    old = next((each for each in among if each.id == wish.cohort_id), None)
    if old is None:
        raise Refusal("That season is of a cohort that others look after.")
    if wish.channel != call.place.channel:
        raise Refusal("That season was to begin in another channel. Use the command again here.")
    curriculum = curricula.get(old.curriculum)
    if curriculum is None:
        raise Refusal(
            "{curriculum} is not installed here any more, so no season of it can begin.", curriculum=old.curriculum
        )
    here = (await records.town(call.place.platform, call.place.community)).at_channel.get(call.place.channel)
    if here is not None and here.id != old.id:
        raise Refusal("{cohort} is at home here already. Choose another channel.", cohort=here.name)
    if not call.is_admin and not await records.read(homes.was_at, old.id, call.place):
        raise Refusal(
            "An admin of this community begins a season in a new channel. In the one of {cohort}, you can.",
            cohort=old.name,
        )  # fmt: skip
    return _Plan(old, cloning.next_season(old, curriculum, wish), curriculum, here is not None)


async def _old(call: Call, records: Records, typed: str | None) -> Cohort:
    """The cohort that was named, an archived one among them, else the one that is meant here."""
    archived = await records.archived(call)
    if typed is None and len(archived) == 1 and not await records.looked_after(call):
        return archived[0]
    return await records.remembered(call, typed)


async def _desk(call: Call, records: Records, old: Cohort) -> list[Text]:
    """What becomes of the old cohort's desk, if it has one."""
    desk = await records.read(desks.of, old.id)
    if desk is None:
        return []
    if (desk.platform, desk.community) == (call.place.platform, call.place.community):
        return [Text(text=say("Its desk is the same, too: {place}.", place=desk.seen_from(call.place)))]
    return [Text(text=say("It has no desk: that of {old} is in another community.", old=old.name))]


def _preview(curricula: Curricula, plan: _Plan, desk: Sequence[Text], token: str) -> Message:
    following, old = plan.following, plan.old
    weeks = len(season(curricula, following))
    title, version = plan.curriculum.title, plan.curriculum.version
    given = {"shown": token}
    do_it = Button(label=say("Begin it here"), style="primary", line=line.write("cohort clone", given))
    parts: list[Part] = [
        Text(
            text=say(
                "**{cohort}** goes through {title} {version} here, {weeks} weeks in all, as {old} does.",
                cohort=following.name, title=title, version=version, weeks=weeks, old=old.name,
            )
        ),
        dates(curricula, following),
        Text(text=asked(following)),
        Text(text=say("It has the same facilitators, language, rules and meeting. Nobody is in it yet.")),
        *desk,
    ]  # fmt: skip
    if plan.is_in_place:
        parts.append(
            Text(
                text=say(
                    "{old} is at home here, and a channel has one cohort: {line} says what it means to archive it.",
                    old=old.name, line=as_typed("cohort archive"),
                )
            )
        )  # fmt: skip
        label = say("Archive the old one and start here")
        do_it = Button(label=label, style="danger", line=line.write("cohort clone", {**given, "archive": "yes"}))
    return Message(title=say("Preview: nothing is changed yet"), parts=tuple(parts), buttons=(do_it,))
