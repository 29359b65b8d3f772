"""Answers interactions: one response each, within Discord's three seconds."""

import asyncio
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache
from typing import Any

import aiohttp
import discord
from discord.http import Route
from discord.webhook.async_ import async_context

from bot.chat import line
from bot.chat.command import LONGEST_LINE
from bot.chat.desk import Desk, apology
from bot.chat.literal import cut
from bot.chat.message import Button, Form, Message, Press, Reply, Same, Text
from bot.chat.platform import Call, Clock, Draw, Notebook, Refusal
from bot.chat.wording import Wording, plain, say
from bot.platforms.discord import ids
from bot.platforms.discord.files import NONE, Files, attached, fields, with_files
from bot.platforms.discord.form import render_form
from bot.platforms.discord.limits import LONGEST_HINT
from bot.platforms.discord.read import Heard, read
from bot.platforms.discord.render import render

log = logging.getLogger(__name__)

EPHEMERAL = 1 << 6
DEFER_AFTER = 1.5  # seconds; the first response must arrive within 3
LATE = 2.0  # seconds
DOUBLE_CLICK = 3.0  # seconds within which the same button is pressed by mistake, on a reply that one press replaces
DRAFT_FOR = timedelta(minutes=15)
ANSWERED = 40060  # what Discord says to an answer that it has already: the first one's receipt was lost
MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, SUGGESTIONS, MODAL = 4, 5, 6, 7, 8, 9  # response types


@lru_cache(maxsize=256)
def _rendered(reply: Same[Message], locale: str, page: int, again: str) -> Mapping[str, Any]:
    """The reply as it is shown, not to be changed. A command that gives many people one message has it drawn once."""
    return render(reply.value, locale, page=page, line=again)


@dataclass(frozen=True, slots=True)
class _Pressed:
    """The last press on a private reply."""

    custom_id: str
    at: float  # on the monotonic clock
    reply: asyncio.Task[Reply]


class Answering:
    """Answers what one connection hears."""

    def __init__(self, client: discord.Client, desk: Desk, notebook: Notebook, clock: Clock, draw: Draw) -> None:
        self._client = client
        self._desk = desk
        self._notebook = notebook
        self._clock = clock
        self._draw = draw
        self._pressed: dict[int, _Pressed] = {}
        self._in_flight: set[asyncio.Future[Any]] = set()

    async def answer(self, interaction: discord.Interaction[Any]) -> None:
        """Read the interaction, ask the Desk, and respond once."""
        given = asyncio.get_running_loop().create_future()
        self._in_flight.add(given)
        try:
            await self._answer(interaction)
        finally:
            self._in_flight.discard(given)
            given.set_result(None)

    async def drain(self, seconds: float) -> None:
        """Give answers in flight so long to be given."""
        late = (await asyncio.wait(self._in_flight, timeout=seconds))[1] if self._in_flight else ()
        if late:
            log.warning("%d answers were not ready within %g s and are lost", len(late), seconds)

    async def _answer(self, interaction: discord.Interaction[Any]) -> None:
        heard = read(interaction, self._desk)
        if heard is None:
            await self._respond(interaction, MESSAGE, _private(render(_EXPIRED, str(interaction.locale))))
        elif heard.typing is not None:
            await self._suggest(interaction, heard, *heard.typing)
        else:
            await self._deliver(interaction, heard)

    async def _suggest(self, interaction: discord.Interaction[Any], heard: Heard, name: str, typed: str) -> None:
        choices = await self._desk.suggest(heard.call, name, typed)
        locale = (await self._desk.known(heard.call)).locale
        made = self._desk.commands.get(heard.call.command)
        parameter = made.parameter(name) if made else None
        is_whole = parameter is not None and parameter.kind == "whole"
        names = [cut(plain(each.label, locale), LONGEST_HINT) for each in choices]
        values = [int(each.value) if is_whole else each.value[:LONGEST_HINT] for each in choices]
        shown = [{"name": name, "value": value} for name, value in zip(names, values, strict=True)]
        await self._respond(interaction, SUGGESTIONS, {"choices": shown})

    async def _deliver(self, interaction: discord.Interaction[Any], heard: Heard) -> None:
        """Respond with the reply; if it takes too long, say first that it is coming."""
        promises: list[asyncio.Task[bool]] = []

        def promise() -> None:
            promises.append(asyncio.create_task(self._promise(interaction, heard)))

        timer = asyncio.get_running_loop().call_later(DEFER_AFTER, promise)  # far cheaper than a task for each answer
        try:
            reply = await self._reply(heard)
            heard = replace(heard, call=await self._desk.known(heard.call))
            form = reply if isinstance(reply, Form) and not heard.after_form and not promises else None
            drawn, files = (_modal(form, heard.call), NONE) if form else await self._drawn(heard, reply)
        finally:
            timer.cancel()
        if promises and not await promises[0]:
            return
        place = None if promises else UPDATE if heard.replaces else MESSAGE
        try:
            await self._show(interaction, MODAL if form else place, drawn, files)
        except discord.HTTPException as refused:
            if refused.status != 400:
                raise
            reference = secrets.token_hex(3)
            log.error("Discord refuses the answer to %s, reference %s: %s", heard.call.command, reference, refused)
            await self._show(interaction, place, render(apology(reference), heard.call.locale))

    async def _reply(self, heard: Heard) -> Reply:
        """What the Desk says. The second press of a double click finds done what it asks for, and gets the first's."""
        if heard.pressed is None:
            return await self._ask(heard)
        message, custom_id = heard.pressed
        now = self._clock.monotonic()
        self._pressed = {key: each for key, each in self._pressed.items() if now - each.at < DOUBLE_CLICK}
        last = self._pressed.get(message)
        if last is None or last.custom_id != custom_id:
            last = _Pressed(custom_id, now, asyncio.create_task(self._ask(heard)))
            self._pressed[message] = last
        return await asyncio.shield(last.reply)

    async def _ask(self, heard: Heard) -> Reply:
        call = heard.call
        if heard.again:
            kept = await self._notebook.get(_draft_key(call))
            written = self._desk.read_line(kept) if kept else None
            call = replace(call, given=written.given) if written else call
        return await self._desk.answer(call)

    async def _promise(self, interaction: discord.Interaction[Any], heard: Heard) -> bool:
        """Say that the reply is coming; it is private as it will be. False if Discord did not take it any more."""
        kind, flags = (DEFERRED_UPDATE, {}) if heard.replaces else (DEFERRED, {"flags": EPHEMERAL})
        return await self._respond(interaction, kind, flags)

    async def _drawn(self, heard: Heard, reply: Reply) -> tuple[Mapping[str, Any], Files]:
        """The message to show, and its files: the reply itself, or what a form says where no form can be opened."""
        message = _as_message(reply) if isinstance(reply, Form) else reply
        call = heard.call
        if any(map(_is_long, message.buttons)):
            message = await self._with_draft(call, message)
        message, files = await with_files(message, call.locale, self._draw)
        return _rendered(Same(message), call.locale, heard.page, line.write(call.command, call.given)), files

    async def _with_draft(self, call: Call, message: Message) -> Message:
        """The message with buttons that fit: a refused form's line, too long for an id, is kept as its draft."""
        held: list[Press] = []
        for each in message.buttons:
            if isinstance(each, Button) and _is_long(each):
                try:
                    await self._notebook.put(_draft_key(call), each.line, self._clock.now() + DRAFT_FOR)
                except Refusal as unsaved:
                    log.warning("a refused form is shown without its button: %s", unsaved)
                else:
                    held.append(each.model_copy(update={"line": ids.again(call.command)}))
            else:
                held.append(each)
        return message.model_copy(update={"buttons": tuple(held)})

    async def _show(
        self, interaction: discord.Interaction[Any], kind: int | None, shown: Mapping[str, Any], files: Files = NONE
    ) -> None:
        """Respond in this way; None shows it where it was promised."""
        if files or kind in (UPDATE, None):
            shown = attached(shown, files)
        if kind is not None:
            await self._respond(interaction, kind, _private(shown) if kind == MESSAGE else shown, files)
            return
        route = Route(
            "PATCH", "/webhooks/{webhook_id}/{webhook_token}/messages/@original",
            webhook_id=interaction.application_id, webhook_token=interaction.token,
        )  # fmt: skip
        await self._send(interaction, route, shown, files)

    async def _respond(
        self, interaction: discord.Interaction[Any], kind: int, data: Mapping[str, Any], files: Files = NONE
    ) -> bool:
        """The interaction's one response. False if Discord did not take it any more."""
        late = (self._clock.now() - interaction.created_at).total_seconds()
        if late > LATE:
            log.warning("an answer took %.1f s", late)
        route = Route(
            "POST", "/interactions/{webhook_id}/{webhook_token}/callback",
            webhook_id=interaction.id, webhook_token=interaction.token,
        )  # fmt: skip
        return await self._send(interaction, route, {"type": kind, "data": data}, files)

    async def _send(
        self, interaction: discord.Interaction[Any], route: Route, payload: Mapping[str, Any], files: Files
    ) -> bool:
        """Whether Discord has it. Sent once more if the connection breaks: a second one changes nothing there.

        It goes the way of the SDK's own answers. Its way for bots remembers every interaction's token for five minutes,
        as the name of a rate limit, and looks through all of them each time there is a new one.
        """
        sdk, session = async_context.get(), interaction._session
        for is_last in (False, True):
            if self._client.is_closed():
                break  # `drain` has said that it is lost
            try:
                if files:
                    await sdk.request(route, session, multipart=fields(payload, files))
                else:
                    await sdk.request(route, session, payload={**payload})
                return True
            except (aiohttp.ClientError, OSError) as error:
                if is_last:
                    raise
                log.warning("an answer is sent again, since the connection broke: %r", error)
            except discord.NotFound as error:
                log.warning("an answer came too late: %s", error)
                break
            except discord.HTTPException as error:
                if error.code != ANSWERED:
                    raise
                return True
        return False


def _draft_key(call: Call) -> str:
    """One draft a person and command: what they wrote the last time that it was refused."""
    return f"draft:{call.person.id}:{call.command}"


def _is_long(press: Press) -> bool:
    return isinstance(press, Button) and len(press.line.encode()) > LONGEST_LINE


def _modal(form: Form, call: Call) -> Mapping[str, Any]:
    return render_form(form, call.locale, ids.form_id(form.command, dict(form.given)))


def _as_message(form: Form) -> Message:
    """What is wrong with a form, and a button that opens it as it was filled in."""
    errors = [each.error for each in form.fields if each.error is not None]
    said: list[Wording] = [*([form.text] if form.text is not None else []), *errors]
    parts = tuple(Text(text=each) for each in said or [say("Please fill this in.")])
    again = line.write(form.command, form.filled, asks=True)
    return Message(parts=parts, buttons=(Button(label=say("Correct it"), line=again),))


def _private(drawn: Mapping[str, Any]) -> dict[str, Any]:
    return {**drawn, "flags": drawn["flags"] | EPHEMERAL}


_EXPIRED = Message(parts=(Text(text=say("This button is from an older version. Please use the command again.")),))
