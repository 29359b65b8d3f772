"""Answers what Slack delivers: one acknowledgement each, long before its three seconds, and the rest meanwhile."""

import asyncio
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache, partial

from bot.chat import line
from bot.chat.command import Rank
from bot.chat.desk import Desk, apology
from bot.chat.message import File, Form, Message, Reply, Same, text
from bot.chat.platform import Call, Clock, Failure, Notebook
from bot.chat.wording import say
from bot.platforms.slack.client import Web
from bot.platforms.slack.errands import Errands
from bot.platforms.slack.files import handed_over
from bot.platforms.slack.form import errors, only_typed, options, render_form, reopen
from bot.platforms.slack.home import Homes
from bot.platforms.slack.people import UNKNOWN, People, Profile, person_of
from bot.platforms.slack.read import (
    HOME,
    Heard,
    Json,
    home_place,
    is_for,
    mark,
    noted,
    read,
    sender,
    waiting,
)
from bot.platforms.slack.render import render, render_home, render_view

log = logging.getLogger(__name__)

ACK_AFTER = 0.3  # seconds; Slack waits for 3
SUGGEST_WITHIN = 2.0  # seconds; what is suggested later reaches nobody
PROFILE_WITHIN = 1.0  # seconds; a window must open within 3
SETTLE = 0.5  # seconds for an acknowledgement to take effect before what it showed is replaced
RECENT = 512  # deliveries
# Seconds until a delivery is acknowledged without its answer, by type; a slash command has none. At once, if its answer
# could not be in the acknowledgement anyhow.
WITHIN = {None: ACK_AFTER, "view_submission": ACK_AFTER, "block_suggestion": SUGGEST_WITHIN}
# Answered with what came along, not with our token, which means nothing in another workspace.
BY_ITSELF = ("command", "form", "private", "public")

Ack = asyncio.Future[str | None]


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A reply as it is shown, not to be changed, and the same as text."""

    shown: Json
    written: str


@lru_cache(maxsize=256)
def _drawn(reply: Same[Message], locale: str, page: int, again: str, command: str) -> _Drawn:
    """The reply, drawn. A command that gives many people one message has it drawn and written once."""
    shown = {"response_type": "ephemeral", **render(reply.value, locale, page=page, line=again, command=command)}
    return _Drawn(shown, _written(shown))


class Answering:
    """Answers what one workspace delivers. `commands` are our slash commands, as `read` takes them."""

    def __init__(
        self, desk: Desk, web: Web, people: People, notebook: Notebook, clock: Clock, team: str,
        commands: Mapping[str, str],
    ) -> None:  # fmt: skip
        self._desk = desk
        self._web = web
        self._people = people
        self._clock = clock
        self._team = team
        self._commands = commands
        self._command = next(name for name, words in commands.items() if not words)
        self._errands = Errands()
        self._homes = Homes(self._home, web, notebook, self._errands)
        self._acks: dict[str, Ack] = {}

    async def answer(self, body: Json) -> str | None:
        """What the acknowledgement says, as JSON, None for nothing; what takes longer goes on meanwhile.

        What is delivered again gets the same acknowledgement, and nothing is done twice.
        """
        again = mark(body)
        if again is not None and (earlier := self._acks.get(again)) is not None:
            log.info("%s was delivered again", again)
            return await asyncio.shield(earlier)
        ack: Ack = asyncio.get_running_loop().create_future()
        if again is not None:
            self._acks[again] = ack
            if len(self._acks) > RECENT:
                del self._acks[next(iter(self._acks))]
        self._errands.start(self._take(body, ack), partial(self._excuse, body, ack))
        return await ack

    async def drain(self, seconds: float) -> None:
        """Give answers in flight so long to be given."""
        await self._errands.drain(seconds)

    def forget(self, user: str) -> None:
        """Ask anew who the person is, the next time, and have their Home show what a stranger's does."""
        self._errands.start(self._forget(user))

    async def _forget(self, user: str) -> None:
        await self._homes.forget(user)
        self._people.forget(user)  # whose profile the Home was drawn by

    async def _take(self, body: Json, ack: Ack) -> None:
        """Do all that the delivery asks for; the acknowledgement is given on the way, else by the excuse."""
        seconds = WITHIN.get(body.get("type"), 0)
        timer = asyncio.get_running_loop().call_later(seconds, self._promise, body, ack)
        try:
            await self._hear(body, ack)
            _give(ack, None)
        except asyncio.CancelledError:
            _give(ack, None)
            raise
        finally:
            timer.cancel()

    async def _hear(self, body: Json, ack: Ack) -> None:
        if not is_for(body, self._team):
            await self._turn_away(body, ack)
        elif "event" in body:
            await self._notice(body["event"])
        elif (user := sender(body)) is not None:
            profile = await self._profile(user, body)
            heard = read(body, self._desk, self._team, self._commands, profile)
            if heard is None:
                log.debug("there is nothing to answer in this: %s", body.get("type"))
            elif heard.typing is not None:
                _give(ack, _written(await self._suggestions(heard, *heard.typing)))
            else:
                made = self._desk.commands.get(heard.call.command)
                if made is not None:
                    heard = replace(heard, call=await self._people.introduce(heard.call, made))
                reply = await self._ask(heard, profile)
                await self._answer(replace(heard, call=await self._desk.known(heard.call)), reply, ack)

    async def _turn_away(self, body: Json, ack: Ack) -> None:
        what = body.get("event", body).get("type") or body.get("command")
        log.warning("what comes from another workspace than %s is dropped: %s", self._team, what)
        heard = waiting(body, self._team, _ELSEWHERE)
        if heard is not None and heard.surface in BY_ITSELF:
            await self._answer(heard, _ELSEWHERE, ack)

    async def _excuse(self, body: Json, ack: Ack, reference: str) -> None:
        """Tell who waits what to ask for: of what could not be read or drawn, the Desk knows nothing."""
        try:
            said = apology(reference)
            profile = self._people.known(sender(body) or "") or UNKNOWN
            heard = waiting(body, self._team, said, profile)
            if heard is not None:
                await self._answer(heard, said, ack)
        finally:
            _give(ack, None)

    def _promise(self, body: Json, ack: Ack) -> None:
        """Acknowledge before the answer is there."""
        match body.get("type"):
            case "view_submission":
                profile = self._people.known(sender(body) or "") or UNKNOWN
                _give(ack, _written({"response_action": "update", "view": render_view(_MOMENT, profile.locale)}))
            case "block_suggestion":
                _give(ack, _written({"options": []}))
            case _:
                _give(ack, None)

    async def _profile(self, user: str, body: Json) -> Profile:
        """The sender's profile. A form is sent with rights, so it waits for them; nothing else waits for long."""
        known = self._people.known(user)
        if body.get("type") == "view_submission":
            if known is not None and known.is_admin is None:
                self._people.forget(user)
            return await self._people.of(user)
        if known is not None:
            return known
        try:
            async with asyncio.timeout(PROFILE_WITHIN):
                return await self._people.of(user)
        except TimeoutError:
            log.warning("Slack did not tell the profile of %s within %g s", user, PROFILE_WITHIN)
            return UNKNOWN

    async def _notice(self, event: Json) -> None:
        match event["type"]:
            case "app_home_opened" if event.get("tab") == HOME:
                await self._homes.opened(event["user"])
            case "user_change":
                self._people.forget(event["user"]["id"])
            case "app_uninstalled" | "tokens_revoked" as what:
                log.error("SLACK_BOT_TOKEN: the workspace took it back (%s). Install the app again for another.", what)
            case what:
                log.debug("nothing is done about the event %s", what)

    async def _suggestions(self, heard: Heard, name: str, typed: str) -> Json:
        choices = await self._desk.suggest(heard.call, name, typed)
        return options(choices, typed, (await self._desk.known(heard.call)).locale)

    async def _ask(self, heard: Heard, profile: Profile) -> Reply:
        """The reply. Where the rank could not be asked for, a facilitator's form opens: it is authorised when sent.

        What has no form, and a form that was sent, is to be tried again, when the rank is asked for anew.
        """
        call = heard.call
        if heard.says is not None:
            return heard.says
        made = self._desk.commands.get(call.command)
        is_unsure = profile.is_admin is None and made is not None and made.allow >= Rank.FACILITATOR
        if made is None or not is_unsure or await self._desk.may(call, made):
            return await self._desk.answer(call)
        self._people.forget(heard.user)
        if not made.fields:
            return text(_WHO)
        reply = only_typed(await self._desk.answer(replace(call, asks=True, is_admin=True)), call.given)
        if call.via == "form" and isinstance(reply, Form):
            return reply.model_copy(update={"text": _WHO})
        return reply

    async def _answer(self, heard: Heard, reply: Reply, ack: Ack) -> None:
        if isinstance(reply, Message) and any(isinstance(each, File) for each in reply.parts):
            reply = await handed_over(self._web, heard.user, reply)
        match heard.surface:
            case "form":
                await self._answer_form(heard, reply, ack)
            case "modal" | "home":
                await self._show(heard, reply)
            case _ if isinstance(reply, Form):
                _give(ack, None)
                await self._show(heard, reply)
            case "command" if not ack.done():
                _give(ack, self._draw(heard, reply).written)
            case _:
                await self._tell(heard, reply)
        if heard.says is None:
            self._homes.acted(heard.user)

    async def _answer_form(self, heard: Heard, reply: Reply, ack: Ack) -> None:
        """Say what is wrong at the fields, or show the answer in the place of the form."""
        if ack.done():
            await self._clock.sleep(SETTLE)
            await self._show(heard, reply)
            return
        wrong = {}
        if isinstance(reply, Form) and reply.text is None:
            wrong = errors(reply, heard.call.locale, self._command)
        if wrong and wrong.keys() <= heard.fields:
            _give(ack, _written({"response_action": "errors", "errors": wrong}))
        else:
            _give(ack, _written({"response_action": "update", "view": await self._window(heard, reply)}))

    async def _window(self, heard: Heard, reply: Reply) -> Json:
        call = heard.call
        if isinstance(reply, Form):
            view = render_form(await self._named(call, reply), call.locale, self._command)
        else:
            again = line.write(call.command, call.given)
            view = render_view(reply, call.locale, page=heard.page, line=again, command=self._command)
        return {**view, "private_metadata": noted(view, call.place)}

    async def _named(self, call: Call, form: Form) -> Form:
        """The form, with the names under which the values in it are suggested: of a cohort, and not only its code."""
        fields = []
        for each in form.fields:
            if each.suggests and each.value:
                like, every = [await self._desk.suggest(call, each.name, typed) for typed in (each.value, "")]
                known = tuple(choice for choice in (*like, *every) if choice.value == each.value)
                each = each.model_copy(update={"choices": known})
            fields.append(each)
        return form.model_copy(update={"fields": tuple(fields)})

    def _draw(self, heard: Heard, message: Message) -> _Drawn:
        call = heard.call
        return _drawn(Same(message), call.locale, heard.page, line.write(call.command, call.given), self._command)

    async def _show(self, heard: Heard, reply: Reply) -> None:
        """Show the reply in the window it is for, else in one of its own; if there can be none any more, tell it."""
        view = await self._window(heard, reply)
        try:
            if heard.window:
                await self._web.call("views.update", view_id=heard.window, view=view)
            else:
                await self._web.call("views.open", trigger_id=heard.trigger, view=view)
        except Failure as failure:
            log.warning("a window for %s did not open: %s", heard.user, failure)
            await self._tell(heard, reopen(reply) if isinstance(reply, Form) else reply)

    async def _tell(self, heard: Heard, message: Message) -> None:
        """Put the message where the person was, for them alone; failing that, write to them."""
        drawn = self._draw(heard, message).shown
        try:
            if heard.response_url:
                try:
                    await self._web.respond(heard.response_url, self._placed(heard, drawn))
                    return
                except Failure as failure:  # said twice to one person is better than never
                    log.info("an answer goes by direct message: %s", failure)
            opened = await self._web.call("conversations.open", users=heard.user)
            shown = {"text": drawn["text"], "blocks": drawn["blocks"]}
            await self._web.call("chat.postMessage", channel=opened["channel"]["id"], **shown)
        except Failure as failure:
            log.warning("an answer to %s is lost: %s", heard.user, failure)

    def _placed(self, heard: Heard, drawn: Json) -> Json:
        if heard.surface == "private":
            return {**drawn, "replace_original": True}
        thread = heard.call.place.thread
        return {**drawn, "replace_original": False, **({"thread_ts": thread} if thread else {})}

    async def _home(self, user: str) -> Json:
        """What the person's Home shows now."""
        profile = await self._people.of(user)
        call = Call(
            id=f"slack-home-{user}", command=HOME, person=person_of(self._team, user, profile.name),
            place=home_place(self._team, user), locale=profile.locale, zone=profile.zone,
            is_admin=profile.is_admin is True,
        )  # fmt: skip
        reply = await self._desk.answer(call)
        locale = (await self._desk.known(call)).locale
        return render_home(reopen(reply) if isinstance(reply, Form) else reply, locale, self._command)


def _written(said: Json) -> str:
    """In ASCII, so that half a character that somebody typed cannot keep it from being sent."""
    return json.dumps(said, separators=(",", ":"))


def _give(ack: Ack, said: str | None) -> None:
    if not ack.done():
        ack.set_result(said)


_MOMENT = text(say("One moment …"))
_WHO = say("Slack did not say who you are. Please try again in a moment.")
_ELSEWHERE = text(say("This Milepost belongs to another workspace. Please ask those who run yours for one."))
