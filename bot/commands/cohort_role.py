"""`/cohort role`: the role that a cohort's members hold, where the platform has roles."""

from typing import Annotated

from bot.chat.command import Arg, Rank, command
from bot.chat.message import Button, Message, Text, paragraphs, press
from bot.chat.platform import Call, Clock, Refusal, Role
from bot.chat.wording import as_typed, say
from bot.commands.study import WhichCohort
from bot.delivery.projecting import Projecting
from bot.records import audit, cohorts, projections
from bot.records.cohorts import Cohort, CohortPlace
from bot.records.records import Records


@command(allow=Rank.FACILITATOR)
async def cohort_role(
    call: Call, records: Records, clock: Clock, projecting: Projecting,
    role: Annotated[Role | None, Arg("Which role?")] = None,
    cohort: WhichCohort = None,
    unlink: Annotated[bool, Arg("Take the role away again?")] = False,
) -> Message:  # fmt: skip
    """Give a cohort's members a role, which they lose when they leave."""
    if not projecting.offers(call.place.platform, "members"):
        raise Refusal("There are no roles here that could be given. Everything else works without one.")
    found = await records.cohort(call, cohort)
    place = await place_here(call, records, found)
    if role is None and not unlink:
        return await _shown(records, found, place)
    if role is not None and role.id == call.place.community:  # as on Discord
        raise Refusal("Everybody here has that role. Choose another one, or make one.", field="role")
    wanted = None if unlink else role
    link = audit.kept(call, cohorts.link_role, clock.now(), found)
    await records.write(link, place, wanted.id if wanted else None, clock.now())
    projecting.soon()
    return _linked(found, wanted) if wanted else _unlinked(found)


async def place_here(call: Call, records: Records, cohort: Cohort) -> CohortPlace:
    """The cohort's place in this community that holds its role: the one that has it, else this one, else the first."""
    places = [
        each
        for each in await records.read(cohorts.places, cohort.id)
        if (each.place.platform, each.place.community) == (call.place.platform, call.place.community)
    ]
    if not places:
        raise Refusal("{cohort} has no place in this community, so its members get no role here.", cohort=cohort.name)
    return min(places, key=lambda each: (each.role is None, each.place.channel != call.place.channel))


async def obstacles(records: Records, cohort: Cohort) -> tuple[Text, ...]:
    """What keeps the cohort's role or events from being as they should be, with the way out."""
    found = await records.read(projections.problems, cohort.id)
    roles = [say("⚠ Role: {problem}", problem=problem) for what, problem in found if what == "members"]
    events = [say("⚠ Events: {problem}", problem=problem) for what, problem in found if what == "calendar"]
    return paragraphs(*roles, *events)


def _linked(cohort: Cohort, role: Role) -> Message:
    return Message(
        title=say("Members of {cohort} get the role {role}.", cohort=cohort.name, role=role.mention()),
        parts=paragraphs(
            say("Those who are in it get the role now, whoever joins soon after, and who leaves loses it."),
            say("Every night it is put right again, so a role that was taken by hand comes back."),
            say("If the role cannot be given, {line} says why, and what helps.", line=as_typed("cohort status")),
        ),
        buttons=(_status(cohort), _unlink(cohort)),
    )


def _unlinked(cohort: Cohort) -> Message:
    return Message(
        title=say("Members of {cohort} get no role any more.", cohort=cohort.name),
        parts=paragraphs(say("Those who were given one lose it now. Nobody else's roles are touched.")),
        buttons=(_status(cohort), _link(cohort)),
    )


async def _shown(records: Records, cohort: Cohort, place: CohortPlace) -> Message:
    if place.role is None:
        return Message(
            title=say("Members of {cohort} get no role.", cohort=cohort.name),
            parts=paragraphs(say("Link one, and they hold it as long as they are in the cohort.")),
            buttons=(_link(cohort),),
        )
    return Message(
        title=say("Members of {cohort} have the role {role}.", cohort=cohort.name, role=Role(id=place.role).mention()),
        parts=await obstacles(records, cohort),
        buttons=(_status(cohort), _link(cohort), _unlink(cohort)),
    )


def _status(cohort: Cohort) -> Button:
    return press(say("Status"), "cohort status", {"cohort": cohort.key})


def _link(cohort: Cohort) -> Button:
    return press(say("Link a role"), "cohort role", {"cohort": cohort.key}, asks=True)


def _unlink(cohort: Cohort) -> Button:
    return press(say("Unlink the role"), "cohort role", {"cohort": cohort.key, "unlink": "yes"}, style="danger")
