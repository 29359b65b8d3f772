"""What people see of links: warnings beside them, reports, decisions, and what facilitators read."""

import pytest
from sqlalchemy import func, select

from bot.chat.message import Button, Message, Post
from bot.chat.platform import DIRECT
from bot.curriculum.load import Curricula
from bot.platforms.discord import render as discord
from bot.platforms.slack import render as slack
from bot.records import links
from bot.records.links import Look
from bot.records.tables import link_reports
from tests.town import Town, text_of

BOOK = "http://www.deeplearningbook.org/"
FORUM = "https://discuss.pytorch.org/"
FAILED = Look("failed", "status", 404)
WARNED = "⚠ did not open when it was last looked at (Mon 4 Jan 2027)"


async def dead(town: Town, *urls: str, nights: int = 3) -> None:
    for url in urls:
        for _ in range(nights):
            await town.rooms.records.write(links.looked, url, FAILED, town.clock.now())


async def told(town: Town) -> list[tuple[str, Message]]:
    """Who was told what privately, once all is sent."""
    await town.rooms.delivery.tick()
    return [(place.person.id, post.message) for place, post in town.square.told if place.person]


# ---- warnings -------------------------------------------------------------------------------------------------------


async def test_a_dead_link_carries_a_warning_wherever_it_is_shown(study_town: Town) -> None:
    (first,) = [each for each in study_town.rooms.curricula if each.id == "deep-learning"]
    in_week_one = first.resource(first.tasks[0].resources[0])
    assert in_week_one is not None
    assert in_week_one.url is not None
    await dead(study_town, in_week_one.url)
    for line in (f"/resource {in_week_one.id}", "/week 1", "/home"):
        await study_town.say(f"ada: {line}", expect=WARNED)
    await study_town.say(f"ada: /share resource {in_week_one.id}")
    await study_town.pass_time(hours=2)
    assert [WARNED in each for each in study_town.posts] == [True, True], "what was shared, and the milestone"


async def test_two_bad_nights_are_no_reason_to_warn(study_town: Town) -> None:
    await dead(study_town, BOOK, nights=2)
    assert "⚠" not in await study_town.say("ada: /resource deep-learning-book")


async def test_a_link_that_opens_again_is_shown_without_a_warning(study_town: Town) -> None:
    await dead(study_town, BOOK)
    await study_town.say("ada: /resource deep-learning-book", expect=WARNED)
    await study_town.rooms.records.write(links.looked, BOOK, Look("opened"), study_town.clock.now())
    assert "⚠" not in await study_town.say("ada: /resource deep-learning-book")


async def test_a_warning_stands_beside_the_curriculums_own_caution(study_town: Town) -> None:
    iris = next(iter(study_town.rooms.curricula)).resource("kaggle-iris")
    assert iris is not None
    assert iris.url is not None
    await dead(study_town, iris.url)
    said = await study_town.say("ada: /resource kaggle-iris", expect=WARNED)
    assert "⚠ Kaggle has moved its data sets" in said


async def test_a_warning_is_said_in_the_readers_language(study_town: Town) -> None:
    await dead(study_town, BOOK)
    await study_town.say(
        "ada: /resource deep-learning-book", locale="ko", expect="열리지 않았어요 (2027년 1월 4일 월요일)"
    )


async def test_of_equals_a_dead_link_comes_last(study_town: Town) -> None:
    before = await study_town.say("ada: /resource the kind:forum")
    first = next(each for each in before.splitlines() if each.startswith("- "))
    url = before.splitlines()[before.splitlines().index(first) + 2].strip()
    await dead(study_town, url)
    after = [each for each in (await study_town.say("ada: /resource the kind:forum")).splitlines() if each[:2] == "- "]
    assert after[-1] == first


async def test_nobody_is_sent_to_a_forum_that_does_not_open(study_town: Town) -> None:
    await study_town.say("ada: /resource goulash recipe", expect=FORUM)
    await dead(study_town, FORUM)
    assert FORUM not in await study_town.say("ada: /resource goulash recipe")
    assert FORUM not in await study_town.say("ada: /stuck where:here")


async def test_a_warm_look_at_resources_asks_the_database_nothing(
    study_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    await dead(study_town, BOOK)
    await study_town.say("ada: /resource deep-learning-book", expect=WARNED)
    await study_town.say("ada: /week 1")
    records = study_town.rooms.records
    monkeypatch.setattr(records._reader, "run", lambda *_: pytest.fail("the database was asked"))
    monkeypatch.setattr(records._writer, "run", lambda *_: pytest.fail("the database was written to"))
    await study_town.say("ada: /resource deep-learning-book", expect=WARNED)
    await study_town.say("ada: /week 1")


# ---- reports --------------------------------------------------------------------------------------------------------


async def test_a_resource_offers_to_report_its_link(study_town: Town) -> None:
    assert "?report link resource:deep-learning-book" in await study_town.buttons("ada: /resource deep-learning-book")
    assert "?report link" in await study_town.buttons("ada: /resource backprop")
    form = await study_town.say("ada: ?report link resource:deep-learning-book")
    assert "resource = deep-learning-book\nwhy = " in form


@pytest.mark.parametrize("named", ["deep-learning-book", '"Deep Learning Book"', "http://www.DeepLearningBook.org/"])
async def test_a_report_reaches_who_made_the_cohort_privately(study_town: Town, named: str) -> None:
    said = await study_town.say(f'ada: /report link resource:{named} why:"Says 404"', expect="your report is in")
    assert "Grace gets it as a private message. Nothing is posted." in said
    ((who, message),) = await told(study_town)
    assert who == "grace"
    assert "A broken link in Deep?\nAda says that this link does not work." in text_of(message)
    assert f"- Deep Learning Book\n  Says 404\n  {BOOK}" in text_of(message)


async def test_a_link_is_told_once_however_many_report_it(study_town: Town) -> None:
    await study_town.say("bob: /join")
    await study_town.say("ada: /report link deep-learning-book")
    await study_town.say("ada: /report link deep-learning-book why:again", expect="Grace has it already")
    await study_town.say("bob: /report link deep-learning-book", expect="Yours is counted")
    assert len(await told(study_town)) == 1
    await study_town.say("grace: /links", expect="2 members report it")
    kept = select(func.count()).select_from(link_reports)
    assert await study_town.rooms.records.read(lambda connection: connection.execute(kept).scalar_one()) == 2


@pytest.mark.both_stores
async def test_after_a_decision_the_next_report_is_told_again(study_town: Town) -> None:
    await study_town.say("ada: /report link deep-learning-book")
    await study_town.pass_time(minutes=1)
    await study_town.say("grace: /mark link 1 state:fine", expect="counts as fine")
    await study_town.pass_time(minutes=1)
    await study_town.say("ada: /report link deep-learning-book", expect="Grace gets it")
    assert len(await told(study_town)) == 2


async def test_what_is_marked_as_broken_needs_no_more_reports(study_town: Town) -> None:
    await study_town.say("ada: /report link deep-learning-book")
    await study_town.say("grace: /mark link 1 state:broken")
    await study_town.say("ada: /report link deep-learning-book", expect="is marked as broken already")
    assert len(await told(study_town)) == 1


async def test_what_has_no_link_or_is_no_resource_is_refused(study_town: Town) -> None:
    await study_town.say("ada: /report link anki", expect="Anki has no link; it is only named.")
    await study_town.say("ada: /report link goulash", expect="No resource is called goulash.")
    assert await told(study_town) == []


# ---- decisions ------------------------------------------------------------------------------------------------------


async def test_the_facilitator_decides_at_a_press_where_they_were_told(study_town: Town) -> None:
    await study_town.say("ada: /report link deep-learning-book")
    ((_, message),) = await told(study_town)
    broken, fine = (each.line for each in message.buttons if isinstance(each, Button))
    at_home = Town(study_town.rooms, study_town.clock, study_town.square, community=DIRECT)
    await at_home.say(f"grace: {broken}", channel="dm", expect="Deep Learning Book is marked as broken")
    await study_town.say("ada: /resource deep-learning-book", expect="⚠ found to be broken (Mon 4 Jan 2027)")
    await at_home.say(f"grace: {fine}", channel="dm", expect="counts as fine")
    assert "⚠" not in await study_town.say("ada: /resource deep-learning-book")


async def test_in_direct_messages_one_decides_for_a_cohort_that_one_looks_after(study_town: Town) -> None:
    await study_town.say("ada: /report link deep-learning-book")
    other = Town(study_town.rooms, study_town.clock, study_town.square, community="abroad")
    await other.start("grace: /cohort create Abroad", channel="elsewhere")
    at_home = Town(study_town.rooms, study_town.clock, study_town.square, community=DIRECT)
    await at_home.say(
        "grace: /mark link 1 state:broken", channel="dm", expect="Which cohort? Name one of Deep, Abroad."
    )
    await at_home.say("grace: /mark link 1 state:broken cohort:c9", channel="dm", expect="No cohort here is called")
    assert "is for facilitators" in await at_home.say("ada: /mark link 1 state:broken cohort:c1", channel="dm")
    assert "⚠" not in await study_town.say("ada: /resource deep-learning-book")


async def test_what_one_community_decides_holds_there_alone(study_town: Town) -> None:
    other = Town(study_town.rooms, study_town.clock, study_town.square, community="abroad")
    await other.start("grace: /cohort create Abroad", channel="elsewhere")
    await study_town.say("ada: /report link deep-learning-book")
    await study_town.say("grace: /mark link 1 state:broken")
    await study_town.say("eve: /resource deep-learning-book", expect="⚠ found to be broken")
    assert "⚠" not in await other.say("eve: /resource deep-learning-book", channel="elsewhere")
    await other.say("grace: /links", channel="elsewhere", expect="Nothing is known to be wrong.")


async def test_called_fine_a_dead_link_is_not_warned_of_until_it_opened_and_dies_again(study_town: Town) -> None:
    await dead(study_town, BOOK)
    await study_town.pass_time(minutes=1)
    await study_town.say("grace: /mark link 1 state:fine")
    await dead(study_town, BOOK)
    assert "⚠" not in await study_town.say("ada: /resource deep-learning-book")
    await study_town.rooms.records.write(links.looked, BOOK, Look("opened"), study_town.clock.now())
    await study_town.pass_time(minutes=1)
    await dead(study_town, BOOK)
    await study_town.say("ada: /resource deep-learning-book", expect=WARNED)


async def test_a_link_that_is_not_there_is_refused_with_the_way_to_those_that_are(study_town: Town) -> None:
    await study_town.say("grace: /mark link 7 state:broken", expect="There is no link 7. /links shows them.")


# ---- what facilitators read -----------------------------------------------------------------------------------------


async def test_what_is_wrong_is_listed_with_since_when_why_and_how_many_say_so(study_town: Town) -> None:
    await study_town.say("grace: /links", expect="No link was looked at yet")
    await dead(study_town, BOOK)
    await study_town.say("ada: /report link deep-learning-book")
    said = await study_town.say("grace: /links", expect="They were last looked at Mon 4 Jan 2027, 08:00 (UTC).")
    assert "did not open 3 times in a row, since Mon 4 Jan 2027, 08:00 (UTC) · its server answers 404" in said
    assert "· 1 member reports it\n" in said


async def test_what_turned_robots_away_is_counted_and_not_called_broken(study_town: Town) -> None:
    turned_away = Look("unknown", "status", 403)
    await study_town.rooms.records.write(links.looked, BOOK, turned_away, study_town.clock.now())
    said = await study_town.say("grace: /links", expect="1 link could not be checked the last time")
    assert "Nothing is known to be wrong." in said


async def test_the_change_to_the_curriculum_is_ready_made(study_town: Town) -> None:
    await dead(study_town, BOOK)
    said = await study_town.say("grace: /links", expect="--- a/deep-learning/curriculum.yaml")
    assert (
        '\n+    caution: "This page did not open when it was last looked at (Mon 4 Jan 2027), so it may be gone."'
        in said
    )
    assert (
        '\n+    caution.ko: "마지막으로 확인했을 때(2027년 1월 4일 월요일) 열리지 않아서, 지금은 없을 수 있어요."'
        in said
    )


async def test_many_are_paged_the_worst_first_each_page_with_its_own_change(
    study_town: Town, curricula: Curricula
) -> None:
    found = curricula.by_id["deep-learning"].resources
    urls = [each.url for each in found if each.url and not each.caution]
    await dead(study_town, *urls[:3])
    await dead(study_town, *urls[3:5], nights=1)
    first = await study_town.say("grace: /links")
    assert "[Page 2]" in first
    assert first.count("+    caution: ") == 3
    assert first.count("3 times in a row") == 3
    second = await study_town.say("grace: /links page:2", expect="[Page 1]")
    assert second.count("did not open 1 time, since") == 2
    assert "caution:" not in second
    assert await study_town.say("grace: /links page:99") == second


@pytest.mark.parametrize("locale", ["en", "ko"])
async def test_every_page_fits_into_one_message_on_every_platform(
    study_town: Town, curricula: Curricula, locale: str
) -> None:
    urls = [each.url for each in curricula.by_id["deep-learning"].resources if each.url and not each.caution]
    await dead(study_town, *urls)
    for page in range(1, len(urls) // 3 + 1):
        reply = await study_town.ask(f"grace: /links page:{page}", locale=locale)
        assert isinstance(reply, Message)
        as_post = Post(key="a", message=reply, locale=locale)
        assert [*discord.losses(as_post), *slack.losses(as_post)] == []
        assert text_of(reply, locale).count("+    caution: ") == 3
