"""The languages beside English: every phrase is translated, nothing is broken, and replies come in one language."""

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from bot.chat.message import Reply
from bot.chat.wording import Day, Phrase, Words, languages, plain, say_n
from bot.commands import all_commands
from bot.locales.catalogue import check, check_catalogues, update
from bot.locales.phrases import CODE, Key, calls, collect, without_places
from bot.shipped import shipped
from tests.town import Town, text_of

HANGUL = re.compile("[가-힣]")
ENGLISH = re.compile(r"[A-Za-z][A-Za-z']*(?: [a-z][a-z']*){2,}")
"""Three words in a row: a sentence rather than a name."""

NAME = re.compile(r"/[a-z ]+|[a-z]+:")
"""What a command or an argument is called, as the catalogue has it."""

FROM_COMMANDS = {"made.description", "found.description", "each.description", "each.arg.label", "choice", "words"}
"""What may be said by variable: a command's own words, which are collected from the commands."""


def test_korean_is_spoken() -> None:
    assert "ko" in languages()


def test_every_phrase_is_translated_and_nothing_is_stale_or_broken() -> None:
    assert [str(each) for each in check_catalogues()] == [], "run `make words`, then translate what is empty"


def test_every_phrase_is_written_out_where_it_is_said() -> None:
    by_variable = {
        (path.relative_to(CODE).as_posix(), ast.unparse(arg))
        for path in CODE.rglob("*.py")
        for arguments, key in calls(path.read_text(encoding="utf-8"))
        for arg in arguments
        if key is None
    }
    # Where a phrase is made: `listed` says structure alone, and a Refusal's phrase is written where it is raised.
    making = {"chat/wording.py", "chat/platform.py"}
    assert {(file, said) for file, said in by_variable if file not in making and said not in FROM_COMMANDS} == set()


def test_a_command_s_own_words_are_collected() -> None:
    said = collect()
    assert "bot/commands/join.py" in said[Key("Join a cohort.")]
    assert {Key("monday"), Key("Only this kind")} <= set(said)


def test_a_command_s_names_are_collected_as_they_are_typed() -> None:
    said = collect()
    assert "bot/commands/cohort_create.py" in said[Key("/cohort create")]
    assert {"bot/commands/join.py", "bot/commands/leave.py"} <= set(said[Key("cohort:")])


def test_no_phrase_writes_a_command_out_since_each_platform_types_it_its_own_way() -> None:
    words = "|".join({each.name.partition(" ")[0] for each in all_commands()})
    written = re.compile(rf"(?<![\w./])/(?:{words})\b")
    assert [key.one for key in collect() if written.search(key.one) and not NAME.fullmatch(key.one)] == []
    for path in CODE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        given = [each.value for each in ast.walk(tree) if isinstance(each, ast.keyword)]
        assert [ast.unparse(each) for each in given if written.match(str(getattr(each, "value", "")))] == [], path


def test_what_is_quoted_as_typed_is_a_command() -> None:
    quoted = {found for path in CODE.rglob("*.py") for found in re.findall(r'as_typed\("([^"]+)"', path.read_text())}
    assert "join" in quoted
    assert quoted <= {each.name for each in all_commands()}


def test_structure_alone_is_not_translated() -> None:
    assert Key("{title} ({done}/{n})") not in collect()


SAID = {
    Key("Correct it"): ["bot/chat/desk.py"],
    Key("Welcome to {cohort}!"): ["bot/commands/join.py"],
    Key("You go through **{title}** together."): ["bot/commands/join.py"],
    Key("{n} member", "{n} members"): ["bot/commands/cohort_list.py"],
    Key("/done"): ["bot/commands/done.py"],
    Key("/cohort create"): ["bot/commands/cohort_create.py"],
    Key("/cohort list"): ["bot/commands/cohort_list.py"],
    Key("name:"): ["bot/commands/cohort_create.py"],
    Key("day:"): ["bot/commands/cohort_create.py"],
}


@pytest.fixture
def korean(tmp_path: Path) -> Path:
    """A small catalogue with nothing wrong in it, to be spoilt."""
    file = tmp_path / "ko" / "milepost.po"
    file.parent.mkdir()
    file.touch()
    text = update(file, SAID)
    for empty, translated in {
        'together."\nmsgstr ""': 'together."\nmsgstr "함께할 커리큘럼: **{title}**"',
        'it"\nmsgstr ""': 'it"\nmsgstr "고치기"',
        '!"\nmsgstr ""': '!"\nmsgstr "{cohort}에 오신 걸 환영해요!"',
        'msgstr[0] ""': 'msgstr[0] "멤버 {n}명"',
        '"/done"\nmsgstr ""': '"/done"\nmsgstr "/완료"',
        '"/cohort create"\nmsgstr ""': '"/cohort create"\nmsgstr "/기수 만들기"',
        '"/cohort list"\nmsgstr ""': '"/cohort list"\nmsgstr "/기수 목록"',
        '"name:"\nmsgstr ""': '"name:"\nmsgstr "이름:"',
        '"day:"\nmsgstr ""': '"day:"\nmsgstr "요일:"',
    }.items():
        assert text.count(empty) == 1
        text = text.replace(empty, translated)
    file.write_text(text, encoding="utf-8")
    return file


def test_a_good_catalogue_has_no_findings(korean: Path) -> None:
    assert check(korean, SAID) == []


SPOILT = [
    ('"{cohort}에 오신 걸 환영해요!"', '"오신 걸 환영해요!"', "lacks {cohort}"),
    ('"{cohort}에 오신 걸 환영해요!"', '"{cohort}에 오신 {name} 님!"', "has {name}, which nothing fills"),
    ('"{cohort}에 오신 걸 환영해요!"', '"{cohort}에 {오신 걸 환영해요!"', "has a brace that is no place for a value"),
    ('"함께할 커리큘럼: **{title}**"', '"함께할 커리큘럼: **{title}*"', "has ** without its pair"),
    ('"고치기"', '"`고치기"', "has ` without its pair"),
    ('"고치기"', '"[고치기](/x)"', "has ]( without its pair"),
    ('"고치기"', '""', "is not translated; write its msgstr"),
    ('"멤버 {n}명"', '"멤버들"', "lacks {n}"),
    ('msgid "Correct it"', '#, fuzzy\nmsgid "Correct it"', "is translated by guess"),
    ('"/완료"', '"완료"', "word for word, in the form /word"),
    ('"/완료"', '"/완 료"', "word for word, in the form /word"),
    ('"/기수 만들기"', '"/만들기"', "word for word, in the form /word word"),
    ('"이름:"', '"이름"', "word for word, in the form name:"),
    ('"/완료"', '"/완료!"', "“완료!” is no name to Discord"),
    ('"/완료"', '"/Fertig"', "“Fertig” is no name to Discord"),
    ('"/기수 만들기"', f'"/기수 {"가" * 33}"', "is no name to Discord, which takes 1 to 32 small letters"),
]


@pytest.mark.parametrize(("good", "bad", "finding"), SPOILT)
def test_what_is_broken_is_found_on_its_line(korean: Path, good: str, bad: str, finding: str) -> None:
    text = korean.read_text(encoding="utf-8").replace(good, bad)
    korean.write_text(text, encoding="utf-8")
    (found,) = check(korean, SAID)
    assert finding in found.message
    rows = text.splitlines()
    assert rows[found.line - 1] == f"msgid {found.path}"
    assert bad.splitlines()[-1] in "\n".join(rows[found.line - 1 : found.line + 2])


CLASHES = [
    ('"/기수 만들기"', '"/반 만들기"', "calls cohort 기수 and 반, of which a group can have one"),
    ('"/기수 만들기"', '"/기수 목록"', "calls create 목록, which list is called, too"),
    ('"요일:"', '"이름:"', "calls day 이름, which name is called, too"),
]


@pytest.mark.parametrize(("good", "bad", "finding"), CLASHES)
def test_names_that_clash_are_found_on_both_sides(korean: Path, good: str, bad: str, finding: str) -> None:
    korean.write_text(korean.read_text(encoding="utf-8").replace(good, bad), encoding="utf-8")
    found = check(korean, SAID)
    assert len(found) == 2
    assert finding in {each.message for each in found}


def test_a_name_that_another_command_has_in_english_is_found(korean: Path) -> None:
    korean.write_text(korean.read_text(encoding="utf-8").replace('"/완료"', '"/cohort"'), encoding="utf-8")
    assert "calls done cohort, which cohort is called, too" in {each.message for each in check(korean, SAID)}


def test_a_phrase_that_the_catalogue_lacks_is_found(korean: Path) -> None:
    found = check(korean, {**SAID, Key("Quite new"): ["bot/commands/new.py"]})
    assert [str(each) for each in found] == [
        f'{korean}: "Quite new": is not in the catalogue; `make words` adds it, then translate it'
    ]


def test_a_phrase_that_nobody_says_is_found_and_taken_out(korean: Path) -> None:
    said = {key: files for key, files in SAID.items() if key.one != "Correct it"}
    (found,) = check(korean, said)
    assert "the code does not say this any more" in found.message
    assert "Correct it" not in update(korean, said)


def test_a_phrase_that_was_reworded_keeps_its_translation_as_a_guess(korean: Path) -> None:
    said = {Key("Correct it!") if key.one == "Correct it" else key: files for key, files in SAID.items()}
    korean.write_text(update(korean, said), encoding="utf-8")
    assert [each.message.partition(";")[0] for each in check(korean, said)] == ["is translated by guess"]


def test_bringing_a_catalogue_in_step_changes_nothing_but_what_changed(korean: Path) -> None:
    before = korean.read_text(encoding="utf-8")
    assert update(korean, SAID) == before
    added = update(korean, {**SAID, Key("Quite new"): ["bot/commands/new.py"]})
    assert added == before + '\n#: bot/commands/new.py\nmsgid "Quite new"\nmsgstr ""\n'


def test_a_file_that_is_no_catalogue_is_one_finding(korean: Path) -> None:
    korean.write_text('msgid "x\nmsgstr "y"\nrubbish\n', encoding="utf-8")
    (found,) = check(korean, SAID)
    assert "cannot be read as gettext's .po" in found.message


def test_check_fails_on_a_phrase_until_it_is_translated(tmp_path: Path) -> None:
    shutil.copytree(CODE, tmp_path / "bot")  # with its __pycache__, which saves three starts the compiling
    spoken = tmp_path / "bot" / "commands" / "undo.py"
    spoken.write_text(spoken.read_text(encoding="utf-8") + '\nLAST = say("Quetzalcoatlus")\n', encoding="utf-8")
    catalogue = tmp_path / "bot" / "locales" / "ko" / "milepost.po"
    environment = {**os.environ, "CURRICULUM_DIR": str(shipped("curriculum"))}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", *arguments]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    lacking = run("bot", "check")
    assert lacking.returncode == 1
    assert '"Quetzalcoatlus": is not in the catalogue' in lacking.stdout
    assert run("bot.locales").returncode == 0
    assert '"Quetzalcoatlus": is not translated' in run("bot", "check").stdout
    empty = 'msgid "Quetzalcoatlus"\nmsgstr ""'
    text = catalogue.read_text(encoding="utf-8")
    catalogue.write_text(text.replace(empty, empty[:-1] + '케찰코아틀루스"'), encoding="utf-8")
    translated = run("bot", "check")
    assert "Quetzalcoatlus" not in translated.stdout
    assert (translated.returncode == 0) == (": 0 errors" in translated.stderr)


def test_korean_has_one_form_for_any_count() -> None:
    assert [plain(say_n("{n} member", "{n} members", n), "ko") for n in (1, 2)] == ["멤버 1명", "멤버 2명"]


def test_dates_are_korean() -> None:
    assert plain(Day(on=date(2027, 1, 4)), "ko-KR") == "2027년 1월 4일 월요일"


@pytest.fixture
async def korean_town(town: Town) -> Town:
    """A town whose one cohort was started by a Korean facilitator, with Ada in it."""
    await town.start(
        "grace: /cohort create 딥 curriculum:deep-learning start:2027-01-04", expect="준비됐어요", locale="ko"
    )
    await town.say("ada: /join", expect="딥에 오신 걸 환영해요!", locale="ko")
    return town


async def test_a_reply_is_in_the_language_of_who_asked(korean_town: Town) -> None:
    await korean_town.say("ada: /undo", expect="되돌릴 기록이 없어요", locale="ko")
    await korean_town.say("ada: /undo", expect="There is nothing to take back", locale="en")


async def test_posts_are_in_the_language_of_the_cohort(korean_town: Town) -> None:
    await korean_town.pass_time(weeks=1, hours=2)
    posts = [post for _, post in korean_town.square.told]
    assert len(posts) >= 4  # two milestones, a prompt and a reminder
    for post in posts:
        assert post.locale == "ko"
        assert_korean(post.message, text_of(post.message, "ko"))
        assert post.thread is None or HANGUL.search(plain(post.thread, "ko"))


LINES = [
    "bo: /help", "bo: /help resource", "bo: /next", "bo: /roadmap", "bo: /week",
    "ada: /join", "ada: /week", "ada: /week 99", "ada: /next", "ada: /roadmap", "ada: /progress", "ada: /undo",
    "ada: /resource backprop", "ada: /resource zzqx", "ada: /done git-basics", "ada: ?done git-basics",
    "ada: /done git-basics link:https://example.org/a", "ada: /undo", "ada: /done nothing", "ada: ?checkin",
    "ada: /checkin did:책", "ada: /checkin did:책 share:yes hours:5", "ada: /checkin did:책 hours:x",
    "ada: /share resource colab", "ada: /share curriculum", "ada: /share phase theory", "ada: /leave",
    "grace: /help", "grace: /cohort list", "grace: /cohort status", "grace: ?cohort create",
    "grace: /cohort create 둘 timezone:Seul", "grace: ?announce", "grace: /announce 안녕하세요",
    "grace: ?announcement edit 1", "grace: /announcement send 1", "grace: /announcement send 1",
    "grace: /announcement cancel 9",
]  # fmt: skip


async def test_a_korean_conversation_holds_no_english(korean_town: Town) -> None:
    for line in LINES:
        reply = await korean_town.ask(line, locale="ko")
        assert_korean(reply, text_of(reply, "ko"))


def assert_korean(reply: Reply, text: str) -> None:
    """Korean is in it, every phrase can be translated, and beside the curriculum's titles no English sentence is."""
    said = every_phrase()
    for each in _wordings(reply):
        if isinstance(each, Phrase) and any(map(str.isalpha, without_places(each.key))):
            assert Key(each.key, each.plural) in said, each.key
        if isinstance(each, Words):
            text = text.replace(each.in_("ko"), "…")
    assert HANGUL.search(text), text
    assert not ENGLISH.search(re.sub(r"https?://\S+|/[a-z]+(?: [a-z]+)*", "", text)), text


@cache
def every_phrase() -> Mapping[Key, list[str]]:
    """What the code can say, read once."""
    return collect()


def _wordings(data: Any) -> Iterator[Phrase | Words]:
    """Every phrase and every text of a curriculum in a message, however deep."""
    match data:
        case Phrase() | Words():
            yield data
            inside: Any = list(data.values.values()) if isinstance(data, Phrase) else ()
        case BaseModel():
            inside = [getattr(data, name) for name in type(data).model_fields]
        case tuple() | list():
            inside = data
        case _:
            inside = ()
    for each in inside:
        yield from _wordings(each)
