"""Posts of which nobody knows whether they are there: a facilitator is asked, and nothing is sent blindly or lost."""

from datetime import datetime, timedelta

import pytest

from bot.chat.line import Line
from bot.chat.message import Button, Message
from bot.chat.platform import DIRECT, Call, Person, Place, Posted, Unknown, Unsearchable
from bot.records import posts
from tests.town import MONDAY, Square, Town, text_of

FIRST = "c1:milestone:step-1:1"


class BlindSquare(Square):
    """A square that cannot be searched."""

    async def find(self, place: Place, key: str, since: datetime) -> Posted | None:
        raise Unsearchable("the history may not be read")


@pytest.fixture
async def asked(study_town: Town) -> Town:
    """The study town after its first milestone was said, and the answer lost; the square cannot be searched."""
    study_town.square.__class__ = BlindSquare
    study_town.square.forgets_to_answer = 1
    await study_town.pass_time(hours=2)
    return study_town


def notices(town: Town) -> list[str]:
    """What Grace was told privately."""
    return [text_of(post.message) for place, post in town.square.told if place.person]


def milestones(town: Town) -> int:
    return town.keys.count(FIRST)


async def state(town: Town) -> str:
    found = await town.rooms.records.read(posts.find, 1)
    assert found is not None
    return found.state


async def press(town: Town, label: str) -> str:
    """Grace presses a button of the notice, in her direct messages."""
    post = next(post for place, post in town.square.told if place.person)
    button = next(each for each in post.message.buttons if isinstance(each, Button) and label in str(each.label))
    line = town.rooms.desk.read_line(button.line)
    assert line is not None
    place = Place(platform="square", community=DIRECT, channel="7")
    person = Person(platform="square", id="grace", name="Grace")
    call = Call(id="p", command=line.command, given=line.given, person=person, place=place, via="button")
    return text_of(await town.rooms.desk.answer(call))


async def test_it_is_not_sent_again_blindly(asked: Town) -> None:
    assert milestones(asked) == 1
    assert await state(asked) == "unknown"


async def test_who_made_the_cohort_is_asked_once_with_two_buttons(asked: Town) -> None:
    await asked.pass_time(hours=5)
    (said,) = notices(asked)
    assert said.startswith("Is it there? Milestone of Deep\nIt was due Mon 4 Jan 2027, 09:00 (UTC) in #main")
    assert "the history may not be read" in said
    assert said.endswith("[It is there] [Post it again]")


async def test_what_is_there_is_settled_from_the_direct_message(asked: Town) -> None:
    assert "It counts as posted" in await press(asked, "It is there")
    await asked.pass_time(hours=5)
    assert milestones(asked) == 1
    assert await state(asked) == "sent"


async def test_what_is_not_there_is_posted_again_once(asked: Town) -> None:
    assert "It is posted again now." in await press(asked, "Post it again")
    assert "This is decided already" in await press(asked, "Post it again")
    assert "This is decided already" in await press(asked, "It is there")
    await asked.pass_time(hours=5)
    assert milestones(asked) == 2
    assert await state(asked) == "sent"


async def test_a_post_that_is_lost_from_sight_again_is_asked_about_again(asked: Town) -> None:
    await asked.say("grace: /post again 1")
    asked.square.forgets_to_answer = 1
    await asked.pass_time(hours=1)
    assert len(notices(asked)) == 2


async def test_the_status_asks_too(asked: Town) -> None:
    said = await asked.say("grace: /cohort status")
    assert "- ⚠ Milestone, due Mon 4 Jan 2027, 09:00 (UTC): is it in #main? [It is there]" in said
    await asked.say("grace: /post settle 1")
    assert "is it in #main?" not in await asked.say("grace: /cohort status")


async def test_the_next_week_does_not_wait_for_the_decision(asked: Town) -> None:
    await asked.pass_time(weeks=1)
    assert "c1:milestone:step-2:1" in asked.keys


async def test_what_is_too_late_is_not_posted_again_and_that_is_said(asked: Town) -> None:
    asked.clock.forward(MONDAY + timedelta(days=20))
    await asked.say("grace: /post again 1", expect="It is too late to post that: it was due Mon 4 Jan 2027")
    assert await state(asked) == "unknown"


async def test_somebody_else_decides_nothing_in_a_direct_message(asked: Town) -> None:
    place = Place(platform="square", community=DIRECT, channel="8")
    given = {"post": "1"}
    for name in ("ada", "mallory"):
        person = Person(platform="square", id=name)
        call = Call(id=name, command="post settle", given=given, person=person, place=place, via="button")
        assert "is for facilitators" in text_of(await asked.rooms.desk.answer(call))
    assert await state(asked) == "unknown"


async def test_a_facilitator_of_another_cohort_decides_nothing_in_a_direct_message(asked: Town) -> None:
    abroad = Town(asked.rooms, asked.clock, asked.square, community="abroad")
    made = Person(platform="square", id="hopper", name="Hopper")
    home = Place(platform="square", community="abroad", channel="there")
    line: Line | None = Line("cohort create", {"name": "Abroad"})
    while line:  # it is shown, and started
        call = Call(id="c", command=line.command, given=line.given, person=made, place=home, is_admin=True)
        reply = await asked.rooms.desk.answer(call)
        assert isinstance(reply, Message)
        begin = [each.line for each in reply.buttons if isinstance(each, Button) and "season begin" in each.line]
        line = asked.rooms.desk.read_line(begin[0]) if begin else None
    direct = Place(platform="square", community=DIRECT, channel="9")
    call = Call(id="d", command="post settle", given={"post": "1"}, person=made, place=direct, via="button")
    assert "There is no post 1 here to decide about." in text_of(await abroad.rooms.desk.answer(call))


async def test_a_cohort_is_not_started_in_a_direct_message(asked: Town) -> None:
    person = Person(platform="square", id="grace", name="Grace")
    place = Place(platform="square", community=DIRECT, channel="7")
    call = Call(id="n", command="cohort create", given={"name": "Alone"}, person=person, place=place)
    assert "is for organisers" in text_of(await asked.rooms.desk.answer(call))


async def test_a_notice_that_is_lost_from_sight_is_given_up(study_town: Town) -> None:
    study_town.square.__class__ = BlindSquare
    study_town.square.failures = [Unknown("no answer"), Unknown("no answer")]
    await study_town.pass_time(days=2)
    counts = await study_town.rooms.records.read(posts.counts)
    assert (counts["unknown"], counts["failed"]) == (1, 1)
    assert notices(study_town) == []
