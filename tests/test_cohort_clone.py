"""The next season of a cohort: the same in all that was set, with nobody in it yet."""

import pytest

from bot.chat.message import Button, Message
from bot.chat.platform import Person, Place
from bot.records import audit, cohorts, desks, facilitators
from bot.records.cohorts import Cohort
from bot.records.references import refer
from tests.town import Town

IDA = Person(platform="square", id="ida", name="Ida")


async def by_name(town: Town, name: str) -> Cohort:
    known = await town.rooms.records.read(cohorts.all_cohorts)
    return next(each for each in known if each.name == name)


async def test_the_next_season_has_all_that_was_set(town: Town) -> None:
    await town.start(
        "grace: /cohort create Spring curriculum:deep-learning start:2027-01-04 timezone:Asia/Seoul day:tuesday "
        "time:19:30 pace:min checkin_day:sunday checkin_time:20:00"
    )
    await town.say("grace: /cohort meeting day:thursday time:18:00 minutes:45 where:Room")
    await town.say("grace: /cohort rules passes:5 digest:no capacity:7")
    await town.rooms.records.write(facilitators.appoint, 1, IDA, town.clock.now())
    await town.say("ada: /join")
    (line,) = await town.buttons("grace: /cohort clone name:Autumn start:2027-09-06")
    said = await town.say("grace: /cohort clone name:Autumn start:2027-09-06", expect="Preview: nothing is changed yet")
    assert "Autumn goes through Learn deep learning 1.0.0 here, 51 weeks in all, as Spring does." in said
    assert "Tue 7 Sep 2027" in said
    made_before = await town.rooms.records.read(cohorts.all_cohorts)
    assert len(made_before) == 1
    said = await town.say(f"grace: /{line}", expect="Autumn is ready.")
    assert "[Join] [Invite people] [Status] [Checklist] [Announce it]" in said
    old, new = await by_name(town, "Spring"), await by_name(town, "Autumn")
    for field in ("curriculum", "zone", "weekday", "at", "pace", "language", "meeting", "passes", "checkin_weekday",
                  "checkin_at", "held", "has_digest", "capacity"):  # fmt: skip
        assert getattr(new, field) == getattr(old, field), field
    assert f"{new.start_on}" == "2027-09-06"
    looked_after = await town.rooms.records.read(facilitators.of_cohort, new.id)
    assert {each.person.id for each in looked_after} == {"grace", "ida"}
    assert await town.rooms.records.read(cohorts.size, new.id) == 0
    await town.say("grace: /cohort list", expect="Autumn")


@pytest.mark.both_stores
async def test_the_desk_of_the_old_one_is_that_of_the_next(study_town: Town) -> None:
    study_town.square.private.add("staff")
    await study_town.say("grace: /cohort desk cohort:Deep", channel="staff")
    spoken = "grace: /cohort clone name:Deeper start:2027-02-01"
    await study_town.say(spoken, expect="Its desk is the same, too: #staff.")
    (line,) = await study_town.buttons(spoken)
    await study_town.say(f"grace: /{line}", expect="Deeper is ready.")
    made = await by_name(study_town, "Deeper")
    desk = await study_town.rooms.records.read(desks.of, made.id)
    assert desk is not None
    assert desk.channel == "staff"


async def test_a_desk_in_another_community_is_not_that_of_the_next(study_town: Town) -> None:
    cohort = await by_name(study_town, "Deep")
    abroad = Place(platform="square", community="abroad", channel="staff", name="#staff", is_private=True)
    await study_town.rooms.records.write(desks.choose, cohort.id, abroad)
    spoken = "grace: /cohort clone name:Deeper start:2027-02-01"
    await study_town.say(spoken, expect="It has no desk: that of Deep is in another community.")
    (line,) = await study_town.buttons(spoken)
    await study_town.say(f"grace: /{line}", expect="Deeper is ready.")
    assert await study_town.rooms.records.read(desks.of, (await by_name(study_town, "Deeper")).id) is None


@pytest.mark.both_stores
async def test_where_the_old_one_is_it_is_archived_with_the_same_press(study_town: Town) -> None:
    await study_town.pass_time(weeks=1)
    (line,) = await study_town.buttons("grace: /cohort clone name:Deeper start:2027-02-01")
    assert line.endswith("archive:yes")
    await study_town.say(f"grace: /{line}", expect="Deeper is ready.")
    assert (await by_name(study_town, "Deep")).archived_at is not None
    entries = [(await study_town.rooms.records.read(audit.entries, each, 1))[0].command for each in (1, 2)]
    assert entries == ["cohort clone", "cohort clone"]
    await study_town.say(f"grace: /{line}", expect="Deeper is at home here already")
    await study_town.say("ada: /join", expect="Welcome to Deeper!")
    before = len(study_town.posts)
    await study_town.pass_time(weeks=4)
    assert [key for key in study_town.keys[before:] if ":milestone:" in key] == ["c2:milestone:step-1:2"]


async def test_what_was_done_to_single_posts_of_the_old_one_is_not_done_to_the_next(study_town: Town) -> None:
    cohort = await by_name(study_town, "Deep")
    post = f"{cohort.code}.milestone.{refer(2, f'{cohort.key}:milestone:step-2')}"
    await study_town.say(f"grace: /post skip {post}", expect="It is left out.")
    said = await study_town.say("grace: /cohort clone name:Deeper start:2027-02-01", expect="Deeper goes through")
    assert "Mon 8 Feb 2027" in said


async def test_elsewhere_the_old_one_goes_on(study_town: Town) -> None:
    line = "cohort clone cohort:Deep name:Deeper"
    assert "rchive" not in await study_town.say(f"grace: /{line}", channel="second", expect="[Begin it here]")
    reply = await study_town.ask(f"grace: /{line}", channel="second")
    assert isinstance(reply, Message)
    (button,) = reply.buttons
    assert isinstance(button, Button)
    await study_town.say(f"grace: /{button.line}", channel="second", expect="Deeper is ready.")
    assert (await by_name(study_town, "Deep")).archived_at is None
    await study_town.pass_time(weeks=1, hours=2)
    posted = sorted(key for key in study_town.keys if ":milestone:" in key)
    assert posted == [f"c{n}:milestone:step-{step}:{n}" for n in (1, 2) for step in (1, 2)]


async def test_a_season_that_is_archived_already_has_a_next_one(study_town: Town) -> None:
    await study_town.say("grace: /cohort archive sure:yes")
    (line,) = await study_town.buttons("grace: /cohort clone name:Deeper")
    await study_town.say(f"grace: /{line}", expect="Deeper is ready.")


async def test_the_form_asks_what_it_is_called(study_town: Town) -> None:
    await study_town.say("grace: /cohort clone", expect="What is the next season called?")


async def test_a_name_or_a_channel_that_is_taken_is_refused_before_anything_is_done(study_town: Town) -> None:
    await study_town.start("grace: /cohort create Other curriculum:english-emails", channel="other")
    await study_town.say("grace: /cohort clone cohort:Deep name:other", expect="There is a cohort called other already")
    await study_town.say(
        "grace: /cohort clone cohort:Deep name:New", channel="other", expect="Other is at home here already"
    )
    await study_town.say("grace: /cohort clone cohort:Deep name:New start:1999-01-01", expect="A cohort can start from")
    await study_town.say("grace: /cohort clone shown:nothing", expect="No such season was shown in the last day")


async def test_a_facilitator_begins_it_in_the_old_channel_and_an_admin_anywhere(study_town: Town) -> None:
    await study_town.rooms.records.write(facilitators.appoint, 1, IDA, study_town.clock.now())
    line = "cohort clone Deeper cohort:Deep"
    await study_town.say(f"ida: /{line}", channel="new", expect="An admin of this community begins a season in a new")
    await study_town.say(f"ida: /{line}", expect="Archive the old one and start here")
    await study_town.say(f"grace: /{line}", channel="new", expect="Begin it here")
    await study_town.say(f"ada: /{line}", expect="facilitator")


async def test_a_button_that_was_shown_in_one_channel_begins_nothing_in_another(study_town: Town) -> None:
    (line,) = await study_town.buttons("grace: /cohort clone name:Deeper")
    await study_town.say(f"grace: /{line}", channel="other", expect="was to begin in another channel")
