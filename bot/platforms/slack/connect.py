"""Slack as a platform: connects, hears what people do, has it answered, carries posts."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from aiohttp import web
from slack_bolt.async_app import AsyncApp

from bot.chat.desk import Desk
from bot.chat.message import Post
from bot.chat.platform import Busy, Clock, Failure, Notebook, Person, Place, Posted, StartFailure, Unknown
from bot.chat.projection import Calendar, CohortMembers, Projected
from bot.chat.wording import Phrase
from bot.platforms.slack.answer import Answering
from bot.platforms.slack.bolt import Socket, application
from bot.platforms.slack.client import NOT_YET, REFUSED, URL, Web, code
from bot.platforms.slack.http import PATH, Door
from bot.platforms.slack.manifest import slash_commands
from bot.platforms.slack.people import NAME, People, user_of
from bot.platforms.slack.posting import Posting
from bot.platforms.slack.render import losses

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 1, 90  # seconds between attempts to reach Slack
CONNECT_WITHIN = 30  # seconds; the SDK would try for ever
STEADY = 30  # seconds; sockets that last shorter are asked for ever more slowly
DRAIN = 6  # seconds that answers in flight get at the end
BOT_REFUSED = (
    "SLACK_BOT_TOKEN: Slack refuses it ({}). Copy the bot token anew from your app's OAuth & Permissions page."
)
APP_REFUSED = (
    "SLACK_APP_TOKEN: Slack refuses it ({}). Switch Socket Mode on, and make an app-level token with connections:write "
    "on your app's Basic Information page."
)


class Slack:
    """A `Platform`. Build it, run it; a post that comes before the connection is told to come again.

    With an `app_token` it listens on a socket, with a `signing_secret` behind the address that `routes` adds; one of
    them it needs. `command` is its slash command; /resource and /checkin are heard too, since the app may have been
    made of another manifest. `url` is where the Web API is.
    """

    name = NAME
    projects: frozenset[Projected] = frozenset()

    def __init__(
        self, bot_token: str, notebook: Notebook, clock: Clock,
        *, app_token: str | None = None, signing_secret: str | None = None,
        command: str = "/study", url: str = URL,
    ) -> None:  # fmt: skip
        self.notebook = notebook
        self.clock = clock
        self._bot_token = bot_token
        self._app_token = app_token
        self._command = command
        self._commands = slash_commands(command, aliases=True)
        self._url = url
        self._door = Door(signing_secret, clock) if signing_secret else None
        self._posting: Posting | None = None
        self._answering: Answering | None = None
        self._socket: Socket | None = None
        self._has_connected = False
        self._hears = True

    @property
    def connected(self) -> bool:
        """Whether Slack reaches us now: over an open socket; where none is needed, once it has taken our token."""
        if self._app_token is None or not self._hears:
            return self._posting is not None
        return self._socket is not None and self._socket.is_open

    def routes(self, application: web.Application) -> None:
        """Add the address at which Slack delivers in HTTP mode, if there is a secret to know it by."""
        if self._door is not None:
            application.router.add_post(PATH, self._door.hear)

    async def run(self, desk: Desk) -> None:
        """Connect and answer until cancelled. Raises StartFailure, one clear line, for a token that is refused.

        When Slack cannot be reached, it is tried again and again, ever more slowly.
        """
        async with self._opened() as (slack, me):
            people = People(slack, self.clock, me["team_id"])
            answering = Answering(desk, slack, people, self.notebook, self.clock, me["team_id"], self._commands)
            self._answering = answering
            await self._serve(slack, application(slack, me, answering.answer), answering)

    async def carry(self) -> None:
        """Carry posts until cancelled, and hear nobody. Raises as `run` does."""
        self._hears = False
        async with self._opened():
            await asyncio.get_running_loop().create_future()

    @contextlib.asynccontextmanager
    async def _opened(self) -> AsyncIterator[tuple[Web, Mapping[str, Any]]]:
        """The Web API, with who we are on Slack; posts can be carried meanwhile."""
        slack = Web(self._bot_token, self._url)
        try:
            me = await self._asked(slack, "auth.test", BOT_REFUSED)
            self._posting = Posting(slack, self.clock, me["bot_id"], self._command)
            yield slack, me
        finally:
            self._posting = self._answering = None
            await slack.close()

    async def _serve(self, slack: Web, app: AsyncApp, answering: Answering) -> None:
        """Hear people until cancelled; then hear nothing more, and give the answers in flight."""
        try:
            if self._door is not None:
                self._door.app = app
            if self._app_token is None:
                await asyncio.get_running_loop().create_future()
            else:
                await self._listen(slack, app, self._app_token)
        finally:
            if self._door is not None:
                self._door.app = None
            if self._socket is not None:
                self._socket.hear_no_more()
            await answering.drain(DRAIN)
            if self._socket is not None:
                await self._socket.hang_up()
                self._socket = None

    async def _listen(self, slack: Web, app: AsyncApp, token: str) -> None:
        """One socket after the other, ever more slowly while they do not last."""
        pause = 0.0
        while True:
            began = time.monotonic()
            await self._hear(slack, app, token)
            if time.monotonic() - began >= STEADY:
                pause = 0.0
            elif pause:
                log.warning("Slack's sockets do not last; asking for another one in %g s", pause)
            await asyncio.sleep(pause)
            pause = min(max(2 * pause, FIRST_PAUSE), LONGEST_PAUSE)

    async def _hear(self, slack: Web, app: AsyncApp, token: str) -> None:
        """One socket until it has gone deaf."""
        opened = await self._asked(slack, "apps.connections.open", APP_REFUSED, token=token)
        self._socket = socket = Socket(app, token, opened["url"])
        try:
            async with asyncio.timeout(CONNECT_WITHIN):
                await socket.connect()  # type: ignore[no-untyped-call]
        except TimeoutError:
            log.warning("Slack's socket did not open within %g s; connecting afresh", CONNECT_WITHIN)
        else:
            log.info("listening on a socket of Slack's")
            self._has_connected = True
            await socket.deaf()
            log.warning("nothing is heard on Slack's socket any more; connecting afresh")
        await socket.hang_up()
        self._socket = None

    async def _asked(self, slack: Web, method: str, refusal: str, **given: Any) -> Mapping[str, Any]:
        """The answer of a method, which is asked again and again until Slack is there.

        Raises StartFailure for a refusal before the first connection. Later it may be mended without a new token, and
        there may be other platforms at work here.
        """
        pause: float = FIRST_PAUSE
        while True:
            try:
                return await slack.call(method, **given)
            except Failure as failure:
                if code(failure) not in REFUSED and isinstance(failure, (Busy, Unknown)):
                    log.warning("Slack cannot be reached (%s); trying again in %g s", failure, pause)
                elif self._has_connected:
                    pause = LONGEST_PAUSE
                    log.error(
                        "%s Until then nothing is heard; trying again in %g s", refusal.format(code(failure)), pause
                    )
                else:
                    raise StartFailure(refusal.format(code(failure))) from failure
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def post(self, place: Place, post: Post) -> Posted:
        """Put the post there; what follows a milestone goes into the thread below it."""
        return await self._ready().post(place, post)

    async def edit(self, posted: Posted, post: Post) -> None:
        """Change a post in place; an edit notifies nobody."""
        await self._ready().edit(posted, post)

    async def withdraw(self, posted: Posted) -> None:
        """Take a post back. One that is gone already counts as taken back."""
        await self._ready().withdraw(posted)

    async def find(self, place: Place, key: str, since: datetime) -> Posted | None:
        """The post with this key among our own messages since then, with the thread that it opened.

        Raises Unsearchable beyond a thousand messages, and where the history may not be read.
        """
        return await self._ready().find(place, key, since)

    def check(self, place: Place, post: Post) -> Sequence[Phrase]:
        """What would be shortened, and the picture that is not shown."""
        return losses(post, self._command)

    async def audience(self, places: Sequence[Place]) -> int:
        """All members of the channels; who is in two of them counts twice."""
        return sum(await asyncio.gather(*(self._ready().members(each) for each in places)))

    async def is_private(self, place: Place) -> bool | None:
        """Whether the channel is for those alone who were invited."""
        return await self._ready().is_private(place)

    async def project(self, state: CohortMembers | Calendar) -> None:
        """There are neither roles nor events here."""

    async def forget(self, person: Person) -> None:
        """Remember neither their profile nor where to write to them, and empty their Home."""
        if self._posting is not None:
            self._posting.forget(user_of(person))
        if self._answering is not None:
            self._answering.forget(user_of(person))

    def _ready(self) -> Posting:
        if self._posting is None:
            raise Busy(NOT_YET, "platform")
        return self._posting
