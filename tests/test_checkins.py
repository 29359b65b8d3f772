"""Check-ins: for which week, who sees them, what follows a change, and who hears of somebody who is blocked."""

import pytest

from bot.chat.message import Button, Form
from bot.chat.wording import Wording, plain
from bot.curriculum.load import Curricula
from bot.delivery.questions import OURS
from tests.town import Town


async def asked_first(town: Town, spoken: str) -> str:
    """What the first field of the form asks."""
    form = await town.ask(spoken)
    assert isinstance(form, Form)
    return plain(form.fields[0].label)


def notices(town: Town) -> list[str]:
    """What facilitators were told privately."""
    return [said for said, key in zip(town.posts, town.keys, strict=True) if ":notice:" in key]


# ---- which week -----------------------------------------------------------------------------------------------------


async def test_the_reply_says_for_which_week_it_is(study_town: Town) -> None:
    await study_town.say("ada: /checkin did:read", expect="For: week 1, Fri 8 Jan 2027")


async def test_last_week_can_be_answered_long_after_it(study_town: Town) -> None:
    await study_town.pass_time(weeks=1, days=5)
    await study_town.say("ada: /checkin did:read week:last", expect="For: week 1, Fri 8 Jan 2027")
    await study_town.say("ada: /checkin did:more", expect="For: week 2, Fri 15 Jan 2027")


async def test_a_button_leads_to_last_weeks_form_until_that_is_answered(study_town: Town) -> None:
    await study_town.pass_time(weeks=1, days=5)
    lines = await study_town.buttons("ada: /checkin did:read")
    assert "?checkin week:2027-W01" in lines
    form = await study_town.ask("ada: /?checkin week:2027-W01")
    assert isinstance(form, Form)
    assert form.given == (("week", "2027-W01"),)
    await study_town.say("ada: /checkin did:late week:2027-W01", expect="For: week 1")
    assert "?checkin week:2027-W01" not in await study_town.buttons("ada: /checkin did:read")


async def test_what_is_changed_later_is_the_week_that_the_reply_was_about(study_town: Town) -> None:
    await study_town.pass_time(days=5)
    change, *_ = await study_town.buttons("ada: /checkin did:read")
    await study_town.pass_time(weeks=2)
    form = await study_town.say(f"ada: /{change}", expect="did = read")
    assert "share = no" in form
    await study_town.say(
        f"ada: /{change.removeprefix('?')} did:'read it all'", expect="Your check-in is changed.\nFor: week 1"
    )


@pytest.mark.parametrize("week", ["2027-W40", "tomorrow", "W1", "9999-W99"])
async def test_a_week_that_nobody_was_asked_about_is_refused_with_the_way_to_write_one(
    study_town: Town, week: str
) -> None:
    await study_town.say(f"ada: /checkin did:read week:{week}", expect="a week such as 2027-W01")


async def test_before_the_first_week_there_is_no_last_one(study_town: Town) -> None:
    await study_town.say("ada: /checkin did:read week:last", expect="There is no week before this one.")


async def test_a_member_of_two_cohorts_says_which_one(study_town: Town) -> None:
    await study_town.start("grace: /cohort create Wide start:2027-01-04", channel="other")
    await study_town.say("ada: /join", channel="other")
    await study_town.say("ada: /checkin did:read cohort:c2", expect="The facilitators of Wide see it")
    await study_town.say("ada: /checkin did:read cohort:c9", expect="You are in no cohort that is called c9.")


async def test_an_empty_check_in_asks_for_a_line(study_town: Town) -> None:
    said = await study_town.say("ada: /checkin share:yes", expect="A line is enough")
    assert "did =" in said


# ---- who sees it ----------------------------------------------------------------------------------------------------


async def test_what_is_not_shared_is_seen_by_facilitators_alone(study_town: Town) -> None:
    await study_town.say("ada: /checkin did:struggled", expect="The facilitators of Deep see it, and nobody else.")
    await study_town.pass_time(minutes=1)
    assert study_town.posts == []
    await study_town.say("grace: /cohort checkins", expect="Did: struggled")


async def test_whether_it_is_shared_is_as_the_member_set_it(study_town: Town) -> None:
    await study_town.say("ada: /set visibility share:yes")
    await study_town.say("ada: /?checkin", expect="share = yes")
    await study_town.say("ada: /checkin did:read", expect="Deep sees it in #main")
    await study_town.pass_time(minutes=1)
    assert study_town.posts == ["Ada checked in\nDid: read"]


async def test_a_shared_check_in_is_changed_where_it_stands(study_town: Town) -> None:
    await study_town.say("ada: /checkin did:read share:yes")
    await study_town.pass_time(minutes=1)
    await study_town.say("ada: /checkin did:wrote", expect="Changing it here changes it there.")
    await study_town.pass_time(minutes=1)
    assert study_town.posts == ["Ada checked in\nDid: wrote"]
    assert len(study_town.square.told) == 1


async def test_a_shared_check_in_is_changed_a_month_later_too(study_town: Town) -> None:
    await study_town.say("ada: /checkin did:read share:yes")
    await study_town.pass_time(weeks=4)
    await study_town.say("ada: /checkin did:wrote week:2027-W01", expect="Your check-in is changed.")
    await study_town.pass_time(minutes=1)
    assert "Ada checked in\nDid: wrote" in study_town.posts


async def test_what_is_shared_no_longer_is_taken_back(study_town: Town) -> None:
    await study_town.say("ada: /checkin did:read share:yes")
    await study_town.pass_time(minutes=1)
    await study_town.say("ada: /checkin did:read share:no", expect="It is taken back from Deep.")
    await study_town.pass_time(minutes=1)
    assert study_town.posts == []


async def test_what_was_taken_back_can_be_shared_anew(study_town: Town) -> None:
    for share in ("yes", "no", "yes"):
        await study_town.say(f"ada: /checkin did:read share:{share}")
        await study_town.pass_time(minutes=1)
    assert study_town.posts == ["Ada checked in\nDid: read"]


async def test_a_private_check_in_can_be_shared_later(study_town: Town) -> None:
    await study_town.say("ada: /checkin did:read")
    await study_town.say("ada: /checkin did:wrote share:yes")
    await study_town.pass_time(minutes=1)
    assert study_town.posts == ["Ada checked in\nDid: wrote"]


async def test_every_text_about_who_sees_a_check_in_says_the_same(study_town: Town) -> None:
    await study_town.pass_time(days=5)
    assert "Your facilitators read it; your cohort does only if you share it." in study_town.posts[-1]
    await study_town.say("ada: /settings", expect="seen by facilitators alone, unless you share one")


async def test_facilitators_see_who_answered_what_who_is_blocked_who_passed_and_who_has_not(study_town: Town) -> None:
    for name in ("ben", "cleo"):
        await study_town.say(f"{name}: /join")
    await study_town.say("ben: /checkin did:wrote share:yes")
    await study_town.say("ada: /checkin did:read next:write blocked:time hours:5")
    told = await study_town.say("grace: /cohort checkins", expect="Check-ins of Deep: week 1")
    assert "Checked in: 2 of 3\nBlocked: Ada\nNot yet: Cleo\nNot this week: no one" in told
    assert "- Ada\n  ⚠ In the way: time · Did: read · Next: write · 5 h\n- Ben (shared)\n  Did: wrote" in told


async def test_a_big_cohorts_check_ins_come_in_pages(study_town: Town) -> None:
    for n in range(20):
        await study_town.say(f"p{n}: /join")
        await study_town.say(f"p{n}: /checkin did:{'x' * 1400}")
    first = await study_town.buttons("grace: /cohort checkins")
    assert first == ["cohort checkins cohort:c1 week:2027-W01 page:2"]
    last = await study_town.say("grace: /cohort checkins page:3")
    assert last.count("Did: xxx") == 4


async def test_an_earlier_weeks_check_ins_are_a_button_away(study_town: Town) -> None:
    await study_town.say("ada: /checkin did:read")
    await study_town.pass_time(weeks=2)
    (before,) = await study_town.buttons("grace: /cohort checkins")
    assert before == "cohort checkins cohort:c1 week:2027-W01"
    await study_town.say(f"grace: /{before}", expect="Did: read")


# ---- blocked --------------------------------------------------------------------------------------------------------


async def test_whoever_is_blocked_reaches_a_facilitator_at_once_and_privately(study_town: Town) -> None:
    await study_town.say('ada: /checkin did:read blocked:"no GPU"', expect="Grace was asked to help, privately.")
    await study_town.pass_time(seconds=10)
    ((place, post),) = study_town.square.told
    assert place.person is not None
    assert place.person.id == "grace"
    (said,) = notices(study_town)
    assert said.startswith("Ada is blocked in Deep\nno GPU\nWhat they did: read")
    (button,) = [each for each in post.message.buttons if isinstance(each, Button)]
    await study_town.say(f"grace: /{button.line}", expect="In the way: no GPU")


async def test_a_facilitator_hears_again_of_other_words_only(study_town: Town) -> None:
    for blocked, did in (("time", "read"), ("time", "wrote"), ("money", "wrote"), ("time", "wrote")):
        await study_town.say(f"ada: /checkin did:{did} blocked:{blocked}")
        await study_town.pass_time(minutes=1)
    assert [said.splitlines()[1] for said in notices(study_town)] == ["time", "money"]


async def test_a_check_in_can_be_nothing_but_what_is_in_the_way(study_town: Town) -> None:
    form = await study_town.ask("ada: /?blocked")
    assert isinstance(form, Form)
    assert [each.name for each in form.fields][:1] == ["blocked"]
    told = await study_town.say('ada: /blocked "no GPU"', expect="In the way: no GPU")
    assert "Did:" not in told
    await study_town.say("grace: /cohort status", expect="Checked in this week: 1 of 1")


async def test_the_prompt_has_a_button_for_whoever_is_blocked(study_town: Town) -> None:
    await study_town.pass_time(days=5)
    assert study_town.posts[-1].endswith("[Check in] [I'm blocked]")


async def test_what_is_in_the_way_is_never_shown_to_the_cohort(study_town: Town) -> None:
    await study_town.say("ada: /checkin did:read blocked:time share:yes", expect="which the facilitators alone see")
    await study_town.say('ada: /blocked "my boss"')
    await study_town.pass_time(minutes=1)
    assert "Ada checked in\nDid: read" in study_town.posts
    assert not [said for said in study_town.posts if "checked in" in said and "time" in said]


async def test_where_nobody_can_be_asked_the_member_hears_of_another_way(town: Town) -> None:
    await town.start("grace: /cohort create Deep start:2027-01-04")
    await town.say("ada: /join")
    await town.rooms.records.write(lambda c: c.exec_driver_sql("DELETE FROM facilitators"))
    await town.say("ada: /blocked time", expect="Nobody could be asked privately. /stuck asks your cohort.")


# ---- questions ------------------------------------------------------------------------------------------------------


async def test_every_week_asks_another_of_the_curriculums_questions_in_turn(
    study_town: Town, curricula: Curricula
) -> None:
    deep = curricula.get("deep-learning")
    assert deep is not None
    texts = [plain(each.text) for each in deep.questions]
    asked = []
    for _ in range(len(texts) + 1):
        await study_town.pass_time(days=5)
        asked.append(study_town.posts[-1].splitlines()[1])
        assert await asked_first(study_town, "ada: /?checkin week:this") == asked[-1]
        await study_town.pass_time(days=2)
    assert asked == [*texts, texts[0]]


async def test_the_form_for_last_week_asks_what_last_week_asked(study_town: Town, curricula: Curricula) -> None:
    deep = curricula.get("deep-learning")
    assert deep is not None
    await study_town.pass_time(weeks=1, days=2)
    assert await asked_first(study_town, "ada: /?checkin week:last") == plain(deep.questions[0].text)


@pytest.mark.parametrize("locale", ["en", "ko"])
def test_every_question_fits_into_a_form(curricula: Curricula, locale: str) -> None:
    questions: list[Wording] = [*OURS, *(each.text for curriculum in curricula for each in curriculum.questions)]
    assert len(OURS) == 4
    assert all(curriculum.questions for curriculum in curricula)
    assert all(len(plain(each, locale)) <= 45 for each in questions)
    assert len({plain(each, locale) for each in questions}) >= len(questions) - 1
