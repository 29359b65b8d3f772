"""Reading what Slack delivers: lines, presses, forms and shortcuts, without anything being asked for."""

import json
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat import line
from bot.chat.command import Arg, Rank, command
from bot.chat.desk import Desk
from bot.chat.message import Button, Message, Text
from bot.chat.platform import Call, Person
from bot.chat.wording import plain
from bot.platforms.slack.people import Profile, person_of, user_of
from bot.platforms.slack.read import Heard, home_place, is_for, noted, read
from tests import slack_payloads as payloads
from tests.slack_workspace import MAIN, TEAM, Json

COMMANDS = {"/study": "", "/resource": "resource", "/checkin": "checkin"}
GRACE = Profile(name="Grace", locale="ko-KR", zone="Asia/Seoul", is_admin=True)


@command()
async def home() -> Message:
    """See the week."""
    return Message()


@command()
async def week(number: Annotated[int | None, Arg("Which one?")] = None) -> Message:
    """See another week."""
    return Message()


@command()
async def resource(query: Annotated[str, Arg("About what?")]) -> Message:
    """Look for something."""
    return Message()


@command(ask=True)
async def checkin(did: Annotated[str, Arg("Did what?")], hours: Annotated[str, Arg("How long?")] = "") -> Message:
    """Say what you did."""
    return Message()


@command()
async def cohort_role(role: Annotated[str, Arg("Which one?")], pace: Annotated[str, Arg("How fast?")] = "") -> Message:
    """Give a role."""
    return Message()


@command(ask=True)
async def suggest(
    link: Annotated[str, Arg("Where?")],
    title: Annotated[str, Arg("What?", max=20)],
    why: Annotated[str, Arg("Why?")] = "",
) -> Message:
    """Pass something on."""
    return Message()


@command()
async def facilitator_add(who: Annotated[Person, Arg("Who?")], cohort: Annotated[str, Arg("Where?")] = "") -> Message:
    """Add somebody."""
    return Message()


async def anyone(call: Call) -> Rank:
    """Everybody is nobody in particular."""
    return Rank.ANYONE


DESK = Desk([home, week, resource, checkin, cohort_role, suggest, facilitator_add], [], anyone)


def words(found: Heard) -> str:
    """What is said where no command can be asked."""
    assert found.says is not None
    [said] = found.says.parts
    assert isinstance(said, Text)
    return plain(said.text)


def heard(payload: Json, profile: Profile = GRACE) -> Heard:
    """The payload, read."""
    found = read(payload, DESK, TEAM, COMMANDS, profile)
    assert found is not None
    return found


def called(text: str, command: str = "/study") -> Call:
    """What a slash command calls."""
    return heard(payloads.slash("U1", text, "https://hooks.slack.test/1", command=command)).call


def window(line: str, place: list[str | None] | None = None) -> Json:
    """A form that stands for this line."""
    note = {"line": line} | ({"place": place} if place else {})
    return {"id": "V1", "type": "modal", "callback_id": "form", "private_metadata": json.dumps(note)}


def test_a_line_is_a_call_by_its_sender() -> None:
    call = called("week number:2")
    assert (call.command, call.given, call.via) == ("week", {"number": "2"}, "line")
    assert call.person == person_of(TEAM, "U1", "Grace")
    assert (call.locale, call.zone, call.is_admin) == ("ko-KR", "Asia/Seoul", True)
    assert (call.place.community, call.place.channel, call.place.name) == (TEAM, MAIN, "#main")


def test_nothing_typed_is_home() -> None:
    assert called("  ").command == "home"


@pytest.mark.parametrize(("alias", "command"), [("/resource", "resource"), ("/checkin", "checkin")])
def test_an_alias_stands_for_its_command(alias: str, command: str) -> None:
    assert called("", alias).command == command
    assert list(called("neural nets", alias).given.values()) == ["neural nets"]


@pytest.mark.parametrize(
    ("typed", "given"),
    [
        ("checkin did:<@U2|bob>", {"did": "@bob"}),
        ("checkin <#C2|random>", {"did": "#random"}),
        ("checkin <@U2>", {"did": "@U2"}),
        ('checkin "talked to <@U2|bob> in <#C2|random> about R&amp;D, 1 &lt; 2"',
         {"did": "talked to @bob in #random about R&D, 1 < 2"}),
        ("checkin wrote to <!subteam^S1|@mentors> and <!channel>", {"did": "wrote to @mentors and @channel"}),
        ("checkin read <https://example.org/?a=1&amp;b=2|example.org>", {"did": "read https://example.org/?a=1&b=2"}),
        ("checkin asked <mailto:ada@example.org|ada@example.org>", {"did": "asked ada@example.org"}),
        ("checkin learnt what &amp;lt; means", {"did": "learnt what &lt; means"}),
        ("checkin “read it” hours:3", {"did": "read it", "hours": "3"}),
    ],
)  # fmt: skip
def test_what_slack_escaped_is_read_as_it_was_typed(typed: str, given: dict[str, str]) -> None:
    assert called(typed).given == given


@pytest.mark.parametrize(
    ("typed", "given"),
    [
        ("<@UADA|ada>", "<@slack:T1:UADA|ada>"), ("<@UADA>", "slack:T1:UADA"), ("UADA12345", "slack:T1:UADA12345"),
        ("discord:500", "discord:500"), ("@ada", "@ada"), ("<#CMAIN|main>", "#main"),
    ],
)  # fmt: skip
def test_whoever_is_mentioned_keeps_their_id_where_a_person_is_asked_for(typed: str, given: str) -> None:
    assert called(f"facilitator add {typed} cohort:<@UEVE|eve>").given == {"who": given, "cohort": "@eve"}


def test_words_that_name_no_command_are_answered_with_those_that_come_near() -> None:
    found = heard(payloads.slash("U1", "wek <!channel> 2", "https://hooks.slack.test/1"))
    assert "wek @channel" in words(found)
    assert found.says is not None
    assert [each.line for each in found.says.buttons if isinstance(each, Button)] == ["week", "help"]


def test_a_button_on_a_post_is_pressed_in_its_channel_and_thread() -> None:
    message = {"ts": "1.1", "thread_ts": "1.0"}
    where = payloads.in_message(message, "https://hooks.slack.test/1", is_ephemeral=False)
    found = heard(payloads.pressed("U1", {"type": "button", "action_id": "m3", "value": "?week number:2"}, where))
    assert (found.surface, found.call.place.thread) == ("public", "1.0")
    assert (found.call.command, found.call.via, found.call.asks) == ("week", "button", True)


def test_a_button_can_ask_for_a_page() -> None:
    where = payloads.in_message({}, "https://hooks.slack.test/1", is_ephemeral=True)
    button = {"type": "button", "action_id": "p2", "value": "3|resource query:a|b"}
    found = heard(payloads.pressed("U1", button, where))
    assert (found.surface, found.page, found.call.given) == ("private", 3, {"query": "a|b"})


@pytest.mark.parametrize(
    ("action", "value"), [("m1", "vanished id:3"), ("p1", "x|week"), ("🦖", "week"), ("p1", ""), ("m1", "")]
)
def test_a_button_of_another_version_is_told_so(action: str, value: str) -> None:
    where = payloads.in_message({}, "https://hooks.slack.test/1", is_ephemeral=True)
    found = heard(payloads.pressed("U1", {"type": "button", "action_id": action, "value": value}, where))
    assert "older version" in words(found)


def test_a_link_button_asks_nothing() -> None:
    where = payloads.in_message({}, "https://hooks.slack.test/1", is_ephemeral=True)
    button = {"type": "button", "action_id": "l1", "url": "https://example.org"}
    assert read(payloads.pressed("U1", button, where), DESK, TEAM, COMMANDS) is None


def test_a_form_counts_where_it_was_opened() -> None:
    values = {"did": {"did": {"type": "plain_text_input", "value": "read"}}}
    view = window("checkin", ["C7", "1.0", "#seven"])
    found = heard(payloads.sent("U1", view, values))
    assert (found.surface, found.window, found.fields) == ("form", "V1", frozenset({"did"}))
    assert (found.call.command, found.call.given, found.call.via) == ("checkin", {"did": "read"}, "form")
    assert (found.call.place.channel, found.call.place.thread, found.call.place.name) == ("C7", "1.0", "#seven")


def test_a_form_sends_what_it_does_not_ask_for() -> None:
    found = heard(payloads.sent("U1", window("cohort role pace:short"), {"role": {"role": {"value": "S1"}}}))
    assert found.call.given == {"pace": "short", "role": "S1"}


@pytest.mark.parametrize("note", ["", "{", "[]", '{"line": "vanished"}'])
def test_a_form_of_another_version_is_told_so(note: str) -> None:
    view = {**window(""), "private_metadata": note}
    assert heard(payloads.sent("U1", view, {})).says is not None
    assert read(payloads.typing("U1", view, "task", "x"), DESK, TEAM, COMMANDS) is None


def test_what_is_typed_into_a_field_is_suggested_for_with_what_the_window_knows() -> None:
    found = heard(payloads.typing("U1", window("checkin hours:2"), "did", "git"))
    assert found.typing == ("did", "git")
    assert (found.call.command, found.call.given) == ("checkin", {"hours": "2"})


def test_home_is_the_persons_own_place() -> None:
    view = {"id": "V1", "type": "home", "private_metadata": ""}
    button = {"type": "button", "action_id": "m1", "value": "next"}
    found = heard(payloads.pressed("U1", button, payloads.in_view(view)))
    assert (found.surface, found.window, found.call.place) == ("home", "", home_place(TEAM, "U1"))


def test_a_window_remembers_its_line_when_its_place_is_noted() -> None:
    assert json.loads(noted(window("next"), home_place(TEAM, "U1"))) == {"line": "next", "place": ["U1", None, "Home"]}


def test_a_shortcut_opens_the_form_of_its_command() -> None:
    found = heard(payloads.shortcut("U1", "checkin"))
    assert (found.call.command, found.call.asks, found.surface) == ("checkin", True, "home")
    assert read(payloads.shortcut("U1", "vanished"), DESK, TEAM, COMMANDS) is None


OURS, OTHERS = {"team_id": TEAM}, {"team_id": "T0OTHER"}


@pytest.mark.parametrize(
    ("body", "is_ours"),
    [
        (OURS, True),
        (OTHERS, False),
        ({"team": {"id": TEAM}, "user": {"id": "U1", **OTHERS}}, True),
        ({"team": {"id": "T0OTHER"}, "user": {"id": "U1", **OURS}}, False),
        ({"authorizations": [OURS], **OTHERS}, True),
        ({"authorizations": [OTHERS], **OURS}, False),
        ({"authorizations": [{"team_id": None}], "context_team_id": TEAM, "team_id": "E1"}, True),
        ({"team": None, "context_team_id": TEAM}, True),
        ({"team": None, "context_team_id": "T0OTHER"}, False),
        ({"team": None, "authorizations": [OURS]}, True),
        ({"team": {"id": "T0OTHER"}, "view": {"app_installed_team_id": TEAM}}, True),
        ({"team": None, "user": {"id": "U1", **OURS}}, True),
        ({}, False),
    ],
)
def test_what_comes_through_the_installation_is_ours_whoever_did_it(body: Json, is_ours: bool) -> None:
    assert is_for(body, TEAM) is is_ours


@pytest.mark.parametrize("kind", ["interactive_message", "view_closed", "workflow_step_edit", "🦖"])
def test_what_is_not_ours_is_left_alone(kind: str) -> None:
    assert read({"type": kind, "user": {"id": "U1"}}, DESK, TEAM, COMMANDS) is None


@pytest.mark.parametrize(
    ("said", "given"),
    [
        ("<@U2|bob> see <https://example.org/?a=1&amp;b=2|Backprop> or <https://example.org/2>",
         {"link": "https://example.org/?a=1&b=2", "title": "Backprop",
          "why": "@bob see https://example.org/?a=1&b=2 or https://example.org/2"}),
        ("Loved this: <https://example.org|example.org>\nReally", {
          "link": "https://example.org", "title": "Loved this:", "why": "Loved this: https://example.org\nReally"}),
        ("<https://example.org>", {"link": "https://example.org"}),
        ("No link at all, only words", {"title": "No link at all, onl…", "why": "No link at all, only words"}),
        ("", {}),
    ],
)  # fmt: skip
def test_a_message_shortcut_takes_the_link_and_the_words_of_the_message(said: str, given: dict[str, str]) -> None:
    message = {"ts": "1.0", "thread_ts": "0.9", "text": said}
    found = heard(payloads.message_shortcut("U1", "suggest", message, "https://hooks.slack.test/1"))
    assert (found.call.command, found.call.asks) == ("suggest", True)
    assert found.call.given == given
    assert (found.call.place.channel, found.call.place.thread) == (MAIN, "0.9")


@pytest.mark.parametrize(
    ("channel", "name", "called", "holds_posts"),
    [
        ("C2", "random", "#random", True),
        ("C3", "privategroup", "private channel C3", True),
        ("G4", "privategroup", "private channel G4", True),
        ("D5", "directmessage", "direct message", False),
        ("C6", "mpdm-ada--bob--grace-1", "group message", False),
        ("G7", "mpdm-ada--bob--grace-1", "group message", False),
    ],
)
def test_posts_can_go_to_channels_alone(channel: str, name: str, called: str, holds_posts: bool) -> None:
    typed = payloads.slash("U1", "week", "https://hooks.slack.test/1", channel=channel) | {"channel_name": name}
    call = heard(typed).call
    assert (call.place.name, call.instead is None) == (called, holds_posts)
    sent = heard(payloads.sent("U1", window("week", [channel, None, called]), {})).call
    assert (sent.instead is None) is holds_posts


def test_posts_cannot_go_to_home() -> None:
    assert heard(payloads.shortcut("U1", "checkin")).call.instead is not None


def test_a_person_keeps_their_id_at_slack() -> None:
    assert user_of(person_of(TEAM, "U7")) == "U7"


def escaped(text: str) -> str:
    """The text as Slack delivers it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@given(st.text(max_size=80))
def test_whatever_is_typed_is_read(typed: str) -> None:
    assert called(escaped(line.write("checkin", {"did": typed}))).given == {"did": typed}


@given(st.text(max_size=80))
def test_whatever_is_typed_alone_is_answered(typed: str) -> None:
    found = heard(payloads.slash("U1", escaped(typed), "https://hooks.slack.test/1"))
    assert found.says is not None or found.call.command in DESK.commands


@given(st.text(max_size=80))
def test_whatever_a_message_says_can_be_suggested(said: str) -> None:
    message = {"ts": "1.0", "text": escaped(said)}
    found = heard(payloads.message_shortcut("U1", "suggest", message, "https://hooks.slack.test/1"))
    assert found.call.given.get("why", "") == said.strip()


@pytest.mark.parametrize(
    ("channel", "name", "is_private"),
    [("C2", "random", False), ("C3", "privategroup", True), ("G4", "privategroup", True), ("C5", "", None)],
)
def test_a_private_channel_is_told_apart_also_from_a_window(channel: str, name: str, is_private: bool | None) -> None:
    typed = payloads.slash("U1", "week", "https://hooks.slack.test/1", channel=channel) | {"channel_name": name}
    place = heard(typed).call.place
    assert place.is_private is is_private
    sent = heard(payloads.sent("U1", window("week", [channel, None, place.name]), {})).call
    assert sent.place.is_private is is_private
