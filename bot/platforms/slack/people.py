"""Who people are, by their profiles: name, language, time zone, and whether they run the workspace."""

import logging
from dataclasses import dataclass
from typing import Any

from bot.chat.platform import Clock, Failure
from bot.chat.wording import FALLBACK
from bot.platforms.slack.client import Web

log = logging.getLogger(__name__)

KEPT = 24 * 3600  # seconds; a change that Slack tells of is heard at once
KEPT_UNKNOWN = 60  # seconds
MOST = 10_000  # profiles


@dataclass(frozen=True, slots=True)
class Profile:
    """What Slack knows of a person. `is_admin` is None where it could not be asked."""

    name: str = ""
    locale: str = FALLBACK
    zone: str | None = None
    is_admin: bool | None = None


UNKNOWN = Profile()


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
                profile, lasts = UNKNOWN, KEPT_UNKNOWN
            self._kept.pop(user, None)
            self._kept[user] = (profile, self._clock.monotonic() + lasts)
            if len(self._kept) > MOST:
                del self._kept[next(iter(self._kept))]
        return profile

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
        )
