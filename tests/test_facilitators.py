"""Who looks after which cohort, and what the audit keeps of what they do."""

import pytest

from bot.chat.platform import Person
from bot.delivery import notices
from bot.records import audit, cohorts, facilitators
from tests.town import Town

EVE = Person(platform="square", id="eve", name="Eve")


@pytest.fixture
async def two_cohorts(town: Town) -> Town:
    """Two cohorts, the first of which Eve looks after, too."""
    await town.say("grace: /cohort create First start:2027-01-04")
    await town.say("grace: /cohort create Second start:2027-01-04", channel="second")
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
    await two_cohorts.say("eve: /cohort create Third", channel="third", expect="is for organisers")


async def test_a_member_hears_who_may(two_cohorts: Town) -> None:
    await two_cohorts.say("ada: /cohort status", expect="is for facilitators")


async def test_who_looks_after_it_no_longer_may_nothing_any_more(two_cohorts: Town) -> None:
    assert await two_cohorts.rooms.records.write(facilitators.dismiss, 1, EVE)
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
    assert (made.command, made.name, made.after["name"]) == ("cohort begin", "Grace", "First")
    assert (change.command, change.given["day"]) == ("cohort meeting", "monday")
    assert change.before["meeting"] == "None"
    assert "18, 0" in change.after["meeting"]


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


async def test_what_changes_nothing_leaves_no_entry(two_cohorts: Town) -> None:
    for _ in range(2):
        await two_cohorts.say("grace: /cohort meeting day:monday time:18:00 cohort:First")
    await two_cohorts.say("grace: /cohort status First")
    assert len(await two_cohorts.rooms.records.read(audit.entries, 1, 10)) == 2
