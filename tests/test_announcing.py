"""Announcements: shown beforehand; sent now, later or every week; corrected and taken back, wherever they are."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from bot.chat import line
from bot.chat.message import Button, Form, Link, Message, Picture, Reply
from bot.chat.platform import Everyone, Gone, Person, Rejected, Role, Unknown, Unsearchable
from bot.chat.wording import plain, say
from bot.commands.timing import FURTHEST
from bot.delivery import announcing
from bot.records import announcements, audit, facilitators
from bot.records.old_posts import REMEMBERED, forget_old
from bot.records.tables import cohorts, outbox
from tests.town import Town, text_of

EVE = Person(platform="square", id="eve", name="Eve")


@pytest.fixture
async def wide_town(study_town: Town) -> Town:
    """A town with a second cohort, "Seoul", in #seoul, in another zone, and Bob in both."""
    await study_town.start("grace: /cohort create Seoul start:2027-02-01 timezone:Asia/Seoul", channel="seoul")
    await study_town.say("bob: /join Deep")
    await study_town.say("bob: /join Seoul", channel="seoul")
    return study_town


async def press(town: Town, reply: Message, label: str) -> Message:
    """What pressing the button of that label answers."""
    lines = {text_of(Message(title=each.label)): each.line for each in reply.buttons if isinstance(each, Button)}
    answer = await town.ask(f"grace: {lines[label]}", via="button")
    assert isinstance(answer, Message)
    return answer


async def ask(town: Town, spoken: str) -> Message:
    reply = await town.ask(f"grace: /{spoken}")
    assert isinstance(reply, Message), text_of(reply)
    return reply


async def audited(town: Town, cohort_id: int = 1) -> list[str]:
    """The commands that the audit holds of the cohort, the oldest first."""
    found = await town.rooms.records.read(audit.entries, cohort_id, 50)
    return [each.command for each in reversed(found)]


# ---- before it is sent ----------------------------------------------------------------------------------------------


async def test_it_goes_to_the_cohorts_that_are_named(wide_town: Town) -> None:
    await wide_town.start("grace: /cohort create Third", channel="third")
    preview = await ask(wide_town, 'announce text:hello cohort:"Deep, c2"')
    assert "Goes to #main, #seoul, where 2 members read it." in text_of(preview)
    await press(wide_town, preview, "Send now")
    await wide_town.pass_time(minutes=1)
    assert sorted(wide_town.posts) == ["Announcement for Deep\nhello", "Announcement for Seoul\nhello"]


async def test_several_cohorts_are_suggested_one_after_the_other(wide_town: Town) -> None:
    call = wide_town.call("grace: /announce")
    [found] = await wide_town.rooms.desk.suggest(call, "cohort", "deep, s")
    assert (found.value, plain(found.label)) == ("c1, c2", "Deep and Seoul")


@pytest.mark.parametrize(("typed", "named"), [(",", ","), ("Deep, Nowhere", "Nowhere")])
async def test_what_names_no_cohort_is_refused(wide_town: Town, typed: str, named: str) -> None:
    refused = f"No cohort here is called {named}. Choose from Deep, Seoul."
    await wide_town.say(f'grace: /announce text:hello cohort:"{typed}"', expect=refused)


async def test_what_a_platform_would_lose_is_listed(wide_town: Town) -> None:
    wide_town.square.lacks = [say("It is too long for Slack, and is shortened.")]
    preview = text_of(await ask(wide_town, "announce text:hello cohort:all"))
    assert "⚠ #main, #seoul: It is too long for Slack, and is shortened." in preview


async def test_a_picture_says_what_the_title_says(study_town: Town) -> None:
    await study_town.say("grace: /announce text:hello")
    preview = await ask(study_town, 'announcement picture draft:1 title:"Demo day" alt:"A card"')
    assert "\nDemo day (Deep)\n<A card>\nhello\n" in text_of(preview)
    assert [each.template for each in preview.parts if isinstance(each, Picture)] == ["announcement"]
    assert "Announcement for Deep\nhello" in text_of(await ask(study_town, "announcement picture draft:1"))


async def test_links_are_buttons(study_town: Town) -> None:
    await study_town.say("grace: /announce text:hello")
    line = 'announcement links draft:1 first:"The slides https://example.org/a" second:https://example.org/b'
    await press(study_town, await ask(study_town, line), "Send now")
    await study_town.pass_time(minutes=1)
    [(_, post)] = study_town.square.told
    assert [(each.label, each.url) for each in post.message.buttons if isinstance(each, Link)] == [
        ("The slides", "https://example.org/a"), ("example.org", "https://example.org/b"),
    ]  # fmt: skip


@pytest.mark.parametrize("link", ["slides", "javascript:alert(1)", "x https://example.org/" + "a" * 512])
async def test_what_is_no_link_is_refused(study_town: Town, link: str) -> None:
    await study_town.say("grace: /announce text:hello")
    await study_town.say(f'grace: /announcement links draft:1 first:"{link}"', expect="does not end in a web address")


async def test_a_template_is_begun_with_again(study_town: Town) -> None:
    await study_town.say("grace: /announce text:weekly notify:cohort")
    await study_town.say("grace: /announcement keep draft:1 name:Call", expect="Call is kept as a template.")
    await study_town.say("grace: /announcement keep draft:1 name:call", expect="There is a template called call")
    await study_town.say("grace: /announcement list", expect="template")
    preview = await study_town.say("grace: /announcement begin template:2", expect="weekly")
    assert "The members are notified" in preview
    await study_town.say("grace: /announcement cancel draft:2", expect="The template Call is dropped.")
    await study_town.say("grace: /announcement begin template:2", expect="This announcement was cancelled.")


@pytest.mark.both_stores
async def test_every_change_is_audited_in_every_cohort(wide_town: Town) -> None:
    await ask(wide_town, "announce text:hello cohort:all")
    preview = await ask(wide_town, "announcement edit draft:1 text:hallo")
    sent = await press(wide_town, preview, "Send now")
    await wide_town.say("grace: /announcement correct announcement:1 text:hullo")
    await press(wide_town, sent, "Take back")
    did = ["announce", "announcement edit", "announcement send", "announcement correct", "announcement withdraw"]
    assert [each for each in await audited(wide_town) if each.startswith("announce")] == did
    assert [each for each in await audited(wide_town, 2) if each.startswith("announce")] == did
    corrected = (await wide_town.rooms.records.read(audit.entries, 1, 2))[1]
    assert (corrected.before, corrected.after) == ({"text": "hallo"}, {"text": "hullo"})


async def test_what_was_changed_since_it_was_seen_is_shown_before_it_is_sent(wide_town: Town) -> None:
    preview = await ask(wide_town, "announce text:hello")
    await wide_town.say("grace: /announcement edit draft:1 text:hello cohort:all notify:cohort")
    shown = await press(wide_town, preview, "Send now")
    assert text_of(shown).startswith("Preview: nothing is sent yet\nIt was changed since you saw it.")
    assert "Goes to #main, #seoul, where 2 members read it. The members are notified" in text_of(shown)
    await wide_town.pass_time(minutes=1)
    assert wide_town.posts == []
    await press(wide_town, shown, "Send now")
    await wide_town.pass_time(minutes=1)
    assert len(wide_town.posts) == 2


async def opened(town: Town, line: str) -> Form:
    form = await town.ask(f"grace: ?{line}", via="button")
    assert isinstance(form, Form), text_of(form)
    return form


async def send(town: Town, speaker: str, form: Form, **written: str) -> Reply:
    """The reply to the form as the speaker has filled it in."""
    shown = {each.name: each.value for each in form.fields if each.value is not None}
    sent = line.write(form.command, {**shown, **dict(form.given), **written})
    return await town.ask(f"{speaker}: {sent}", via="form")


FORMS = [
    ("announcement edit", {"text": "hullo"}, {"text": "hallo"}, "text: hello → hullo"),
    ("announcement picture", {"title": "Friday"}, {"title": "Monday"}, "picture: none → Friday"),
    ("announcement links", {"first": "A https://a.example/"}, {"second": "B https://b.example/"},
     "links: none → A https://a.example/"),
    ("announcement schedule", {"time": "10:00"}, {"time": "11:00"}, "planned for: none → 2027-01-05 10:00 UTC"),
]  # fmt: skip


@pytest.mark.parametrize(("command", "first", "second", "told"), FORMS)
async def test_of_two_who_edit_at_once_the_second_is_told_what_the_first_changed(
    study_town: Town, command: str, first: dict[str, str], second: dict[str, str], told: str
) -> None:
    await study_town.rooms.records.write(facilitators.appoint, 1, EVE, study_town.clock.now())
    preview = await ask(study_town, "announce text:hello")
    (edit,) = (each.line for each in preview.buttons if isinstance(each, Button) and f"?{command} " in each.line)
    graces, eves = await opened(study_town, edit.removeprefix("?")), await opened(study_town, edit.removeprefix("?"))
    await send(study_town, "eve", eves, **first)
    refused = await send(study_town, "grace", graces, **second)
    assert "Eve changed this announcement meanwhile: " in text_of(refused)
    assert told in text_of(refused)
    kept = await study_town.rooms.records.read(announcements.get, 1)
    await send(study_town, "eve", eves, **first)  # a form that is sent twice is no edit by somebody else
    assert await study_town.rooms.records.read(announcements.get, 1) == kept
    assert isinstance(refused, Message)
    (again,) = refused.buttons
    assert isinstance(again, Button)
    graces = await opened(study_town, again.line.removeprefix("?"))
    assert "Preview" in text_of(await send(study_town, "grace", graces))
    assert await study_town.rooms.records.read(announcements.get, 1) != kept


async def test_who_edits_something_else_at_the_same_time_is_not_in_the_way(study_town: Town) -> None:
    await study_town.say("grace: /announce text:hello")
    ref = (await study_town.rooms.records.read(announcements.get, 1)).ref
    words = await opened(study_town, f"announcement edit draft:{ref}")
    picture = await opened(study_town, f"announcement picture draft:{ref}")
    await send(study_town, "grace", words, text="hullo")
    await send(study_town, "grace", picture, title="Friday")
    both = await study_town.rooms.records.read(announcements.get, 1)
    assert (both.text, both.card) == ("hullo", "Friday")


async def test_of_two_who_correct_at_once_the_second_is_told_too(study_town: Town) -> None:
    await press(study_town, await ask(study_town, "announce text:hello"), "Send now")
    ref = (await study_town.rooms.records.read(announcements.get, 1)).ref
    mine, theirs = [await opened(study_town, f"announcement correct announcement:{ref}") for _ in range(2)]
    await send(study_town, "grace", theirs, text="hullo")
    refused = await send(study_town, "grace", mine, text="hallo")
    assert "changed this announcement meanwhile: text: hello → hullo." in text_of(refused)


async def test_what_is_scheduled_and_templates_stay_in_the_list_whatever_was_sent_since(study_town: Town) -> None:
    await study_town.say("grace: /announce text:weekly")
    await study_town.say("grace: /announcement keep draft:1 name:Call")
    await study_town.say("grace: /announcement schedule draft:1 on:2027-01-05 time:10:00 until:2027-12-01")
    await study_town.pass_time(weeks=14)
    listed = await study_town.say("grace: /announcement list")
    assert "1 · scheduled for Tue 13 Apr 2027, 10:00 (UTC)" in listed
    assert "- Call [Begin with it]\n  2 · template" in listed
    assert "sent Tue 6 Apr 2027, 10:00 (UTC)" in listed


async def test_what_others_announce_does_not_push_ones_own_out_of_the_list(wide_town: Town) -> None:
    await wide_town.rooms.records.write(facilitators.appoint, 1, EVE, wide_town.clock.now())
    await wide_town.say("grace: /announce text:ours cohort:Deep")
    for _ in range(announcements.MOST_LISTED):
        await wide_town.say("grace: /announce text:theirs cohort:Seoul")
    listed = await wide_town.say("eve: /announcement list", expect="ours")
    assert "theirs" not in listed


# ---- who is notified ------------------------------------------------------------------------------------------------


async def notified(town: Town) -> Sequence[object]:
    """Whom the newest post notifies."""
    await town.pass_time(minutes=1)
    return town.square.told[-1][1].notify


async def test_nobody_is_notified_if_nothing_is_said(study_town: Town) -> None:
    await press(study_town, await ask(study_town, "announce text:hello"), "Send now")
    assert await notified(study_town) == ()


async def test_members_are_notified_by_name(study_town: Town) -> None:
    await press(study_town, await ask(study_town, "announce text:hello notify:cohort"), "Send now")
    assert await notified(study_town) == (Person(platform="square", id="ada", name="Ada"),)
    assert study_town.posts == ["Announcement for Deep\nAda\nhello"]


async def test_members_are_notified_by_their_role_where_there_is_one(study_town: Town) -> None:
    await study_town.say("grace: /cohort role role:<@&123>")
    await press(study_town, await ask(study_town, "announce text:hello notify:cohort"), "Send now")
    assert await notified(study_town) == (Role(id="123"),)


async def test_everyone_is_notified_only_after_somebody_was_told_how_many_that_is(study_town: Town) -> None:
    preview = await ask(study_town, "announce text:hello notify:everyone")
    asked = await press(study_town, preview, "Send now")
    assert text_of(asked).startswith("Notify up to 40 people?")
    await study_town.pass_time(minutes=1)
    assert study_town.posts == []
    confirmed = await press(study_town, asked, "Yes, notify 40 people")
    assert "Everyone there is notified: up to 40 people." in text_of(confirmed)
    await press(study_town, confirmed, "Send now")
    assert await notified(study_town) == (Everyone(),)
    assert study_town.posts == ["Announcement for Deep\n@everyone\nhello"]


async def test_who_agreed_to_fewer_is_asked_again(study_town: Town) -> None:
    asked = await press(study_town, await ask(study_town, "announce text:hello notify:everyone"), "Send now")
    study_town.square.crowd = 4000
    assert text_of(await press(study_town, asked, "Yes, notify 40 people")).startswith("Notify up to 4,000 people?")


async def test_who_agreed_is_asked_again_where_there_are_more_by_now(study_town: Town) -> None:
    asked = await press(study_town, await ask(study_town, "announce text:hello notify:everyone"), "Send now")
    confirmed = await press(study_town, asked, "Yes, notify 40 people")
    await study_town.say("grace: /cohort place add cohort:Deep", channel="second")
    study_town.square.crowd = 4000
    assert text_of(await press(study_town, confirmed, "Send now")).startswith("Notify up to 4,000 people?")
    await study_town.say("grace: /announcement schedule draft:1 on:2027-01-05 time:10:00", expect="up to 4,000 people?")
    await study_town.pass_time(days=2)
    assert "hello" not in str(study_town.posts)


async def test_a_schedule_asks_about_everyone_too(study_town: Town) -> None:
    await study_town.say("grace: /announce text:hello notify:everyone")
    asked = await ask(study_town, "announcement schedule draft:1 on:2027-01-05 time:10:00")
    confirmed = await press(study_town, asked, "Yes, notify 40 people")
    await study_town.pass_time(days=2)
    assert "hello" not in str(study_town.posts)
    assert "It is meant for Tue 5 Jan 2027, 10:00 (UTC)" in text_of(confirmed)


async def test_an_edit_to_everyone_unschedules_until_it_is_confirmed(study_town: Town) -> None:
    await study_town.say("grace: /announce text:hello")
    await study_town.say("grace: /announcement schedule draft:1 on:2027-01-05 time:10:00")
    await study_town.say("grace: /announcement edit draft:1 text:hello notify:everyone", expect="nothing is sent yet")
    await study_town.pass_time(days=2)
    assert "hello" not in str(study_town.posts)


async def test_a_crowd_that_cannot_be_counted_is_not_notified(study_town: Town) -> None:
    preview = await ask(study_town, "announce text:hello notify:everyone")
    study_town.square.failures = [Unknown("no answer")]
    assert "Square cannot say now how many people" in text_of(await press(study_town, preview, "Send now"))


# ---- later ----------------------------------------------------------------------------------------------------------


@pytest.mark.both_stores
async def test_it_is_sent_at_the_facilitators_own_time_and_once(wide_town: Town) -> None:
    await wide_town.say("grace: /set language timezone:Europe/Berlin")
    await wide_town.say("grace: /announce text:hello cohort:all")
    said = await wide_town.say("grace: /announcement schedule draft:1 on:2027-01-05 time:09:30")
    assert "⏰ It goes out Tue 5 Jan 2027, 09:30 (Europe/Berlin); for the cohorts Tue 5 Jan 2027, 08:30 (UTC), " in said
    assert "Tue 5 Jan 2027, 17:30 (Asia/Seoul)." in said
    await wide_town.pass_time(hours=24, minutes=29)
    assert "hello" not in str(wide_town.posts)
    await wide_town.pass_time(minutes=1)
    assert sorted(each for each in wide_town.posts if "hello" in each) == [
        "Announcement for Deep\nhello", "Announcement for Seoul\nhello",
    ]  # fmt: skip
    await wide_town.pass_time(days=8)
    assert str(wide_town.posts).count("hello") == 2


async def test_it_may_be_meant_for_later_from_the_beginning(study_town: Town) -> None:
    preview = await ask(study_town, "announce text:hello on:2027-01-05 time:10:00")
    assert "It is meant for Tue 5 Jan 2027, 10:00 (UTC)." in text_of(preview)
    scheduled = await press(study_town, preview, "Schedule as meant")
    assert text_of(scheduled).startswith("Preview: it is scheduled, and not sent yet")
    await study_town.pass_time(days=2)
    assert str(study_town.posts).count("hello") == 1


async def test_what_is_scheduled_can_be_edited_sent_now_or_cancelled(study_town: Town) -> None:
    for number in (1, 2, 3):
        await study_town.say(f"grace: /announce text:hello{number}")
        await study_town.say(f"grace: /announcement schedule draft:{number} on:2027-01-05 time:10:00")
    await study_town.say("grace: /announcement edit draft:1 text:edited", expect="it is scheduled")
    await study_town.say("grace: /announcement send draft:2", expect="on its way")
    await study_town.say("grace: /announcement cancel draft:3", expect="nothing was sent")
    await study_town.pass_time(days=2)
    said = [each for each in study_town.posts if each.startswith("Announcement")]
    assert said == ["Announcement for Deep\nhello2", "Announcement for Deep\nedited"]


@pytest.mark.parametrize(
    ("when", "refused"),
    [
        ("on:2027-01-03 time:10:00", "is over already"), ("on:2027-01-04 time:07:59", "is over already"),
        ("on:2029-01-03 time:10:00", "more than a year ahead"),
        ("on:2027-01-05 time:10:00 until:2027-01-04", "It can be repeated until a day within a year"),
        ("on:9999-12-31 time:23:59", "more than a year ahead"), ("on:0001-01-01 time:00:00", "is over already"),
    ],
)  # fmt: skip
async def test_a_time_that_cannot_be_is_refused(study_town: Town, when: str, refused: str) -> None:
    await study_town.say("grace: /announce text:hello")
    await study_town.say(f"grace: /announcement schedule draft:1 {when}", expect=refused)


async def test_a_time_alone_is_the_next_time_that_the_clock_shows_it(study_town: Town) -> None:
    await study_town.say("grace: /announce text:x time:07:00", expect="meant for Tue 5 Jan 2027, 07:00 (UTC)")
    await study_town.say("grace: /announce text:x time:10:00", expect="meant for Mon 4 Jan 2027, 10:00 (UTC)")


async def test_what_was_due_while_the_bot_was_away_comes_late(study_town: Town) -> None:
    await study_town.say("grace: /announce text:hello")
    await study_town.say("grace: /announcement schedule draft:1 on:2027-01-05 time:10:00")
    study_town.clock.forward(study_town.clock.now() + FURTHEST / 12)
    await study_town.rooms.delivery.tick()
    assert str(study_town.posts).count("hello") == 1


# ---- every week -----------------------------------------------------------------------------------------------------


@pytest.mark.both_stores
async def test_it_comes_every_week_until_a_day(study_town: Town) -> None:
    await study_town.say("grace: /announce text:hello")
    await study_town.say("grace: /announcement schedule draft:1 on:2027-01-05 time:10:00 until:2027-01-20",
                         expect="and every week until Wed 20 Jan 2027")  # fmt: skip
    await study_town.say("grace: /announcement send draft:1", expect="This announcement is repeated, next")
    await study_town.pass_time(weeks=6)
    keys = [each for each in study_town.keys if ":announcement:" in each]
    assert [each.split(":")[2][-10:] for each in keys] == ["2027-01-05", "2027-01-12", "2027-01-19"]
    await study_town.say("grace: /announcement show announcement:1", expect="has come to its end")


@pytest.mark.both_stores
async def test_one_time_of_many_is_left_out_alone(study_town: Town) -> None:
    await study_town.say("grace: /announce text:hello")
    series = await ask(study_town, "announcement schedule draft:1 on:2027-01-05 time:10:00 until:2027-02-01")
    skipped = await press(study_town, series, "Skip Tue 5 Jan 2027")
    assert "It goes out Tue 12 Jan 2027, 10:00 (UTC), and every week until" in text_of(skipped)
    assert "but not on Tue 5 Jan 2027." in text_of(skipped)
    await study_town.say("grace: /announcement skip draft:1 on:2027-01-19", expect="but not on Tue 5 Jan 2027, Tue 19")
    assert (await audited(study_town))[-2:] == ["announcement skip", "announcement skip"]
    coming = await study_town.say("grace: /schedule")
    assert "Tue 5 Jan 2027, 10:00" not in coming
    assert "Tue 12 Jan 2027, 10:00" in coming
    await study_town.pass_time(weeks=6)
    keys = [each for each in study_town.keys if ":announcement:" in each]
    assert [each.split(":")[2][-5:] for each in keys] == ["01-12", "01-26"]


async def test_what_was_left_out_comes_after_all(study_town: Town) -> None:
    await study_town.say("grace: /announce text:hello")
    series = await ask(study_town, "announcement schedule draft:1 on:2027-01-05 time:10:00 until:2027-01-20")
    skipped = await press(study_town, series, "Skip Tue 5 Jan 2027")
    await press(study_town, skipped, "Skip Tue 12 Jan 2027")
    back = await press(study_town, skipped, "Do send it on Tue 5 Jan 2027")
    assert "It goes out Tue 5 Jan 2027, 10:00 (UTC), and every week until Wed 20 Jan 2027, but not" in text_of(back)
    assert text_of(await press(study_town, skipped, "Do send it on Tue 5 Jan 2027")) == text_of(back)
    await study_town.pass_time(weeks=4)
    keys = [each for each in study_town.keys if ":announcement:" in each]
    assert [each.split(":")[2][-5:] for each in keys] == ["01-05", "01-19"]


@pytest.mark.parametrize(
    ("typed", "refused"),
    [
        ("skip draft:1 on:2027-01-06", "It does not come on Wed 6 Jan 2027. The next time is Tue 5 Jan 2027."),
        ("unskip draft:1 on:2027-01-06", "It is not left out on Wed 6 Jan 2027"),
        ("skip draft:2", "This announcement is not repeated"),
    ],
)
async def test_a_time_that_there_is_not_cannot_be_left_out(study_town: Town, typed: str, refused: str) -> None:
    for number in (1, 2):
        await study_town.say(f"grace: /announce text:hello{number}")
    await study_town.say("grace: /announcement schedule draft:1 on:2027-01-05 time:10:00 until:2027-01-20")
    await study_town.say("grace: /announcement schedule draft:2 on:2027-01-05 time:10:00")
    await study_town.say(f"grace: /announcement {typed}", expect=refused)


async def test_the_last_time_is_dropped_and_not_left_out(study_town: Town) -> None:
    await study_town.say("grace: /announce text:hello")
    await study_town.say("grace: /announcement schedule draft:1 on:2027-01-05 time:10:00 until:2027-01-12")
    await study_town.say("grace: /announcement skip draft:1")
    await study_town.say("grace: /announcement skip draft:1", expect="It comes only once more.")


async def test_another_time_of_day_brings_back_no_day_that_was_left_out(study_town: Town) -> None:
    await study_town.say("grace: /announce text:hello")
    await study_town.say("grace: /announcement schedule draft:1 on:2027-01-05 time:10:00 until:2027-01-20")
    await study_town.say("grace: /announcement skip draft:1 on:2027-01-12")
    await study_town.say("grace: /announcement schedule draft:1 on:2027-01-05 time:11:00 until:2027-01-20",
                         expect="but not on Tue 12 Jan 2027")  # fmt: skip


async def test_a_cohort_in_a_break_or_a_pause_is_left_out(wide_town: Town) -> None:
    await wide_town.say("grace: /announce text:hello cohort:all")
    await wide_town.say("grace: /announcement schedule draft:1 on:2027-01-05 time:10:00 until:2027-01-20")
    rest = await ask(wide_town, "cohort break start:2027-01-11 weeks:1 cohort:Deep")
    await press(wide_town, rest, "Do it")
    await wide_town.pass_time(weeks=3)
    keys = [each for each in wide_town.keys if ":announcement:" in each]
    assert sorted((each.split(":")[2][-5:], each[:2]) for each in keys) == [
        ("01-05", "c1"), ("01-05", "c2"), ("01-12", "c2"), ("01-19", "c1"), ("01-19", "c2"),
    ]  # fmt: skip


async def test_of_what_was_missed_only_the_last_is_said_and_only_within_a_day(study_town: Town) -> None:
    await study_town.say("grace: /announce text:hello")
    await study_town.say("grace: /announcement schedule draft:1 on:2027-01-05 time:10:00 until:2027-03-01")
    study_town.clock.forward(study_town.clock.now() + timedelta(weeks=1) * 3 + announcing.LATEST_REPEATED * 1.5)
    await study_town.rooms.delivery.tick()
    assert [each.split(":")[2][-5:] for each in study_town.keys if ":announcement:" in each] == ["01-26"]
    study_town.clock.forward(study_town.clock.now() + timedelta(weeks=1) + announcing.LATEST_REPEATED * 1.5)
    await study_town.rooms.delivery.tick()
    assert len([each for each in study_town.keys if ":announcement:" in each]) == 1


async def test_an_edit_at_the_moment_it_goes_out_brings_the_next_one_no_earlier(study_town: Town) -> None:
    await study_town.say("grace: /announce text:hello")
    await study_town.say("grace: /announcement schedule draft:1 on:2027-01-05 time:10:00 until:2027-03-01")
    await study_town.pass_time(hours=25)
    study_town.clock.forward(study_town.clock.now() + timedelta(hours=1))
    records = study_town.rooms.records
    going = records.write(announcing.put_due, study_town.clock.now())
    edited = study_town.say("grace: /announcement edit draft:1 text:hullo", expect="It goes out Tue 12 Jan 2027")
    assert (await asyncio.gather(going, edited))[0]
    await study_town.pass_time(days=1)
    assert [each.split(":")[2][-5:] for each in study_town.keys if ":announcement:" in each] == ["01-05"]


async def test_a_repeated_one_can_be_ended(study_town: Town) -> None:
    await study_town.say("grace: /announce text:hello")
    await study_town.say("grace: /announcement schedule draft:1 on:2027-01-05 time:10:00 until:2027-03-01")
    await study_town.pass_time(days=3)
    await study_town.say("grace: /announcement cancel draft:1", expect="not repeated any more; what was sent stays")
    await study_town.pass_time(weeks=3)
    assert str(study_town.posts).count("hello") == 1


# ---- after it was sent ----------------------------------------------------------------------------------------------


async def sent(town: Town, text: str = "hello") -> Message:
    """An announcement for all cohorts that was sent, and has not got anywhere yet."""
    return await press(town, await ask(town, f"announce text:{text} cohort:all"), "Send now")


async def test_it_is_corrected_in_place(wide_town: Town) -> None:
    said = await sent(wide_town)
    await wide_town.pass_time(minutes=1)
    await wide_town.say("grace: /announcement correct announcement:1 text:hullo", expect="Sent to 2 of 2 places.")
    await wide_town.pass_time(minutes=1)
    assert sorted(wide_town.posts) == ["Announcement for Deep\nhullo", "Announcement for Seoul\nhullo"]
    assert "Take back" in text_of(await press(wide_town, said, "How far?"))


async def test_what_is_on_its_way_is_corrected_too(wide_town: Town) -> None:
    wide_town.square.forgets_to_answer = 1
    await sent(wide_town)
    await wide_town.rooms.delivery.tick()
    await wide_town.say("grace: /announcement correct announcement:1 text:hullo")
    await wide_town.pass_time(minutes=10)
    assert sorted(wide_town.posts) == ["Announcement for Deep\nhullo", "Announcement for Seoul\nhullo"]


@pytest.mark.both_stores
async def test_it_is_taken_back_wherever_it_is(wide_town: Town) -> None:
    wide_town.square.forgets_to_answer = 1
    said = await sent(wide_town)
    await wide_town.rooms.delivery.tick()
    await press(wide_town, said, "Take back")
    await wide_town.pass_time(minutes=10)
    assert wide_town.posts == []
    assert "Gone from 2 of 2 places." in text_of(await press(wide_town, said, "How far?"))
    assert "This announcement was taken back." in text_of(await press(wide_town, said, "Take back"))


async def test_it_is_taken_back_before_it_got_anywhere(wide_town: Town) -> None:
    said = await sent(wide_town)
    await press(wide_town, said, "Take back")
    await wide_town.pass_time(minutes=10)
    assert wide_town.square.told == []


async def test_a_copy_that_cannot_be_taken_away_is_told_of(study_town: Town) -> None:
    said = await sent(study_town)
    await study_town.pass_time(minutes=1)
    study_town.square.failures = [Rejected("not ours")]
    await press(study_town, said, "Take back")
    await study_town.pass_time(minutes=1)
    assert "1 copy could not be taken away." in text_of(await press(study_town, said, "How far?"))


async def test_a_copy_that_a_facilitator_vouched_for_is_left_where_it_is(study_town: Town) -> None:
    said = await sent(study_town)
    study_town.square.failures = [Unsearchable("the history may not be read")]
    await study_town.rooms.delivery.tick()
    await study_town.say("grace: /post settle 1", expect="")
    await press(study_town, said, "Take back")
    await study_town.pass_time(minutes=1)
    assert "1 copy could not be taken away." in text_of(await press(study_town, said, "How far?"))


async def test_how_far_it_has_come_is_said_in_place(wide_town: Town) -> None:
    said = await sent(wide_town)
    before = text_of(await press(wide_town, said, "How far?"))
    assert "Sent to 0 of 2 places.\nOn its way to: #main, #seoul" in before
    wide_town.square.failures, wide_town.square.fails_in = [Rejected("too loud")], "main"
    await wide_town.rooms.delivery.tick()
    after = text_of(await press(wide_town, said, "How far?"))
    assert "Sent to 1 of 2 places." in after
    assert "⚠ #main: too loud" in after
    assert "Failed in: #main" in after


async def lose_the_place(town: Town) -> None:
    """The first milestone finds #main lost."""
    town.square.failures = [Gone("deleted")]
    await town.pass_time(hours=2)


async def test_what_nobody_would_read_is_not_sent_and_stays_a_draft(study_town: Town) -> None:
    preview = await ask(study_town, "announce text:hello")
    await lose_the_place(study_town)
    assert "No place of the cohort can be reached" in text_of(await press(study_town, preview, "Send now"))
    await study_town.say("grace: /cohort reopen")
    await press(study_town, preview, "Send now")
    await study_town.pass_time(minutes=1)
    assert str(study_town.posts).count("hello") == 1


async def test_what_is_scheduled_waits_for_a_place(study_town: Town) -> None:
    await study_town.say("grace: /announce text:hello")
    await study_town.say("grace: /announcement schedule draft:1 on:2027-01-05 time:10:00")
    await lose_the_place(study_town)
    await study_town.pass_time(days=3)
    await study_town.say("grace: /cohort reopen")
    await study_town.pass_time(hours=1)
    assert str(study_town.posts).count("hello") == 1


async def test_a_repeated_one_that_found_no_place_for_a_day_is_left_out_that_week(study_town: Town) -> None:
    await study_town.say("grace: /announce text:hello")
    await study_town.say("grace: /announcement schedule draft:1 on:2027-01-05 time:10:00 until:2027-01-20")
    await lose_the_place(study_town)
    await study_town.pass_time(days=3)
    await study_town.say("grace: /cohort reopen")
    await study_town.pass_time(weeks=3)
    keys = [each for each in study_town.keys if ":announcement:" in each]
    assert [each.split(":")[2][-5:] for each in keys] == ["01-12", "01-19"]


async def test_of_one_older_than_the_outbox_remembers_that_is_said(study_town: Town) -> None:
    await sent(study_town)
    await study_town.pass_time(minutes=1)
    await forget_old(study_town.rooms.records, study_town.clock.now() + REMEMBERED * 2)
    await study_town.say("grace: /announcement withdraw announcement:1", expect="its copies are not known any more")


async def test_a_lost_place_does_not_keep_the_others_from_it(wide_town: Town) -> None:
    wide_town.square.failures, wide_town.square.fails_in = [Gone("the channel was deleted")], "main"
    await sent(wide_town)
    await wide_town.pass_time(minutes=1)
    assert [each for each in wide_town.posts if "hello" in each] == ["Announcement for Seoul\nhello"]


# ---- who has read it ------------------------------------------------------------------------------------------------


@pytest.mark.both_stores
async def test_members_say_that_they_have_read_it_once(wide_town: Town) -> None:
    await wide_town.say("grace: /announce text:hello cohort:all")
    await wide_town.say("grace: /announcement edit draft:1 text:hello asks:yes")
    await wide_town.say("grace: /announcement send draft:1")
    await wide_town.pass_time(minutes=1)
    assert [each.endswith("[I have read this]") for each in wide_town.posts] == [True, True]
    await wide_town.say("ada: /read announcement:1", expect="Facilitators see how many have read it, and not who.")
    await wide_town.say("ada: /read announcement:1", expect="You have said so before.")
    await wide_town.say("bob: /read announcement:1", channel="seoul")
    await wide_town.pass_time(minutes=2)
    assert "1 member has read this." in wide_town.posts[0]
    assert "1 member has read this." in wide_town.posts[1]
    said = await wide_town.say("grace: /announcement show announcement:1", expect="2 members say they have read it.")
    assert "Ada" not in said


async def test_who_is_not_asked_counts_nowhere(wide_town: Town) -> None:
    await wide_town.say("grace: /announce text:hello cohort:Seoul")
    await wide_town.say("grace: /announcement edit draft:1 text:hello asks:yes")
    await wide_town.say("bob: /read announcement:1", expect="None of your cohorts is asked")
    await wide_town.say("grace: /announcement send draft:1")
    await wide_town.say("ada: /read announcement:1", expect="None of your cohorts is asked")


# ---- many -----------------------------------------------------------------------------------------------------------


async def test_one_that_cannot_be_sent_keeps_no_other(wide_town: Town) -> None:
    for number, cohort in ((1, "Deep"), (2, "Seoul")):
        await wide_town.say(f"grace: /announce text:hello{number} cohort:{cohort}")
        await wide_town.say(f"grace: /announcement schedule draft:{number} on:2027-01-05 time:10:0{number}")
    await zone_of_deep(wide_town, "Mars/Olympus")
    wide_town.clock.forward(wide_town.clock.now() + announcing.LATEST_REPEATED * 1.2)
    await wide_town.rooms.delivery.tick()
    assert "hello2" in str(wide_town.posts)
    assert "hello1" not in str(wide_town.posts)
    await zone_of_deep(wide_town, "UTC")
    await wide_town.pass_time(hours=2)
    assert str(wide_town.posts).count("hello1") == 1


async def zone_of_deep(town: Town, zone: str) -> None:
    """Write the zone of the first cohort into the database, whether or not there is one called so."""
    await town.rooms.records.write(lambda c: c.execute(update(cohorts).where(cohorts.c.id == 1).values(zone=zone)))


async def test_a_member_moves_no_announcement(study_town: Town) -> None:
    await sent(study_town)
    await study_town.pass_time(minutes=1)
    await study_town.say("ada: /done command-line-basics")
    waiting = select(func.count()).select_from(outbox).where(outbox.c.refresh_at.is_not(None))
    assert await study_town.rooms.records.read(lambda c: c.execute(waiting).scalar_one()) == 0
