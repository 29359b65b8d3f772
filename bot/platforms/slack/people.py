"""Who people are, to Slack and to us, and what their profiles say: names, languages, zones, who runs the workspace."""

import asyncio
import logging
from dataclasses import dataclass, replace
from typing import Any

from bot.chat.argument import in_words, person_in
from bot.chat.command import Command
from bot.chat.platform import Call, Clock, Failure, Person
from bot.chat.wording import FALLBACK, say
from bot.platforms.slack.client import Web, code

log = logging.getLogger(__name__)

NAME = "slack"
KEPT = 24 * 3600  # seconds; a change that Slack tells of is heard at once
KEPT_UNKNOWN = 60  # seconds
MOST = 10_000  # profiles
INTRODUCED_WITHIN = 1.0  # seconds; a window must open within 3
SLACKBOT = "USLACKBOT"


@dataclass(frozen=True, slots=True)
class Profile:
    """What Slack knows of a person. `is_admin` is None where it could not be asked."""

    name: str = ""
    locale: str = FALLBACK
    zone: str | None = None
    is_admin: bool | None = None
    is_bot: bool = False
    is_there: bool = True


UNKNOWN = Profile()
NOBODY = Profile(is_there=False)


def person_of(team: str, user: str, name: str = "") -> Person:
    """A person of the workspace `team`."""
    return Person(platform=NAME, id=f"{team}:{user}", name=name)


def user_of(person: Person) -> str:
    """The id by which Slack knows the person."""
    return person.id.rpartition(":")[2]


class People:
    """The profiles of those who were heard of lately, of the workspace `team` and of those it shares channels with."""

    def __init__(self, web: Web, clock: Clock, team: str) -> None:
        self._web = web
        self._clock = clock
        self._team = team
        self._kept: dict[str, tuple[Profile, float]] = {}  # until when, by the monotonic clock

    def known(self, user: str) -> Profile | None:
        """The person's profile, if nothing has to be fetched for it."""
        profile, until = self._kept.get(user, (None, 0.0))
        return profile if self._clock.monotonic() < until else None

    async def of(self, user: str) -> Profile:
        """The person's profile; when Slack does not tell it, the plain one, for a minute. Never raises a Failure."""
        profile = self.known(user)
        if profile is None:
            try:
                told = await self._web.call("users.info", user=user, include_locale=True)
                profile, lasts = self._read(told["user"]), KEPT
            except Failure as failure:
                log.warning("the profile of %s is not to be had: %s", user, failure)
                profile, lasts = NOBODY if code(failure) == "user_not_found" else UNKNOWN, KEPT_UNKNOWN
            self._kept.pop(user, None)
            self._kept[user] = (profile, self._clock.monotonic() + lasts)
            if len(self._kept) > MOST:
                del self._kept[next(iter(self._kept))]
        return profile

    async def introduce(self, call: Call, made: Command) -> Call:
        """The call with the names of the people whom it gives to the command, and what is against any of them.

        Slack tells no more than their ids of those who are chosen in a form.
        """
        given, unfit = dict(call.given), dict(call.unfit)
        for each in made.parameters:
            person = person_in(given.get(each.name, "").strip()) if each.kind == "person" else None
            if person is None or person.platform != NAME:
                continue
            try:
                async with asyncio.timeout(INTRODUCED_WITHIN):
                    profile = await self.of(user_of(person))
            except TimeoutError:
                log.warning("Slack did not tell in time who %s is", user_of(person))
                continue
            named = person.model_copy(update={"name": profile.name or person.name})
            given[each.name] = in_words(named)
            if profile.is_bot:
                unfit[person.id] = say("{person} is a bot.", person=named.mention())
            elif not profile.is_there:
                unfit[person.id] = say("{person} is not in this workspace.", person=named.mention())
        return replace(call, given=given, unfit=unfit)

    def forget(self, user: str) -> None:
        """Ask anew the next time: something about the person changed."""
        self._kept.pop(user, None)

    def _read(self, user: dict[str, Any]) -> Profile:
        """The profile. Guests, and people of other workspaces in a shared channel, run nothing here."""
        shown = user.get("profile", {})
        is_ours = user.get("team_id", self._team) == self._team and not user.get("is_stranger")
        is_guest = user.get("is_restricted") or user.get("is_ultra_restricted")
        runs = user.get("is_admin") or user.get("is_owner") or user.get("is_primary_owner")
        return Profile(
            name=shown.get("display_name") or user.get("real_name") or user.get("name") or "",
            locale=user.get("locale") or FALLBACK,
            zone=user.get("tz") or None,
            is_admin=bool(runs and is_ours and not is_guest),
            # Slackbot counts as a person in `is_bot`: https://docs.slack.dev/reference/objects/user-object
            is_bot=bool(user.get("is_bot") or user.get("id") == SLACKBOT),
            is_there=not user.get("deleted"),
        )
