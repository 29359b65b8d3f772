"""What "How to learn Deep Learning" says (revision cbd9873) is all there, in both languages; and nothing needs it."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from bot.chat.wording import Words
from bot.curriculum.load import check_folder, load_all
from bot.curriculum.model import Curriculum, Task
from bot.curriculum.plan import plan

CURRICULA = Path(__file__).parent.parent / "curriculum"

# The links of the source as they stand there. Its link to Codecademy has no scheme, and three things are only named.
SOURCE_URLS = (
    "https://github.com/chiphuyen/machine-learning-systems-design/blob/master/build/build1/consolidated.pdf",
    "https://www.youtube.com/watch?v=yzIMircGU5I&list=PL5-da3qGB5ICCsgW1MxlZ0Hq8LL5U3u9y",
    "http://scikit-learn.org/stable/",
    "https://www.kaggle.com/competitions?sortBy=grouped&group=general&page=1&pageSize=20&category=gettingStarted",
    "https://colab.research.google.com/notebooks/welcome.ipynb",
    "https://www.kaggle.com/c/titanic",
    "https://www.kaggle.com/c/house-prices-advanced-regression-techniques",
    "https://www.kaggle.com/uciml/iris",
    "http://course.fast.ai/",
    "https://twitter.com/EmilWallner/status/1184723538810413056",
    "https://twitter.com/EmilWallner/status/1162289417140264960",
    "https://github.com/emilwallner/Deep-Learning-From-Scratch",
    "https://www.manning.com/books/grokking-deep-learning",
    "https://iamtrask.github.io/",
    "http://www.deeplearningbook.org/",
    "https://www.youtube.com/watch?v=fNk_zzaMoSs&list=PLZHQObOWTQDPD3MizzM2xVFitgF8hE_ab",
    "https://www.youtube.com/watch?v=WUvTyaaNkzM&list=PLZHQObOWTQDMsr9K-rj53DwVRMYO3t5Yr",
    "https://www.youtube.com/watch?v=qBigTkBLU6g&list=PLblh5JKOoLUK0FLuzwntyYI10UQFUhsY9",
    "https://www.youtube.com/watch?v=Gv9_4yMHFhI&list=PLblh5JKOoLUICTaGLRoHQDuF_7q2GfuJF",
    "https://www.youtube.com/watch?v=bzp5bQY7XmE&list=PLh6SAYydrIpc8uCGc_KxjLSDRV6tfT10u&index=2",
    "http://forums.fast.ai/",
    "https://keras-slack-autojoin.herokuapp.com/",
    "https://join.slack.com/t/distillpub/shared_invite/enQtMzg1NzU3MzEzMTg3LWJkNmQ4Y2JlNjJkNDlhYTU2ZmQxMGFkM2NiMTI2"
    "NGVjNzJkOTdjNTFiOGZmNDBjNTEzZGUwM2U0Mzg4NDAyN2E",
    "https://discuss.pytorch.org/",
    "https://blog.floydhub.com/my-first-weekend-of-deep-learning/",
    "https://blog.floydhub.com/coding-the-history-of-deep-learning/",
    "https://blog.floydhub.com/colorizing-b&w-photos-with-neural-networks/",
    "https://blog.floydhub.com/turning-design-mockups-into-code-with-deep-learning/",
    "http://www.aiartonline.com/design/emil-wallner/",
    "https://github.com/corewarai/open_project",
    "https://twitter.com/EmilWallner",
    "http://ai.stanford.edu/~zayd/why-is-machine-learning-hard.html",
    "https://80000hours.org/articles/ml-engineering-career-transition-guide/",
    "https://blog.gregbrockman.com/how-i-became-a-machine-learning-practitioner",
    "https://www.quora.com/What-are-the-best-ways-to-pick-up-Deep-Learning-skills-as-an-engineer",
    "https://www.youtube.com/watch?v=F1ka6a13S9I",
    "http://amid.fish/reproducing-deep-rl",
    "https://spinningup.openai.com/en/latest/spinningup/spinningup.html",
    "https://www.reddit.com/r/MachineLearning/comments/73n9pm/d_confession_as_an_ai_researcher_seeking_advice/",
    "https://news.ycombinator.com/item?id=20765553",
    "https://news.ycombinator.com/item?id=18421422",
)
NAMED_ONLY = {"anki", "khan-academy", "twitter"}

# What the source asks for, and the tasks that carry it: a month of work is several tasks here.
CORE_TASKS = {
    "learn Python syntax, the command line and git": ["python-syntax", "command-line-basics", "git-basics"],
    "use Pandas and scikit-learn on Kaggle problems": [
        "pandas-first-steps",
        "submit-titanic",
        "submit-house-prices",
        "classify-iris",
        "solve-kaggle-problems",
    ],
    "implement models on cloud GPUs for a month": [
        "start-a-cloud-gpu",
        "fastai-first-lessons",
        "write-a-training-loop",
        "models-on-cloud-gpus",
    ],
    "choose by interest": ["choose-first-projects"],
    "do a vision project": ["vision-project"],
    "do a language project": ["language-project"],
    "collect portfolio ideas": ["collect-project-ideas"],
    "write about the projects": ["vision-write-up", "language-write-up"],
    "recode the core concepts in numpy": [
        "recode-least-squares",
        "recode-gradient-descent",
        "recode-linear-regression",
        "recode-neural-network",
        "recode-core-concepts",
    ],
    "use the Deep Learning Book as a curriculum": ["book-as-syllabus"],
    "memorise the notations": ["memorise-notation"],
    "spend a week on the four video series": ["watch-video-series"],
    "put the key concepts on Anki cards with images": ["set-up-anki", "cards-with-pictures"],
}
CONDITIONAL_TASKS = {
    "learn to program for a few months": ["learn-to-program-first"],
    "write to 50 to 100 people": ["outreach"],
    "read up on cold outreach": ["prepare-outreach"],
    "study part one of the book for 2 to 3 months": [
        "book-linear-algebra",
        "book-probability",
        "book-numerical-computation",
        "book-machine-learning",
        "book-part-one",
    ],
}
IMPLIED_TASKS = ["join-a-forum", "follow-the-author"]

SUSPECT = {
    "machine-learning-god",
    "keras-slack",
    "distill-slack",
    "first-weekend",
    "history-of-deep-learning",
    "colorizing-photos",
    "mockups-to-code",
    "ai-art-online",
    "corewar",
}
SOFT = {
    "kaggle-getting-started",
    "kaggle-iris",
    "portfolio-ideas",
    "portfolio-writing",
    "emil-twitter",
    "why-ml-is-hard",
    "brockman-skills",
    "reproducing-deep-rl",
    "spinning-up",
}


@pytest.fixture(scope="module")
def deep_learning() -> Curriculum:
    return next(iter(load_all(CURRICULA / "deep-learning")))


@pytest.fixture(scope="module", params=["deep-learning", "english-emails"])
def curriculum(request: pytest.FixtureRequest) -> Curriculum:
    return next(iter(load_all(CURRICULA / request.param)))


def task(curriculum: Curriculum, task_id: str) -> Task:
    found = curriculum.task(task_id)
    assert found is not None, f"no task is called {task_id}"
    return found


def texts(part: object, path: str = "") -> Iterator[tuple[str, Words]]:
    """Every translatable text below `part`, with the way to it."""
    match part:
        case Words():
            yield path, part
        case BaseModel():
            for name in type(part).model_fields:
                yield from texts(getattr(part, name), f"{path}.{name}")
        case tuple():
            for n, inner in enumerate(part):
                yield from texts(inner, f"{path}[{n}]")


def test_the_shipped_curricula_have_no_findings() -> None:
    assert check_folder(CURRICULA) == []


def test_four_phases_last_as_long_as_the_source_says(deep_learning: Curriculum) -> None:
    lengths = [
        (phase.id, phase.weeks.min, phase.weeks.max, phase.duration and phase.duration.in_("en"))
        for phase in deep_learning.phases
    ]
    assert lengths == [
        ("getting-started", 8, 9, "2 months"),
        ("portfolio", 13, 52, "3-12 months"),
        ("theory-101", 4, 13, "1-3 months"),
        ("first-paper", 26, 52, "6-12 months"),
    ]


def test_two_phases_have_three_goals_each(deep_learning: Curriculum) -> None:
    assert {phase.id: len(phase.goals) for phase in deep_learning.phases if phase.goals} == {
        "getting-started": 3,
        "theory-101": 3,
    }


def test_every_link_of_the_source_is_there_letter_for_letter(deep_learning: Curriculum) -> None:
    urls = [resource.url for resource in deep_learning.resources if resource.url]
    assert Counter(urls) == Counter([*SOURCE_URLS, "https://www.codecademy.com/"])


def test_what_the_source_only_names_has_no_link(deep_learning: Curriculum) -> None:
    assert {resource.id for resource in deep_learning.resources if not resource.url} == NAMED_ONLY


def test_the_45_resources_are_of_these_kinds(deep_learning: Curriculum) -> None:
    assert Counter(resource.kind for resource in deep_learning.resources) == {
        "strategy": 10,
        "video": 6,
        "write-up": 6,
        "forum": 5,
        "practice": 4,
        "book": 3,
        "course": 3,
        "tool": 3,
        "thread": 3,
        "code": 1,
        "blog": 1,
    }


@pytest.mark.parametrize("asked", CORE_TASKS)
def test_a_core_task_of_the_source_is_required(deep_learning: Curriculum, asked: str) -> None:
    for name in CORE_TASKS[asked]:
        assert not task(deep_learning, name).optional, name


@pytest.mark.parametrize("asked", CONDITIONAL_TASKS)
def test_a_conditional_task_of_the_source_is_optional_and_says_for_whom(deep_learning: Curriculum, asked: str) -> None:
    for name in CONDITIONAL_TASKS[asked]:
        assert task(deep_learning, name).optional, name
        assert task(deep_learning, name).when is not None, name


@pytest.mark.parametrize("name", IMPLIED_TASKS)
def test_what_the_source_only_implies_is_optional(deep_learning: Curriculum, name: str) -> None:
    assert task(deep_learning, name).optional


def test_no_task_of_the_source_stands_in_a_milestone_of_ours(deep_learning: Curriculum) -> None:
    for names in [*CORE_TASKS.values(), *CONDITIONAL_TASKS.values(), IMPLIED_TASKS]:
        for name in names:
            milestone = deep_learning.milestone_of(name)
            assert milestone is not None, name
            assert not milestone.ours, name


def test_the_first_paper_is_all_ours(deep_learning: Curriculum) -> None:
    assert all(milestone.ours for milestone in deep_learning.phases[-1].milestones)


def test_the_first_paper_uses_its_four_write_ups(deep_learning: Curriculum) -> None:
    tasks = [task for milestone in deep_learning.phases[-1].milestones for task in milestone.tasks]
    used = {name for task in tasks for name in task.resources}
    assert used >= {"colorizing-photos", "mockups-to-code", "ai-art-online", "corewar"}


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("solve-kaggle-problems", 3, 3),
        ("choose-first-projects", 2, 2),
        ("outreach", 50, 100),
        ("many-readers", 50_000, 100_000),
        ("weekly-users", 100, 100),
        ("memorise-notation", 50, 50),
        ("recode-core-concepts", 4, 4),
        ("watch-video-series", 4, 4),
    ],
)
def test_a_number_of_the_source_is_a_target(deep_learning: Curriculum, name: str, least: int, most: int) -> None:
    target = task(deep_learning, name).target
    assert target is not None
    assert (target.count.min, target.count.max) == (least, most)


def test_seven_kinds_of_evidence_and_a_plain_link(deep_learning: Curriculum) -> None:
    kinds = {kind.id for kind in deep_learning.evidence_kinds}
    assert kinds == {"paper", "competition", "pull-request", "readers", "tool-users", "job", "art", "link"}


def test_every_kind_of_evidence_is_asked_for_somewhere(deep_learning: Curriculum) -> None:
    asked = {task.evidence for task in deep_learning.tasks if task.evidence}
    assert asked == {kind.id for kind in deep_learning.evidence_kinds}


def test_dead_and_doubtful_links_and_no_others_carry_a_caution(deep_learning: Curriculum) -> None:
    assert {resource.id for resource in deep_learning.resources if resource.caution} == SUSPECT | SOFT


def test_the_author_and_the_licence_are_credited(deep_learning: Curriculum) -> None:
    source = deep_learning.source
    assert (source.author, source.license, source.revision) == ("Emil Wallner", "MIT", "cbd9873")
    assert "Copyright (c) 2017 Emil Wallner" in (CURRICULA / "LICENSE-how-to-learn-deep-learning").read_text("utf-8")


def test_every_text_speaks_english_and_korean(curriculum: Curriculum) -> None:
    found = list(texts(curriculum))
    assert len(found) > len(curriculum.tasks) + len(curriculum.resources)
    assert [path for path, words in found if set(words.texts) != {"en", "ko"}] == []


def test_every_resource_has_aliases_in_both_languages(curriculum: Curriculum) -> None:
    for resource in curriculum.resources:
        for language in ("en", "ko"):
            assert len(resource.aliases.get(language, ())) >= 3, (resource.id, language)


def test_every_resource_is_part_of_a_task(curriculum: Curriculum) -> None:
    used = {name for task in curriculum.tasks for name in task.resources}
    assert {resource.id for resource in curriculum.resources} - used == set()


def test_every_habit_is_part_of_a_task(curriculum: Curriculum) -> None:
    assert {strategy.id for strategy in curriculum.strategies} == {
        task.strategy for task in curriculum.tasks if task.strategy
    }


def test_every_week_of_the_usual_season_asks_for_something(curriculum: Curriculum) -> None:
    for step in plan(curriculum):
        assert any(not task.optional for task in step.tasks), step.number


def test_milestones_reach_the_middle_of_their_phase(curriculum: Curriculum) -> None:
    for phase in curriculum.phases:
        assert sum(milestone.weeks.max for milestone in phase.milestones) >= phase.weeks.middle, phase.id
