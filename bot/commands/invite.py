"""`/invite`: what an invitation to a cohort would say, with a button that posts it."""

from collections.abc import Mapping
from typing import Annotated

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Button, Item, Message, Text, paragraphs, press
from bot.chat.platform import Call, Clock, Refusal
from bot.chat.wording import Moment, say
from bot.commands.study import WhichCohort, followed, season_of
from bot.curriculum.load import Curricula
from bot.delivery import inviting
from bot.records import invitations, room
from bot.records.cohorts import Cohort
from bot.records.invitations import Invitation
from bot.records.records import Records

LONGEST = 1000
MOST_SHOWN = 5


async def _as_shown(call: Call, records: Records, clock: Clock) -> Mapping[str, str]:
    """What was written into the one that was shown last."""
    found = await records.cohort(call, call.given.get("cohort"))
    text = await records.read(inviting.last_text, found, clock.now())
    return {"text": text} if text else {}


@command(allow=Rank.FACILITATOR)
async def invite(
    call: Call, records: Records, curricula: Curricula, clock: Clock,
    text: Annotated[
        str | None, Arg("What do you want to say first?", long=True, max=LONGEST, fill=_as_shown)
    ] = None,
    cohort: WhichCohort = None,
) -> Message:  # fmt: skip
    """Invite people here to a cohort; you see the post first."""
    found = await records.cohort(call, cohort)
    await _check_place(call, records, found)
    curriculum, weeks = followed(curricula, found), len(season_of(curricula, found))
    token = await records.write(inviting.propose, found, call.place, text, clock.now())
    space = await records.read(room.of, found.id)
    preview = inviting.invitation(found, curriculum, weeks, space, text, clock.now())
    there = await records.read(invitations.standing, found.id)
    return Message(
        title=say("Preview: nothing is posted yet"),
        parts=(
            Text(text=say("**{title}**", title=preview.title or "")),
            *preview.parts,
            Text(text=say("It goes to {place}, in the language of the cohort, with a button to join. It keeps up with "
                          "the seats, and closes with the season.", place=call.place.mention())),
            *paragraphs(say("**There already**") if there else None),
            *(_item(call, found, each) for each in there[:MOST_SHOWN]),
        ),
        buttons=(
            press(say("Post it here"), "invitation send", {"shown": token}, style="primary"),
            press(say("Change it"), "invite", {"cohort": found.key}, asks=True),
        ),
    )  # fmt: skip


def take_back_button(invitation: Invitation) -> Button:
    """The button that takes the invitation back."""
    return press(say("Take back"), "invitation withdraw", {"invitation": invitation.ref})


def _item(call: Call, cohort: Cohort, each: Invitation) -> Item:
    at = Moment(at=each.since_at, zone=call.zone or cohort.zone.key)
    place = each.place.seen_from(call.place)
    return Item(title=say("{place}, since {at}", place=place, at=at), button=take_back_button(each))


async def _check_place(call: Call, records: Records, cohort: Cohort) -> None:
    """Raises a Refusal where nothing can be posted, and where a cohort would be told of that is hidden there."""
    if call.instead is not None:
        raise Refusal("Nothing can be posted here. {instead}", instead=call.instead)
    town = await records.town(call.place.platform, call.place.community)
    if town.hides(cohort) and town.at_channel.get(call.place.channel) != cohort:
        raise Refusal(
            "{cohort} is at home in private channels alone, and nobody could join it from here. Invite people there.",
            cohort=cohort.name,
        )  # fmt: skip
