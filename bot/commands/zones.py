"""Time zones: read as people write them, suggested, and guessed for whoever named none."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo, available_timezones

from babel.core import get_global
from rapidfuzz import fuzz

from bot.chat.message import Choice
from bot.chat.platform import Call, Refusal


async def suggest_zones(call: Call, typed: str) -> Sequence[Choice]:
    """Time zones like what was typed; without anything typed, the person's own first."""
    return [Choice(value=name, label=name) for name in _zones_like(typed.strip() or call.zone or "UTC")[:25]]


def read_zone(typed: str) -> ZoneInfo:
    """The zone that people live in, whatever the case. Raises a Refusal with the nearest one."""
    found = lived_in(typed)
    if found is None:
        near = _zones_like(typed)[0]
        raise Refusal(
            "No time zone is called {typed}. Did you mean {guess}?", field="timezone", typed=typed, guess=near
        )
    return ZoneInfo(found)


def lived_in(typed: str) -> str | None:
    """The zone's name as it is spelt, whatever the case; None for one that nobody lives in, such as Etc/UTC."""
    return _zones().get(_spelt(typed))


def _zones_like(typed: str) -> list[str]:
    """All zones, those that hold what was typed first, then by how much their city is like it: Seul is Asia/Seoul."""
    wanted = _spelt(typed)
    city = wanted.rpartition("/")[2][:64]

    def unlike(spelt: str) -> tuple[bool, float]:
        return wanted not in spelt, -fuzz.ratio(city, spelt.rpartition("/")[2])

    return [_zones()[spelt] for spelt in sorted(_zones(), key=unlike)]


def _spelt(name: str) -> str:
    return name.strip().casefold().replace(" ", "_")


@cache
def _zones() -> dict[str, str]:
    """All zones people live in, by how they are looked up; read from the disk, so once."""
    lived_in = sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))
    return {_spelt(name): name for name in ("UTC", *lived_in)}


def guess(call: Call) -> str | None:
    """The zone that the person may live in: their profile's, else that of their language's country if it has just one.

    A guess is shown and confirmed before anything is done by it. None if there is nothing to guess by.
    """
    told = lived_in(call.zone or "")
    if told and told != "UTC":
        return told
    likely = get_global("likely_subtags").get(call.locale.replace("-", "_"), call.locale)
    zones = _zones_of().get(likely.replace("-", "_").rpartition("_")[2], ())
    return zones[0] if len(zones) == 1 else None


@cache
def _zones_of() -> dict[str, list[str]]:
    """The zones of each country, from the list that comes with the zones themselves."""
    found: dict[str, list[str]] = {}
    for row in (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8").splitlines():
        if not row.startswith("#"):
            country, _, zone = row.split("\t")[:3]
            found.setdefault(country, []).append(zone)
    return found
