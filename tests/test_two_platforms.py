"""One cohort on a server of Discord's and in a workspace of Slack's: one process, one database, both real clients."""

import asyncio
import re
from datetime import timedelta

import pytest
from sqlalchemy import Connection, insert, select

from bot.platforms.slack import client
from bot.records.tables import accounts, outbox
from tests import discord_town, slack_town
from tests.both_towns import LOST_ANSWERS, Both, shown
from tests.slack_server import Fault
from tests.slack_workspace import MAIN, TEAM

FIRST = "Week 1 of 90: Python, command line and git"
SECOND = "Week 2 of 90: Your first Kaggle problem: Titanic"


MENTION = re.compile(r"<[@#!][^>]*>")


# ---- What everybody gets ---------------------------------------------------------------------------------------------


async def test_every_milestone_appears_once_in_each_place_also_after_a_restart(both: Both) -> None:
    await both.pass_time(hours=2)
    assert (both.titled(FIRST), both.titled(SECOND)) == ((1, 1), (0, 0))
    await both.restart()
    await both.pass_time(weeks=1)
    assert (both.titled(FIRST), both.titled(SECOND)) == ((1, 1), (1, 1))


async def test_every_milestone_has_its_own_thread_in_each_place(both: Both) -> None:
    await both.pass_time(weeks=1, hours=2)
    assert len(both.guild.main.threads) == 2
    await both.guild.alice.slash(both.guild.main, "stuck", where="on Discord")
    await both.mary.slash("stuck where:'on Slack'")
    await both.guild.rooms.delivery.tick()
    newest = max(both.guild.main.threads, key=lambda thread: int(thread.id))
    assert str(newest.name).startswith("Week 2: ")
    [asked] = newest.history()
    assert "on Discord" in discord_town.read(asked)
    [week] = [each for each in both.office.slack.messages[MAIN] if each["text"].startswith(SECOND)]
    [below] = [each for each in both.office.slack.messages[MAIN] if each.get("thread_ts") == week["ts"]]
    assert "on Slack" in below["text"]


async def test_the_live_line_of_both_milestones_counts_the_members_of_both(both: Both) -> None:
    await both.pass_time(hours=2)
    for each in ("python-syntax", "command-line-basics"):
        await both.guild.alice.slash(both.guild.main, "done", task=each)
        await both.mary.slash(f"done task:{each}")
    await both.guild.alice.slash(both.guild.main, "done", task="git-basics", link="https://example.org/alice")
    await both.pass_time(minutes=1)
    for read in (both.on_discord[0], both.on_slack[0]):
        assert "🎉 1 of 2 members has finished this week." in read or "🎉 1 of 2 members have finished" in read
    await both.mary.slash("done task:git-basics link:https://example.org/mary")
    await both.pass_time(minutes=1)
    for read in (both.on_discord[0], both.on_slack[0]):
        assert "🎉 2 of 2 members have finished this week." in read


async def test_an_announcement_is_said_once_in_each_place_as_it_was_corrected(both: Both) -> None:
    grace, main = both.guild.grace, both.guild.main
    form = await grace.slash(main, "announce")
    preview = await grace.submit_modal(form, {"text": "We meet on **Munday**"})
    assert preview.response is not None
    assert f"Goes to <#{main.id}>, \\#main (Slack), where 2 members read it." in discord_town.read(preview.response)
    form = await grace.click(preview.response, label="Edit")
    corrected = await grace.submit_modal(form, {"text": "We meet on **Monday**"})
    assert corrected.response is not None
    await grace.click(corrected.response, label="Send now")
    await both.guild.rooms.delivery.tick()
    assert both.on_discord == ["## Announcement for Deep\nWe meet on **Monday**"]
    assert both.on_slack == ["Announcement for Deep\nWe meet on Monday"]


async def test_an_announcement_that_is_cancelled_is_said_in_neither(both: Both) -> None:
    preview = await both.guild.grace.slash(both.guild.main, "announce", text="never mind")
    assert preview.response is not None
    await both.guild.grace.click(preview.response, label="Cancel")
    await both.guild.rooms.delivery.tick()
    assert (both.on_discord, both.on_slack) == ([], [])


# ---- Who is asked, and who is named ----------------------------------------------------------------------------------


async def test_the_question_is_asked_in_both_places_and_each_reminder_names_its_own_people(both: Both) -> None:
    await both.pass_time(days=6, hours=12)
    assert both.titled("Check-in: how was week 1?") == (0, 1)
    assert len([each for each in both.in_threads if "Check-in: how was week 1?" in each]) == 1
    assert "0 of 2 members have checked in." in both.in_threads[-1]
    assert f"<@{both.guild.alice.id}>, how did" in both.in_threads[-1]
    assert "0 of 2 members have checked in.\nUMARY, how did your week go?" in both.on_slack[-1]
    assert both.notified() == ([[str(both.guild.alice.id)]], [["UMARY"]])


async def test_who_answered_on_one_side_is_not_reminded_and_everybody_else_is(both: Both) -> None:
    await both.pass_time(days=5)
    await both.mary.slash("checkin did:read")
    await both.pass_time(days=1, hours=12)
    assert "1 of 2 members have checked in." in both.in_threads[-1]
    assert both.notified() == ([[str(both.guild.alice.id)]], [])


async def test_a_member_who_answered_on_slack_is_not_reminded_on_discord(both: Both) -> None:
    alice = both.office.join("UALICE")
    await both.guild.records.write(join_accounts, both.guild.alice.id, f"{TEAM}:UALICE", "Alice")
    await both.pass_time(days=5)
    await alice.slash("checkin did:read")
    await both.pass_time(days=1, hours=12)
    assert both.notified() == ([], [["UMARY"]])
    assert "1 of 2 members have checked in." in both.on_slack[-1]


async def test_a_member_on_both_sides_who_answered_nowhere_is_reminded_once_and_counts_once(both: Both) -> None:
    await both.guild.records.write(join_accounts, both.guild.alice.id, f"{TEAM}:UALICE", "Alice")
    await both.pass_time(days=6, hours=12)
    assert both.notified() == ([[str(both.guild.alice.id)]], [["UMARY"]])
    assert "0 of 2 members have checked in." in both.in_threads[-1]


async def test_who_speaks_on_the_other_platform_is_named_there_and_never_mentioned(both: Both) -> None:
    await both.pass_time(hours=2)
    await both.guild.alice.slash(both.guild.main, "checkin", did="<@UMARY> <!channel>", share=True)
    await both.mary.slash(f"checkin did:'<@{both.guild.alice.id}> @everyone' share:yes")
    await both.guild.rooms.delivery.tick()
    assert both.on_slack[1].startswith("alice checked in\n")
    (mary,) = [each for each in both.in_threads if "## Mary checked in" in each]
    assert both.notified() == ([], [])
    assert MENTION.findall(" ".join(each["text"] for each in both.office.slack.messages[MAIN])) == []
    assert "@everyone" in mary
    assert f"<@{both.guild.alice.id}>" not in mary


# ---- When one side is away -------------------------------------------------------------------------------------------


async def test_a_workspace_that_is_left_gets_nothing_more_and_the_server_everything(both: Both) -> None:
    await both.pass_time(hours=2)
    await both.office.grace.slash("cohort place remove")
    before = list(both.on_slack)
    await both.mary.slash("done task:python-syntax")
    await both.pass_time(weeks=1)
    assert both.on_slack == before
    assert both.titled(SECOND) == (1, 0)


async def test_a_server_that_is_left_gets_nothing_more_and_the_workspace_everything(both: Both) -> None:
    await both.pass_time(hours=2)
    await both.guild.grace.slash(both.guild.main, "cohort place remove")
    await both.pass_time(weeks=1)
    assert len(both.on_discord) == 1
    assert both.titled(SECOND) == (0, 1)


@pytest.mark.parametrize("fault", LOST_ANSWERS)
async def test_an_outage_of_slack_neither_delays_the_server_nor_doubles_a_post(both: Both, fault: Fault) -> None:
    both.office.slack.fail("chat.postMessage", fault)
    await both.pass_time(hours=1)
    assert both.titled(FIRST)[0] == 1
    await both.pass_time(minutes=15)
    assert both.titled(FIRST) == (1, 1)
    assert len(both.guild.main.threads) == 1


async def test_an_outage_of_discord_neither_delays_the_workspace_nor_doubles_a_post(both: Both) -> None:
    both.guild.fail_next("/messages", ConnectionResetError(), is_done=True)
    await both.pass_time(hours=1)
    assert both.titled(FIRST)[1] == 1
    await both.pass_time(minutes=15)
    assert both.titled(FIRST) == (1, 1)


async def test_what_is_said_on_the_server_does_not_wait_for_an_answer_of_slacks(
    both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "ANSWER_WITHIN", 60)  # a busy machine may need ten seconds for what follows
    await both.restart()
    both.office.slack.fail("chat.postMessage", Fault(hangs=True))
    both.guild.clock.forward(discord_town.MONDAY + timedelta(hours=1))
    working = asyncio.create_task(both.guild.rooms.delivery.run())
    both.guild.rooms.delivery.soon()
    await both.office.slack.until(lambda: both.office.slack.sent("chat.postMessage"))
    preview = await both.guild.grace.slash(both.guild.main, "announce", text="good news")
    assert preview.response is not None
    await both.guild.grace.click(preview.response, label="Send now")
    for _ in range(3000):
        if both.titled("Announcement for Deep")[0] == 1:
            break
        await asyncio.sleep(0.01)
    assert await both.guild.records.read(state_of, "c1:milestone:step-1:2") == "sending"  # Slack has yet to answer
    working.cancel()
    await asyncio.wait([working])


async def test_who_made_the_cohort_reads_which_of_its_places_is_lost(both: Both) -> None:
    both.office.slack.archived.add(MAIN)
    await both.pass_time(hours=2)
    told = [each for each in both.guild.sent("POST", "/messages") if "gets no more posts" in str(each)]
    assert len(told) == 1
    assert "gets no more posts in \\#main (Slack)" in told[0]["components"][0]["components"][0]["content"]
    assert both.titled(FIRST) == (1, 0)


def state_of(connection: Connection, key: str) -> str:
    """The state of the post with this key."""
    return str(connection.execute(select(outbox.c.state).where(outbox.c.key == key)).scalar_one())


def join_accounts(connection: Connection, discord_id: int, slack_id: str, name: str) -> None:
    """Give the member with this account on Discord one on Slack, too."""
    mine = (accounts.c.platform == "discord") & (accounts.c.foreign_id == str(discord_id))
    member_id = connection.execute(select(accounts.c.member_id).where(mine)).scalar_one()
    connection.execute(insert(accounts).values(member_id=member_id, platform="slack", foreign_id=slack_id, name=name))


# ---- Those who look after it -----------------------------------------------------------------------------------------


async def test_a_member_on_the_other_platform_can_look_after_the_cohort_there(both: Both) -> None:
    main = both.guild.main
    offered = await both.guild.grace.autocomplete(main, "facilitator add", "member", "mary")
    assert offered == [{"name": "Mary (Slack)", "value": f"slack:{TEAM}:UMARY"}]
    assert "is for facilitators" in await both.mary.slash("cohort status")
    added = await both.guild.grace.slash(main, "facilitator add", member=f"slack:{TEAM}:UMARY")
    assert "Mary (Slack) looks after Deep now." in discord_town.read(added.response)
    await both.pass_time(minutes=1)
    [said] = both.office.slack.messages["DUMARY"]
    assert "You look after Deep now" in slack_town.read(shown(said))
    assert "Leads this week" in await both.mary.slash("cohort status")
    await both.mary.slash("announce text:hello")
    assert "It goes to 2 places." in await both.mary.press("Send now")
    listed = await both.mary.slash("facilitator list")
    assert "grace (Discord)" in listed
    assert "Step down" in listed


async def test_who_runs_the_workspace_where_it_is_a_guest_removes_nobody_who_looks_after_it(both: Both) -> None:
    grace = both.office.grace
    added = f"slack:{TEAM}:UGRACE"
    await both.guild.grace.slash(both.guild.main, "facilitator add", member=added)
    assert "Remove" not in await grace.slash("facilitator list")
    said = await grace.slash(f"facilitator remove discord:{both.guild.grace.id}")
    assert "Organisers alone remove other facilitators" in said
    assert "is for facilitators" in await both.office.alice.slash("facilitator list")
