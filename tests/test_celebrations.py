"""What is reached is celebrated privately, with a card; the cohort sees it if its member shares it, and once."""

from collections.abc import Iterable

import pytest

from bot.chat.message import Button, Message, Picture
from bot.chat.wording import plain
from bot.curriculum.load import load_all
from bot.curriculum.model import Task
from bot.curriculum.tally import needed
from bot.records import cohorts
from bot.shipped import shipped
from tests.town import Town

MILESTONE = ("python-syntax", "command-line-basics", "git-basics link:https://github.com/ada/first")
DEEP, MAILS = sorted(load_all(shipped("curriculum")), key=lambda each: each.id)


async def done(town: Town, *tasks: str, by: str = "ada") -> Message:
    """The reply to the last of them."""
    replies = [await town.ask(f"{by}: /done {each}") for each in tasks]
    assert isinstance(replies[-1], Message)
    return replies[-1]


def cards(message: Message) -> list[tuple[str, str]]:
    """The templates of the pictures with what they say."""
    return [(each.template, plain(each.alt)) for each in message.parts if isinstance(each, Picture)]


def share(message: Message) -> str | None:
    """The line of its *Share*."""
    lines = [each.line for each in message.buttons if isinstance(each, Button) and plain(each.label) == "Share"]
    return lines[0] if lines else None


def lines(tasks: Iterable[Task]) -> list[str]:
    """What to type to get all of them done, but for the optional ones."""
    return [f"{each.id} total:{needed(each)} link:https://example.org/x" for each in tasks if not each.optional]


@pytest.fixture
async def mail_town(town: Town) -> Town:
    """A town with a cohort that follows the small curriculum, and Ada in it."""
    await town.start("grace: /cohort create Mails curriculum:english-emails start:2027-01-04", expect="Mails is ready")
    await town.say("ada: /join")
    return town


# ---- privately ------------------------------------------------------------------------------------------------------


async def test_a_milestone_is_celebrated_with_a_card_that_names_the_member(study_town: Town) -> None:
    reply = await done(study_town, *MILESTONE)
    assert cards(reply) == [("card_milestone", "Milestone reached: Python, command line and git. Ada")]
    assert share(reply) == f"share milestone milestone:{DEEP.milestones[0].id}"


async def test_a_step_on_the_way_is_no_celebration(study_town: Town) -> None:
    reply = await done(study_town, *MILESTONE[:2])
    assert not cards(reply)
    assert share(reply) is None


async def test_what_is_done_again_is_not_celebrated_again(study_town: Town) -> None:
    await done(study_town, *MILESTONE)
    assert not cards(await done(study_town, MILESTONE[-1]))


async def test_the_last_task_of_a_phase_finishes_it(study_town: Town) -> None:
    reply = await done(study_town, *lines(each for milestone in DEEP.phases[0].milestones for each in milestone.tasks))
    assert cards(reply) == [("card_phase", "Phase finished: Getting started. Ada")]
    assert share(reply) == "share phase phase:getting-started"


async def test_the_last_task_of_all_finishes_the_curriculum(mail_town: Town) -> None:
    reply = await done(mail_town, *lines(MAILS.tasks))
    assert cards(reply) == [("card_curriculum", f"Curriculum finished: {MAILS.title.in_('en')}. Ada")]
    assert share(reply) == "share curriculum"


# ---- shared ---------------------------------------------------------------------------------------------------------


async def test_nothing_is_shared_unless_it_is_asked_for(study_town: Town) -> None:
    await done(study_town, *MILESTONE)
    await study_town.pass_time(minutes=1)
    assert study_town.posts == []


async def test_a_shared_milestone_is_one_post_however_often_share_is_pressed(study_town: Town) -> None:
    line = share(await done(study_town, *MILESTONE))
    await study_town.say(f"ada: {line}", expect="Python, command line and git is shown to Deep.")
    await study_town.pass_time(minutes=1)
    await study_town.say(f"ada: {line}", expect="Deep has been shown this already.")
    await study_town.say("ada: /undo")
    await done(study_town, MILESTONE[-1])
    await study_town.say(f"ada: {line}", expect="Deep has been shown this already.")
    await study_town.pass_time(minutes=1)
    assert study_town.posts == [
        "<Milestone reached: Python, command line and git. Ada>\n"
        "🎉 Ada reached the milestone Python, command line and git."
    ]


async def test_two_members_share_the_same_milestone_each_for_themselves(study_town: Town) -> None:
    await study_town.say("bo: /join")
    for name in ("ada", "bo"):
        await study_town.say(
            f"{name}: {share(await done(study_town, *MILESTONE, by=name))}", expect="is shown to Deep."
        )
    await study_town.pass_time(minutes=1)
    assert [each.rpartition("\n")[2].split()[1] for each in study_town.posts] == ["Ada", "Bo"]


async def test_what_was_taken_back_cannot_be_shared(study_town: Town) -> None:
    line = share(await done(study_town, *MILESTONE))
    await study_town.say("ada: /undo")
    await study_town.say(f"ada: {line}", expect="is not finished, so there is nothing to share: 2 of 3 tasks are done.")
    await study_town.pass_time(minutes=1)
    assert study_town.posts == []


async def test_nobody_shares_what_somebody_else_has_reached(study_town: Town) -> None:
    line = share(await done(study_town, *MILESTONE))
    await study_town.say("bo: /join")
    await study_town.say(f"bo: {line}", expect="0 of 3 tasks are done.")


async def test_a_milestone_can_be_shared_later_by_its_title(study_town: Town) -> None:
    await done(study_town, *MILESTONE)
    await study_town.say('ada: /share milestone "python, command line and git"', expect="is shown to Deep.")
    await study_town.say("ada: /share milestone dancing", expect="No milestone is called dancing. /roadmap shows them.")


async def test_a_phase_and_a_curriculum_are_shared_in_their_own_words(mail_town: Town) -> None:
    await mail_town.say("ada: /share curriculum", expect="is not finished")
    await done(mail_town, *lines(MAILS.tasks))
    await mail_town.say(f"ada: /share phase {MAILS.phases[0].id}", expect="is shown to Mails.")
    await mail_town.say("ada: /share curriculum", expect="is shown to Mails.")
    await mail_town.pass_time(minutes=1)
    phase, title = (each.title.in_("en") for each in (MAILS.phases[0], MAILS))
    said = [each.rpartition("\n")[2] for each in mail_town.posts]
    assert said == [f"🎉 Ada finished the phase {phase}.", f"🎉 Ada finished all of {title}."]


async def test_a_shared_card_says_nothing_but_who_reached_what(study_town: Town) -> None:
    await study_town.say(f"ada: {share(await done(study_town, *MILESTONE))}")
    await study_town.pass_time(minutes=1)
    [(_, post)] = study_town.square.told
    [picture] = [each for each in post.message.parts if isinstance(each, Picture)]
    assert [plain(each) for each in picture.values.values()] == [  # type: ignore[arg-type]
        "Milestone reached", "Python, command line and git", "Ada",
    ]  # fmt: skip


async def test_where_no_post_gets_through_that_is_said_and_nothing_counts_as_shared(study_town: Town) -> None:
    line = share(await done(study_town, *MILESTONE))
    await study_town.rooms.records.write(cohorts.lose_place, 1, "closed")
    await study_town.say(f"ada: {line}", expect="Posts do not reach #main: closed")
