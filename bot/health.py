"""What operators ask while the bot runs: is it alive, is it ready, how is it doing. Served on `HTTP_PORT`."""

from collections.abc import Mapping
from datetime import timedelta
from typing import get_args

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from bot.chat.platform import Clock, Platform
from bot.records import posts, soonest
from bot.records.records import Records
from bot.records.runners import reason_of

BEHIND = timedelta(minutes=5)


class Health:
    """Answers `/healthz`, `/readyz` and `/metrics`."""

    def __init__(self, records: Records, clock: Clock, platforms: Mapping[str, Platform]) -> None:
        self._records = records
        self._clock = clock
        self._platforms = platforms
        self.registry = CollectorRegistry()
        self._answers = Counter(
            "milepost_answers", "Commands answered, by outcome", ["command", "outcome"], registry=self.registry
        )
        self._seconds = Histogram(
            "milepost_answer_seconds", "Time from a call to its reply", ["command"], registry=self.registry
        )
        self._posts = Gauge("milepost_posts", "Posts in the outbox, by state", ["state"], registry=self.registry)

    def observe(self, command: str, outcome: str, seconds: float) -> None:
        """Count one answer of the Desk."""
        self._answers.labels(command, outcome).inc()
        self._seconds.labels(command).observe(seconds)

    def routes(self, application: web.Application) -> None:
        """Add the three pages."""
        application.router.add_get("/healthz", self._alive)
        application.router.add_get("/readyz", self._ready)
        application.router.add_get("/metrics", self._metrics)

    async def _alive(self, request: web.Request) -> web.Response:
        return web.Response(text="alive\n")

    async def _ready(self, request: web.Request) -> web.Response:
        try:
            due = await self._records.read(soonest.next_post_at, tuple(self._platforms))
        except (SQLAlchemyError, OSError) as error:
            return _no_database(error)
        if reason := self._records.outage.reason:
            return web.Response(status=503, text=f"nothing can be saved: {reason}\n")
        away = [name for name, each in self._platforms.items() if not each.connected]
        if away:
            return web.Response(status=503, text=f"not connected: {', '.join(away)}\n")
        if due is not None and due < self._clock.now() - BEHIND:
            return web.Response(status=503, text=f"falling behind: something has been due since {due}\n")
        return web.Response(text="ready\n")

    async def _metrics(self, request: web.Request) -> web.Response:
        try:
            counts = await self._records.read(posts.counts)
        except (SQLAlchemyError, OSError) as error:
            return _no_database(error)
        for state in get_args(posts.State):  # also those that no post is in any longer
            self._posts.labels(state).set(counts.get(state, 0))
        return web.Response(body=generate_latest(self.registry), content_type="text/plain", charset="utf-8")


def _no_database(error: SQLAlchemyError | OSError) -> web.Response:
    return web.Response(status=503, text=f"the database does not answer: {reason_of(error)}\n")
