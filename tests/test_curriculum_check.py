"""Checking a curriculum: what a facilitator reads when something is wrong, and that nothing can break the check."""

import copy
from collections.abc import Callable, Iterator
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from bot.chat.wording import Words
from bot.curriculum import model, translations
from bot.curriculum.load import Curricula, CurriculumError, check_folder, load_all, load_folder
from bot.curriculum.model import Range

GOOD = """\
schema: 1
id: paper-boats
version: "1.0.0"
languages: [en, ko]
title: Fold paper boats
title.ko: 종이배 접기
source: {title: The book of boats, title.ko: 종이배 책, author: Ada, license: MIT, url: "https://example.org/book"}
phases:
  - id: harbour
    title: In the harbour
    title.ko: 항구에서
    weeks: [2, 4]
    goals:
      - {id: fold, text: Fold a boat, text.ko: 배를 접는다}
    milestones:
      - id: first-boat
        title: The first boat
        title.ko: 첫 배
        weeks: 1
        tasks:
          - id: choose-paper
            text: Choose paper
            text.ko: 종이 고르기
            resources: [paper-guide]
          - id: fold-boats
            text: "Fold boats: three will do"
            text.ko: 배 접기
            hours: 3.5
            requires: [choose-paper]
            target: {count: [3, 5], unit: boats, unit.ko: 척}
            evidence: photo
            strategy: slowly
      - id: float
        title: On the water
        title.ko: 물 위에서
        weeks: [1, 2]
        tasks:
          - id: float-it
            text: Let it float
            text.ko: 띄우기
            optional: true
            when: If there is a pond
            when.ko: 연못이 있으면
resources:
  - id: paper-guide
    title: A guide to paper
    title.ko: 종이 안내
    url: https://example.org/paper
    kind: book
    phase: harbour
    tags: [paper]
    aliases: [sheet]
    aliases.ko: [종이]
  - id: a-pond
    title: The pond nearby
    title.ko: 가까운 연못
    kind: practice
    aliases: [water]
    aliases.ko: [물]
evidence_kinds:
  - {id: photo, title: A photo, title.ko: 사진}
strategies:
  - id: slowly
    title: Fold slowly
    title.ko: 천천히 접기
    steps: [Press the edge, Turn it over]
    steps.ko: [모서리를 누른다, 뒤집는다]
moved: {tasks: {pick-paper: take-paper, take-paper: choose-paper, sink: sink-it}}
retired: {tasks: [sink-it]}
"""


@pytest.fixture
def check(tmp_path: Path) -> Callable[[str | bytes], list[str]]:
    """What the check says about a file with this content, without the file's name."""

    def run(content: str | bytes) -> list[str]:
        raw = content.encode() if isinstance(content, str) else content
        (tmp_path / "curriculum.yaml").write_bytes(raw)
        prefix = str(tmp_path / "curriculum.yaml:")
        found = [str(finding) for finding in check_folder(tmp_path)]
        assert all(line.startswith(prefix) for line in found)
        return [line.removeprefix(prefix) for line in found]

    return run


Check = Callable[[str | bytes], list[str]]


def changed(old: str, new: str) -> str:
    assert GOOD.count(old) == 1, f"{old!r} is not unique in the example"
    return GOOD.replace(old, new)


def test_nothing_is_found_in_a_good_curriculum(check: Check) -> None:
    assert check(GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "resources: [paper-guide]",
            "resources: [papr-guide]",
            "24: phases[0].milestones[0].tasks[0].resources[0]: "
            "no resource is called papr-guide; did you mean paper-guide?",
        ),
        (
            "strategy: slowly",
            "strategy: quick",
            "32: phases[0].milestones[0].tasks[1].strategy: "
            "no strategy is called quick; add it to strategies, or take it out here",
        ),
        (
            "evidence: photo",
            "evidence: foto",
            "31: phases[0].milestones[0].tasks[1].evidence: no evidence kind is called foto; did you mean photo?",
        ),
        (
            "phase: harbour",
            "phase: harbor",
            "50: resources[0].phase: no phase is called harbor; did you mean harbour?",
        ),
        (
            "requires: [choose-paper]",
            "requires: [chose-paper]",
            "29: phases[0].milestones[0].tasks[1].requires[0]: "
            "no task is called chose-paper; did you mean choose-paper?",
        ),
        (
            "id: float-it",
            "id: fold-boats",
            "38: phases[0].milestones[1].tasks[0].id: "
            "another task is called fold-boats too (line 25); rename one of them",
        ),
        (
            "optional: true",
            "optional: yes",
            "41: phases[0].milestones[1].tasks[0].optional: write true or false",
        ),
        (
            "weeks: [1, 2]",
            "weeks: [2, 1]",
            "36: phases[0].milestones[1].weeks: the least (2) is more than the most (1); swap them",
        ),
        (
            "weeks: [1, 2]",
            "weeks: soon",
            "36: phases[0].milestones[1].weeks: soon is not a whole number, such as 2",
        ),
        (
            "weeks: [1, 2]",
            "weeks: [4, 4]",
            "12: phases[0].weeks: the milestones need at least 5 weeks, and the phase has at most 4; "
            "make the phase longer, or a milestone shorter",
        ),
        (
            "    url: https://example.org/paper",
            "    url: example.org/paper",
            "48: resources[0].url: example.org/paper is not a web address; "
            "write it in full, beginning with https://",
        ),
        (
            "kind: practice",
            "kind: practise",
            "57: resources[1].kind: no kind is called practise (there are: book, course, video, tool, practice, code, "
            "blog, thread, forum, write-up, strategy); did you mean practice?",
        ),
        (
            "hours: 3.5",
            "hour: 3.5",
            "28: phases[0].milestones[0].tasks[1].hour: no key is called hour here (there are: id, text, about, hours, "
            "optional, when, resources, requires, target, evidence, strategy); did you mean hours?",
        ),
        (
            "title: The first boat\n",
            "title:\n",
            "17: phases[0].milestones[0].title: nothing is written here; write something, or take the line out",
        ),
        ("title: Fold paper boats\n", 'title: " "\n', "5: title: this text is empty; write one, or take it out"),
        (
            "title: The first boat",
            f"title: {'x' * 101}",
            "17: phases[0].milestones[0].title: 101 characters are too many for chat; shorten it to 100",
        ),
        (
            "title: In the harbour",
            "title: {en: In the harbour}",
            "10: phases[0].title: a group of keys (en) is not one text; "
            "give a translation a key of its own, such as title.ko, or quote the text",
        ),
        (
            "title.ko: 첫 배",
            "title.fr: Le premier bateau",
            "18: phases[0].milestones[0].title.fr: fr is not one of the languages (en, ko); add it there",
        ),
        (
            "title.ko: 첫 배",
            "title.en: One",
            "18: phases[0].milestones[0].title.en: en is the first language; call this title",
        ),
        (
            "            when: If there is a pond\n",
            "",
            "42: phases[0].milestones[1].tasks[0].when.ko: this translates a when that is not there; add when",
        ),
        (
            "steps.ko: [모서리를 누른다, 뒤집는다]",
            "steps.ko: [뒤집는다]",
            "67: strategies[0].steps.ko: translate each of the 2 steps, as a list in the same order",
        ),
        (
            "tags: [paper]",
            "tags: paper",
            "51: resources[0].tags: paper is not a list: `[one, two]`, or a line beginning with `- ` for each",
        ),
        (
            "sink: sink-it",
            "sink: flot-it",
            "68: moved.tasks.sink: no task is called flot-it; did you mean float-it?",
        ),
        (
            "sink: sink-it",
            "float-it: sink-it",
            "68: moved.tasks.float-it: float-it is still a task (line 38); rename it there, or take it out here",
        ),
        (
            "take-paper: choose-paper",
            "take-paper: pick-paper",
            "68: moved.tasks.pick-paper: the renames of pick-paper go in a circle; let the last one name a task",
        ),
        (
            "retired: {tasks: [sink-it]}",
            "retired: {tasks: [sink-it, float-it]}",
            "69: retired.tasks[1]: float-it is still a task (line 38); take it out there, or here",
        ),
        (
            "resources: [paper-guide]",
            "requires: [fold-boats]",
            "24: phases[0].milestones[0].tasks[0].requires: choose-paper, which requires fold-boats, which requires "
            "choose-paper: a circle; take one of them out",
        ),
        (
            "id: float-it",
            f"id: {'float' * 13}",
            "38: phases[0].milestones[1].tasks[0].id: "
            "65 characters are too many for an id; use at most 60, so that it fits into a button",
        ),
        ("id: paper-boats", "id: Paper boats", "2: id: Paper boats is not lower-case words joined with hyphens, such "
         "as first-steps"),
        ('version: "1.0.0"', "version: 1.10", '3: version: 1.10 is not three numbers, such as "1.0.0"'),
        ("schema: 1", "schema: 2", "1: schema: only schema 1 is known here; write `schema: 1`"),
        ("    weeks: [2, 4]\n", "", "9: phases[0]: weeks is missing; add `weeks: 2` or `weeks: [1, 2]`"),
    ],
)  # fmt: skip
def test_a_mistake_is_an_error_that_says_where_it_is_and_what_to_do(
    check: Check, old: str, new: str, expected: str
) -> None:
    assert expected in check(changed(old, new))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "    aliases.ko: [물]\n",
            "",
            "54: resources[1]: warning: no aliases in ko, so a search seldom finds it; add aliases.ko: [...]",
        ),
        (
            "    aliases: [water]\n",
            "",
            "54: resources[1]: warning: no aliases in en, so a search seldom finds it; add aliases: [...]",
        ),
        (
            "        title.ko: 첫 배\n",
            "",
            "17: phases[0].milestones[0].title: warning: not translated; add title.ko",
        ),
        (
            "    kind: practice",
            "    kind: practice\n    url: https://example.org/paper",
            "58: resources[1].url: warning: the resource on line 48 has this address too; make them one",
        ),
        ("license: MIT, ", "", "7: source: warning: license is missing; say under which licence it may be used"),
        (
            "weeks: [1, 2]",
            "weeks: [1, 4]",
            "36: phases[0].milestones[1].weeks: warning: too few tasks (1) for 2 weeks leave some with nothing new; "
            "add tasks, or take weeks away",
        ),
        (
            "resources: [paper-guide]",
            "requires: [float-it]",
            "24: phases[0].milestones[0].tasks[0].requires[0]: warning: float-it only comes later (line 38); "
            "move it before choose-paper",
        ),
    ],
)
def test_a_doubt_is_a_warning_and_does_not_keep_the_curriculum_from_use(
    check: Check, tmp_path: Path, old: str, new: str, expected: str
) -> None:
    assert check(changed(old, new)) == [expected]
    assert load_folder(tmp_path).id == "paper-boats"


def test_a_language_that_is_only_begun_gets_one_note(check: Check) -> None:
    begun = "\n".join(line for line in GOOD.splitlines() if not line.strip().startswith(("title.ko", "text.ko")))
    note = "4: languages: note: ko: 6 of 16 texts are translated; the others are shown in en"
    assert note in check(begun)


def test_mistakes_of_every_sort_are_found_in_one_run(check: Check) -> None:
    wrong = changed("kind: book", "kind: bok").replace("weeks: 1\n", "weeks: one\n").replace("[choose-paper]", "[x]")
    wrong = wrong.replace("id: a-pond", "id: paper-guide").replace("when:", "wen:")
    places = [line.split(": ")[1] for line in check(wrong)]
    assert places == [
        "phases[0].milestones[0].weeks",
        "phases[0].milestones[0].tasks[1].requires[0]",
        "phases[0].milestones[1].tasks[0].wen",
        "phases[0].milestones[1].tasks[0].when.ko",
        "resources[0].kind",
        "resources[1].id",
    ]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "1: the file is empty; begin with `schema: 1`"),
        ("# later\n", "1: the file is empty; begin with `schema: 1`"),
        ("\n- one\n- two\n", "2: expected keys with values; begin with `schema: 1`"),
        ("just words", "1: expected keys with values; begin with `schema: 1`"),
        ("schema: 1\nphases:\n\t- id: x\n", "3: this line is indented with a tab; use spaces"),
        (b"schema: 1\ntitle: caf\xe9\n", "2: byte 0xe9 is not UTF-8; save the file as UTF-8"),
        ("schema: 1\ntitle: a\x00b\n", "2: there is a hidden character (U+0000); delete it"),
        ("schema: 1\n---\nschema: 1\n", "2: a second document begins; keep one curriculum in a file"),
        ("title: &boat Boats\n", "1: `&boat` is not part of a text; put a text that begins with & into quotes"),
        ("about: *boat\n", "1: `*boat` repeats another place; write it out, or quote a text with *"),
        ("title: !now Boats\n", "1: `!` is not part of a text; put a text that begins with ! into quotes"),
        ("{a: b}: c\n", "1: a key must be a word; put a text that begins with { or [ into quotes"),
        ("title: " + "[" * 100_000, "1: nested too deep; a bracket is probably not closed"),
        (
            "title: Boats: a guide\n",
            "1: not YAML: mapping values are not allowed in this context; check the indentation here and above, and "
            "put a text that holds `: ` or begins with a sign into quotes",
        ),
    ],
)
def test_what_is_no_curriculum_at_all_is_one_clear_finding(check: Check, content: str | bytes, expected: str) -> None:
    assert check(content) == [expected]


def test_a_key_written_twice_is_found_with_both_lines(check: Check) -> None:
    twice = changed("id: paper-boats", "id: paper-boats\nid: boats")
    assert check(twice) == ["3: id: id is here twice (first on line 2); keep one"]


def test_the_order_of_findings_is_the_order_of_lines(check: Check) -> None:
    lines = [int(line.partition(":")[0]) for line in check("resources: [1]\nphases: [2]\nid: A\n")]
    assert lines == sorted(lines)


def test_the_messages_alone_lead_from_nothing_to_a_curriculum(check: Check) -> None:
    started = (
        "schema: 1\nphases:\n  - id: one\n    milestones:\n      - id: first\n        tasks:\n          - id: do\n"
    )
    missing = [line.split(": ", 1)[1] for line in check(started)]
    assert missing == [
        "id is missing; add `id: first-steps`, which never changes later",
        'version is missing; add `version: "1.0.0"`',
        "languages is missing; add `languages: [en]`, the first being the fallback",
        "title is missing; add `title: First steps`",
        "phases[0]: title is missing; add `title: First steps`",
        "phases[0]: weeks is missing; add `weeks: 2` or `weeks: [1, 2]`",
        "phases[0].milestones[0]: title is missing; add `title: First steps`",
        "phases[0].milestones[0]: weeks is missing; add `weeks: 2` or `weeks: [1, 2]`",
        "phases[0].milestones[0].tasks[0]: text is missing; add `text: Write your first page`",
    ]


@pytest.mark.parametrize("text", ["no", "on", "1.10", "3:30", "0x1F", "2026-11-22", "1e3", "off", "0o17", "1_000"])
def test_a_text_is_what_was_written(check: Check, tmp_path: Path, text: str) -> None:
    check(changed("title: A photo,", f"title: {text},"))
    assert load_folder(tmp_path).evidence_kinds[0].title.in_("en") == text


def test_a_loaded_curriculum_speaks_every_language(check: Check, tmp_path: Path) -> None:
    check(GOOD)
    loaded = load_folder(tmp_path)
    task = loaded.tasks[1]
    assert (task.text.in_("en"), task.text.in_("ko")) == ("Fold boats: three will do", "배 접기")
    assert task.target is not None
    assert (task.target.count, task.target.unit.in_("ko")) == (Range(min=3, max=5), "척")
    assert loaded.resources[0].aliases == {"en": ("sheet",), "ko": ("종이",)}
    assert [step.in_("ko") for step in loaded.strategies[0].steps] == ["모서리를 누른다", "뒤집는다"]


def test_the_first_language_is_the_fallback_wherever_it_stands_in_the_file(check: Check, tmp_path: Path) -> None:
    check(changed("title: Fold paper boats\ntitle.ko: 종이배 접기", "title.ko: 종이배 접기\ntitle: Fold paper boats"))
    assert load_folder(tmp_path).title.in_("fr") == "Fold paper boats"


def test_a_renamed_task_is_found_over_all_its_names(check: Check, tmp_path: Path) -> None:
    check(GOOD)
    loaded = load_folder(tmp_path)
    assert loaded.task("pick-paper") is loaded.task("choose-paper") is loaded.tasks[0]
    assert loaded.task("sink") is None


def test_a_task_knows_where_it_stands(check: Check, tmp_path: Path) -> None:
    check(GOOD)
    loaded = load_folder(tmp_path)
    assert loaded.milestone_of("float-it") is loaded.phases[0].milestones[1]
    assert loaded.phase_of("pick-paper") is loaded.phases[0]
    assert loaded.phase_of("nothing") is None


def test_a_broken_curriculum_is_refused_with_all_its_errors_and_no_warning(tmp_path: Path) -> None:
    wrong = changed("kind: book", "kind: bok").replace("hours: 3.5", "hours: long").replace("aliases.ko: [물]", "")
    (tmp_path / "curriculum.yaml").write_text(wrong, encoding="utf-8")
    with pytest.raises(CurriculumError) as refused:
        load_folder(tmp_path)
    assert len(str(refused.value).splitlines()) == 2
    assert "no kind is called bok" in str(refused.value)


def offer(root: Path, **contents: str) -> None:
    for name, content in contents.items():
        (root / name).mkdir()
        (root / name / "curriculum.yaml").write_text(content, encoding="utf-8")


def test_all_curricula_of_a_folder_are_loaded_by_id(tmp_path: Path) -> None:
    offer(tmp_path, a=changed("id: paper-boats", "id: kites"), b=GOOD)
    curricula = load_all(tmp_path)
    assert curricula.ids == ("kites", "paper-boats")
    assert [curriculum.id for curriculum in curricula] == ["kites", "paper-boats"]
    assert curricula.get("kites") is next(iter(curricula))
    assert curricula.get("swords") is None


def test_two_curricula_of_one_id_are_refused(tmp_path: Path) -> None:
    offer(tmp_path, a=GOOD, b=GOOD)
    with pytest.raises(CurriculumError, match=r"b/curriculum.yaml: id: paper-boats is the id of .*a/curriculum.yaml"):
        load_all(tmp_path)


def test_a_folder_without_a_curriculum_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CurriculumError, match=r"has no curriculum\.yaml, nor has a folder in it"):
        load_all(tmp_path)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CurriculumError, match="nowhere: is not a folder"):
        load_all(tmp_path / "nowhere")


def test_a_curriculum_that_cannot_be_read_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "curriculum.yaml").mkdir()
    assert ["cannot be read" in finding.message for finding in check_folder(tmp_path)] == [True]


def test_every_field_of_the_model_that_holds_words_is_folded() -> None:
    models = [found for found in vars(model).values() if isinstance(found, type) and issubclass(found, BaseModel)]
    fields = [item for found in models if found is not Words for item in found.model_fields.items()]
    worded = {name for name, field in fields if "Words" in str(field.annotation)}
    assert worded | {"aliases"} == translations.TEXTS | translations.LISTS


KEYS = st.sampled_from(
    ["id", "title", "title.ko", "title.", ".ko", "steps.ko", "tasks", "weeks", "min", "texts", "url"]
)
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(["link", "ko"])
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8) | KEYS, inner, max_size=3),
    max_leaves=6,
)


@st.composite
def mutants(draw: st.DrawFn) -> Any:
    """The good curriculum with a few of its nodes deleted or replaced."""
    tree = copy.deepcopy(_PARSED)
    for _ in range(draw(st.integers(1, 4))):
        node: Any = tree
        while node and isinstance(node, dict | list):
            key = draw(st.sampled_from(sorted(node) if isinstance(node, dict) else range(len(node))))
            if not isinstance(node[key], dict | list) or draw(st.integers(0, 4)) == 0:
                if draw(st.booleans()):
                    del node[key]
                else:
                    node[key] = draw(VALUES)
                break
            node = node[key]
    return tree


_PARSED = yaml.safe_load(GOOD)
many = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def _places(node: Any) -> Iterator[list[Any]]:
    """The way to every place in the tree."""
    for key in node if isinstance(node, dict) else range(len(node)):
        yield [key]
        if isinstance(node[key], dict | list):
            yield from ([key, *rest] for rest in _places(node[key]))


@pytest.mark.parametrize("instead", ["nothing", {}, [], None])
def test_no_single_place_taken_out_or_emptied_breaks_the_check(tmp_path: Path, instead: Any) -> None:
    for *around, last in _places(_PARSED):
        tree = copy.deepcopy(_PARSED)
        node = reduce(getitem, around, tree)
        if instead == "nothing":
            del node[last]
        else:
            node[last] = instead
        (tmp_path / "curriculum.yaml").write_text(yaml.dump(tree, Dumper=yaml.CSafeDumper), encoding="utf-8")
        _holds(tmp_path)


@many
@given(mutants())
def test_no_shape_of_the_tree_breaks_the_check(tmp_path: Path, tree: Any) -> None:
    (tmp_path / "curriculum.yaml").write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
    _holds(tmp_path)


@many
@given(st.binary(max_size=200) | st.text(alphabet="ab:- \n\t[]{}&*!|>'\"#%@`,?\0", max_size=60).map(str.encode))
def test_no_bytes_break_the_check(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "curriculum.yaml").write_bytes(content)
    _holds(tmp_path)


@many
@given(st.integers(0, len(GOOD)), st.integers(0, 30), st.text(max_size=5))
def test_no_slip_of_the_hand_breaks_the_check(tmp_path: Path, start: int, length: int, typed: str) -> None:
    slipped = GOOD[:start] + typed + GOOD[start + length :]
    (tmp_path / "curriculum.yaml").write_bytes(slipped.encode(errors="replace"))
    _holds(tmp_path)


def _holds(folder: Path) -> None:
    """The check answers, each error keeps the curriculum from use, and without one it can be used."""
    findings = check_folder(folder)
    assert all(finding.message and finding.line > 0 for finding in findings)
    if any(finding.level == "error" for finding in findings):
        with pytest.raises(CurriculumError):
            load_all(folder)
    else:
        assert isinstance(load_all(folder), Curricula)
