"""Announcements on Discord and Slack at once, over both real clients, while requests and answers are lost."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
from simcord import ResponseMessage

from tests import discord_town
from tests.both_towns import LOST_ANSWERS, Both
from tests.discord_town import Limited, ServerError
from tests.slack_limits import walk
from tests.slack_server import Fault
from tests.slack_workspace import MAIN

EVERY_MENTION = (
    "@everyone @here <@1> <@!1> <@&2> <#3> </week:4> <id:customize> <!channel> <!here> <!everyone> <!subteam^S1> "
    "<!subteam^S1|x> <@U1> <@UMARY> <#C1> <#C1|main> @channel @Mary @Alice <!date^1^{date}|x> <https://x.org|@here> "
    "**@everyone** `<!channel>` [<!channel>](https://example.org) [@everyone](https://example.org)"
)
DISCORD_FAULTS = [
    (Limited(600), False), (ServerError(), False), (ServerError(), True), (ConnectionResetError(), False),
    (ConnectionResetError(), True),
]  # fmt: skip
SAID = "## Announcement for Deep\nWe meet on **Monday**", "Announcement for Deep\nWe meet on Monday"


async def sent(both: Both, **given: Any) -> ResponseMessage:
    """What Grace sees after she sent an announcement; nothing of it has got anywhere yet."""
    grace = both.guild.grace
    preview = await grace.slash(both.guild.main, "announce", **{"text": "We meet on **Monday**", **given})
    assert preview.response is not None
    shown = await grace.click(preview.response, label="Send now")
    assert shown.response is not None
    return shown.response


def pings(both: Both) -> tuple[Mapping[str, Any], list[str]]:
    """Whom the latest post may notify on Discord, and what of Slack's latest message notifies anybody."""
    [payload] = both.guild.sent("POST", "/messages")[-1:]
    message = both.office.slack.messages[MAIN][-1]
    drawn = [part for _, part in walk(message["blocks"]) if part.get("type") in ("user", "broadcast")]
    in_text = re.findall(r"<[@!][^>]*>", message["text"])
    return payload["allowed_mentions"], [*(str(each.get("user_id") or each.get("range")) for each in drawn), *in_text]


# ---- Who is notified -------------------------------------------------------------------------------------------------


async def test_a_text_with_every_mention_there_is_notifies_nobody(both: Both) -> None:
    response = await sent(both, text=EVERY_MENTION)
    await both.guild.rooms.delivery.tick()
    assert pings(both) == ({"parse": []}, [])
    assert "<!" not in both.office.slack.messages[MAIN][-1]["text"]
    shown = both.on_discord[-1]
    assert not re.search(r"(?<!\\)@(everyone|here)", re.sub("`[^`]*`", "", shown))
    assert not re.search(r"(?<!\\)<[@#]", shown)
    form = await both.guild.grace.click(response, label="Correct")
    await both.guild.grace.submit_modal(form, {"text": f"once more {EVERY_MENTION}"})
    await both.pass_time(minutes=1)
    assert "once more" in both.on_discord[-1]
    assert both.guild.sent("PATCH", str(both.guild.posts[-1].id))[-1]["allowed_mentions"] == {"parse": []}
    assert pings(both)[1] == []


async def test_neither_do_the_words_around_it(both: Both) -> None:
    grace, main = both.guild.grace, both.guild.main
    await grace.slash(main, "announce", text="x")
    await grace.slash(main, "announcement picture", draft="1", title="<!channel> @everyone <@1>", alt="<!here> @here")
    await grace.slash(main, "announcement links", draft="1", first="<!channel>@everyone https://example.org")
    await grace.slash(main, "announcement send", draft="1")
    await both.guild.rooms.delivery.tick()
    assert pings(both) == ({"parse": []}, [])


async def test_the_role_is_notified_on_the_server_and_members_by_name_in_the_workspace(both: Both) -> None:
    role = both.guild.server.create_role("deep")
    await both.guild.grace.slash(both.guild.main, "cohort role", role=role)
    await sent(both, notify="cohort")
    await both.guild.rooms.delivery.tick()
    assert pings(both) == ({"parse": [], "roles": [str(role.id)]}, ["UMARY", "<@UMARY>"])
    assert f"<@&{role.id}>" in both.on_discord[-1]


async def test_everyone_is_notified_once_the_number_was_confirmed(both: Both) -> None:
    grace = both.guild.grace
    asked = await sent(both, notify="everyone")
    people = re.search(r"Notify up to (\d+) people\?", discord_town.read(asked))
    assert people is not None
    confirmed = await grace.click(asked, label=f"Yes, notify {people[1]} people")
    assert confirmed.response is not None
    await both.guild.rooms.delivery.tick()
    assert (both.on_discord, both.on_slack) == ([], [])
    await grace.click(confirmed.response, label="Send now")
    await both.guild.rooms.delivery.tick()
    assert pings(both) == ({"parse": ["everyone"]}, ["channel", "<!channel>"])


async def test_the_preview_says_what_is_lost_elsewhere(both: Both) -> None:
    grace, main = both.guild.grace, both.guild.main
    await grace.slash(main, "announce", text="`x` " * 500)
    preview = await grace.slash(main, "announcement picture", draft="1", title="Demo day")
    shown = discord_town.read(preview.response)
    assert "\\#main (Slack): It is too long for Slack, and is shortened." in shown
    assert "\\#main (Slack): The picture is not shown; its description stands in its place." in shown


async def test_however_long_the_text_is_the_preview_says_whom_it_notifies_and_what_is_lost(both: Both) -> None:
    preview = await both.guild.grace.slash(both.guild.main, "announce", text="<" * 2000, notify="cohort")
    shown = discord_town.read(preview.response)
    assert "The members are notified" in shown
    assert "It is too long for Discord, and is shortened." in shown


# ---- Corrected and taken back ----------------------------------------------------------------------------------------


async def correct(both: Both, shown: ResponseMessage) -> None:
    """Change the text to that of `SAID`."""
    form = await both.guild.grace.click(shown, label="Correct")
    await both.guild.grace.submit_modal(form, {"text": "We meet on **Monday**"})


@pytest.mark.parametrize("fault", LOST_ANSWERS)
async def test_every_copy_is_corrected_whatever_becomes_of_slacks_answers(both: Both, fault: Fault) -> None:
    shown = await sent(both, text="We meet on Munday")
    both.office.slack.fail("chat.postMessage", fault)
    await both.guild.rooms.delivery.tick()
    both.office.slack.fail("chat.update", fault)
    await correct(both, shown)
    await both.pass_time(minutes=40)
    assert (both.on_discord, both.on_slack) == ([SAID[0]], [SAID[1]])


@pytest.mark.parametrize(("fault", "is_done"), DISCORD_FAULTS)
async def test_every_copy_is_corrected_whatever_becomes_of_discords_answers(
    both: Both, fault: Exception, is_done: bool
) -> None:
    shown = await sent(both, text="We meet on Munday")
    both.guild.fail_next("/messages", fault, is_done=is_done)
    await both.guild.rooms.delivery.tick()
    await correct(both, shown)
    await both.pass_time(minutes=40)
    assert (both.on_discord, both.on_slack) == ([SAID[0]], [SAID[1]])


@pytest.mark.parametrize("fault", LOST_ANSWERS)
async def test_every_copy_is_taken_back_whatever_becomes_of_the_answers(both: Both, fault: Fault) -> None:
    shown = await sent(both)
    both.office.slack.fail("chat.postMessage", fault)
    both.guild.fail_next("/messages", ConnectionResetError(), is_done=True)
    await both.guild.rooms.delivery.tick()
    both.office.slack.fail("chat.delete", fault)
    taken = await both.guild.grace.click(shown, label="Take back")
    assert taken.response is not None
    await both.pass_time(minutes=40)
    assert (both.on_discord, both.on_slack) == ([], [])
    far = await both.guild.grace.click(taken.response, label="How far?")
    assert "Gone from 2 of 2 places." in discord_town.read(far.response)


async def test_what_is_scheduled_survives_a_restart_and_is_said_once(both: Both) -> None:
    grace, main = both.guild.grace, both.guild.main
    await grace.slash(main, "announce", text="We meet on **Monday**")
    await grace.slash(main, "announcement schedule", draft="1", on="2027-01-04", time="08:30")
    await both.restart()
    await both.pass_time(minutes=35)
    await both.restart()
    await both.pass_time(minutes=10)
    assert (both.on_discord, both.on_slack) == ([SAID[0]], [SAID[1]])


async def test_readers_are_counted_from_both_platforms(both: Both) -> None:
    grace, main = both.guild.grace, both.guild.main
    await grace.slash(main, "announce", text="hello")
    await grace.slash(main, "announcement edit", draft="1", text="hello", asks=True)
    await grace.slash(main, "announcement send", draft="1")
    await both.guild.rooms.delivery.tick()
    await both.mary.press("I have read this", both.office.post())
    await both.pass_time(minutes=1)
    assert "1 member has read this." in both.on_discord[0]
    assert "1 member has read this." in both.on_slack[0]
