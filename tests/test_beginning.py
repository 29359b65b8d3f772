"""A cohort is shown before it is made: what it would be, its dates, what is late. Nothing is there until it begins."""

import pytest

from bot.chat.message import Form
from tests.town import Town

TYPED = "grace: /cohort create Deep curriculum:deep-learning start:2027-01-04"


async def pressed(town: Town, typed: str, label: str = "season begin", channel: str = "main") -> str:
    """The line of the button under what is shown."""
    return next(each for each in await town.buttons(typed, channel=channel) if label in each)


async def test_nothing_is_made_before_it_is_started(town: Town) -> None:
    said = await town.say(TYPED, expect="Preview: Deep is not started yet")
    for words in (
        "Curriculum: Learn deep learning", "Place: #main", "Language: English", "Weeks: 90",
        "Milestones: every week: Monday at 09:00, UTC", "Check-ins: every week: Friday at 17:00, UTC",
        "Week 1: Python, command line and git: Mon 4 Jan 2027, 09:00", "Week 90, the last:", "[Start it] [Change]",
    ):  # fmt: skip
        assert words in said
    assert "⚠" not in said
    await town.say("grace: /cohort list", expect="There is no cohort here yet.")
    await town.pass_time(hours=2)
    assert town.posts == []


async def test_what_was_shown_is_started_once(town: Town) -> None:
    start = await pressed(town, TYPED)
    for _ in range(2):
        await town.say(f"grace: /{start}", expect="Deep is ready.")
    await town.say("grace: /cohort list", expect="Deep")
    await town.pass_time(hours=2)
    assert len(town.posts) == 1


async def test_the_form_that_changes_it_is_filled_with_what_was_shown(town: Town) -> None:
    change = await pressed(town, f"{TYPED} timezone:Asia/Seoul day:friday time:18:30", "?cohort create")
    form = await town.ask(f"grace: /{change}")
    assert isinstance(form, Form)
    assert {each.name: each.value for each in form.fields} == {
        "name": "Deep", "curriculum": "deep-learning", "start": "2027-01-04", "timezone": "Asia/Seoul", "day": "friday",
    }  # fmt: skip
    token = dict(form.given)["shown"]
    said = await town.say(f"grace: /cohort create Deeper day:tuesday shown:{token}", expect="Deeper is not started yet")
    assert "Milestones: every week: Tuesday at 18:30, Asia/Seoul" in said  # what was left out stays


async def test_a_new_form_asks_for_monday(town: Town) -> None:
    assert "day = monday" in await town.say("grace: /?cohort create")


async def test_weeks_that_are_over_are_said_to_come_at_once(town: Town) -> None:
    await town.say("grace: /cohort create Deep start:2026-12-28", expect="⚠ Week 1 is posted at once")
    said = await town.say("grace: /cohort create Deep start:2026-12-21")
    assert "⚠ Weeks 1 to 2 are posted at once: their time is over." in said
    said = await town.say("grace: /cohort create Deep start:2026-12-07")
    assert "⚠ 2 weeks began more than two weeks ago: they are not posted." in said
    assert "⚠ Weeks 3 to 4 are posted at once" in said


async def test_and_so_they_do(town: Town) -> None:
    start = await pressed(town, "grace: /cohort create Deep start:2026-12-07")
    await town.say(f"grace: /{start}")
    await town.rooms.delivery.tick()
    assert [each.partition(":")[0] for each in town.posts] == ["Week 3 of 90", "Week 4 of 90"]


async def test_a_season_that_is_over_is_doubted(town: Town) -> None:
    said = await town.say("grace: /cohort create Old curriculum:english-emails start:2025-03-03")
    assert "The whole season is over already." in said
    assert said.endswith("[Change] [Start it]")


async def test_what_would_begin_in_another_way_by_now_is_shown_anew(town: Town) -> None:
    start = await pressed(town, TYPED)
    await town.pass_time(hours=3)
    said = await town.say(f"grace: /{start}", expect="Since this was shown, other posts are late")
    assert "⚠ Week 1 is posted at once" in said
    await town.say("grace: /cohort list", expect="There is no cohort here yet.")
    again = await pressed(town, f"grace: /{start}")
    await town.say(f"grace: /{again}", expect="Deep is ready.")


async def test_what_was_shown_is_good_for_a_day(town: Town) -> None:
    start = await pressed(town, TYPED)
    await town.pass_time(hours=25)
    await town.say(f"grace: /{start}", expect="No such cohort was shown here in the last day.")


@pytest.mark.parametrize(
    ("typed", "channel", "told"),
    [
        ("grace: /cohort create DEEP", "other", "There is a cohort called DEEP already."),
        ("grace: /cohort create Deeper", "main", "Deep is at home here already."),
    ],
)
async def test_what_is_taken_is_said_before_anything_is_shown(
    study_town: Town, typed: str, channel: str, told: str
) -> None:
    await study_town.say(typed, channel=channel, expect=told)


async def test_of_two_that_were_shown_the_second_is_refused(town: Town) -> None:
    first, second = await pressed(town, TYPED), await pressed(town, "grace: /cohort create Other")
    await town.say(f"grace: /{first}", expect="Deep is ready.")
    await town.say(f"grace: /{second}", expect="Deep is at home here already.")


async def test_it_is_at_home_where_it_was_shown(town: Town) -> None:
    start = await pressed(town, TYPED, channel="deep")
    await town.say(f"grace: /{start}", channel="elsewhere", expect="Deep is ready.")
    await town.pass_time(hours=2)
    assert [place.channel for place, _ in town.square.told] == ["deep"]


async def test_another_community_cannot_start_it(town: Town) -> None:
    start = await pressed(town, TYPED)
    town.community = "elsewhere"
    await town.say(f"grace: /{start}", expect="No such cohort was shown here in the last day.")


async def test_who_starts_it_looks_after_it(town: Town) -> None:
    start = await pressed(town, TYPED)
    await town.say(f"ada: /{start}", expect="is for organisers")
    await town.say(f"grace: /{start}")
    await town.say("grace: /cohort status", expect="Deep")


async def test_it_is_shown_in_korean(town: Town) -> None:
    said = await town.say(TYPED, locale="ko")
    assert "미리보기: Deep 기수는 아직 시작하지 않았어요" in said
    assert "언어: 한국어" in said
