"""Publishes App Home: each person's own page, drawn anew when they open it and after whatever they do."""

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from hashlib import sha256
from typing import Any

from bot.chat.platform import Failure, Notebook, Refusal
from bot.platforms.slack.client import Web
from bot.platforms.slack.errands import Errands

log = logging.getLogger(__name__)

MOST = 10_000  # people of whom is known whether they ever opened their Home

Draw = Callable[[str], Awaitable[Mapping[str, Any]]]
"""What a person's Home is to show now."""


class Homes:
    """One Home after the other for each person, the latest wins. Who never opened theirs has none."""

    def __init__(self, draw: Draw, web: Web, notebook: Notebook, errands: Errands) -> None:
        self._draw = draw
        self._web = web
        self._notebook = notebook
        self._errands = errands
        self._has_one: dict[str, bool] = {}
        self._shown: dict[str, bytes] = {}
        self._wanted: set[str] = set()
        self._at_work: set[str] = set()

    async def opened(self, user: str) -> None:
        """The person looks at it."""
        if not self._has_one.get(user):
            try:
                await self._notebook.put(_key(user), "opened")
            except Refusal as unsaved:
                log.warning("a Home is not remembered, and is shown all the same: %s", unsaved)
            self._note(user, True)
        self._shown.pop(user, None)
        await self._publish(user)

    def acted(self, user: str) -> None:
        """The person did something, which their Home may show."""
        if self._has_one.get(user) is not False:
            self._errands.start(self._refresh(user))

    async def forget(self, user: str) -> None:
        """Show the person what a stranger sees, and remember nothing of them."""
        self._shown.pop(user, None)
        await self._publish(user)
        self._has_one.pop(user, None)
        self._shown.pop(user, None)

    async def _refresh(self, user: str) -> None:
        if user not in self._has_one:
            self._note(user, await self._notebook.get(_key(user)) is not None)
        if self._has_one[user]:
            await self._publish(user)

    async def _publish(self, user: str) -> None:
        self._wanted.add(user)
        if user in self._at_work:
            return
        self._at_work.add(user)
        try:
            while user in self._wanted:
                self._wanted.discard(user)
                await self._show(user)
        finally:
            self._at_work.discard(user)

    async def _show(self, user: str) -> None:
        view = await self._draw(user)
        digest = sha256(json.dumps(view).encode()).digest()
        if self._shown.get(user) == digest:
            return  # most of what people do changes nothing there, and Slack takes a hundred Homes a minute
        try:
            await self._web.call("views.publish", user_id=user, view=view)
        except Failure as failure:
            log.warning("the Home of %s stays as it was: %s", user, failure)
        else:
            self._shown[user] = digest

    def _note(self, user: str, has_one: bool) -> None:
        if len(self._has_one) >= MOST:
            self._has_one.clear()
            self._shown.clear()
        self._has_one[user] = has_one


def _key(user: str) -> str:
    return f"home:{user}"
