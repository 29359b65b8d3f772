"""How well and how fast `/resource` answers, beside two things one could have taken instead.

    python tests/bench/search.py

Every engine sees every question of `tests/search_queries.py` in the same run, in turns, over the same curriculum. The
two others get the answer threshold that suits them best on this very set, so the comparison flatters them.
"""

import sqlite3
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

from rapidfuzz import process
from rapidfuzz.fuzz import WRatio
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from bot.curriculum.load import load_all  # noqa: E402 (found once the root is on the path)
from bot.curriculum.model import Curriculum, Resource  # noqa: E402
from bot.curriculum.search import Search  # noqa: E402
from bot.curriculum.words import words  # noqa: E402
from tests.search_queries import QUESTIONS, Question  # noqa: E402

ROUNDS = 20

Found = list[tuple[str, float]]  # resource ids with scores, best first
Engine = Callable[[Question], Found]


def milepost(curriculum: Curriculum) -> Engine:
    search = Search(curriculum)

    def find(asked: Question) -> Found:
        matches = search.find(asked.text, kind=asked.kind, phase=asked.phase)
        return [(match.resource.id, match.score) for match in matches]

    return find


def fuzzy(curriculum: Curriculum) -> Engine:
    """rapidfuzz's WRatio over titles and aliases: the best name speaks for its resource."""
    owners = [(name, resource) for resource in curriculum.resources for name in _names(resource)]
    names = [name.casefold() for name, _ in owners]

    def find(asked: Question) -> Found:
        best: dict[str, float] = {}
        for _, score, at in process.extract(asked.text.casefold(), names, scorer=WRatio, limit=None):
            if _kept(owners[at][1], asked):
                best.setdefault(owners[at][1].id, score)
        return list(best.items())

    return find


def full_text(curriculum: Curriculum) -> Engine:
    """SQLite's FTS5 with the porter stemmer, prefixes and the same column weights."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE shelf USING fts5(title, aliases, tags, about, tokenize='porter unicode61')")
    for resource in curriculum.resources:
        about = " ".join(resource.about.texts.values()) if resource.about else ""
        row = (" ".join(resource.title.texts.values()), " ".join(_names(resource)), " ".join(resource.tags), about)
        database.execute("INSERT INTO shelf VALUES (?, ?, ?, ?)", row)
    ranked = "SELECT rowid, -bm25(shelf, 4, 4, 2, 1) AS score FROM shelf WHERE shelf MATCH ? ORDER BY score DESC"

    def find(asked: Question) -> Found:
        match = " OR ".join(f'"{word.written}"*' for word in words(asked.text))
        found = database.execute(ranked, [match]).fetchall() if match else []
        resources = [(curriculum.resources[row - 1], score) for row, score in found]
        return [(resource.id, score) for resource, score in resources if _kept(resource, asked)]

    return find


def _names(resource: Resource) -> list[str]:
    return [*resource.title.texts.values(), *(alias for aliases in resource.aliases.values() for alias in aliases)]


def _kept(resource: Resource, asked: Question) -> bool:
    return asked.kind in (None, resource.kind) and asked.phase in (None, resource.phase)


def _shares(answers: Mapping[Question, Found], threshold: float) -> tuple[float, float]:
    """The share of questions met within three answers, and of questions off the topic left empty."""
    met = {True: 0, False: 0}
    asked = {True: 0, False: 0}
    for question, found in answers.items():
        asked[question.is_off_topic] += 1
        met[question.is_off_topic] += question.is_met([name for name, score in found if score >= threshold])
    return met[False] / asked[False], met[True] / asked[True]


def _best_threshold(answers: Mapping[Question, Found]) -> float:
    tops = {0.0, *(found[0][1] + step for found in answers.values() if found for step in (0, 1e-9))}
    return max(tops, key=lambda threshold: sum(_shares(answers, threshold)))


def main() -> None:
    curriculum = next(iter(load_all(ROOT / "curriculum" / "deep-learning")))
    makers = {
        "Milepost": milepost,
        "rapidfuzz WRatio, titles and aliases": fuzzy,
        "SQLite FTS5, porter": full_text,
    }
    engines: dict[str, Engine] = {}
    builds: dict[str, float] = {}
    for name, make in makers.items():
        began = perf_counter()
        engines[name] = make(curriculum)
        builds[name] = perf_counter() - began
    answers = {name: {question: find(question) for question in QUESTIONS} for name, find in engines.items()}
    seconds: dict[str, list[float]] = {name: [] for name in engines}
    for _ in range(ROUNDS):
        for question in QUESTIONS:
            for name, find in engines.items():
                began = perf_counter()
                find(question)
                seconds[name].append(perf_counter() - began)

    off_topic = sum(question.is_off_topic for question in QUESTIONS)
    table = Table(
        title=f"{len(QUESTIONS) - off_topic} questions and {off_topic} off the topic, {ROUNDS} rounds, "
        f"{len(curriculum.resources)} resources"
    )
    for heading in ("engine", "hit in 3", "off topic empty", "median ms", "p95 ms", "build ms"):
        table.add_column(heading, justify="left" if heading == "engine" else "right")
    for name, found in answers.items():
        hit, empty = _shares(found, 0.0 if name == "Milepost" else _best_threshold(found))
        times = [each * 1000 for each in seconds[name]]
        p95 = quantiles(times, n=20)[-1]
        table.add_row(
            name, f"{hit:.1%}", f"{empty:.1%}", f"{median(times):.2f}", f"{p95:.2f}", f"{builds[name] * 1000:.1f}"
        )
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
