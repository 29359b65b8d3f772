"""Who went quiet: told to who looks after the cohort alone, with a kind word to send, once."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from bot.chat.message import Button, Item, Message
from bot.chat.platform import Busy, Closed, Person
from bot.delivery.quiet import standing
from bot.delivery.weeks import Week
from bot.records import facilitators
from bot.records.tables import audit
from tests.town import MONDAY, Town, text_of

LETTER = 'grace: /write member:Ben text:"How are you?"'


@pytest.fixture
async def trio(study_town: Town) -> Town:
    """Ada, Ben and Cleo are in the cohort."""
    for name in ("ben", "cleo"):
        await study_town.say(f"{name}: /join")
    return study_town


async def silent_for(town: Town, weeks: int, *, but: str) -> None:
    """Let weeks go by in which nobody says anything but that one person; the last one can be answered no more."""
    for _ in range(weeks):
        await town.pass_time(days=5)
        await town.say(f'{but}: /checkin did:"read on"')
        await town.pass_time(days=2)
    await town.pass_time(hours=10)


def letters(town: Town) -> list[tuple[str, str]]:
    """The letters that went out: to whom, and what they say."""
    told = [(place, post) for place, post in town.square.told if ":letter:" in post.key]
    return [(place.person.id, text_of(post.message, post.locale)) for place, post in told if place.person]


def week(n: int, state: str, *, back: bool = False) -> Week:
    return Week(date(2027, 1, 4) + timedelta(weeks=n), state, is_return=back)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("states", "state", "silent"),
    [
        ("active open", "current", 0),
        ("active silent open", "slipping", 1),
        ("active silent silent", "slipping", 2),
        ("active silent silent silent open", "dormant", 3),
        ("silent silent break unasked silent", "dormant", 3),
        ("silent silent passed open", "current", 0),
        ("silent silent silent active open", "returned", 0),
        ("silent silent silent away open", "returned", 0),
        ("silent silent silent active active active", "returned", 0),
        ("silent silent silent active active active active", "current", 0),
        ("silent silent active silent active", "current", 0),
        ("unasked open", "current", 0),
    ],
)
def test_a_members_state_follows_from_their_weeks(states: str, state: str, silent: int) -> None:
    assert standing([week(n, each) for n, each in enumerate(states.split())])[:2] == (state, silent)


def test_since_when_somebody_is_silent_does_not_count_the_weeks_off() -> None:
    weeks = [week(n, each) for n, each in enumerate(["active", "silent", "break", "passed", "silent", "break"])]
    assert standing(weeks) == ("slipping", 1, weeks[4].monday)


def test_who_pressed_start_again_is_back_and_may_slip_again() -> None:
    silent = [week(n, "silent") for n in range(3)]
    assert standing([*silent, week(3, "open", back=True)])[0] == "returned"
    assert standing([*silent, week(3, "silent", back=True), week(4, "open")])[:2] == ("slipping", 1)


async def test_the_list_begins_with_those_who_are_silent_for_longest(trio: Town) -> None:
    await silent_for(trio, 1, but="cleo")
    await trio.say('ben: /checkin did:"wrote notes"')
    await silent_for(trio, 2, but="cleo")
    said = await trio.say("grace: /cohort quiet", expect="1 member is current")
    assert said.index("Ada: silent for 3 weeks") < said.index("Ben: slipping for 1 week")
    assert "Cleo" not in said
    assert "wrote notes" in said
    assert "did nothing yet" in said


async def test_passes_time_off_and_an_outage_are_no_silence(trio: Town) -> None:
    await trio.say("ada: /pass weeks:2")
    await trio.say("ben: /pass until:2027-01-20")
    await silent_for(trio, 2, but="cleo")
    await trio.say("grace: /cohort quiet", expect="Nobody went quiet.")
    trio.clock.forward(trio.clock.now() + timedelta(weeks=3))  # nothing runs, so nobody is asked
    await trio.say("grace: /cohort quiet", expect="Nobody went quiet.")


@pytest.mark.both_stores
async def test_who_asked_for_help_and_had_no_answer_stands_out_until_somebody_writes(trio: Town) -> None:
    await trio.pass_time(days=5)
    await trio.say('ben: /blocked blocked:"my laptop died"')
    await silent_for(trio, 2, but="ada")
    await trio.say("grace: /cohort quiet", expect="no word was sent since: “my laptop died”")
    form = await trio.say("grace: /?write member:Ben", expect="this is in your way: “my laptop died”")
    assert "was “my laptop died”" not in form
    await trio.say('grace: /write member:Ben text:"Take the spare one"', expect="on its way")
    await trio.pass_time(minutes=1)
    said = await trio.say("grace: /cohort quiet", expect="Grace wrote")
    assert "no word was sent since" not in said


async def test_the_list_is_for_facilitators_alone(trio: Town) -> None:
    await silent_for(trio, 3, but="ada")
    for line in ("/cohort quiet", "/write member:Ben text:hello", "/cohort desk"):
        assert "Ben: " not in await trio.say(f"ada: {line}", expect="for facilitators")


async def test_who_is_silent_is_posted_nowhere_that_others_read(trio: Town) -> None:
    await trio.say('ben: /checkin did:"a start" blocked:"the maths"')
    await silent_for(trio, 4, but="ada")
    await trio.say("grace: /cohort quiet", expect="Ben")
    await trio.pass_time(weeks=1)
    public = [text_of(post.message) for place, post in trio.square.told if place.person is None]
    assert any("How week" in each for each in public)
    telling = [each for each in public if "how did your week go?" not in each]  # a reminder asks, by their leave
    for word in ("Ben", "Cleo", "the maths", "ilent", "lipping", "quiet", "Not heard"):
        assert not [each for each in telling if word in each], word


# ---- letters --------------------------------------------------------------------------------------------------------


async def test_the_button_beside_somebody_opens_a_letter_in_their_language(trio: Town) -> None:
    await trio.say("ben: /set language language:한국어", locale="ko")
    await trio.say("ben: /done python-syntax")
    await silent_for(trio, 3, but="ada")
    reply = await trio.ask("grace: /cohort quiet")
    assert isinstance(reply, Message)
    lines = [part.button.line for part in reply.parts if isinstance(part, Item) and isinstance(part.button, Button)]
    form = text_of(await trio.ask(f"grace: {lines[1]}", via="button"))
    assert "Ben 님, 안녕하세요. Deep 기수의 Grace예요." in form
    assert "파이썬" in form or "Python" in form
    for reproach in ("behind", "late", "missed", "owe", "밀렸"):
        assert reproach not in form.lower()


async def test_a_letter_says_who_it_is_from_and_goes_to_that_member_once(trio: Town) -> None:
    await silent_for(trio, 2, but="ada")
    for _ in range(2):
        await trio.say(LETTER, expect="Your word to Ben is on its way.")
    await trio.pass_time(hours=1)
    ((to, said),) = letters(trio)
    assert to == "ben"
    assert said.startswith("Grace, who looks after Deep, wrote to you:\nHow are you?")
    assert "[Start again here] [Take a break] [Leave]" in said


async def test_two_facilitators_do_not_both_write_to_somebody_in_a_week(trio: Town) -> None:
    await trio.rooms.records.write(facilitators.appoint, 1, Person(platform="square", id="hugo", name="Hugo"), MONDAY)
    await trio.say(LETTER, expect="on its way")
    await trio.say('hugo: /write member:Ben text:"Me, too"', expect="was written to this week already")
    await trio.pass_time(weeks=1)
    await trio.say('hugo: /write member:Ben text:"Me, too"', expect="on its way")
    await trio.pass_time(hours=1)
    assert len(letters(trio)) == 2


async def test_a_letter_waits_for_the_end_of_quiet_hours(trio: Town) -> None:
    await trio.pass_time(hours=15)  # 23:00
    await trio.say(LETTER, expect="Tue 5 Jan 2027, 08:00")
    await trio.pass_time(hours=8)
    assert letters(trio) == []
    await trio.pass_time(hours=2)
    assert len(letters(trio)) == 1


async def test_who_takes_no_private_messages_is_written_to_by_hand_and_no_word_is_lost(trio: Town) -> None:
    await trio.say(LETTER, expect="on its way")
    trio.square.failures = [Closed("takes no messages")]
    await trio.pass_time(minutes=1)
    back = next(text_of(post.message) for place, post in trio.square.told if place.person and ":notice:" in post.key)
    assert "Ben did not get what you wrote." in back
    assert "How are you?" in back
    await silent_for(trio, 2, but="ada")
    await trio.say("grace: /cohort quiet", expect="write to Ben yourself")
    said = await trio.say(LETTER, expect="Nothing was sent. Write to Ben yourself")
    assert "How are you?" in said
    await trio.pass_time(hours=1)
    assert letters(trio) == []


async def test_who_wants_no_reminders_gets_no_letters(trio: Town) -> None:
    await trio.say('ben: /set reminders by:"not at all"')
    await trio.say(LETTER, expect="Ben wants no word from Milepost.")
    await trio.pass_time(hours=1)
    assert letters(trio) == []


@pytest.mark.parametrize("first", ["suggestion", "letter"])
async def test_a_letter_that_waits_neither_holds_up_word_to_a_facilitator_nor_goes_along_with_it(
    trio: Town, first: str
) -> None:
    await trio.pass_time(hours=15)  # 23:00
    said = [LETTER, "ada: /suggest link:https://example.org title:Example"]
    for each in said if first == "letter" else reversed(said):
        await trio.say(each)
    await trio.pass_time(minutes=30)
    assert any("A resource for Deep?" in each for each in trio.posts)
    assert letters(trio) == []
    await trio.pass_time(hours=9)
    assert len(letters(trio)) == 1


async def test_a_letter_that_could_not_be_sent_until_the_evening_waits_for_the_morning(trio: Town) -> None:
    await trio.say(LETTER)
    trio.square.failures = [Busy(15 * 3600, "lane")]  # until 23:00
    await trio.pass_time(hours=23)
    assert letters(trio) == []
    await trio.pass_time(hours=2)
    assert len(letters(trio)) == 1


@pytest.mark.parametrize(
    ("meanwhile", "why"),
    [("ben: /leave", "Ben has left Deep since"), ("grace: /cohort archive Deep sure:yes", "Deep is archived")],
)
async def test_who_is_not_reached_since_there_is_no_cohort_for_them_is_left_alone_and_no_word_is_lost(
    trio: Town, meanwhile: str, why: str
) -> None:
    await trio.say(LETTER)
    await trio.say(meanwhile)
    await trio.pass_time(hours=1)
    assert letters(trio) == []
    (back,) = [each for each in trio.posts if "Ben did not get what you wrote." in each]
    assert why in back
    assert "How are you?" in back


async def test_a_letter_leaves_an_entry_without_its_words(trio: Town) -> None:
    await trio.say('grace: /write member:Ben text:"A secret of ours"')
    rows = await trio.rooms.records.read(lambda c: c.execute(select(audit).where(audit.c.command == "write")).all())
    assert len(rows) == 1
    assert "secret" not in str(rows)
    await trio.say("grace: /audit", expect="Grace: /write member:Ben")
    await trio.say('ben: /mydata forget word:"forget me"')
    assert "Ben" not in await trio.say("grace: /audit")


async def test_nobody_of_that_name_is_no_reason_to_lose_the_words(trio: Town) -> None:
    await trio.say("grace: /write member:Bem text:hello", expect="Nobody in Deep is called Bem. /cohort quiet lists")


async def test_whoever_wrote_and_is_forgotten_takes_their_letter_along(trio: Town) -> None:
    await trio.rooms.records.write(facilitators.appoint, 1, Person(platform="square", id="hugo", name="Hugo"), MONDAY)
    await trio.say("hugo: /write member:Ben text:hello", expect="on its way")
    await trio.pass_time(hours=1)
    await trio.say('hugo: /mydata forget word:"forget me"')
    await trio.pass_time(hours=1)
    assert not any("Hugo, who looks after" in each for each in trio.posts)
    await trio.say("grace: /cohort quiet", expect="current")
