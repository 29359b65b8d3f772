"""The tests' Slack, under a weather."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from tests.slack_server import Fault, SlackServer, serving
from tests.slack_workspace import BOT, Json
from tests.storm.weather import Weather

FAULTS = {
    "busy": Fault(status=429, error="ratelimited", headers={"Retry-After": "1"}),  # Slack counts in whole seconds
    "lost": Fault(lost=True),
    "late": Fault(lost=True),
    "cut": Fault(lost=True, is_done=True),
    "broken": Fault(status=502, is_done=True),
}
LOOKS = ("conversations.history", "conversations.replies")
EXPOSED = (*LOOKS, "chat.postMessage", "chat.update")


class StormySlack(SlackServer):
    """See the module. Open it with `open_stormy_slack`."""

    def __init__(self, weather: Weather) -> None:
        super().__init__()
        self._weather = weather

    def knows(self, channel: str, thread: str) -> None:
        """Have a channel that Milepost is in, with a thread that somebody began."""
        self.members.add(channel)
        self.messages[channel] = [{"type": "message", "user": "UADA", "text": "Where are we?", "ts": thread}]

    def seen(self) -> Iterator[tuple[str, str, str]]:
        """Of every message of ours its channel, key and id, in order."""
        for channel, messages in self.messages.items():
            for each in messages:
                if each.get("bot_id") == BOT:
                    yield channel, _key(each), each["ts"]

    def write(self, channel: str, **message: Any) -> Json:
        """As the tests' Slack, told to the weather."""
        made = super().write(channel, **message)
        self._weather.note(_key(made), f"there as {made['ts']}")
        return made

    async def _meet(self, request: web.Request, method: str, do: Callable[[], Json]) -> web.StreamResponse:
        self._weather.meets()
        self._weather.looks += method in LOOKS
        if method in EXPOSED:
            fault = self._weather.strike(_key(self.asked[-1].payload) if method == "chat.postMessage" else None)
            if fault == "late":
                self._weather.later(do)
            if fault in FAULTS:
                self.fail(method, FAULTS[fault])
        return await super()._meet(request, method, do)


def _key(message: Json) -> str:
    payload = message.get("metadata", {}).get("event_payload", {})
    return str(payload.get("key", "?"))


@asynccontextmanager
async def open_stormy_slack(weather: Weather) -> AsyncIterator[StormySlack]:
    """A Slack that runs until it is left."""
    async with serving(StormySlack(weather)) as made:
        yield made
