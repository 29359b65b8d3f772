"""A small world for the playground's tests: a few commands, a notebook that outlives a restart, a clock that posts."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal

from aiohttp import web

from bot.chat.command import Arg, Rank, command
from bot.chat.desk import Desk
from bot.chat.message import Button, Choice, Fact, Facts, Item, Link, Message, Post, Text, text
from bot.chat.platform import Call, Person, Place, Refusal
from bot.chat.wording import Markdown, Moment, Words, say
from bot.pictures.studio import Studio
from bot.platforms.playground.connect import Playground

START = datetime(2026, 12, 7, 9, tzinfo=UTC)
TASKS = {"mnist": "Train a net on MNIST", "notes": "Write up your notes", "blog": "Publish a post"}


class Town:
    """Who has joined, and what is done."""

    def __init__(self) -> None:
        self.members: set[str] = set()
        self.done: set[str] = set()

    async def rank_of(self, call: Call) -> Rank:
        if call.is_admin:
            return Rank.FACILITATOR
        return Rank.MEMBER if call.person.id in self.members else Rank.ANYONE


async def open_tasks(call: Call, typed: str, town: Town) -> Sequence[Choice]:
    """The tasks not done yet whose name holds what was typed."""
    left = {name: title for name, title in TASKS.items() if name not in town.done}
    return [
        Choice(value=name, label=title) for name, title in left.items() if typed.lower() in f"{name} {title}".lower()
    ]


@command()
async def join(call: Call, town: Town) -> Message:
    """Join the demo cohort."""
    town.members.add(call.person.id)
    week_button = Button(label=say("This week"), line="week", style="primary")
    return Message(
        title=say("Welcome, {who}!", who=call.person.mention()),
        parts=(Text(text=say("You are in. Your next milestone comes **every Monday**.")),),
        buttons=(week_button, Link(label=say("The article"), url="https://example.org/deep")),
    )


@command(allow=Rank.MEMBER)
async def week(town: Town) -> Message:
    """Show this week's tasks."""
    items = tuple(
        Item(
            title=Words(texts={"en": title, "ko": f"과제: {title}"}),
            text="✓" if name in town.done else say("About {hours} hours", hours=3),
            link="https://example.org/" + name,
            button=None if name in town.done else Button(label=say("Done"), line=f"done {name}"),
        )
        for name, title in TASKS.items()
    )
    due = Fact(label=say("Due"), value=Moment(at=START + timedelta(days=7), zone="Asia/Seoul"))
    count = Fact(label=say("Done"), value=say("{n} of {all}", n=len(town.done), all=len(TASKS)))
    return Message(title=say("Week 1: the first net"), parts=(Facts(facts=(due, count)), *items))


@command(allow=Rank.MEMBER)
async def done(town: Town, task: Annotated[str, Arg("Which task?", suggest=open_tasks)]) -> Message:
    """Mark a task done."""
    if task not in TASKS:
        raise Refusal("No task is called {task}.", field="task", task=task)
    town.done.add(task)
    return Message(
        parts=(Text(text=say("**{task}** is done. Well done!", task=TASKS[task])),),
        buttons=(Button(label=say("This week"), line="week"),),
    )


@command(allow=Rank.MEMBER, ask=True)
async def checkin(
    call: Call,
    did: Annotated[str, Arg("What did you do this week?", long=True)],
    mood: Annotated[Literal["good", "fine", "stuck"], Arg("How is it going?")],
    hours: Annotated[int | None, Arg("About how many hours?", min=0, max=80)] = None,
    task: Annotated[str | None, Arg("Which task next?", suggest=open_tasks)] = None,
    share: Annotated[bool, Arg("Share it with the cohort?")] = False,
) -> Message:
    """Say what you did this week."""
    shared = say("Shared.") if share else say("Kept between us.")
    return text(
        say("Thank you, {who}: {did} ({mood}, {hours})", who=call.person.name, did=did, mood=mood, hours=hours or 0),
        shared,
    )


@command()
async def resource(
    query: Annotated[str, Arg("What are you looking for?")],
    kind: Annotated[Literal["course", "book", "video"] | None, Arg("Only this kind")] = None,
) -> Message:
    """Find a resource in the curriculum."""
    hit = Item(title=f"About {query}", text=kind or say("Any kind"), link="https://example.org/r")
    return Message(title=say("Resources for {query}", query=query), parts=(hit,))


@command(allow=Rank.FACILITATOR)
async def cohort_create(
    name: Annotated[str, Arg("What is it called?")],
    start: Annotated[date | None, Arg("When does it start?")] = None,
    at: Annotated[time | None, Arg("At what time of day?")] = None,
) -> Message:
    """Start a cohort in this channel."""
    return text(say("{name} starts {start} at {at}.", name=name, start=str(start), at=str(at)))


@command()
async def break_() -> Message:
    """Fail, to see what happens."""
    raise RuntimeError("broken on purpose")


class Memory:
    """A notebook in memory; hand the same one on to live through a restart."""

    def __init__(self) -> None:
        self.notes: dict[str, str] = {}

    async def get(self, key: str) -> str | None:
        return self.notes.get(key)

    async def put(self, key: str, value: str, until: datetime | None = None) -> None:
        self.notes[key] = value

    async def delete(self, key: str) -> None:
        self.notes.pop(key, None)


class Machine:
    """A clock that is moved; a milestone is due every Monday at nine, UTC."""

    def __init__(self) -> None:
        self.at = self.until = START
        self.may_note = asyncio.Event()
        self.may_note.set()
        self.playground: Playground | None = None
        self.pause = 0.05

    def now(self) -> datetime:
        return self.at

    async def set_off(self, by: timedelta) -> None:
        await self.may_note.wait()
        self.until = self.at + by

    async def arrive(self) -> None:
        due = START + timedelta(weeks=(self.at - START) // timedelta(weeks=1) + 1)
        await asyncio.sleep(self.pause)
        while due <= self.until:
            self.at = due
            number = (due - START).days // 7 + 1
            if self.playground:
                await self.playground.post(place(), milestone(number))
            due += timedelta(weeks=1)
        self.at = self.until


@command(allow=Rank.FACILITATOR)
async def thank(person: Annotated[Person, Arg("Whom?")]) -> Message:
    """Thank somebody."""
    return text(say("Thank you, {person}!", person=person.mention()))


def place(channel: str = "deep-learning") -> Place:
    """A channel of the demo community."""
    return Place(platform="playground", community="demo", channel=channel, name=f"#{channel}")


def milestone(number: int, locale: str = "en") -> Post:
    """The post of a week."""
    source = "Read **one** chapter, run `python train.py`, and [share it](https://example.org/share)."
    mark = Button(label=say("Done"), line="done mnist")
    return Post(
        key=f"c1:milestone:step-{number}",
        locale=locale,
        thread=f"Week {number}: questions and wins",
        notify=(Person(platform="playground", id="ada", name="Ada"),),
        message=Message(
            title=say("Week {number}: build something", number=number),
            parts=(
                Text(text=Markdown(source=source)),
                Item(title=TASKS["mnist"], text="2 h", link="https://example.org/mnist", button=mark),
            ),
            buttons=(
                Button(label=say("This week"), line="week", style="primary"),
                Button(label=say("Check in"), line="checkin"),
            ),
        ),
    )


def a_desk(town: Town) -> Desk:
    """The desk with all of these commands."""
    return Desk([join, week, done, checkin, resource, cohort_create, break_, thank], [town], town.rank_of)


@asynccontextmanager
async def serving(
    notebook: Memory, machine: Machine, town: Town, port: int = 0
) -> AsyncIterator[tuple[Playground, str]]:
    """The playground on a real server on loopback, and its address."""
    playground = Playground(notebook, machine, Studio())
    machine.playground = playground
    application = web.Application()
    playground.routes(application)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    running = asyncio.create_task(playground.run(a_desk(town)))
    await asyncio.sleep(0)
    try:
        yield playground, f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await runner.cleanup()
