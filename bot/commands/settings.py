"""`/settings`: what one chose, and the three forms that change it."""

from collections.abc import Mapping

from bot.chat import line
from bot.chat.command import command
from bot.chat.message import Button, Fact, Facts, Message, Part, Text
from bot.chat.platform import Call, Clock
from bot.chat.wording import Phrase, say
from bot.commands.time_off import absence, back_button, passes_fact, until
from bot.commands.zones import guess
from bot.records import members
from bot.records.preferences import Preferences
from bot.records.records import Records

_LANGUAGES = {"en": say("English"), "ko": say("한국어")}


@command()
async def settings(call: Call, records: Records, clock: Clock) -> Message:
    """See your settings, and change them."""
    return await settings_card(call, records, clock)


async def settings_card(call: Call, records: Records, clock: Clock, title: Phrase | None = None) -> Message:
    """What holds for the person now, with the way to everything else."""
    standing = await records.standing(call.person)
    chosen = standing.preferences
    guessed = None if chosen.zone else guess(call)
    facts = (
        language_fact(chosen),
        zone_fact(chosen, guessed),
        Fact(label=say("Reminders"), value=_reminders(chosen)),
        Fact(label=say("Streak"), value=say("shown") if chosen.shows_streak else say("hidden")),
        Fact(label=say("Check-ins"), value=say("shown to the cohort, unless you say otherwise each time")
             if chosen.shares else say("seen by facilitators alone, unless you share one")),
    )  # fmt: skip
    back, time_off = await _time_off(call, records, clock)
    parts: list[Part] = [Facts(facts=(*facts, *time_off))]
    if chosen.closed_because:
        parts.append(
            Text(
                text=say(
                    "⚠ Private messages do not reach you ({reason}), so your reminders come in the cohort's thread. "
                    "Choose them again once they can.",
                    reason=chosen.closed_because,
                )
            )
        )
    confirm = line.write("set language", {"timezone": guessed}) if guessed else None
    return Message(
        title=title or say("Your settings"),
        parts=tuple(parts),
        buttons=(
            *([Button(label=say("{zone} is right", zone=guessed), line=confirm, style="primary")] if confirm else []),
            Button(label=say("Language and zone"), line="?set language"),
            Button(label=say("Reminders"), line="?set reminders"),
            Button(label=say("What is shown"), line="?set visibility"),
            *back,
        ),
    )


async def change_settings(call: Call, records: Records, clock: Clock, wanted: Mapping[str, object]) -> Message:
    """Have this hold for the person from now on, and show what does."""
    await records.write(members.choose, call.person, clock.now(), wanted)
    return await settings_card(call, records, clock, say("Your settings are changed."))


async def _time_off(call: Call, records: Records, clock: Clock) -> tuple[list[Button], list[Fact]]:
    """What somebody who is in a cohort may pass in it, and whether they are away, with the way back if so."""
    enrolment = await records.enrolment_if_any(call)
    if enrolment is None:
        return [], []
    off = await absence(records, clock, enrolment, (await records.standing(call.person)).preferences)
    away = [Fact(label=say("Away"), value=until(off))] if off else []
    back = [back_button(enrolment.cohort)] if off else []
    return back, [await passes_fact(records, enrolment), *away]


def language_fact(chosen: Preferences) -> Fact:
    """The language that the member chose, for a list of facts."""
    return Fact(label=say("Language"), value=_LANGUAGES.get(chosen.language or "", say("as in your app")))


def zone_fact(chosen: Preferences, guessed: str | None = None) -> Fact:
    """The zone that the member chose, or may live in, for a list of facts."""
    otherwise = say("{zone}? That is a guess; is it right?", zone=guessed) if guessed else say("that of your cohort")
    return Fact(label=say("Time zone"), value=chosen.zone or otherwise)


def _reminders(chosen: Preferences) -> Phrase:
    match chosen.reminds:
        case "off":
            return say("none")
        case "dm" if chosen.reachable:
            quiet = say("at any hour")
            if chosen.quiet_from != chosen.quiet_until:
                first, last = (f"{each:%H:%M}" for each in (chosen.quiet_from, chosen.quiet_until))
                quiet = say("never from {first} to {last}", first=first, last=last)
            if chosen.remind_at is None:
                return say("by direct message, at your cohort's time; {quiet}", quiet=quiet)
            return say("by direct message, at {time}; {quiet}", time=f"{chosen.remind_at:%H:%M}", quiet=quiet)
        case _:
            return say("in the cohort's thread")
