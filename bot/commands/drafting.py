"""What the commands about announcements share: which one is meant, when it is to go, and how it is shown beforehand."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import NoReturn

from bot.chat import line
from bot.chat.message import Button, Choice, Message, Text
from bot.chat.platform import Call, Place, Refusal
from bot.chat.wording import Day, Phrase, Value, as_typed, listed, say, say_n
from bot.commands.differences import differences
from bot.commands.study import suggest_cohorts
from bot.commands.timing import seen_by, when
from bot.delivery.previewing import Preview, Previewing
from bot.records import announcements, audit, cohorts
from bot.records.announcements import OPEN, SENT, SHOWN, TEMPLATE, WRITTEN, Announcement, State
from bot.records.cohorts import Cohort, named
from bot.records.records import Records
from bot.records.references import is_meant, number_in

ALL = "all"
LONGEST_CHOICE = 75  # characters of what a choice stands for, on Slack
MOST_NAMED = 10  # places, and things that are lost, in one reply
MOST_SKIPS = 3  # days of one reply on which it is left out
MOST_ENTRIES = 50  # of the audit, in which one about an announcement is looked for
_CLOSED: Mapping[State, Phrase] = {
    "draft": say("This announcement is not sent yet."),
    "scheduled": say("This announcement is not sent yet."),
    "sent": say("This announcement was sent already."),
    "withdrawn": say("This announcement was taken back."),
    "ended": say("This announcement was repeated, and has come to its end."),
    "template": say("This is a template."),
}


async def suggest_readers(call: Call, typed: str, records: Records) -> Sequence[Choice]:
    """All cohorts that the person looks after here, or one of them; after a comma, one more of them."""
    before, comma, last = typed.rpartition(",")
    among = await records.looked_after(call)
    first = [found for each in before.split(",") if (found := named(among, each))]
    if comma and first:
        more = [each for each in await suggest_cohorts(call, last, records) if named(first, each.value) is None]
        names = listed([each.name for each in first])
        made = [
            Choice(
                value=f"{in_words(first)}, {each.value}", label=say("{first} and {last}", first=names, last=each.label)
            )
            for each in more
        ]
        return [each for each in made if len(each.value) <= LONGEST_CHOICE]
    every = Choice(value=ALL, label=say("All cohorts here"))
    return [*([every] if typed.strip().casefold() in ALL else []), *await suggest_cohorts(call, typed, records)]


async def suggest_drafts(call: Call, typed: str, records: Records) -> Sequence[Choice]:
    """The announcements that are not sent yet, newest first."""
    return await _suggest(call, typed, records, OPEN)


async def suggest_droppable(call: Call, typed: str, records: Records) -> Sequence[Choice]:
    """The announcements that are not sent yet, and the templates, newest first."""
    return await _suggest(call, typed, records, (*OPEN, *TEMPLATE))


async def suggest_sent(call: Call, typed: str, records: Records) -> Sequence[Choice]:
    """The announcements that are sent, newest first."""
    return await _suggest(call, typed, records, SENT)


async def suggest_all(call: Call, typed: str, records: Records) -> Sequence[Choice]:
    """The announcements that something can be done with, newest first."""
    return await _suggest(call, typed, records, (*OPEN, "sent", "withdrawn"))


async def suggest_templates(call: Call, typed: str, records: Records) -> Sequence[Choice]:
    """The templates, newest first."""
    return await _suggest(call, typed, records, TEMPLATE)


async def _suggest(call: Call, typed: str, records: Records, states: Collection[State]) -> list[Choice]:
    wanted = typed.strip().casefold()
    return [
        Choice(value=each.ref, label=(each.name or each.text)[:75])
        for each in await theirs(call, records, states)
        if wanted in (each.name or each.text).casefold() or each.ref.startswith(wanted)
    ]


async def theirs(call: Call, records: Records, states: Collection[State]) -> list[Announcement]:
    """The announcements in those states whose cohorts the person looks after here, newest first."""
    looked_after = await records.looked_after(call)
    homes, among = {each.community_id for each in looked_after}, {each.id for each in looked_after}
    return await records.read(announcements.latest, homes, states, among)


async def _is_theirs(call: Call, records: Records, known: Announcement) -> bool:
    theirs = (*await records.looked_after(call), *await records.archived(call))
    return {each.id for each in theirs}.issuperset(known.cohort_ids)


async def find(call: Call, records: Records, typed: str, states: Collection[State] = OPEN) -> Announcement:
    """The announcement that is referred to in this community, in one of those states; drafts if nothing else is said.

    Raises a Refusal if there is none, or it is in another state by now.
    """
    typed, _ = parted(typed)
    homes = {each.community_id for each in await records.looked_after(call)}
    number = number_in(typed)
    found = None if number is None else await records.read(announcements.find, homes, number)
    if found is None or not is_meant(typed, found.id, found.key) or not await _is_theirs(call, records, found):
        raise Refusal(
            "There is no announcement {typed} here. Write one with {line}.", typed=typed, line=as_typed("announce")
        )
    if found.state not in states:
        raise _changed(found)
    return found


def _changed(known: Announcement) -> Refusal:
    if known.state == "cancelled":
        return Refusal("This announcement was cancelled. Write a new one with {line}.", line=as_typed("announce"))
    return Refusal("{what}", what=_CLOSED[known.state])


async def find_given(
    call: Call, records: Records, states: Collection[State] = OPEN, name: str = "draft"
) -> Announcement | None:
    """The announcement that a form is about, to fill its fields with; None if none is named yet."""
    typed = call.given.get(name, "")
    return None if number_in(typed) is None else await find(call, records, typed, states)


def parted(typed: str) -> tuple[str, str]:
    """How an announcement was named and, where a preview or a form did that, the seal of what was shown there."""
    words = typed.strip().split("-", 2)
    return "-".join(words[:2]), "".join(words[2:])


def sealed(known: Announcement, *fields: str) -> str:
    """Names an announcement, and what was shown of it, for `parted`."""
    return f"{known.ref}-{known.seal(*fields)}"


async def change(
    call: Call, records: Records, now: datetime, typed: str, known: Announcement, states: Collection[State] = OPEN,
    **values: object,
) -> Announcement:  # fmt: skip
    """The announcement, which was named so, with these fields changed.

    Raises a Refusal if it is in another state meanwhile, or somebody changed one of the fields since it was shown.
    """
    await check_seen(call, records, typed, known, values)
    became = await records.write(announcements.change, call, now, known, states, **values)
    return became or await refuse(call, records, known)


async def check_seen(
    call: Call, records: Records, typed: str, known: Announcement, wanted: Mapping[str, object]
) -> None:
    """Raises a Refusal if somebody changed one of these fields since the form was opened that is sent now."""
    _, seen = parted(typed)
    is_new = any(getattr(known, each) != wanted[each] for each in wanted.keys() & set(WRITTEN))
    if is_new and seen not in ("", known.seal(*wanted)):
        raise await _overtaken(call, records, known)


async def refuse(call: Call, records: Records, known: Announcement) -> NoReturn:
    """Raises the Refusal that says what became of the announcement meanwhile."""
    now = await records.read(announcements.get, known.id)
    is_open = now.state in OPEN and known.state in OPEN
    raise await _overtaken(call, records, now) if is_open or now.state == known.state else _changed(now)


async def _overtaken(call: Call, records: Records, known: Announcement) -> Refusal:
    """That somebody was faster, and what they changed. The form is kept as it was filled, and can be sent again."""
    about = ("draft", "announcement")
    entries = await records.read(audit.entries, known.cohort_ids[0], MOST_ENTRIES)
    theirs = [each for each in entries if known.id in [number_in(each.given.get(name, "")) for name in about]]
    cohort = (await records.read(cohorts.get_all, known.cohort_ids)).get(known.cohort_ids[0])
    latest = next((each for each in theirs if each.by and set(WRITTEN).intersection(each.after)), None)
    what = differences(cohort, latest.before, latest.after) if latest and cohort else ()
    who: Value = say("Somebody") if latest is None or latest.by is None else latest.by.seen_by(call.person)
    return Refusal(
        "{who} changed this announcement meanwhile: {what}. Nothing of yours is kept yet. To have it as you wrote it, "
        "open the form and send it again.", who=who, what=listed(what, "; ") if what else say("to whom it goes"),
    )  # fmt: skip


async def chosen(call: Call, records: Records, typed: str | None) -> list[Cohort]:
    """The cohorts that were named, by commas, or all that the person looks after; else the one that is meant here."""
    among = await records.looked_after(call)
    if typed is not None and typed.strip().casefold() == ALL and among:
        return list(among)
    if typed is None or named(among, typed) is not None or "," not in typed:
        return [await records.cohort(call, typed)]
    names = [each.strip() for each in typed.split(",") if each.strip()]
    return list(dict.fromkeys([await records.cohort(call, each) for each in names or [typed]]))


def in_words(cohorts: Sequence[Cohort]) -> str:
    """The cohorts as `chosen` reads them."""
    return ", ".join(each.code for each in cohorts)


async def shown(call: Call, previewing: Previewing, known: Announcement) -> Message:
    """The announcement as its readers would see it, to whom it goes, and what can be done with it."""
    preview = await previewing.preview(known)
    # What does not fit is cut at the end: that may be the text, and not whom it notifies or what is lost.
    parts = [Text(text=_goes_to(call, known, preview))]
    if known.slot is not None and known.state == "scheduled":
        parts.append(Text(text=say("⏰ It goes out {when}.", when=when(known.slot, preview.cohorts))))
    elif known.slot is not None:
        parts.append(Text(text=say("⏰ It is meant for {when}.", when=when(known.slot, preview.cohorts))))
    if known.asks:
        parts.append(Text(text=say("Its readers are asked to say that they have read it.")))
    parts += [Text(text=each) for each in what_is_lost(call, preview.losses)]
    copy = preview.drafts[0].post.message if preview.drafts else None
    if copy is None:
        parts.append(Text(text=known.text))
    title = say("Preview: nothing is sent yet")
    if known.state == "scheduled":
        title = say("Preview: it is scheduled, and not sent yet")
    heading = (Text(text=say("**{title}**", title=copy.title or "")), *copy.parts) if copy else ()
    # What its readers press does nothing in a preview; links lead where they will.
    links = tuple(each for each in copy.buttons if each.kind == "link") if copy else ()
    return Message(title=title, parts=(*parts, *heading), buttons=(*links, *_moves(call, known)))


def _goes_to(call: Call, known: Announcement, preview: Preview) -> Phrase:
    if not preview.drafts:
        return say("⚠ Goes to nobody: no place of the cohort can be reached.")
    places: list[Value] = [each.seen_from(call.place) for each in preview.places[:MOST_NAMED]]
    if len(preview.places) > MOST_NAMED:
        places.append(say_n("{n} more", "{n} more", len(preview.places) - MOST_NAMED))
    return say_n(
        "Goes to {places}, where {n} member reads it. {notified}",
        "Goes to {places}, where {n} members read it. {notified}",
        preview.members, places=listed(places), notified=_notified(known),
    )  # fmt: skip


def _notified(known: Announcement) -> Phrase:
    match known.notify:
        case "nobody":
            return say("Nobody is notified.")
        case "cohort":
            return say("The members are notified: by their role where they have one, else by name.")
        case "everyone" if known.people is not None:
            return say_n(
                "Everyone there is notified: up to {n} person.", "Everyone there is notified: up to {n} people.",
                known.people,
            )  # fmt: skip
    return say("Everyone there is to be notified; you are asked about that once more.")


def what_is_lost(call: Call, losses: Sequence[tuple[Place, Phrase]]) -> list[Phrase]:
    """What is lost where; the same loss in several places is said once."""
    where: dict[str, tuple[Phrase, list[Place]]] = {}
    for place, loss in losses:
        where.setdefault(loss.model_dump_json(), (loss, []))[1].append(place)
    said = []
    for loss, places in list(where.values())[:MOST_NAMED]:
        names: list[Value] = [each.seen_from(call.place) for each in places[:MOST_NAMED]]
        if len(places) > MOST_NAMED:
            names.append(say_n("{n} more", "{n} more", len(places) - MOST_NAMED))
        said.append(say("⚠ {places}: {loss}", places=listed(names), loss=loss))
    return said


def _moves(call: Call, known: Announcement) -> tuple[Button, ...]:
    given = {"draft": known.ref}

    def asking(label: Phrase, command: str) -> Button:
        return Button(label=label, line=line.write(command, given, asks=True))

    later = asking(say("Schedule"), "announcement schedule")
    if known.state == "draft" and known.slot is not None:
        meant = seen_by(call, known.slot)
        wish = {**given, "on": f"{meant.on}", "time": f"{meant.at:%H:%M}"}
        if meant.until_on is not None:
            wish["until"] = f"{meant.until_on}"
        later = Button(label=say("Schedule as meant"), line=line.write("announcement schedule", wish), style="primary")
    seen = line.write("announcement send", {"draft": sealed(known, *SHOWN)})
    first = [Button(label=say("Send now"), line=seen, style="primary")]
    if known.series is not None:
        first = [_on(say("Skip {day}", day=Day(on=known.series.on)), "announcement skip", known, known.series.on)]
        first += [
            _on(say("Do send it on {day}", day=Day(on=each)), "announcement unskip", known, each)
            for each in sorted(known.series.skips)[:MOST_SKIPS]
        ]
    return (
        *first, later,
        asking(say("Edit"), "announcement edit"), asking(say("Picture"), "announcement picture"),
        asking(say("Links"), "announcement links"), asking(say("Keep as template"), "announcement keep"),
        Button(label=say("Cancel"), line=line.write("announcement cancel", given), style="danger"),
    )  # fmt: skip


def _on(label: Phrase, command: str, known: Announcement, day: date) -> Button:
    return Button(label=label, line=line.write(command, {"draft": known.ref, "on": f"{day}"}))


async def ask_about_everyone(previewing: Previewing, known: Announcement) -> Message | None:
    """What asks once more before everyone is notified, naming how many people that is; None if it need not be asked.

    Who agreed to fewer is asked again: the cohort may have got another place since.
    """
    if known.notify != "everyone":
        return None
    people = await previewing.audience(known)
    if known.people is not None and people <= known.people:
        return None
    given = {"draft": known.ref}
    return Message(
        title=say_n("Notify up to {n} person?", "Notify up to {n} people?", people),
        parts=(
            Text(text=say("That is everyone who is there, whether or not they are in a cohort. Nothing is sent yet.")),
        ),
        buttons=(
            Button(
                label=say_n("Yes, notify {n} person", "Yes, notify {n} people", people),
                line=line.write("announcement confirm", {**given, "people": str(people)}), style="danger",
            ),
            Button(label=say("Edit"), line=line.write("announcement edit", given, asks=True)),
        ),
    )  # fmt: skip
