"""Who looks after which cohort, and what the audit keeps of what they do."""

from dataclasses import replace

import pytest

from bot.chat.message import Button, Message
from bot.chat.platform import Closed, Person
from bot.delivery import notices
from bot.records import audit, cohorts, facilitators
from tests.town import Town, text_of

GRACE = Person(platform="square", id="grace", name="Grace")
EVE = Person(platform="square", id="eve", name="Eve")


@pytest.fixture
async def two_cohorts(town: Town) -> Town:
    """Two cohorts, the first of which Eve looks after, too."""
    await town.start("grace: /cohort create First start:2027-01-04")
    await town.start("grace: /cohort create Second start:2027-01-04", channel="second")
    await town.rooms.records.write(facilitators.appoint, 1, EVE, town.clock.now())
    return town


async def told(town: Town) -> str | None:
    """Who is told what concerns the first cohort now."""
    first = await town.rooms.records.read(cohorts.get, 1)
    reader = await town.rooms.records.read(notices.reader, first, town.clock.now())
    return reader.id if reader else None


async def test_a_facilitator_looks_after_their_own_cohort(two_cohorts: Town) -> None:
    await two_cohorts.say("eve: /cohort status", expect="First")
    listed = await two_cohorts.say("eve: /cohort list", expect="First")
    assert "Second" not in listed


@pytest.mark.parametrize(
    "line",
    [
        "cohort status Second", "cohort pause Second", "cohort shift weeks:1 cohort:Second",
        "announce text:x cohort:Second", "cohort place code Second", "cohort checkins Second", "links cohort:Second",
        "cohort rules passes:1 cohort:Second", "cohort reopen Second",
    ],
)  # fmt: skip
async def test_and_after_no_other(two_cohorts: Town, line: str) -> None:
    await two_cohorts.say(f"eve: /{line}", expect="Second is looked after by its own facilitators")


async def test_all_cohorts_are_those_that_one_looks_after(two_cohorts: Town) -> None:
    await two_cohorts.say("ada: /join Second", channel="second")
    preview = await two_cohorts.say("eve: /announce text:hello cohort:all", expect="Announcement for First")
    assert "#second" not in preview


async def test_a_draft_of_another_cohort_is_none_of_theirs(two_cohorts: Town) -> None:
    await two_cohorts.say("grace: /announce text:hello cohort:Second")
    await two_cohorts.say("eve: /announcement send draft:1", expect="There is no announcement 1 here.")


async def test_only_organisers_start_cohorts(two_cohorts: Town) -> None:
    await two_cohorts.start("eve: /cohort create Third", channel="third", expect="is for organisers")


async def test_a_member_hears_who_may(two_cohorts: Town) -> None:
    await two_cohorts.say("ada: /cohort status", expect="is for facilitators")


async def test_who_looks_after_it_no_longer_may_nothing_any_more(two_cohorts: Town) -> None:
    first = await two_cohorts.rooms.records.read(cohorts.get, 1)
    assert await two_cohorts.rooms.records.write(facilitators.dismiss, first, EVE)
    await two_cohorts.say("eve: /cohort status", expect="is for facilitators")


async def test_who_leads_the_week_is_told_what_concerns_it(two_cohorts: Town) -> None:
    assert await told(two_cohorts) == "grace"
    both = await two_cohorts.rooms.records.read(facilitators.of_cohort, 1)
    eve = next(each.account_id for each in both if each.person.id == "eve")
    await two_cohorts.rooms.records.write(facilitators.lead, 1, "2027-W01", eve)
    assert await told(two_cohorts) == "eve"
    await two_cohorts.pass_time(weeks=1, hours=2)
    assert await told(two_cohorts) == "grace"


async def test_the_audit_keeps_who_changed_what_from_what_to_what(two_cohorts: Town) -> None:
    await two_cohorts.say("grace: /cohort meeting day:monday time:18:00 cohort:First")
    (change, made) = await two_cohorts.rooms.records.read(audit.entries, 1, 10)
    assert (made.command, made.by, made.after["name"]) == ("season begin", GRACE, "First")
    assert (change.command, change.given["day"]) == ("cohort meeting", "monday")
    assert (change.before["meeting"], change.after["meeting"]) == ("", "0 18:00, 60 min")


async def test_a_decision_about_a_link_and_a_new_rule_are_kept_once(two_cohorts: Town) -> None:
    await two_cohorts.say("ada: /join First")
    await two_cohorts.say("ada: /report link deep-learning-book")
    for _ in range(2):
        await two_cohorts.say("eve: /mark link 1 state:broken", expect="is marked as broken")
        await two_cohorts.say("eve: /cohort rules passes:5 cohort:First")
    await two_cohorts.say("eve: /mark link 1 state:fine cohort:Second", expect="Second is looked after by its own")
    rule, decision, _ = await two_cohorts.rooms.records.read(audit.entries, 1, 10)
    assert (decision.command, decision.given["state"]) == ("mark link", "broken")
    assert (rule.command, rule.after["passes"]) == ("cohort rules", "5")


async def test_a_decision_about_a_link_is_kept_with_every_cohort_that_it_holds_for(two_cohorts: Town) -> None:
    abroad = replace(two_cohorts, community="abroad")
    await abroad.start("grace: /cohort create Abroad", channel="elsewhere")
    await two_cohorts.say("ada: /join First")
    await two_cohorts.say("ada: /report link deep-learning-book")
    await two_cohorts.say("eve: /mark link 1 state:broken cohort:First")
    await two_cohorts.say("grace: /audit First", expect="Eve: /mark link link:1 state:broken cohort:First")
    second = await two_cohorts.say("grace: /audit Second", expect="Eve: /mark link link:1 state:broken")
    assert "First" not in second
    assert "mark link" not in await abroad.say("grace: /audit Abroad", channel="elsewhere")


async def test_what_changes_nothing_leaves_no_entry(two_cohorts: Town) -> None:
    for _ in range(2):
        await two_cohorts.say("grace: /cohort meeting day:monday time:18:00 cohort:First")
    await two_cohorts.say("grace: /cohort status First")
    assert len(await two_cohorts.rooms.records.read(audit.entries, 1, 10)) == 2


# ---- /facilitator: who looks after a cohort is changed by those who do ---------------------------------------------


def notices_to(town: Town, who: str) -> list[str]:
    """What the person was told privately."""
    told = [post for place, post in town.square.told if place.person and place.person.id == who]
    return [text_of(post.message, post.locale) for post in told]


async def test_who_is_added_looks_after_the_cohort_and_is_told(two_cohorts: Town) -> None:
    await two_cohorts.say("eve: /facilitator add <@square:ada|Ada>", expect="Ada looks after First now.")
    await two_cohorts.say("ada: /cohort status", expect="First")
    await two_cohorts.say("ada: /cohort status Second", expect="Second is looked after by its own facilitators")
    await two_cohorts.pass_time(minutes=1)
    [said] = notices_to(two_cohorts, "ada")
    assert said.startswith("You look after First now\nEve added you.")
    await two_cohorts.say("eve: /facilitator add square:ada", expect="looks after First already.")


async def test_only_organisers_remove_others_and_they_are_told(two_cohorts: Town) -> None:
    await two_cohorts.say("eve: /facilitator remove square:grace", expect="Organisers alone remove other facilitators")
    await two_cohorts.say("grace: /facilitator remove square:eve cohort:First", expect="looks after First no longer.")
    await two_cohorts.say("eve: /cohort status", expect="is for facilitators")
    await two_cohorts.pass_time(minutes=1)
    assert notices_to(two_cohorts, "eve")[-1].startswith("You look after First no longer\nGrace removed you.")
    await two_cohorts.say("grace: /facilitator remove square:eve cohort:First", expect="does not look after First")


async def test_one_may_step_down_unless_nobody_would_be_left(two_cohorts: Town) -> None:
    await two_cohorts.say("eve: /facilitator remove square:eve", expect="You look after First no longer.")
    await two_cohorts.pass_time(minutes=1)
    assert notices_to(two_cohorts, "eve") == []
    await two_cohorts.say(
        "grace: /facilitator remove square:grace cohort:First",
        expect="is the only one who looks after First. Add somebody",
    )
    await two_cohorts.say("grace: /facilitator list First", expect="Grace\n")


async def test_who_leads_a_week_is_told_so_and_is_told_what_concerns_it(two_cohorts: Town) -> None:
    await two_cohorts.say("grace: /facilitator lead square:eve week:this cohort:First", expect="(2027-W01)")
    assert await told(two_cohorts) == "eve"
    await two_cohorts.say("grace: /cohort status First", expect="Leads this week: Eve")
    await two_cohorts.pass_time(minutes=1)
    assert notices_to(two_cohorts, "eve")[-1].startswith("You lead First in the week from Mon 4 Jan 2027 (2027-W01)")
    await two_cohorts.say("eve: /facilitator lead week:this", expect="Nobody in particular leads First")
    assert await told(two_cohorts) == "grace"
    await two_cohorts.say("grace: /cohort status First", expect="Leads this week: nobody in particular")


async def test_next_week_is_meant_if_none_is_named(two_cohorts: Town) -> None:
    await two_cohorts.say("eve: /facilitator lead square:eve", expect="(2027-W02)")
    listed = await two_cohorts.say("eve: /facilitator list")
    assert "- Week from Mon 11 Jan 2027 (2027-W02) [Who leads?]\n  Eve leads." in listed
    assert listed.count("Nobody in particular leads: Grace is told") == 3
    await two_cohorts.say("eve: /?facilitator lead", expect="person = <@square:eve|Eve>\nweek = next")
    assert "I lead next week" not in listed


async def test_nobody_is_put_down_by_a_slip(two_cohorts: Town) -> None:
    await two_cohorts.say("eve: /facilitator lead square:eve")
    await two_cohorts.say("eve: /facilitator lead cohort:First", expect="person = <@square:eve|Eve>  ! Who leads?")
    await two_cohorts.say("eve: /facilitator list", expect="Eve leads.")


@pytest.mark.parametrize(
    ("week", "because"),
    [
        ("2026-W53", "2026-W53 is over."), ("2027-W54", "There is no week 2027-W54."), ("soon", "There is no week"),
        ("2028-W20", "2028-W20 is more than a year ahead."),
    ],
)  # fmt: skip
async def test_a_week_that_nobody_can_lead_is_refused(two_cohorts: Town, week: str, because: str) -> None:
    await two_cohorts.say(f"eve: /facilitator lead square:eve week:{week}", expect=because)


async def test_only_who_looks_after_it_can_lead_it(two_cohorts: Town) -> None:
    await two_cohorts.say(
        "grace: /facilitator lead <@square:ada|Ada> cohort:First", expect="Ada does not look after First"
    )


async def test_who_steps_down_leads_no_week_any_more(two_cohorts: Town) -> None:
    await two_cohorts.say("eve: /facilitator lead square:eve week:this")
    await two_cohorts.say("eve: /facilitator remove square:eve")
    await two_cohorts.say("grace: /cohort status First", expect="Leads this week: nobody in particular")


@pytest.mark.parametrize("who", ["discord:500", "slack:T1:U1"])
async def test_who_is_where_the_cohort_has_no_place_cannot_be_told_and_is_refused(two_cohorts: Town, who: str) -> None:
    await two_cohorts.say(f"grace: /facilitator add {who} cohort:First", expect="First has no place where")


async def test_who_takes_no_private_messages_is_told_so_of(two_cohorts: Town) -> None:
    two_cohorts.square.failures = [Closed("they take no private messages")]
    await two_cohorts.say(
        "grace: /facilitator add <@square:ada|Ada> cohort:First", expect="They are told privately now."
    )
    await two_cohorts.rooms.delivery.tick()
    await two_cohorts.say("grace: /facilitator list First", expect="did not reach them: they take no private messages")


async def test_every_change_of_who_looks_after_it_leaves_an_entry(two_cohorts: Town) -> None:
    for line in ("add <@square:ada|Ada>", "lead square:ada", "remove square:ada"):
        await two_cohorts.say(f"grace: /facilitator {line} cohort:First")
    removed, led, added, *_ = await two_cohorts.rooms.records.read(audit.entries, 1, 10)
    assert "Ada (square:ada)" in added.after["facilitators"]
    assert led.after["leads"] == "2027-W02: Ada (square:ada)"
    assert (removed.after["leads"], "Ada" in removed.after["facilitators"]) == ("", False)


# ---- /audit: what was done, in words -------------------------------------------------------------------------------


async def test_the_audit_says_who_did_what_when_and_what_changed(two_cohorts: Town) -> None:
    preview = await two_cohorts.ask("eve: /cohort shift weeks:1")
    assert isinstance(preview, Message)
    button = preview.buttons[0]
    assert isinstance(button, Button)
    await two_cohorts.say(f"eve: {button.line}", expect="Done.")
    await two_cohorts.say("grace: /cohort meeting day:monday time:18:00 where:Library cohort:First")
    await two_cohorts.say("grace: /cohort rules passes:5 cohort:First")
    await two_cohorts.say("grace: /facilitator add <@square:ada|Ada> cohort:First")
    said = await two_cohorts.say("eve: /audit", expect="What was done to First")
    at = "Mon 4 Jan 2027, 08:00 (UTC)"
    for entry in (
        f"- Grace: /facilitator add person:@Ada cohort:First\n  {at} · facilitators: Ada\n",
        f"- Grace: /cohort rules passes:5 cohort:First\n  {at} · weeks a member may pass: 2 → 5\n",
        f"- Grace: /cohort meeting day:monday time:18:00 where:Library cohort:First\n"
        f"  {at} · meeting: none → Monday 18:00, 60 min, Library\n",
        f"- Eve: /cohort apply\n  {at} · first day: Mon 4 Jan 2027 → Mon 11 Jan 2027",
        f"- Grace: /season begin\n  {at} · name: First · ",
    ):
        assert entry in said


async def test_breaks_pauses_and_check_in_days_are_told_as_people_know_them(two_cohorts: Town) -> None:
    rest = "cohort break start:2027-02-08 weeks:2 name:Holidays"
    for line in (rest, "cohort edit checkin_day:thursday", "cohort pause"):
        preview = await two_cohorts.ask(f"eve: /{line}")
        assert isinstance(preview, Message)
        button = preview.buttons[0]
        assert isinstance(button, Button)
        await two_cohorts.say(f"eve: {button.line}", expect="Done.")
    said = await two_cohorts.say("eve: /audit")
    assert "breaks: 2027-02-08 – 2027-02-21 (Holidays)" in said
    assert "day of check-ins: Friday → Thursday" in said
    assert "paused: none → Mon 4 Jan 2027, 08:00 (UTC)" in said


async def test_instants_are_in_the_zone_of_the_cohort(two_cohorts: Town) -> None:
    await two_cohorts.start("grace: /cohort create Seoul start:2027-01-11 timezone:Asia/Seoul", channel="seoul")
    await two_cohorts.say("grace: /audit Seoul", expect="Mon 4 Jan 2027, 17:00 (Asia/Seoul)")


async def test_the_audit_is_turned_like_pages_ten_at_a_time(two_cohorts: Town) -> None:
    for passes in range(3, 15):
        await two_cohorts.say(f"grace: /cohort rules passes:{passes} cohort:First")
    first = await two_cohorts.ask("eve: /audit")
    assert isinstance(first, Message)
    assert len(first.parts) == 10
    [older] = first.buttons
    assert isinstance(older, Button)
    said = await two_cohorts.say(f"eve: {older.line}")
    assert "2 → 3" in said
    assert "5 → 6" not in said
    assert "[Newest]" in said
    await two_cohorts.say("eve: /audit before:1", expect="Nothing is kept that is older.")


async def test_the_audit_is_for_those_who_look_after_the_cohort(two_cohorts: Town) -> None:
    await two_cohorts.say("eve: /audit Second", expect="Second is looked after by its own facilitators")
    await two_cohorts.say("grace: /audit Second", expect="Grace: /season begin")
    await two_cohorts.say("ada: /audit", expect="is for facilitators")


async def test_nobody_is_named_in_the_audit_who_has_been_forgotten(two_cohorts: Town) -> None:
    await two_cohorts.say("eve: /cohort rules passes:5")
    await two_cohorts.say("grace: /facilitator lead square:eve week:this cohort:First")
    await two_cohorts.say('eve: /mydata forget word:"FORGET ME"', expect="You are forgotten.")
    said = await two_cohorts.say("grace: /audit First", expect="somebody who has been forgotten since: /cohort rules")
    assert "eve" not in said.lower()


async def test_long_words_of_an_announcement_are_shortened(two_cohorts: Town) -> None:
    await two_cohorts.say(f'eve: /announce text:"{"word " * 100}"')
    said = await two_cohorts.say("eve: /audit")
    assert "…" in said
    assert len(said) < 1000


async def test_the_audit_of_one_cohort_names_no_other(two_cohorts: Town) -> None:
    await two_cohorts.say("grace: /announce text:hello cohort:First,Second")
    await two_cohorts.say("grace: /announcement edit draft:1 text:hello cohort:Second")
    said = await two_cohorts.say("eve: /audit", expect="Grace: /announcement edit")
    assert "Second" not in said
    assert "c2" not in said
