"""No file content breaks the check: it answers, and what it lets pass can be used."""

import copy
from collections.abc import Iterator
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.curriculum.load import Curricula, CurriculumError, check_folder, load_all
from tests.boats import GOOD

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
