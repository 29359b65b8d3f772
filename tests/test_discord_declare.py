"""Discord's declaration of the commands: what is sent, and what Discord would refuse."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import discord
import pytest
from babel.messages.catalog import Catalog
from hypothesis import given
from hypothesis import strategies as st

from bot.chat import wording
from bot.chat.command import Arg, Command, CommandError, Rank, command
from bot.chat.message import Choice, Message, text
from bot.chat.platform import Call, Person, Role
from bot.chat.wording import as_typed, plain, say
from bot.commands import all_commands
from bot.platforms.discord import declare as declaring
from bot.platforms.discord.declare import declare, fingerprint, mark, paths, size
from bot.platforms.discord.markdown import markdown
from bot.platforms.discord.names import names_in, read_names

GOLDEN = Path(__file__).parent / "golden" / "discord_commands.json"
NAME = re.compile(r"[-_'\w]{1,32}")  # Discord's rule, as far as our names go
SUBCOMMANDS = (1, 2)
Node = Mapping[str, Any]


@pytest.fixture(scope="module")
def payload() -> list[dict[str, Any]]:
    return declare(all_commands())


def every(nodes: Sequence[Node]) -> Iterator[Node]:
    """Commands, groups and options, at all levels."""
    for each in nodes:
        yield each
        yield from every(each.get("options", ()))


def options_of(payload: Sequence[Node], path: str) -> dict[str, Node]:
    below = payload
    for word in path.split(" "):
        below = next(each for each in below if each["name"] == word)["options"]
    return {each["name"]: each for each in below}


def in_english(node: Any) -> Any:
    if isinstance(node, list):
        return [in_english(each) for each in node]
    if isinstance(node, dict):
        return {key: in_english(value) for key, value in node.items() if not key.endswith("_localizations")}
    return node


async def reply() -> Message:
    """Answer."""
    return text(say("yes"))


def named(name: str, allow: Rank = Rank.ANYONE, description: str = "Answer.") -> Command:
    return Command(name, description, (), {}, reply, allow)


async def suggest(call: Call, typed: str) -> Sequence[Choice]:
    return ()


@command()
async def try_all(
    call: Call,
    topic: Annotated[str, Arg("Which topic?", suggest=suggest)],
    number: Annotated[int, Arg("Which one?", suggest=suggest)],
    day: Annotated[Literal["monday", "tuesday"], Arg("On which day?")] = "monday",
    hours: Annotated[int | None, Arg("How many hours?", min=0, max=80)] = None,
    note: Annotated[str | None, Arg("Anything else?", max=120)] = None,
    is_shown: Annotated[bool, Arg("Show it?")] = False,
    role: Annotated[Role | None, Arg("To whom?")] = None,
    person: Annotated[Person | None, Arg("Who?")] = None,
) -> Message:
    """Try every kind of argument."""
    return text(say("yes"))


# ---- The real commands ----------------------------------------------------------------------------------------------


def test_the_payload_is_the_one_that_was_looked_at(payload: list[dict[str, Any]], tmp_path: Path) -> None:
    actual = tmp_path / "discord_commands.json"
    actual.write_text(json.dumps(in_english(payload), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    same = actual.read_text(encoding="utf-8") == GOLDEN.read_text(encoding="utf-8")
    assert same, f"what Discord shows changes; if that is meant: cp {actual} {GOLDEN}"


def test_every_command_is_declared_once(payload: list[dict[str, Any]]) -> None:
    assert paths(payload) == {each.name for each in all_commands()}


def test_names_and_descriptions_are_what_discord_takes(payload: list[dict[str, Any]]) -> None:
    for each in every(payload):
        assert NAME.fullmatch(each["name"])
        assert each["name"] == each["name"].lower()
        for description in (each["description"], *each.get("description_localizations", {}).values()):
            assert 1 <= len(description) <= 100


def test_the_whole_is_within_discords_counts(payload: list[dict[str, Any]]) -> None:
    assert len(payload) <= 100
    for each in every(payload):
        assert len(each.get("options", ())) <= 25
        assert len(each.get("choices", ())) <= 25
    assert max(size(each) for each in payload) <= 8000


def test_required_options_come_first_and_choices_never_meet_suggestions(payload: list[dict[str, Any]]) -> None:
    for each in every(payload):
        required = [option.get("required", False) for option in each.get("options", ())]
        assert required == sorted(required, reverse=True)
        assert not ("choices" in each and "autocomplete" in each)


def test_permissions_and_contexts_stand_on_top_level_commands_alone(payload: list[dict[str, Any]]) -> None:
    only_on_top = {"default_member_permissions", "contexts", "integration_types"}
    for root in payload:
        assert {"contexts", "integration_types"} <= root.keys()
        for below in every(root["options"]):
            assert not only_on_top & below.keys()


def test_only_facilitators_see_what_only_they_may_run(payload: list[dict[str, Any]]) -> None:
    manage_events = discord.Permissions(manage_events=True).value
    ranks = {each.name.partition(" ")[0]: each.allow for each in all_commands()}
    for root in payload:
        expected = manage_events if ranks[root["name"]] >= Rank.FACILITATOR else None
        assert root.get("default_member_permissions") == expected


def test_what_can_be_read_alone_with_the_bot_exists(payload: list[dict[str, Any]]) -> None:
    assert {each["name"] for each in payload if each["contexts"] == [0, 1]} == declaring.READABLE_IN_DMS
    assert all(each["contexts"] == [0] for each in payload if each["name"] not in declaring.READABLE_IN_DMS)


def test_a_command_that_asks_requires_nothing(payload: list[dict[str, Any]]) -> None:
    asking = [each for each in all_commands() if each.ask]
    assert asking
    for made in asking:
        assert not any(option.get("required") for option in options_of(payload, made.name).values())


def test_a_korean_reader_sees_the_catalogues_korean(payload: list[dict[str, Any]]) -> None:
    week = next(each for each in payload if each["name"] == "week")
    assert week["description_localizations"] == {"ko": plain(say(week["description"]), "ko")}
    day = options_of(payload, "cohort create")["day"]["choices"][0]
    assert day == {"name": "monday", "name_localizations": {"ko": plain(say("monday"), "ko")}, "value": "monday"}


def test_a_korean_reader_picks_commands_and_options_by_korean_names(payload: list[dict[str, Any]]) -> None:
    for made in all_commands():
        shown, below = [], payload
        for word in made.name.split(" "):
            node = next(each for each in below if each["name"] == word)
            assert node["name_localizations"].keys() == {"ko"}
            shown.append(node["name_localizations"]["ko"])
            below = node["options"]
        assert "/" + " ".join(shown) == plain(say(f"/{made.name}"), "ko")
        for option in below:
            assert f"{option['name_localizations']['ko']}:" == plain(say(f"{option['name']}:"), "ko")


def test_translated_names_are_what_discord_takes_and_each_is_one_command(payload: list[dict[str, Any]]) -> None:
    def names(nodes: Sequence[Node]) -> list[str]:
        return [each["name_localizations"]["ko"] for each in nodes]

    for level in (payload, *(each["options"] for each in every(payload) if "options" in each)):
        assert len(set(names(level))) == len(level)
        assert all(NAME.fullmatch(name) and name == name.lower() for name in names(level))


# ---- How a command is declared --------------------------------------------------------------------------------------


def test_each_kind_of_argument_becomes_an_option_of_discords() -> None:
    assert in_english(list(options_of(declare([try_all]), "try all").values())) == [
        {"type": 3, "name": "topic", "description": "Which topic?", "required": True, "autocomplete": True,
         "max_length": 3000},
        {"type": 4, "name": "number", "description": "Which one?", "required": True, "autocomplete": True},
        {"type": 3, "name": "day", "description": "On which day?",
         "choices": [{"name": "monday", "value": "monday"}, {"name": "tuesday", "value": "tuesday"}]},
        {"type": 4, "name": "hours", "description": "How many hours?", "min_value": 0, "max_value": 80},
        {"type": 3, "name": "note", "description": "Anything else?", "max_length": 120},
        {"type": 5, "name": "is_shown", "description": "Show it?"},
        {"type": 8, "name": "role", "description": "To whom?"},
        {"type": 6, "name": "person", "description": "Who?"},
    ]  # fmt: skip


def test_the_words_of_a_name_become_groups_and_subcommands() -> None:
    [root] = declare([named("cohort create"), named("cohort place add"), named("cohort place code")])
    assert (root["type"], root["name"], root["description"]) == (1, "cohort", "cohort: create, place")
    create, place = root["options"]
    assert (create["type"], create["name"], create["description"]) == (1, "create", "Answer.")
    assert (place["type"], place["name"], place["description"]) == (2, "place", "cohort place: add, code")
    assert [(each["type"], each["name"]) for each in place["options"]] == [(1, "add"), (1, "code")]


def test_discords_answer_is_read_with_the_same_names() -> None:
    declared = declare([named("done"), named("cohort create"), named("cohort place add")])
    answered = [{**each, "id": "7", "version": "9", "name_localizations": None} for each in declared]
    assert paths(answered) == {"done", "cohort create", "cohort place add"}


def test_a_group_for_facilitators_and_members_is_refused() -> None:
    with pytest.raises(CommandError, match=r"/cohort: Discord hides a group .*/cohort join \(anyone\)"):
        declare([named("cohort create", Rank.FACILITATOR), named("cohort join")])


def test_a_command_that_is_also_a_group_is_refused() -> None:
    with pytest.raises(CommandError, match="/cohort has subcommands"):
        declare([named("cohort"), named("cohort create")])


def test_more_commands_than_discord_holds_are_refused() -> None:
    with pytest.raises(CommandError, match="101 top-level commands, of at most 100"):
        declare([named(f"c{n}") for n in range(101)])


def test_a_group_with_too_many_subcommands_is_refused() -> None:
    with pytest.raises(CommandError, match="/cohort: 26 subcommands, of at most 25"):
        declare([named(f"cohort c{n}") for n in range(26)])


def test_a_group_with_too_many_characters_is_refused() -> None:
    made = [named(f"cohort g{n} c{m}", description="x" * 100) for n in range(4) for m in range(25)]
    with pytest.raises(CommandError, match=r"/cohort: \d+ characters in all, of at most 8000"):
        declare(made)


def test_a_command_counts_with_its_longest_translation() -> None:
    node = {"name": "day", "description": "On?", "description_localizations": {"ko": "요일은?", "de": "Wann?"},
            "choices": [{"name": "mon", "name_localizations": {"de": "Montag"}, "value": 12}]}  # fmt: skip
    assert size(node) == len("day") + len("Wann?") + len("Montag") + len("12")


GERMAN = {
    "Answer.": "ö" * 101, "/done": "/Fertig!", "/week": "/woche", "/join": "/woche", "/help": "/hilfe",
    "/cohort create": "/gruppe neu", "/cohort list": "/kurs liste",
    "topic:": "thema:", "number:": "thema:", "day:": "tag:",
}  # fmt: skip


@pytest.fixture
def clumsy_german(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One catalogue, with translations that Discord does not take."""
    file = tmp_path / "de" / "milepost.po"
    file.parent.mkdir()
    header = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n'
    entries = "".join(f'\nmsgid "{phrase}"\nmsgstr "{words}"\n' for phrase, words in GERMAN.items())
    file.write_text(header + entries, encoding="utf-8")
    monkeypatch.setattr(wording, "LOCALES", tmp_path)
    caches = (wording._translations, wording._template, names_in, declaring._locales, declaring._said)
    for each in caches:
        each.cache_clear()
    yield
    for each in caches:
        each.cache_clear()


@pytest.mark.usefixtures("clumsy_german")
def test_a_translation_that_is_too_long_is_shortened() -> None:
    assert declare([named("done")])[0]["description_localizations"] == {"de": "ö" * 99 + "…"}


@pytest.mark.usefixtures("clumsy_german")
def test_names_that_discord_would_refuse_stay_english_and_keep_no_others_from_it() -> None:
    declared = declare([named(phrase[1:]) for phrase in GERMAN if phrase[0] == "/"])
    translated = {each["name"]: each.get("name_localizations") for each in every(declared)}
    assert translated == {
        "done": None, "week": None, "join": None, "help": {"de": "hilfe"},
        "cohort": None, "create": {"de": "neu"}, "list": {"de": "liste"},
    }  # fmt: skip
    options = options_of(declare([try_all]), "try all")
    assert {name for name, each in options.items() if "name_localizations" in each} == {"day"}


@pytest.mark.usefixtures("clumsy_german")
def test_what_stays_english_is_quoted_in_english() -> None:
    assert [markdown(as_typed(phrase[1:]), "de") for phrase in GERMAN if phrase[0] == "/"] == [
        "/done", "/week", "/join", "/hilfe", "/cohort neu", "/cohort liste",
    ]  # fmt: skip


PARTS = st.sampled_from(["", "a", "b", "c", "다", "라", "다 라", "X", "!", "가" * 33])


@given(st.dictionaries(st.sampled_from(["/a b", "/a c", "/b", "/c", "a:", "b:", "c:"]), st.lists(PARTS, max_size=3)))
def test_whatever_a_catalogue_says_no_two_names_are_the_same_and_discord_takes_each(said: dict[str, list[str]]) -> None:
    spoken = Catalog()
    for phrase, parts in said.items():
        words = " ".join(parts)
        spoken.add(phrase, f"/{words}" if phrase[0] == "/" else f"{words}:")
    names = read_names(spoken)
    assert all(NAME.fullmatch(word) and word == word.lower() for word in names.called.values())
    # "a" holds "b" and "c", as "/" and ":" hold what is below them.
    for above, below in ((("/",), "abc"), (("/", "a"), "bc"), ((":",), "abc")):
        shown = [names.called.get((*above, word), word) for word in below]
        assert len(set(shown)) == len(shown)


# ---- The fingerprint ------------------------------------------------------------------------------------------------


@given(st.randoms())
def test_the_order_of_keys_does_not_change_the_fingerprint(random: Any) -> None:
    def shuffled(node: Any) -> Any:
        if isinstance(node, list):
            return [shuffled(each) for each in node]
        if isinstance(node, dict):
            return {key: shuffled(node[key]) for key in random.sample(list(node), len(node))}
        return node

    payload = declare([try_all, named("cohort create")])
    assert fingerprint(shuffled(payload)) == fingerprint(payload)


def test_another_description_changes_the_fingerprint() -> None:
    assert fingerprint(declare([named("done")])) != fingerprint(declare([named("done", description="Answer!")]))


def test_another_application_is_another_mark() -> None:
    payload = declare([named("done")])
    assert mark(1, payload) != mark(2, payload)
    assert mark(1, payload) == mark("1", declare([named("done")]))
