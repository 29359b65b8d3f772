"""Every reply of every command, in both languages, is drawn as ever on Slack, on Discord and on the page.

`UPDATE_GOLDEN=1 pytest tests/test_every_reply.py` writes the golden files anew; read the difference before you keep it.
"""

from pathlib import Path

import pytest

from bot.chat.message import Form, Message, Reply
from bot.pictures.studio import Studio
from bot.platforms.discord import form as discord_form
from bot.platforms.discord import ids
from bot.platforms.discord import render as discord
from bot.platforms.playground import render as playground
from bot.platforms.slack import form as slack_form
from bot.platforms.slack import render as slack
from tests import discord_golden, slack_golden
from tests.kept import assert_as_kept
from tests.test_every_command import APOLOGY, COMMANDS, LANGUAGES, LINES, SPEAKERS, every_command, typed
from tests.town import Town, text_of

DRAW = Studio()
PLAYGROUND = Path(__file__).parent / "golden" / "playground"
TALKS: dict[str, tuple[str | float, ...]] = {
    "blocked-reaches-a-facilitator": ("ada: /checkin did:read blocked:time",),
    "checkin-asked": ("ada: /checkin",),
    "checkin-changed": ("ada: /checkin did:read share:yes", "ada: /checkin did:wrote hours:3"),
    "checkin-for-last-week": (8, "ada: /checkin did:read week:last"),
    "checkin-not-shared-any-more": ("ada: /checkin did:read share:yes", "ada: /checkin did:read share:no"),
    "checkin-of-no-week": ("ada: /checkin did:read week:2031-W05",),
    "done-already": ("ada: /done command-line-basics",),
    "done-asked-for-a-link": ("ada: /done submit-house-prices",),
    "done-counted": ("ada: /done solve-kaggle-problems amount:2",),
    "done-counted-to-the-end": ("ada: /done solve-kaggle-problems total:3",),
    "done-milestone-reached": ("ada: /done python-syntax", "ada: /done git-basics link:https://example.org/ada"),
    "done-no-such-task": ("ada: /done pyhton",),
    "done-taken-back": ("ada: /done command-line-basics total:0",),
    "help-all": ("stranger: /help",),
    "cohort-waiting-with-a-list": (
        "grace: /cohort rules capacity:1",
        "ben: /join wait:yes",
        "cyd: /join wait:yes",
        "grace: /waiting",
    ),
    "join-again": ("ada: /join cohort:Quetzal",),
    "join-full": ("grace: /cohort rules capacity:1", "ben: /join"),
    "join-on-the-list": ("grace: /cohort rules capacity:1", "ben: /join wait:yes", "cyd: /join wait:yes"),
    "join-unknown": ("ada: /join cohort:Quezal",),
    "leave-and-progress": ("ada: /leave cohort:Quetzal", "ada: /progress"),
    "mydata-export-nothing": ("stranger: /mydata export",),
    "mydata-forget-done": ('ada: /mydata forget word:"FORGET ME"',),
    "mydata-forget-nothing": ('stranger: /mydata forget word:"FORGET ME"',),
    "mydata-forget-wrong-word": ("ada: /mydata forget word:please",),
    "next-after-a-silence": (35, "ada: /next"),
    "next-for-strangers": ("stranger: /next",),
    "pace-back-in-step": ("ada: /pace 2", "ada: /pace 0"),
    "pace-shown": ("ada: /pace",),
    "pass-away": ("ada: /pass until:2027-01-20",),
    "pass-cancelled": ("ada: /pass", "ada: /pass cancel:yes"),
    "pass-nothing-to-cancel": ("ada: /pass cancel:yes",),
    "pass-of-an-answered-week": ("ada: /checkin did:read", "ada: /pass week:2027-W01"),
    "pass-refused": ("ada: /pass weeks:3",),
    "pass-weeks-or-a-day": ("ada: /pass weeks:1 until:2027-01-20",),
    "progress-without-a-streak": ("ada: /set visibility streak:no", "ada: /progress"),
    "resource-not-found": ("ada: /resource zzzyyyxxx",),
    "set-language-unknown-zone": ("ada: /set language timezone:Asia/Seul",),
    "settings-while-away": ('ada: /set reminders by:"not at all"', "ada: /pass until:2027-01-20", "ada: /settings"),
    "snooze-in-the-thread": (6.5, "ada: /snooze"),
    "snooze-privately-twice": ('ada: /set reminders by:"by direct message"', 6.5, "ada: /snooze", "ada: /snooze"),
    "snooze-switched-off": ('ada: /set reminders by:"not at all"', 6.5, "ada: /snooze"),
    "undo-nothing": ("ben: /join", "ben: /undo"),
    "week-at-ones-own-pace": ("ada: /pace -1", "ada: /week"),
    "week-too-late": ("ada: /week 99",),
}
"""Further outcomes: what is said, with the days that pass in between; the last reply is the one that is kept."""

in_both_languages = pytest.mark.parametrize("locale", LANGUAGES)


@pytest.fixture(autouse=True)
def _code(monkeypatch: pytest.MonkeyPatch) -> None:
    """A code that is random otherwise."""
    monkeypatch.setattr("secrets.token_bytes", bytes)


def assert_drawn_as_ever(name: str, reply: Reply, locale: str) -> None:
    """On all three platforms."""
    file = f"commands/{name}-{locale}"
    assert APOLOGY not in text_of(reply)
    if isinstance(reply, Form):
        custom_id = ids.form_id(reply.command, dict(reply.given))
        slack_golden.assert_golden(file, slack_form.render_form(reply, locale))
        if reply.fields:  # a command that takes nothing is never asked about there
            discord_golden.assert_golden(file, discord_form.render_form(reply, locale, custom_id))
        assert_as_kept(PLAYGROUND / f"{file}.json", playground.render_form(reply, locale))
    else:
        slack_golden.assert_golden(file, slack.render(reply, locale))
        discord_golden.assert_golden(file, discord.render(reply, locale))
        assert_as_kept(PLAYGROUND / f"{file}.json", on_the_page(reply, locale))


def on_the_page(reply: Message, locale: str) -> playground.Json:
    """As the page draws it, but for pictures and files, which have tests of their own."""
    drawn = playground.render(reply, locale, DRAW)
    for part in drawn["parts"]:
        if "svg" in part:
            part["svg"] = "(drawn)"
        if "data" in part:
            part["data"] = part["data"].partition(",")[0]
    return drawn


@in_both_languages
@every_command
async def test_every_form_and_reply_is_drawn_as_ever(quetzal: Town, name: str, locale: str) -> None:
    golden = name.replace(" ", "-")
    assert_drawn_as_ever(
        f"{golden}-form", await quetzal.ask(f"{SPEAKERS[COMMANDS[name].allow]}: /?{name}", locale=locale), locale
    )
    reply = await quetzal.ask(typed(name), locale=locale)
    assert isinstance(reply, Message)
    assert_drawn_as_ever(golden, reply, locale)
    if name == "home":
        slack_golden.assert_golden(f"commands/{golden}-tab-{locale}", slack.render_home(reply, locale))


@in_both_languages
@pytest.mark.parametrize("name", TALKS)
async def test_every_other_outcome_is_drawn_as_ever(quetzal: Town, name: str, locale: str) -> None:
    *before, last = TALKS[name]
    for each in before:
        if isinstance(each, str):
            assert APOLOGY not in text_of(await quetzal.ask(each, locale=locale))
        else:
            await quetzal.pass_time(days=each)
    assert isinstance(last, str)
    assert_drawn_as_ever(name, await quetzal.ask(last, locale=locale), locale)


def test_no_golden_file_is_left_over() -> None:
    """Each is of a command or a talk that is still there."""
    names = {each.replace(" ", "-") for each in LINES}
    known = {*names, *(f"{each}-form" for each in names), *TALKS, "home-tab"}
    for folder in (slack_golden.GOLDEN, discord_golden.GOLDEN, PLAYGROUND):
        kept = {file.stem.rpartition("-")[0] for file in (folder / "commands").glob("*.json")}
        assert kept - known == set()
