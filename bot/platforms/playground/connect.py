"""The playground as a platform: hears what the pages ask, lets the Desk answer, and shows posts to everybody."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import uuid4

from aiohttp import WSCloseCode, WSMessage, WSMsgType, web
from pydantic import ValidationError

from bot.chat import line
from bot.chat.argument import people_in
from bot.chat.desk import Desk
from bot.chat.message import Form, Message, Post, text
from bot.chat.platform import Call, Draw, Gone, Notebook, Person, Place, Posted, Rejected, TimeMachine
from bot.chat.projection import Calendar, CohortMembers, Projected
from bot.chat.wording import Phrase, as_typed, say
from bot.platforms.playground import wire
from bot.platforms.playground.door import file_routes, guard
from bot.platforms.playground.journal import Answer, Entry, Journal, Notice, with_key
from bot.platforms.playground.render import render_choice, render_form
from bot.platforms.playground.seat import Seat, Visit
from bot.platforms.playground.world import CHANNELS, COMMUNITY, NAME, PERSONAS, Channel, call, find

log = logging.getLogger(__name__)

_LARGEST_MESSAGE = 16 * 2**20  # bytes; beyond this aiohttp hangs up, below it one gets an error frame
_LAST_WORDS_SECONDS = 5.0


class Playground:
    """A `Platform` whose people are three personas on a local web page. Build it, add its routes, run it."""

    name = NAME
    projects: frozenset[Projected] = frozenset()

    def __init__(self, notebook: Notebook, time: TimeMachine, draw: Draw) -> None:
        self._journal = Journal(notebook)
        self._time = time
        self._draw = draw
        self._is_moving = False
        self._desk: Desk | None = None
        self._seats: set[Seat] = set()
        self._tasks: set[asyncio.Task[Mapping[str, Any]]] = set()

    def routes(self, application: web.Application) -> None:
        """Add the page (`/` and its files) and its WebSocket (`/ws`) to a server that listens on loopback."""
        application.router.add_routes([*file_routes(), web.get("/ws", self._connect)])
        application.on_shutdown.append(self._hang_up)

    @property
    def connected(self) -> bool:
        """Whether pages are answered now."""
        return self._desk is not None

    async def run(self, desk: Desk) -> None:
        """Answer pages until cancelled. Before that, a page that connects is told to try again."""
        self._desk = desk
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            self._desk = None
            if self._tasks:
                _, late = await asyncio.wait(self._tasks, timeout=_LAST_WORDS_SECONDS)
                for task in late:
                    task.cancel()
            await self._hang_up()

    async def post(self, place: Place, post: Post) -> Posted:
        """Show the post to everybody, or to its person. One whose key is there is not shown twice. Raises Gone."""
        channel, now = _channel(place), self._time.now()
        made: Entry = Notice(id=uuid4().hex, at=now, post=post, under=place.thread)
        if place.person:
            made = Answer(id=uuid4().hex, at=now, reader=place.person.id, message=post.message, key=post.key)
        kept = await self._journal.add(channel, made)
        if kept is made:
            self._show(channel, made)
            self._tell_all(self._clock())
        return _posted(place, kept)

    async def edit(self, posted: Posted, post: Post) -> None:
        """Change what a post says, in place. Raises Rejected if it is not there any more."""
        channel = _channel(posted.place)
        changed = await self._journal.repost(channel, posted.id, post.message)
        if changed is None:
            raise Rejected(f"#{channel} has no post {posted.id} to edit")
        self._show(channel, changed)

    async def withdraw(self, posted: Posted) -> None:
        """Take a post back."""
        channel = _channel(posted.place)
        if await self._journal.remove(channel, posted.id, reader=None):
            self._tell_all(wire.gone(channel, posted.id))

    async def find(self, place: Place, key: str, since: datetime) -> Posted | None:
        """The post with this key, put there at `since` (aware UTC) or later."""
        found = with_key(await self._journal.read(_channel(place)), key)
        return _posted(place, found) if found and found.at >= since else None

    def check(self, place: Place, post: Post) -> Sequence[Phrase]:
        """The page has room for everything."""
        return ()

    async def audience(self, places: Sequence[Place]) -> int:
        """All who are here."""
        return len(PERSONAS)

    async def is_private(self, place: Place) -> bool | None:
        """Whoever opens the page reads all of it."""
        return False

    async def project(self, state: CohortMembers | Calendar) -> None:
        """There are neither roles nor events here."""

    async def forget(self, person: Person) -> None:
        """Drop what was said to the persona alone, and what they said."""
        for channel in CHANNELS:
            for entry_id in await self._journal.forget(channel, person.id):
                self._tell_all(wire.gone(channel, entry_id))

    async def _connect(self, request: web.Request) -> web.WebSocketResponse:
        guard(request, origin=True)
        if self._desk is None:
            raise web.HTTPServiceUnavailable(text="Milepost is starting; try again in a moment.\n")
        socket = web.WebSocketResponse(heartbeat=30, max_msg_size=_LARGEST_MESSAGE)
        await socket.prepare(request)
        seat = Seat(socket)
        seat.tell(wire.hello(self._time.now(), self._is_moving))
        self._seats.add(seat)
        writer = asyncio.create_task(seat.write())
        try:
            async for message in socket:
                self._hear(seat, message)
        finally:
            self._seats.discard(seat)
            writer.cancel()
        return socket

    async def _hang_up(self, _: web.Application | None = None) -> None:
        for seat in tuple(self._seats):
            await seat.close(WSCloseCode.SERVICE_RESTART)

    def _hear(self, seat: Seat, message: WSMessage) -> None:
        if message.type is not WSMsgType.TEXT or len(message.data) > wire.MOST_CHARACTERS:
            seat.tell(wire.error(None, f"A frame is text of at most {wire.MOST_CHARACTERS:,} characters."))
            return
        try:
            ask = wire.ASK.validate_json(message.data)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(each) for each in first["loc"]) or "frame"
            seat.tell(wire.error(None, f"{where}: {first['msg']}"))
            return
        if isinstance(ask, wire.Enter):
            if ask.persona not in PERSONAS or ask.channel not in CHANNELS:
                seat.tell(wire.error(ask.n, f"There is no {ask.persona} in #{ask.channel}."))
                return
            seat.visit = Visit(PERSONAS[ask.persona], CHANNELS[ask.channel])
        if self._desk is None or seat.visit is None:
            seat.tell(wire.error(ask.n, "Enter a channel first." if self._desk else "Milepost is stopping."))
            return
        task = asyncio.create_task(self._heed(self._desk, seat, seat.visit, ask))
        self._tasks.add(task)  # a command runs to its end even if the page that sent it is closed
        task.add_done_callback(partial(self._finished, seat, ask.n))

    def _finished(self, seat: Seat, n: int, task: "asyncio.Task[Mapping[str, Any]]") -> None:
        self._tasks.discard(task)
        if task.cancelled():
            return
        failure = task.exception()
        if failure:
            log.error("the playground could not do what its page asked for", exc_info=failure)
            seat.tell(wire.error(n, "Something went wrong on our side; the log says what."))
        else:
            seat.tell(task.result())

    async def _heed(self, desk: Desk, seat: Seat, visit: Visit, ask: wire.Ask) -> Mapping[str, Any]:
        """Do what the page asks; the frame that answers it."""
        match ask:
            case wire.Enter():
                return await self._room(desk, seat, await _as_read(desk, seat, visit), ask.n)
            case wire.Suggest():
                made = call(visit.persona, visit.channel, ask.command, given=ask.given)
                choices = await desk.suggest(made, ask.argument, ask.typed)
                return wire.suggestions(ask.n, [render_choice(each, visit.persona.locale) for each in choices])
            case wire.Dismiss():
                if await self._journal.remove(visit.channel.id, ask.id, visit.persona.id):
                    self._tell_all(wire.gone(visit.channel.id, ask.id))
                return wire.done(ask.n)
            case wire.Move():
                return await self._move(ask)
            case _:
                async with seat.turn:
                    return await self._talk(desk, seat, visit, ask)

    async def _talk(
        self, desk: Desk, seat: Seat, visit: Visit, ask: wire.Say | wire.Press | wire.Fill
    ) -> Mapping[str, Any]:
        made, said = _read(desk, visit, ask)
        on = None if isinstance(ask, wire.Say) else ask.on
        if made is None:
            reply: Message | Form = (
                desk.unknown(said)
                if said.startswith("/")
                else text(say("Milepost answers to commands. Try {help}.", help=as_typed("help")))
            )
        else:
            reply = await desk.answer(made)
        visit = await _as_read(desk, seat, visit)
        if isinstance(reply, Form):
            answer = wire.form(ask.n, render_form(reply, visit.persona.locale))
        else:
            await self._reply(visit, reply, said, on)
            answer = wire.done(ask.n)
        await self._tell_commands(desk, seat, visit)
        return answer

    async def _reply(self, visit: Visit, message: Message, said: str, on: str | None) -> None:
        """Show the reply to who asked: in the place of the private one that was pressed, else at the end."""
        channel, reader = visit.channel.id, visit.persona.id
        kept: Entry | None = await self._journal.answer_again(channel, on, reader, message) if on else None
        if kept is None:
            made = Answer(id=uuid4().hex, at=self._time.now(), reader=reader, said=said, message=message)
            kept = await self._journal.add(channel, made)
        self._show(channel, kept)

    async def _room(self, desk: Desk, seat: Seat, visit: Visit, n: int) -> Mapping[str, Any]:
        await self._tell_commands(desk, seat, visit)
        channel = visit.channel.id
        drawn = [wire.entry(each, visit.persona, self._draw) for each in await self._journal.read(channel)]
        return wire.room(n, visit.persona, channel, [each for each in drawn if each is not None])

    async def _move(self, ask: wire.Move) -> Mapping[str, Any]:
        if self._is_moving:
            return wire.error(ask.n, "The clock is moving already.")
        self._is_moving = True
        try:
            await self._time.set_off(wire.STEPS[ask.by])
            self._tell_all(self._clock())  # not before it is kept: who sees the clock move may rely on it
            await self._time.arrive()
        finally:
            self._is_moving = False
            self._tell_all(self._clock())
        return wire.done(ask.n)

    async def _tell_commands(self, desk: Desk, seat: Seat, visit: Visit) -> None:
        """What the persona may run here; told again when it changed, since a command can change a rank."""
        known = [
            wire.command(each, visit.persona.locale)
            for each in desk.commands.values()
            if await desk.may(call(visit.persona, visit.channel, each.name), each)
        ]
        if known != seat.commands and seat.visit == visit:
            seat.commands = known
            seat.tell(wire.commands(known))

    def _show(self, channel: str, kept: Entry) -> None:
        for seat in self._seats:
            frame = wire.entry(kept, seat.visit.persona, self._draw) if seat.visit else None
            if frame:
                seat.tell(wire.told(channel, frame))

    def _clock(self) -> Mapping[str, Any]:
        return wire.clock(self._time.now(), self._is_moving)

    def _tell_all(self, frame: Mapping[str, Any]) -> None:
        for seat in self._seats:
            seat.tell(frame)


async def _as_read(desk: Desk, seat: Seat, visit: Visit) -> Visit:
    """The visit of the persona with the language and zone that they chose by now; the seat has it from then on."""
    persona = PERSONAS[visit.persona.id]
    known = await desk.known(call(persona, visit.channel, "home"))
    chosen = Visit(replace(persona, locale=known.locale, zone=known.zone or persona.zone), visit.channel)
    if seat.visit == visit:
        seat.visit = chosen
    return chosen


def _read(desk: Desk, visit: Visit, ask: wire.Say | wire.Press | wire.Fill) -> tuple[Call | None, str]:
    """What was asked as a call, None if it names no command, and the line that says the same."""

    def make(command: str, given: Mapping[str, str], **more: Any) -> Call:
        known = desk.commands.get(command)
        named = people_in(known, given, find) if known else {}
        return call(visit.persona, visit.channel, command, given={**given, **named}, **more)

    if isinstance(ask, wire.Fill):
        filled = {name: value for name, value in (ask.given | ask.values).items() if value.strip()}
        return make(ask.command, given=ask.given | ask.values, via="form"), "/" + line.write(ask.command, filled)
    typed = ask.text if isinstance(ask, wire.Say) else ask.line
    said = typed.strip() if isinstance(ask, wire.Say) else "/" + typed.removeprefix(line.ASK)
    found = desk.read_line(typed)
    if found is None:
        return None, said
    via = "line" if isinstance(ask, wire.Say) else "button"
    return make(found.command, given=found.given, asks=found.asks, via=via), said


def _channel(place: Place) -> str:
    known: Channel | None = CHANNELS.get(place.channel) if place.community == COMMUNITY else None
    if place.person and known is None:
        known = next(iter(CHANNELS.values()))  # word that a channel is lost has to be shown in another one
    if known is None:
        raise Gone(f"the playground has no #{place.channel} in {place.community}")
    return known.id


def _posted(place: Place, kept: Entry) -> Posted:
    opened = kept.id if isinstance(kept, Notice) and kept.post.thread is not None else None
    return Posted(place=place, id=kept.id, thread=opened)
