"""A season that ends for good, and what can be brought back of it."""

import re

import pytest
from sqlalchemy import select

from bot.chat.platform import Busy, Person, Refusal
from bot.records import audit, cohorts, facilitators, handovers, room
from bot.records.cohorts import Cohort
from bot.records.tables import outbox
from tests.town import Town


async def archive(town: Town, cohort: str = "Deep") -> str:
    """What a facilitator reads who archives the cohort after having seen what that does."""
    await town.say(f"grace: /cohort archive {cohort}", expect="Preview: nothing is changed yet")
    (line,) = await town.buttons(f"grace: /cohort archive {cohort}")
    return await town.say(f"grace: /{line}", expect=f"{cohort} is archived.")


async def bring_back(town: Town, *, channel: str = "main") -> str:
    """What a facilitator reads who brings the archived cohort back and lets it go on."""
    said = await town.say("grace: /cohort restore", expect="It is paused: nothing is posted until", channel=channel)
    make, _ = await town.buttons("grace: /cohort resume cohort:Deep")
    await town.say(f"grace: /{make}", expect="Done. Deep goes on.")
    return said


async def first(town: Town) -> Cohort:
    return await town.rooms.records.read(cohorts.get, 1)


async def test_a_facilitator_sees_first_what_ends(study_town: Town) -> None:
    await study_town.say("grace: /cohort role role:<@&7>")
    await study_town.pass_time(hours=2)
    said = await study_town.say("grace: /cohort archive", expect="Preview: nothing is changed yet")
    for expect in (
        "Deep ends for good. 89 weeks are not posted any more.", "Next milestone: Mon 11 Jan 2027, 09:00 (UTC)",
        "Free for another cohort: #main", "Role that is taken back: 7", "1 member keeps all they did",
    ):  # fmt: skip
        assert expect in said, said
    assert (await first(study_town)).archived_at is None


async def test_nothing_is_posted_asked_or_reminded_any_more(study_town: Town) -> None:
    await study_town.say("ada: /set reminders by:'by direct message'")
    await study_town.pass_time(days=5)
    await archive(study_town)
    before = list(study_town.keys)
    await study_town.pass_time(weeks=8)
    assert study_town.keys == before
    await study_town.say("ada: /done python-syntax")
    await study_town.pass_time(hours=1)
    assert study_town.square.edits == 0, "nor is anything kept up to date"


async def test_who_leads_it_is_looked_at_again_when_it_is_brought_back(study_town: Town) -> None:
    await archive(study_town)
    await study_town.pass_time(hours=2)
    assert await study_town.rooms.records.read(handovers.next_look, study_town.clock.now()) is None
    await study_town.say("grace: /cohort restore")
    look = await study_town.rooms.records.read(handovers.next_look, study_town.clock.now())
    assert look
    assert look.cohort_id == 1


async def test_posts_that_wait_are_skipped_and_say_why(study_town: Town) -> None:
    study_town.square.failures = [Busy(7200, scope="platform")]
    await study_town.pass_time(hours=2)
    await study_town.say("grace: /cohort archive", expect="Posts that wait, and are skipped: 1")
    await archive(study_town)
    await study_town.pass_time(hours=3)
    assert study_town.keys == []
    rows = await study_town.rooms.records.read(lambda c: c.execute(select(outbox.c.state, outbox.c.reason)).all())
    assert [tuple(each) for each in rows] == [("skipped", "its cohort is archived")]


async def test_its_role_and_its_events_are_taken_back_and_come_back_with_it(study_town: Town) -> None:
    await study_town.say("grace: /cohort role role:<@&7>")
    await study_town.say("grace: /cohort meeting day:monday time:18:00 minutes:60")
    await study_town.pass_time(hours=2)
    assert study_town.square.holders("7") == ["ada"]
    assert study_town.square.events
    await archive(study_town)
    await study_town.pass_time(hours=1)
    assert (study_town.square.holders("7"), study_town.square.events) == ([], [])
    await bring_back(study_town)
    await study_town.pass_time(hours=1)
    assert study_town.square.holders("7") == ["ada"]
    assert study_town.square.events


async def test_a_role_that_the_next_cohort_has_by_now_stays_with_it(study_town: Town) -> None:
    await study_town.say("grace: /cohort role role:<@&7>")
    await archive(study_town)
    await study_town.start("grace: /cohort create Second curriculum:deep-learning", channel="second")
    await study_town.say("grace: /cohort role role:<@&7> cohort:Second", expect="Second")
    await bring_back(study_town)
    there = await study_town.rooms.records.read(cohorts.places, 1)
    assert [each.role for each in there] == [None]


async def test_members_keep_their_progress_and_read_it_while_they_are_in_no_other(study_town: Town) -> None:
    await study_town.say("ada: /done python-syntax")
    await study_town.pass_time(weeks=1)
    await archive(study_town)
    await study_town.say("ada: /progress", expect="Deep: week 1 of 90; archived since Mon 11 Jan 2027")
    await study_town.say("ada: /home", expect="Deep is over; all that you did there is kept.")
    await study_town.say("ada: /week", expect="archived since Mon 11 Jan 2027")
    for line in ("checkin did:'read'", "pass", "blocked Pandas", "stuck what:Pandas", "snooze"):
        await study_town.say(f"ada: /{line}", expect="The season of Deep is over for good")
    await study_town.start("grace: /cohort create Second curriculum:english-emails", channel="second")
    await study_town.say("ada: /join Second")
    await study_town.say("ada: /progress", expect="Second")


async def test_nobody_joins_it_and_no_list_but_one_has_it(study_town: Town) -> None:
    await study_town.start("grace: /cohort create Second curriculum:english-emails", channel="second")
    await archive(study_town)
    assert "Deep" not in await study_town.say("ben: /home")
    await study_town.say("ben: /join Deep", expect="No cohort here is called Deep. Choose from Second.")
    await study_town.say("grace: /cohort status Deep", expect="Deep is archived. /cohort restore brings it back.")
    await study_town.say("grace: /announce text:Hello cohort:all", expect="Goes to #second")
    listed = await study_town.say("grace: /cohort list", expect="1 is archived")
    assert listed.index("- Second [Status]") < listed.index("is archived") < listed.index("- Deep [Bring it back]")


@pytest.mark.both_stores
async def test_its_channel_is_free_for_another(study_town: Town) -> None:
    await archive(study_town)
    await study_town.start("grace: /cohort create Second curriculum:english-emails", expect="Second is ready.")
    await study_town.say("grace: /cohort restore Deep", expect="Second is at home here already. Choose another")
    said = await bring_back(study_town, channel="third")
    assert "Deep is back in #third." in said


async def test_it_does_not_come_back_where_another_cohort_has_its_desk(study_town: Town) -> None:
    await archive(study_town)
    await study_town.start("grace: /cohort create Second curriculum:english-emails", channel="second")
    study_town.private.add("main")
    await study_town.say("grace: /cohort desk cohort:Second", expect="is the desk of Second")
    await study_town.say("grace: /cohort restore Deep", expect="This channel is the desk of Second")
    assert "Deep is back in #third." in await bring_back(study_town, channel="third")


async def test_a_code_that_was_given_out_before_lets_it_in_nowhere(study_town: Town) -> None:
    said = await study_town.say("grace: /cohort place code")
    found = re.search("[A-Z2-7]{24}", said)
    assert found is not None
    await archive(study_town)
    await study_town.say(f"grace: /cohort place add code:{found[0]}", channel="b", expect="This code is not valid")


async def test_a_season_goes_on_where_it_was_without_making_up_for_anything(study_town: Town) -> None:
    await study_town.pass_time(hours=2)
    await archive(study_town)
    await study_town.pass_time(weeks=5)
    await bring_back(study_town)
    await study_town.pass_time(weeks=1)
    posted = [key for key in study_town.keys if ":milestone:" in key]
    assert posted == ["c1:milestone:step-1:1", "c1:milestone:step-2:1"]


async def test_archiving_twice_and_bringing_back_twice_changes_nothing(study_town: Town) -> None:
    await archive(study_town)
    await study_town.say("grace: /cohort archive cohort:c1 sure:yes", expect="Deep is archived. /cohort restore brings")
    await study_town.say("grace: /cohort restore c1", expect="Deep is back in #main.")
    await study_town.say("grace: /cohort restore c1", expect="Deep is not archived.")
    entries = await study_town.rooms.records.read(audit.entries, 1, 10)
    assert [each.command for each in entries[:2]] == ["cohort restore", "cohort archive"]
    assert (entries[1].before["places"], entries[1].after["places"]) == ("#main (Square)", "")


async def test_who_looks_after_nothing_else_can_still_bring_it_back(study_town: Town) -> None:
    ida = Person(platform="square", id="ida", name="Ida")
    await study_town.rooms.records.write(facilitators.appoint, 1, ida, study_town.clock.now())
    await archive(study_town)
    await study_town.say("ida: /cohort list", expect="- Deep [Bring it back]")
    await study_town.say("ida: /cohort restore", expect="Deep is back in #main.")
    await study_town.say("ada: /cohort archive Deep", expect="facilitator")


async def test_an_announcement_that_was_also_for_it_can_still_be_changed(study_town: Town) -> None:
    await study_town.start("grace: /cohort create Second curriculum:english-emails", channel="second")
    await study_town.say("grace: /announce text:Hello cohort:all")
    await archive(study_town)
    await study_town.say("grace: /announcement send draft:1", expect="It goes to 1 place.")
    await study_town.pass_time(minutes=5)
    assert sum("Hello" in each for each in study_town.posts) == 1


async def test_a_restart_finds_it_archived(study_town: Town) -> None:
    await archive(study_town)
    before = list(study_town.keys)
    await study_town.rooms.delivery.align()
    await study_town.rooms.projecting.nightly()
    await study_town.pass_time(days=1)
    assert study_town.keys == before


# ---- Seats and invitations -------------------------------------------------------------------------------------------


async def invite(town: Town, channel: str) -> str:
    """Have an invitation to the cohort posted there; returns the line of the button that takes it back."""
    lines = await town.buttons("grace: /invite", channel=channel)
    press = next(each for each in lines if each.startswith("invitation send"))
    (back,) = await town.buttons(f"grace: /{press}", channel=channel)
    return back


async def test_nobody_waits_for_a_seat_any_more_and_none_is_filled(study_town: Town) -> None:
    await study_town.say("grace: /cohort rules capacity:1")
    await study_town.say("ben: /join wait:yes", expect="You are next.")
    await study_town.say("grace: /cohort archive", expect="People who wait for a seat, and get none: 1")
    await archive(study_town)
    await study_town.say("ada: /leave Deep", expect="You have left Deep.")
    await study_town.say("ben: /join Deep wait:yes", expect="There is no cohort here yet.")
    await bring_back(study_town)
    await study_town.say("ben: /leave", expect="You are in no cohort yet.")
    await study_town.say("ben: /join Deep", expect="Welcome to Deep!")


async def test_whoever_joins_at_the_moment_in_which_it_is_archived_is_not_in(study_town: Town) -> None:
    await archive(study_town)
    ben = Person(platform="square", id="ben", name="Ben")
    with pytest.raises(Refusal, match="archived"):
        await study_town.rooms.records.write(room.join, ben, 1, study_town.clock.now())
    assert await study_town.rooms.records.read(cohorts.size, 1) == 1


async def test_its_invitations_close_and_open_again_when_it_is_brought_back(study_town: Town) -> None:
    await invite(study_town, "general")
    await study_town.rooms.delivery.tick()
    await study_town.say("ben: /join")
    await study_town.pass_time(minutes=2)
    assert "Members: 2" in study_town.posts[0]
    await archive(study_town)
    await study_town.pass_time(minutes=2)
    assert study_town.posts[0].startswith("Deep is over\n")
    assert "[Join]" not in study_town.posts[0]
    await bring_back(study_town)
    await study_town.pass_time(minutes=2)
    assert study_town.posts[0].startswith("Join Deep\n")


async def test_an_invitation_that_waits_is_not_posted_and_one_that_stands_can_be_taken_back(study_town: Town) -> None:
    back = await invite(study_town, "general")
    await study_town.rooms.delivery.tick()
    await invite(study_town, "square")
    await archive(study_town)
    await study_town.pass_time(minutes=2)
    assert [text.partition("\n")[0] for text in study_town.posts] == ["Deep is over"]
    said = await study_town.say(f"grace: /{back}", expect="The invitation to Deep is taken back.")
    assert "[Invite again]" not in said
    await study_town.pass_time(minutes=2)
    assert study_town.posts == []
