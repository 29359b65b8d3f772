"""Answers interactions: one response each, within Discord's three seconds."""

import asyncio
import json
import logging
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import aiohttp
import discord
from discord.http import Route
from discord.webhook.async_ import async_context

from bot.chat import line
from bot.chat.desk import Desk
from bot.chat.message import Button, Form, Message, Reply, Same, Text
from bot.chat.platform import Clock, Notebook
from bot.chat.wording import Wording, plain, say
from bot.platforms.discord import ids
from bot.platforms.discord.form import render_form
from bot.platforms.discord.read import Heard, read
from bot.platforms.discord.render import render

log = logging.getLogger(__name__)

EPHEMERAL = 1 << 6
DEFER_AFTER = 1.5  # seconds; the first response must arrive within 3
LATE = 2.0  # seconds
ANSWERED = 40060  # what Discord says to an answer that it has already: the first one's receipt was lost
MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, SUGGESTIONS, MODAL = 4, 5, 6, 7, 8, 9  # response types


@lru_cache(maxsize=256)
def _drawn(reply: Same[Message], locale: str, page: int, again: str) -> Mapping[str, Any]:
    """The reply as it is shown, not to be changed. A command that gives many people one message has it drawn once."""
    return render(reply.value, locale, page=page, line=again)


class Answering:
    """Answers what one connection hears."""

    def __init__(self, client: discord.Client, desk: Desk, notebook: Notebook, clock: Clock) -> None:
        self._client = client
        self._desk = desk
        self._notebook = notebook
        self._clock = clock
        self._in_flight = 0
        self._all_given = asyncio.Event()

    async def answer(self, interaction: discord.Interaction[Any]) -> None:
        """Read the interaction, ask the Desk, and respond once."""
        self._in_flight += 1
        self._all_given.clear()
        try:
            await self._answer(interaction)
        finally:
            self._in_flight -= 1
            if not self._in_flight:
                self._all_given.set()

    async def drain(self, seconds: float) -> None:
        """Give answers in flight so long to be given."""
        if not self._in_flight:
            return
        try:
            async with asyncio.timeout(seconds):
                await self._all_given.wait()
        except TimeoutError:
            log.warning("%d answers were not ready within %g s and are lost", self._in_flight, seconds)

    async def _answer(self, interaction: discord.Interaction[Any]) -> None:
        heard = await self._read(interaction)
        if heard is None:
            await self._respond(interaction, MESSAGE, _private(render(_EXPIRED, str(interaction.locale))))
        elif heard.typing is not None:
            await self._suggest(interaction, heard, *heard.typing)
        else:
            await self._deliver(interaction, heard)

    async def _read(self, interaction: discord.Interaction[Any]) -> Heard | None:
        """The interaction, with the draft of a form that was refused if that is to be opened again."""
        heard = read(interaction, self._desk)
        if heard is None or not heard.again:
            return heard
        kept = await self._notebook.get(_draft_key(heard))
        draft = json.loads(kept) if kept else {}
        given = draft.get("given", {}) if draft.get("command") == heard.call.command else {}
        return replace(heard, call=replace(heard.call, given={**heard.call.given, **given}))

    async def _suggest(self, interaction: discord.Interaction[Any], heard: Heard, name: str, typed: str) -> None:
        choices = await self._desk.suggest(heard.call, name, typed)
        locale = heard.call.locale
        made = self._desk.commands.get(heard.call.command)
        parameter = made.parameter(name) if made else None
        is_whole = parameter is not None and parameter.kind == "whole"
        shown = [
            {"name": _label(plain(each.label, locale)), "value": int(each.value) if is_whole else each.value[:100]}
            for each in choices
        ]
        await self._respond(interaction, SUGGESTIONS, {"choices": shown})

    async def _deliver(self, interaction: discord.Interaction[Any], heard: Heard) -> None:
        """Respond with the reply; if it takes too long, say first that it is coming."""
        promises: list[asyncio.Task[bool]] = []

        def promise() -> None:
            promises.append(asyncio.create_task(self._promise(interaction, heard)))

        timer = asyncio.get_running_loop().call_later(DEFER_AFTER, promise)  # far cheaper than a task for each answer
        try:
            reply = await self._desk.answer(heard.call)
        finally:
            timer.cancel()
        if promises:
            if await promises[0]:
                await self._deliver_late(interaction, heard, reply)
            return
        if isinstance(reply, Form) and not heard.after_form:
            custom_id = ids.form_id(reply.command, dict(reply.given))
            await self._respond(interaction, MODAL, render_form(reply, heard.call.locale, custom_id))
        elif heard.replaces:
            await self._respond(interaction, UPDATE, await self._draw(heard, reply))
        else:
            await self._respond(interaction, MESSAGE, _private(await self._draw(heard, reply)))
        if heard.after_form and not isinstance(reply, Form):
            await self._notebook.delete(_draft_key(heard))

    async def _promise(self, interaction: discord.Interaction[Any], heard: Heard) -> bool:
        """Say that the reply is coming; it is private as it will be. False if Discord did not take it any more."""
        kind, flags = (DEFERRED_UPDATE, {}) if heard.replaces else (DEFERRED, {"flags": EPHEMERAL})
        return await self._respond(interaction, kind, flags)

    async def _deliver_late(self, interaction: discord.Interaction[Any], heard: Heard, reply: Reply) -> None:
        """Put the reply where it was promised."""
        route = Route(
            "PATCH", "/webhooks/{webhook_id}/{webhook_token}/messages/@original",
            webhook_id=interaction.application_id, webhook_token=interaction.token,
        )  # fmt: skip
        await self._send(interaction, route, {**await self._draw(heard, reply)})

    async def _draw(self, heard: Heard, reply: Reply) -> Mapping[str, Any]:
        """The message to show: the reply itself, or what a form says where no form can be opened."""
        if isinstance(reply, Form):
            reply = await self._as_message(heard, reply)
        call = heard.call
        again = line.write(call.command, call.given)
        return _drawn(Same(reply), call.locale, heard.page, again)

    async def _as_message(self, heard: Heard, form: Form) -> Message:
        """What is wrong with a form that was sent, and a button that opens it again as it was filled in."""
        draft = {"command": form.command, "given": {**dict(form.given), **heard.call.given}}
        await self._notebook.put(_draft_key(heard), json.dumps(draft))
        errors = [each.error for each in form.fields if each.error is not None]
        said: list[Wording] = [*([form.text] if form.text is not None else []), *errors]
        parts = tuple(Text(text=each) for each in said or [say("Please fill this in.")])
        return Message(parts=parts, buttons=(Button(label=say("Correct it"), line=ids.again(form.command)),))

    async def _respond(self, interaction: discord.Interaction[Any], kind: int, data: Mapping[str, Any]) -> bool:
        """The interaction's one response. False if Discord did not take it any more."""
        late = (self._clock.now() - interaction.created_at).total_seconds()
        if late > LATE:
            log.warning("an answer took %.1f s", late)
        route = Route(
            "POST", "/interactions/{webhook_id}/{webhook_token}/callback",
            webhook_id=interaction.id, webhook_token=interaction.token,
        )  # fmt: skip
        return await self._send(interaction, route, {"type": kind, "data": data})

    async def _send(self, interaction: discord.Interaction[Any], route: Route, payload: dict[str, Any]) -> bool:
        """Whether Discord has it. Sent once more if the connection breaks: a second one changes nothing there.

        It goes the way of the SDK's own answers. Its way for bots remembers every interaction's token for five minutes,
        as the name of a rate limit, and looks through all of them each time there is a new one.
        """
        sdk, session = async_context.get(), interaction._session
        for is_last in (False, True):
            if self._client.is_closed():
                break  # `drain` has said that it is lost
            try:
                await sdk.request(route, session, payload=payload)
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


def _draft_key(heard: Heard) -> str:
    """One draft a person: the last form of theirs that was refused."""
    return f"draft:{heard.call.person.id}"


def _private(drawn: Mapping[str, Any]) -> dict[str, Any]:
    return {**drawn, "flags": drawn["flags"] | EPHEMERAL}


def _label(text: str) -> str:
    return text if len(text) <= 100 else text[:99] + "…"


_EXPIRED = Message(parts=(Text(text=say("This button is from an older version. Please use the command again.")),))
