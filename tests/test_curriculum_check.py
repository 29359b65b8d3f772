"""Checking a curriculum: what a facilitator reads when something is wrong."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.curriculum.load import check_folder, load_all
from tests.boats import GOOD, changed


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
            'text: "Did it float?"',
            "text: How many of the boats that you folded floated?",
            "71: questions[0].text: 46 characters are too many for a question; shorten it to 45",
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
        (
            "evidence_kinds:\n  - {id: photo, title: A photo, title.ko: 사진}",
            "evidence_kinds: [photo]",
            "60: evidence_kinds[0]: photo is not keys with values; "
            "write `evidence_kinds:` and below it, for each, `- {id: photo, title: A photo}`",
        ),
        (
            "strategies:\n",
            "strategies: [patience]\nhabits:\n",
            "62: strategies[0]: patience is not keys with values; write `strategies:` and below it, for each, "
            "`- {id: slowly, title: Fold slowly, steps: [Do this, Then that]}`",
        ),
        (
            "phases:\n",
            "pace: fast\nphases:\n",
            "8: pace: fast is not keys with values; write `pace: {length: min}` (min, middle or max)",
        ),
        (
            "        tasks:\n          - id: choose-paper\n",
            "        tasks:\n        tusks:\n          - id: choose-paper\n",
            "20: phases[0].milestones[0].tasks: nothing is written here; write `tasks:` and below it, for each, "
            "`- id: first-page` with text and, if it is not 2, hours",
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
    assert next(iter(load_all(tmp_path))).id == "paper-boats"


def test_a_language_that_is_only_begun_gets_one_note(check: Check) -> None:
    begun = "\n".join(line for line in GOOD.splitlines() if not line.strip().startswith(("title.ko", "text.ko")))
    note = "4: languages: note: ko: 7 of 17 texts are translated; the others are shown in en"
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
