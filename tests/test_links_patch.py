"""The ready-made change of a curriculum's file: it applies, changes nothing else, and the file passes its check."""

import asyncio
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot import link_health
from bot.__main__ import REFUSALS, cli
from bot.curriculum.load import check_folder, load_all
from bot.curriculum.patch import Patch, patch
from bot.links.look import Web
from bot.records import links
from bot.records.links import Look
from bot.records.records import Records
from bot.shipped import shipped
from tests.boats import GOOD
from tests.town import MONDAY
from tests.web import answers, open_net

CAUTION = {"caution": 'It says: "gone" #1', "caution.ko": "없어졌어요: 아마도"}
LAST = "  - id: a-pond\n"


@pytest.fixture
def boats(tmp_path: Path) -> Callable[[str], Path]:
    """The file of a curriculum with that content."""

    def write(content: str) -> Path:
        folder = tmp_path / "boats"
        folder.mkdir()
        (folder / "curriculum.yaml").write_bytes(content.encode())
        return folder / "curriculum.yaml"

    return write


def applied(made: Patch, file: Path) -> None:
    """Apply it as its reader would, in the folder of the curricula."""
    subprocess.run(
        ["git", "apply", "-p1", "--whitespace=nowarn", "-"],
        input=made.diff.encode(),
        cwd=file.parent.parent,
        check=True,
    )


@pytest.mark.parametrize("context", [1, 3])
@pytest.mark.parametrize("wanted", [("paper-guide",), ("a-pond",), ("a-pond", "paper-guide")])
def test_it_applies_and_adds_the_cautions_alone(
    boats: Callable[[str], Path], wanted: tuple[str, ...], context: int
) -> None:
    file = boats(GOOD)
    before = next(iter(load_all(file.parent)))
    made = patch(file, dict.fromkeys(wanted, CAUTION), context=context)
    assert sorted(made.added) == sorted(wanted)
    applied(made, file)
    after = next(iter(load_all(file.parent)))
    assert {each.id for each in after.resources if each.caution} == set(wanted)
    assert {text for each in after.resources if each.caution for text in each.caution.texts.values()} == set(
        CAUTION.values()
    )
    bare = [each.model_copy(update={"caution": None}) for each in after.resources]
    assert after.model_copy(update={"resources": tuple(bare)}) == before
    assert check_folder(file.parent) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\n", "\r\n"),
        (LAST, f"\n  # remarks, and a\n  # gap\n{LAST}"),
        ("    kind: book\n", "    kind:\n      book\n"),
        ("    title.ko: 종이 안내\n", '    title.ko: "종이\n      안내"\n'),
        ("    aliases.ko: [종이]\n", "    aliases.ko:\n      - 종이\n      # the end\n"),
        (
            "    title: A guide to paper\n",
            "    about: |\n      First.\n      # not a remark\n    title: A guide to paper\n",
        ),
    ],
)
def test_it_finds_the_end_of_an_entry_however_that_is_written(boats: Callable[[str], Path], old: str, new: str) -> None:
    file = boats(GOOD.replace(old, new))
    applied(patch(file, {"paper-guide": CAUTION}), file)
    assert [each.id for each in next(iter(load_all(file.parent))).resources if each.caution] == ["paper-guide"]
    assert (b"\r\n" in file.read_bytes()) == (new == "\r\n")


def test_a_file_that_ends_without_a_line_end_can_be_changed(boats: Callable[[str], Path]) -> None:
    file = boats(GOOD[: GOOD.index("resources:\n")] + "resources:\n  - {id: paper-guide, title: A, kind: book}\n" + LAST
                 + "    title: B\n    kind: book")  # fmt: skip
    made = patch(file, {"a-pond": CAUTION})
    applied(made, file)
    assert "\\ No newline at end of file" in made.diff
    assert '\n    caution: "It says: \\"gone\\" #1"\n' in file.read_text("utf-8")


def test_what_cannot_be_changed_line_by_line_is_left_out_and_named(boats: Callable[[str], Path]) -> None:
    entry = "  - {id: in-braces, title: B, title.ko: 비, kind: book, aliases: [b], aliases.ko: [비]}\n"
    file = boats(GOOD.replace(LAST, entry + LAST))
    made = patch(file, {"in-braces": CAUTION, "a-pond": CAUTION, "nobody": CAUTION})
    assert (made.added, made.left) == (("a-pond",), ("in-braces", "nobody"))
    applied(made, file)
    assert check_folder(file.parent) == []


def test_a_caution_that_is_there_is_not_touched(boats: Callable[[str], Path]) -> None:
    file = boats(GOOD.replace("    kind: book\n", "    kind: book\n    caution: Old\n    caution.ko: 옛날\n"))
    assert patch(file, {"paper-guide": CAUTION}) == Patch("", (), ("paper-guide",))


# ---- the operator's command -----------------------------------------------------------------------------------------


@pytest.fixture
def home(tmp_path: Path, migrated: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a database and the shipped curricula, that the settings name."""
    (tmp_path / "kept.db").write_bytes(migrated.read_bytes())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path / 'kept.db'}")
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["links", *arguments])


async def look(home: Path, url: str, *looks: Look) -> None:
    records = Records(f"sqlite+aiosqlite:///{home / 'kept.db'}")
    for each in looks:
        await records.write(links.looked, url, each, MONDAY)
    await records.close()


BOOK = "http://www.deeplearningbook.org/"
FAILED = Look("failed", "status", 404)


async def test_an_operator_reads_what_is_broken_and_gets_the_patch(home: Path) -> None:
    await look(home, BOOK, FAILED, FAILED, FAILED)
    await look(home, "https://www.kaggle.com/uciml/iris", Look("unknown", "status", 403))
    said = await asyncio.to_thread(run, "--patch", "links.patch")
    assert (
        f"deep-learning: deep-learning-book: broken: {BOOK} (failed 3 times in a row, since 2027-01-04; "
        "its server answers 404)"
    ) in said.output
    assert "deep-learning: kaggle-iris: could not be checked: " in said.output
    assert "broken: 1; could not be checked: 1" in said.output
    written = (home / "links.patch").read_text("utf-8")
    assert "+++ b/deep-learning/curriculum.yaml" in written
    assert written.count("\n+    caution") == 2


async def test_a_patch_takes_no_other_files_place_and_an_empty_one_is_not_written(home: Path) -> None:
    (home / "letter").write_text("dear")
    refused = await asyncio.to_thread(run, "--patch", "letter")
    assert isinstance(refused.exception, REFUSALS)
    assert "letter is there already" in str(refused.exception)
    assert "nothing to change" in (await asyncio.to_thread(run, "--patch", "links.patch")).output
    assert not (home / "links.patch").exists()


async def test_an_operator_can_have_every_link_looked_at_now(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "curricula" / "boats").mkdir(parents=True)
    content = GOOD.replace("https://example.org/paper", "http://gone.example/")
    (home / "curricula" / "boats" / "curriculum.yaml").write_text(content, "utf-8")
    monkeypatch.setenv("CURRICULUM_DIR", str(home / "curricula"))
    async with open_net() as net:
        net.sites["gone.example"] = answers(404)
        web: Web = net.look_with()
        monkeypatch.setattr(link_health, "Web", lambda about: web)
        said = await asyncio.to_thread(run, "--check")
    assert "paper-boats: paper-guide: doubtful: http://gone.example/ (failed 1 times in a row" in said.output


def test_the_shipped_curricula_can_all_be_changed_so(tmp_path: Path) -> None:
    for folder in shipped("curriculum").iterdir():
        if not folder.is_dir():
            continue
        (tmp_path / folder.name).mkdir()
        file = tmp_path / folder.name / "curriculum.yaml"
        file.write_bytes((folder / "curriculum.yaml").read_bytes())
        without = [each.id for each in next(iter(load_all(folder))).resources if not each.caution]
        made = patch(file, dict.fromkeys(without, CAUTION))
        assert made.added == tuple(without)
        applied(made, file)
        assert check_folder(file.parent) == []
        assert all(each.caution for each in next(iter(load_all(file.parent))).resources)
