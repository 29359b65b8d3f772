"""What is remembered: verbs in community words, a log that can be undone, and what is kept in mind between reads."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import Connection, Engine, create_engine, event, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.pool import StaticPool

from bot.chat.platform import Call, Person, Place, Refusal
from bot.records import checkins, cohorts, members, notes, progress
from bot.records.bends import FIVE, FRIDAY, Amendment, Turn
from bot.records.members import STRANGER, load_standing
from bot.records.records import Records, RecordsNotebook
from bot.records.tables import checkins as checkins_table
from bot.records.tables import cohorts as cohorts_table
from bot.records.tables import members as members_table
from bot.records.tables import metadata
from bot.records.tables import notes as notes_table
from bot.records.tables import progress as progress_table
from tests.town import MONDAY, Town

ADA = Person(platform="square", id="ada", name="Ada")
LATER = MONDAY + timedelta(days=1)


@contextmanager
def statements() -> Iterator[list[str]]:
    """Every statement that any database executes meanwhile."""
    seen: list[str] = []

    def executed(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", executed)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", executed)


@pytest.mark.parametrize("line", ["help", "help week", "next", "week", "week 3", "roadmap", "resource backprop"])
async def test_a_command_that_only_reads_asks_the_database_nothing_when_warm(line: str, study_town: Town) -> None:
    before = await study_town.say(f"ada: /{line}")
    with statements() as seen:
        assert await study_town.say(f"ada: /{line}") == before
    assert seen == []


async def test_what_a_member_does_is_seen_at_once(study_town: Town) -> None:
    town = study_town
    await town.say("ada: /progress")
    first = next(iter(town.rooms.curricula)).tasks[0]
    await town.say(f"ada: /done {first.id} link:https://example.org/x")
    standing = await town.rooms.records.standing(ADA)
    assert standing.done == {"deep-learning": {first.id: 1}}
    await town.say("ada: /undo", expect="Taken back")
    assert (await town.rooms.records.standing(ADA)).done == {}
    await town.say("ada: /leave", expect="You have left")
    await town.say("ada: /week", expect="for members")
    await town.say("ada: /join", expect="Welcome")
    await town.say("ada: /week", expect="Week 1")


async def test_a_new_cohort_is_seen_at_once_by_everybody(study_town: Town) -> None:
    await study_town.say("bob: /join Wide", expect="No cohort here is called Wide")
    await study_town.start(
        "grace: /cohort create Wide curriculum:deep-learning", channel="other", expect="Wide is ready"
    )
    await study_town.say("bob: /join Wide", expect="Welcome to Wide!")


async def test_a_write_leaves_what_is_remembered_of_others_alone(study_town: Town) -> None:
    await study_town.say("bob: /join", expect="Welcome")
    await study_town.say("bob: /next")
    await study_town.say("ada: /join")
    with statements() as seen:
        await study_town.say("bob: /next")
    assert seen == []


async def test_what_was_read_before_a_write_is_not_remembered_after_it(study_town: Town, store: str) -> None:
    class Slow(Records):
        """Comes back late from its first read."""

        pause: asyncio.Event | None = None

        async def read(self, verb: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
            found = await super().read(verb, *args, **kwargs)
            if self.pause:
                await self.pause.wait()
            return found

    records = Slow(store, durable=False)
    records.pause = asyncio.Event()
    early = asyncio.create_task(records.standing(Person(platform="square", id="bob")))
    await asyncio.sleep(0.1)
    await records.write(members.enrol, Person(platform="square", id="bob", name="Bob"), 1, MONDAY)
    records.pause.set()
    assert await early == STRANGER
    assert (await records.standing(Person(platform="square", id="bob"))).enrolments
    await records.close()


async def test_a_write_whose_caller_is_gone_leaves_nothing_stale(study_town: Town) -> None:
    records = study_town.rooms.records
    for n in range(20):
        task = f"task-{n}"
        await records.standing(ADA)
        writing = asyncio.create_task(records.write(count, 1, task, call_id=task))
        await asyncio.sleep(0.0005 * n)
        writing.cancel()
        await asyncio.wait([writing])
        await records.write(notes.put, "square", "after", task)  # waits until the writer is done with it
        assert (await records.standing(ADA)).done == (await records.read(load_standing, "square", "ada")).done


async def test_a_stranger_is_known_to_be_one(study_town: Town) -> None:
    assert await study_town.rooms.records.standing(Person(platform="square", id="eve")) == STRANGER
    with statements() as seen:
        assert await study_town.rooms.records.standing(Person(platform="square", id="eve")) == STRANGER
    assert seen == []


async def test_only_so_many_people_are_remembered(study_town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.records.records.MOST_REMEMBERED", 10)
    for n in range(25):
        await study_town.rooms.records.standing(Person(platform="square", id=f"p{n}"))
    assert len(study_town.rooms.records._standings) <= 10


async def test_the_same_id_on_another_platform_is_another_person(study_town: Town) -> None:
    assert await study_town.rooms.records.standing(Person(platform="elsewhere", id="ada")) == STRANGER


async def test_enrolling_again_changes_nothing_and_coming_back_keeps_the_first_day(study_town: Town) -> None:
    records = study_town.rooms.records
    (enrolment,) = (await records.standing(ADA)).enrolments
    assert not await records.write(members.enrol, ADA, 1, LATER)
    await records.write(members.leave, enrolment, LATER)
    assert (await records.standing(ADA)).enrolments == ()
    assert await records.write(members.enrol, ADA, 1, LATER)
    (back,) = (await records.standing(ADA)).enrolments
    assert (back.id, back.joined_at, back.returned_at) == (enrolment.id, enrolment.joined_at, LATER)


async def test_a_new_name_is_the_one_that_is_used(study_town: Town) -> None:
    records = study_town.rooms.records
    await records.write(members.account, ADA.model_copy(update={"name": "Ada Lovelace"}), MONDAY)
    assert [person.name for _, person in await records.read(members.people, 1, "square")] == ["Ada Lovelace"]


async def test_which_cohort_is_meant_is_the_places_the_only_or_the_last(study_town: Town) -> None:
    def call(channel: str) -> Call:
        place = Place(platform="square", community="town", channel=channel)
        return Call(id="x", command="week", person=ADA, place=place)

    records = study_town.rooms.records
    assert (await records.enrolment(call("elsewhere"))).cohort.name == "Deep"
    await study_town.start("grace: /cohort create Wide curriculum:deep-learning", channel="other")
    await study_town.say("ada: /join Wide", expect="Welcome to Wide!")
    assert (await records.enrolment(call("elsewhere"))).cohort.name == "Wide"
    assert (await records.enrolment(call("main"))).cohort.name == "Deep"
    assert (await records.enrolment(call("other"))).cohort.name == "Wide"
    with pytest.raises(Refusal):
        await records.enrolment(
            Call(id="x", command="week", person=Person(platform="square", id="eve"), place=call("main").place)
        )


async def test_a_check_in_is_one_per_week_and_can_be_changed(study_town: Town) -> None:
    records = study_town.rooms.records
    answer: dict[str, Any] = {"next": None, "blocked": None, "hours": None, "is_shared": False}
    first, earlier = await records.write(checkins.check_in, 1, "2027-W01", MONDAY, did="little", **answer)
    assert earlier is None
    kept, earlier = await records.write(checkins.check_in, 1, "2027-W01", LATER, did="much", **answer)
    assert (kept.did, earlier) == ("much", first)
    await records.write(checkins.check_in, 1, "2027-W02", LATER, did="more", **answer)
    assert await records.read(checkins.periods, 1) == {"2027-W01", "2027-W02"}
    assert await records.read(checkins.answered, 1, "2027-W01") == {1}
    again = insert(checkins_table).values(enrolment_id=1, period="2027-W01", did="twice", is_shared=False, at=MONDAY)
    with pytest.raises(IntegrityError):
        await records.write(lambda c: c.execute(again))


async def test_a_verb_that_raises_leaves_nothing_and_nobody_remembers_it(study_town: Town) -> None:
    def verb(connection: Connection) -> None:
        members.enrol(connection, Person(platform="square", id="bob", name="Bob"), 1, MONDAY)
        raise RuntimeError("after enrolling")

    def members_known(connection: Connection) -> int:
        return connection.execute(select(func.count()).select_from(members_table)).scalar_one()

    records = study_town.rooms.records
    before = await records.read(members_known)
    with pytest.raises(RuntimeError):
        await records.write(verb)
    assert await records.standing(Person(platform="square", id="bob")) == STRANGER
    assert await records.read(members_known) == before


async def test_a_platforms_notes_are_its_own_and_are_forgotten_after_their_time(study_town: Town) -> None:
    records = study_town.rooms.records
    here, there = (RecordsNotebook(records, study_town.clock, name) for name in ("square", "elsewhere"))
    await here.put("greeting", "hello")
    await here.put("greeting", "good morning")
    assert (await here.get("greeting"), await there.get("greeting")) == ("good morning", None)
    await here.delete("greeting")
    assert await here.get("greeting") is None
    for each in (here, there):
        await each.put("seen", "yes", LATER)
    await here.put("seen", "again", LATER + timedelta(days=1))
    study_town.clock.forward(LATER + timedelta(seconds=1))
    assert (await here.get("seen"), await there.get("seen")) == ("again", None)
    await records.write(notes.forget_old, study_town.clock.now())
    assert await records.read(lambda c: c.execute(select(func.count()).select_from(notes_table)).scalar()) == 1


async def test_a_calendar_that_was_bent_before_turns_and_amendments_said_more_is_still_read(study_town: Town) -> None:
    kept = {"turns": [[3, "2027-01-04", 0, "09:00:00", "Asia/Seoul"]], "amendments": [["milestone", 4, None, True]]}
    await study_town.rooms.records.write(lambda connection: connection.execute(update(cohorts_table).values(kept)))
    found = await study_town.rooms.records.read(cohorts.get, 1)
    assert found.turns == (Turn(3, date(2027, 1, 4), 0, time(9), ZoneInfo("Asia/Seoul"), FRIDAY, FIVE),)
    assert found.amendments == (Amendment("milestone", 4, is_skipped=True),)
    bent = await study_town.rooms.records.write(cohorts.bend, found, MONDAY)
    assert bent == await study_town.rooms.records.read(cohorts.get, 1)


def count(connection: Connection, /, member: int, task: str, *, call_id: str, **how: int) -> tuple[int, int]:
    return progress.count(
        connection, member, "c", "1", task, add=how.get("add", 1), to=how.get("to"), at=MONDAY, source="line",
        call_id=call_id, link=None,
    )  # fmt: skip


def take_back(connection: Connection, member: int, call_id: str) -> progress.Entry | None:
    return progress.take_back(connection, member, "c", "1", at=MONDAY, source="line", call_id=call_id)


TASKS = some.sampled_from(["read", "write", "run"])
CHANGES = some.lists(
    some.one_of(
        some.tuples(some.just("add"), TASKS, some.integers(1, 20)),
        some.tuples(some.just("to"), TASKS, some.integers(0, 20)),
        some.tuples(some.just("undo"), TASKS, some.just(0)),
    ),
    max_size=15,
)


@cache
def in_memory() -> Engine:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    metadata.create_all(engine)
    return engine


@contextmanager
def two_members() -> Iterator[Connection]:
    """A database with members 1 and 2, and a run of the second's that nothing may touch; forgotten afterwards."""
    with in_memory().connect() as connection:
        connection.execute(insert(members_table), [{"created_at": MONDAY}, {"created_at": MONDAY}])
        count(connection, 2, "run", call_id="theirs", add=3)
        yield connection
        connection.rollback()


def apply(connection: Connection, n: int, change: tuple[str, str, int]) -> None:
    kind, task, amount = change
    if kind == "undo":
        take_back(connection, 1, f"call-{n}")
    else:
        count(connection, 1, task, call_id=f"call-{n}", **{kind: amount})


@given(CHANGES)
def test_the_log_comes_to_what_was_done_and_not_taken_back(changes: list[tuple[str, str, int]]) -> None:
    with two_members() as connection:
        stack: list[tuple[str, int]] = []
        for n, (kind, task, amount) in enumerate(changes):
            apply(connection, n, (kind, task, amount))
            by = amount - sum(each for of, each in stack if of == task) if kind == "to" else amount
            if kind == "undo":
                stack[-1:] = []
            elif by:
                stack.append((task, by))
        expected = {task: sum(each for of, each in stack if of == task) for task, _ in stack}
        assert all(each >= 0 for each in expected.values())
        assert progress.totals(connection, 1).get("c", {}) == {task: each for task, each in expected.items() if each}


@given(CHANGES)
def test_taking_everything_back_leaves_nothing_and_the_log_only_grows(changes: list[tuple[str, str, int]]) -> None:
    with two_members() as connection:
        for n, change in enumerate(changes):
            apply(connection, n, change)
        rows = connection.execute(select(func.count()).select_from(progress_table)).scalar_one()
        undone = 0
        while take_back(connection, 1, f"undo-{undone}"):
            undone += 1
        assert progress.totals(connection, 1) == {}
        assert connection.execute(select(func.count()).select_from(progress_table)).scalar_one() == rows + undone
        assert progress.totals(connection, 2) == {"c": {"run": 3}}


@given(CHANGES, some.integers(0, 14))
def test_a_call_that_arrives_twice_counts_once(changes: list[tuple[str, str, int]], again: int) -> None:
    with two_members() as connection:
        for n, change in enumerate(changes):
            apply(connection, n, change)
            logged = connection.execute(
                select(progress_table.c.id).where(progress_table.c.call_id == f"call-{n}")
            ).one_or_none()
            if n == again and logged:
                before = progress.totals(connection, 1)
                apply(connection, n, change)
                assert progress.totals(connection, 1) == before
