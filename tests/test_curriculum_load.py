"""Loading curricula: what a good one gives, and which ones are refused."""

import re
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest
from pydantic import BaseModel
from typer.testing import CliRunner

from bot.__main__ import cli
from bot.chat.wording import Words
from bot.curriculum import model, translations
from bot.curriculum.load import CurriculumError, check_folder, load_all, load_folder
from bot.curriculum.model import Curriculum, Range
from tests.boats import GOOD, changed

Load = Callable[[str], Curriculum]
PAGE = (Path(__file__).parent.parent / "docs" / "curriculum.md").read_text(encoding="utf-8")


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def run(content: str) -> Curriculum:
        (tmp_path / "curriculum.yaml").write_text(content, encoding="utf-8")
        return load_folder(tmp_path)

    return run


@pytest.mark.parametrize("text", ["no", "on", "1.10", "3:30", "0x1F", "2026-11-22", "1e3", "off", "0o17", "1_000"])
def test_a_text_is_what_was_written(load: Load, text: str) -> None:
    assert load(changed("title: A photo,", f"title: {text},")).evidence_kinds[0].title.in_("en") == text


def test_a_loaded_curriculum_speaks_every_language(load: Load) -> None:
    loaded = load(GOOD)
    task = loaded.tasks[1]
    assert (task.text.in_("en"), task.text.in_("ko")) == ("Fold boats: three will do", "배 접기")
    assert task.target is not None
    assert (task.target.count, task.target.unit.in_("ko")) == (Range(min=3, max=5), "척")
    assert loaded.resources[0].aliases == {"en": ("sheet",), "ko": ("종이",)}
    assert [step.in_("ko") for step in loaded.strategies[0].steps] == ["모서리를 누른다", "뒤집는다"]


def test_the_first_language_is_the_fallback_wherever_it_stands_in_the_file(load: Load) -> None:
    swapped = changed(
        "title: Fold paper boats\ntitle.ko: 종이배 접기", "title.ko: 종이배 접기\ntitle: Fold paper boats"
    )
    assert load(swapped).title.in_("fr") == "Fold paper boats"


def test_a_renamed_task_is_found_over_all_its_names(load: Load) -> None:
    loaded = load(GOOD)
    assert loaded.task("pick-paper") is loaded.task("choose-paper") is loaded.tasks[0]
    assert loaded.task("sink") is None


def test_a_task_knows_where_it_stands(load: Load) -> None:
    loaded = load(GOOD)
    assert loaded.milestone_of("float-it") is loaded.phases[0].milestones[1]


def test_a_broken_curriculum_is_refused_with_all_its_errors_and_no_warning(load: Load) -> None:
    wrong = changed("kind: book", "kind: bok").replace("hours: 3.5", "hours: long").replace("aliases.ko: [물]", "")
    with pytest.raises(CurriculumError) as refused:
        load(wrong)
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


def test_a_curriculum_under_another_name_is_not_passed_over_in_silence(tmp_path: Path) -> None:
    offer(tmp_path, a=GOOD, b=GOOD)
    (tmp_path / "b" / "curriculum.yaml").rename(tmp_path / "b" / "boats.yml")
    [finding] = check_folder(tmp_path)
    assert str(finding).endswith("b/boats.yml: warning: is not read; a curriculum's file is called curriculum.yaml")


def test_a_folder_without_a_curriculum_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CurriculumError, match=r"has no curriculum\.yaml, nor has a folder in it"):
        load_all(tmp_path)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CurriculumError, match="nowhere: is not a folder"):
        load_all(tmp_path / "nowhere")


def test_a_curriculum_that_cannot_be_read_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "curriculum.yaml").mkdir()
    assert ["cannot be read" in finding.message for finding in check_folder(tmp_path)] == [True]


def test_the_example_of_the_docs_is_a_whole_curriculum_without_a_finding(tmp_path: Path) -> None:
    blocks = re.findall(r"^ *```yaml\n(.*?)```", PAGE, re.DOTALL | re.MULTILINE)
    example, defined, asked = map(dedent, blocks)
    (tmp_path / "curriculum.yaml").write_text(example, encoding="utf-8")
    assert check_folder(tmp_path) == []
    photo = example.replace("evidence: link ", "evidence: photo ") + defined + asked
    (tmp_path / "curriculum.yaml").write_text(photo, encoding="utf-8")
    assert [each.title.in_("en") for each in load_folder(tmp_path).evidence_kinds] == ["A photo"]


@pytest.mark.parametrize(
    ("content", "counted"),
    [(GOOD, "0 errors, 0 warnings and notes"), (changed("hours: 3.5", "hours: x"), "1 error, 0 warnings and notes")],
)
def test_the_check_counts_what_it_found(tmp_path: Path, content: str, counted: str) -> None:
    (tmp_path / "curriculum.yaml").write_text(content, encoding="utf-8")
    assert CliRunner().invoke(cli, ["check", str(tmp_path)]).stderr == f"{tmp_path}: {counted}\n"


def test_every_field_of_the_model_that_holds_words_is_folded() -> None:
    models = [found for found in vars(model).values() if isinstance(found, type) and issubclass(found, BaseModel)]
    fields = [item for found in models if found is not Words for item in found.model_fields.items()]
    worded = {name for name, field in fields if "Words" in str(field.annotation)}
    assert worded | {"aliases"} == translations.TEXTS | translations.LISTS
