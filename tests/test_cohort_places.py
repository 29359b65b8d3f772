"""A cohort in several places, on several platforms and in communities that do not know each other."""

import re
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, update

from bot.app import wire
from bot.chat.message import Post
from bot.chat.platform import Busy, Call, Gone, Person, Place, Platform, Posted
from bot.curriculum.load import Curricula
from bot.delivery.clock import StoppedClock
from bot.records.records import Records
from bot.records.tables import cohort_places, outbox, place_codes
from tests.town import MONDAY, Square, Town

NEXT = "c1:milestone:step-2"


class MainlessSquare(Square):
    """A square whose main channel was deleted."""

    async def post(self, place: Place, post: Post) -> Posted:
        if place.channel == "main" and place.person is None:
            raise Gone("the channel was deleted")
        return await super().post(place, post)


@dataclass
class Both:
    """One cohort's server and another platform's workspace, served by one process."""

    server: Town
    workspace: Town

    async def code(self) -> str:
        """A code for Deep, as its facilitator reads it."""
        said = await self.server.say("grace: /cohort place code", expect="A code for Deep")
        return next(line for line in said.splitlines() if line.startswith("Code: ")).removeprefix("Code: ")

    async def share(self) -> None:
        """Bring Deep into the workspace."""
        await self.workspace.say(f"hopper: /cohort place add code:{await self.code()}", expect="at home here, too")


@pytest.fixture
async def both(migrated: Path, tmp_path: Path, curricula: Curricula) -> AsyncIterator[Both]:
    """Deep on the server, a Monday morning, and a workspace that knows nothing of it."""
    records = Records(f"sqlite+aiosqlite:///{shutil.copy(migrated, tmp_path)}", durable=False)
    clock, square, circle = StoppedClock(MONDAY), Square(), Square(name="circle")
    platforms: dict[str, Platform] = {"square": square, "circle": circle}
    rooms = wire(records, curricula, platforms, clock, frozenset({("circle", "office", "hopper")}))
    made = Both(Town(rooms, clock, square), Town(rooms, clock, circle, community="office"))
    await made.server.start(
        "grace: /cohort create Deep curriculum:deep-learning start:2027-01-04", expect="Deep is ready"
    )
    yield made
    await records.close()


# ---- One more place --------------------------------------------------------------------------------------------------


async def test_the_next_milestone_comes_to_both_platforms_once(both: Both) -> None:
    await both.server.pass_time(hours=2)
    await both.share()
    await both.server.pass_time(weeks=1)
    assert [key for key in both.server.keys if "milestone" in key] == ["c1:milestone:step-1:1", f"{NEXT}:1"]
    assert [key for key in both.workspace.keys if "milestone" in key] == [f"{NEXT}:2"]


async def test_what_was_posted_before_is_not_posted_again_in_the_new_place(both: Both) -> None:
    await both.server.pass_time(hours=2)
    await both.share()
    await both.server.pass_time(hours=2)
    assert both.workspace.keys == []


async def test_a_place_that_is_added_while_posts_are_late_gets_nothing_from_before_its_time(both: Both) -> None:
    await both.server.pass_time(hours=2)
    both.server.clock.forward(both.server.clock.now() + timedelta(days=9))  # nothing runs
    await both.share()
    await both.server.pass_time(days=5)
    assert [key for key in both.server.keys if "milestone" in key][1:] == [f"{NEXT}:1", "c1:milestone:step-3:1"]
    assert [key for key in both.workspace.keys if "milestone" in key] == ["c1:milestone:step-3:2"]


async def test_a_place_that_was_added_while_the_clock_ran_ahead_gets_what_falls_due_once_it_is_set_back(
    both: Both,
) -> None:
    await both.share()
    later = update(cohort_places).where(cohort_places.c.id == 2).values(joined_at=MONDAY + timedelta(days=30))
    await both.server.rooms.records.write(lambda connection: connection.execute(later))
    await both.server.pass_time(hours=2)
    assert both.workspace.keys == ["c1:milestone:step-1:2"]


async def test_a_place_that_was_lost_and_mended_gets_nothing_from_before_its_time(both: Both) -> None:
    await both.server.pass_time(hours=2)
    await both.share()
    both.workspace.square.failures = [Gone("the channel was archived")]
    await both.server.pass_time(weeks=1)
    await both.server.say("grace: /cohort reopen", expect="Trying again in #main (Circle)")
    await both.server.pass_time(hours=1)
    assert [key for key in both.workspace.keys if "milestone" in key] == [f"{NEXT}:2"]


async def test_people_of_the_other_community_join_and_work_there(both: Both) -> None:
    await both.share()
    await both.workspace.say("mary: /home", expect="- Deep [Join]")
    await both.workspace.say("mary: /join", expect="Welcome to Deep!")
    await both.workspace.say("mary: /week", expect="Deep, from")
    await both.server.say("grace: /cohort status", expect="Members: 1")


async def test_the_other_communitys_facilitator_does_not_look_after_it(both: Both) -> None:
    await both.share()
    for line in ("/cohort status", "/cohort status c1", "/cohort place code Deep", "/announce text:x cohort:c1"):
        said = await both.workspace.say(f"hopper: {line}")
        assert "There is no cohort here yet." in said or "No cohort here is called" in said


async def test_the_status_names_every_place_so_that_everybody_can_read_it(both: Both) -> None:
    await both.share()
    await both.server.say("grace: /cohort status", expect="Places: #main, #main (Circle)")


async def test_another_channel_of_ones_own_needs_no_code(study_town: Town) -> None:
    await study_town.say("grace: /cohort place add Deep", channel="side", expect="Deep is at home here, too.")
    await study_town.pass_time(hours=2)
    assert sorted(study_town.keys) == ["c1:milestone:step-1:1", "c1:milestone:step-1:2"]


async def test_a_channel_that_is_another_cohorts_is_refused(study_town: Town) -> None:
    await study_town.start("grace: /cohort create Wide", channel="side")
    await study_town.say("grace: /cohort place add Deep", channel="side", expect="Wide is at home here already.")
    await study_town.say("grace: /cohort place add Deep", expect="Deep is at home here already.")


async def test_who_made_the_cohort_hears_of_a_place_on_their_own_platform(both: Both) -> None:
    await both.share()
    both.workspace.square.failures = [Gone("the channel was archived")]
    await both.server.pass_time(hours=2)
    assert [place.person.id for place, _ in both.server.square.told if place.person] == ["grace"]
    assert both.workspace.posts == []


# ---- The code --------------------------------------------------------------------------------------------------------


async def test_a_code_works_once(both: Both) -> None:
    code = await both.code()
    await both.workspace.say(f"hopper: /cohort place add code:{code.lower()}", expect="at home here, too")
    again = f"hopper: /cohort place add code:{code}"
    await both.workspace.say(again, channel="side", expect="This code is not valid")


async def test_a_code_is_not_used_up_by_a_channel_that_is_taken(both: Both) -> None:
    code = await both.code()
    await both.workspace.start("hopper: /cohort create Own")
    await both.workspace.say(f"hopper: /cohort place add code:{code}", expect="Own is at home here already.")
    await both.workspace.say(f"hopper: /cohort place add code:{code}", channel="side", expect="at home here, too")


async def test_a_code_works_for_a_day(both: Both) -> None:
    code, late = await both.code(), await both.code()
    both.server.clock.forward(MONDAY + timedelta(hours=23, minutes=59))
    await both.workspace.say(f"hopper: /cohort place add code:{code}", expect="at home here, too")
    both.server.clock.forward(MONDAY + timedelta(hours=24))
    await both.workspace.say(f"hopper: /cohort place add code:{late}", channel="side", expect="This code is not valid")


async def test_codes_are_long_differ_and_are_kept_as_hashes_only(both: Both) -> None:
    codes = {await both.code() for _ in range(5)}
    kept = await both.server.rooms.records.read(lambda c: c.execute(select(place_codes.c.hash)).scalars().all())
    assert len(codes) == 5
    assert {len(each) for each in codes} == {24}
    assert not codes & set(kept)


async def test_a_code_comes_with_the_line_to_type_on_the_other_platform(both: Both) -> None:
    said = await both.server.say("grace: /cohort place code", locale="ko")
    code = re.findall(r"code:(\w+)", said)[0]
    assert f"Discord에서: /cohort place add code:{code}\n" in said
    assert f"Slack에서는 Milepost 명령어 뒤에: cohort place add code:{code}\n" in said


async def test_a_guess_opens_nothing(both: Both) -> None:
    await both.workspace.say("hopper: /cohort place add code:AAAA", expect="This code is not valid")
    await both.workspace.say("mary: /join", expect="There is no cohort here yet.")


# ---- One place less --------------------------------------------------------------------------------------------------


async def test_a_place_that_was_taken_away_gets_nothing_more_and_keeps_what_it_had(both: Both) -> None:
    await both.share()
    await both.server.pass_time(hours=2)
    await both.server.say("grace: /cohort place remove", expect="Deep posts in #main no longer.")
    await both.server.pass_time(weeks=1)
    assert both.server.keys == ["c1:milestone:step-1:1"]
    assert f"{NEXT}:2" in both.workspace.keys
    counts = await both.server.rooms.records.read(states, 1)
    assert counts == ["sent"]


async def test_what_waits_for_a_place_that_is_taken_away_is_skipped(both: Both) -> None:
    await both.share()
    await both.server.say("ada: /join")
    await both.server.say("ada: /stuck help")
    await both.server.say("grace: /cohort place remove")
    await both.server.rooms.delivery.tick()
    assert both.server.posts == []
    assert await both.server.rooms.records.read(states, 1) == ["skipped"]


async def test_what_is_to_be_taken_away_from_a_place_is_taken_away_after_it_too(study_town: Town) -> None:
    await study_town.say("grace: /cohort place add cohort:Deep", channel="two")
    await study_town.say("grace: /announce text:hello")
    await study_town.say("grace: /announcement send 1")
    await study_town.pass_time(minutes=1)
    study_town.square.failures = [Busy(600, "route")] * 2
    await study_town.say("grace: /announcement withdraw 1")
    await study_town.rooms.delivery.tick()
    await study_town.say("grace: /cohort place remove", channel="two")
    await study_town.pass_time(minutes=30)
    assert study_town.posts == []


async def test_the_only_place_stays(both: Both) -> None:
    await both.server.say("grace: /cohort place remove", expect="This is the only place of Deep.")
    await both.server.pass_time(hours=2)
    assert both.server.keys == ["c1:milestone:step-1:1"]


async def test_the_other_community_may_close_its_own_channel(both: Both) -> None:
    await both.share()
    await both.workspace.say("hopper: /cohort place remove", expect="Deep posts in #main no longer.")
    await both.workspace.say("hopper: /cohort place remove", expect="No cohort is at home in this channel.")
    await both.server.say("grace: /cohort status", expect="Places: #main\n")


async def test_a_place_that_was_deleted_is_taken_away_from_elsewhere(study_town: Town) -> None:
    await study_town.say("grace: /cohort place add Deep", channel="side")
    study_town.square.__class__ = MainlessSquare
    await study_town.pass_time(hours=2)
    said = await study_town.say("grace: /cohort status", channel="side", expect="⚠ #main gets no posts [Take it away]")
    assert "the channel was deleted" in said
    await study_town.say("grace: /cohort place remove place:1", channel="side", expect="Deep posts in #main no longer.")
    assert "gets no posts" not in await study_town.say("grace: /cohort status", channel="side")


async def test_places_of_other_communities_cohorts_are_not_named_from_here(both: Both) -> None:
    await both.share()
    for place in ("1", "2", "#main"):
        await both.workspace.say(f"hopper: /cohort place remove place:{place}", expect="has a place called")
    here = Place(platform="circle", community="office", channel="main")
    hopper = Person(platform="circle", id="hopper")
    call = Call(id="s", command="cohort place remove", person=hopper, place=here)
    assert await both.workspace.rooms.desk.suggest(call, "place", "") == []


async def test_a_channel_that_became_free_takes_another_cohort_or_the_same_again(both: Both) -> None:
    await both.share()
    for _ in range(2):
        await both.workspace.say("hopper: /cohort place remove", expect="no longer")
        await both.share()
    await both.workspace.say("hopper: /cohort place remove", expect="no longer")
    await both.workspace.start("hopper: /cohort create Own", expect="Own is ready.")


async def test_a_place_that_is_taken_away_gives_its_role_and_its_events_back(study_town: Town) -> None:
    await study_town.say("grace: /cohort place add Deep", channel="side")
    await study_town.say("grace: /cohort role <@&500>")
    await study_town.rooms.projecting.tick()
    assert study_town.square.holders("500") == ["ada"]
    await study_town.say("grace: /cohort place remove")
    study_town.square.shown.clear()
    await study_town.rooms.projecting.tick()
    assert study_town.square.holders("500") == []
    assert study_town.square.events == []


def states(connection: Connection, place_id: int) -> list[str]:
    """The states of a place's posts, in order."""
    mine = select(outbox.c.state).where(outbox.c.place_id == place_id).order_by(outbox.c.id)
    return list(connection.execute(mine).scalars())
