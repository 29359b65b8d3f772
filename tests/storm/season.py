"""What there is to say: places on both platforms, each with weeks in their order, announcements, replies, notices."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from bot.chat.message import Message, Text
from bot.chat.platform import Person, Place, Posted
from bot.chat.wording import say
from bot.curriculum.load import load_all
from bot.records import cohorts, homes, posts
from bot.records.cohorts import Cohort, CohortPlace
from bot.records.posts import Kind
from bot.records.tables import outbox
from bot.shipped import shipped
from tests.bench.discord_loopback import CHANNEL, GUILD, PERSON
from tests.slack_workspace import TEAM

SLACK_THREAD = "1.000000"


@cache
def _offered() -> str:
    """The version of the curriculum that is installed, which is the only one that is at hand."""
    made = load_all(shipped("curriculum")).get("deep-learning")
    assert made is not None
    return made.version


@dataclass(frozen=True)
class Row:
    """What the outbox holds of a post in the end."""

    key: str
    kind: Kind
    state: str
    reason: str | None
    posted: Posted | None


@dataclass
class Season:
    """So many posts of each kind at each of `places` channels of each platform. `keys` are theirs, once it is put."""

    weeks: int
    announcements: int = 0
    replies: int = 0
    notices: int = 0
    places: int = 1
    platforms: tuple[str, ...] = ("discord", "slack")
    keys: list[str] = field(default_factory=list)
    _cohorts: list[Cohort] = field(default_factory=list)

    def put(self, connection: Connection, now: datetime) -> None:
        """Put them all, due by now."""
        for platform in self.platforms:
            channels = [_channel(platform, number) for number in range(self.places)]
            cohort = cohorts.create(
                connection, channels[0], now, name=f"On {platform}", curriculum="deep-learning", version=_offered(),
                start_on=date(2027, 1, 4), zone=ZoneInfo("UTC"), weekday=0, at=time(9), pace="middle", language="en",
            )  # fmt: skip
            for channel in channels[1:]:
                homes.add(connection, cohort.id, channel, now)
            for each in cohorts.places(connection, cohort.id):
                for number, (kind, payload) in enumerate(self._said_at(each.place), start=1):
                    due_at = now - timedelta(days=1) + timedelta(minutes=number)
                    self._put(connection, cohort, each, kind, number, due_at, payload)
            self._cohorts.append(cohort)

    def go_on(self, connection: Connection, now: datetime) -> None:
        """Put one more announcement for every place."""
        for cohort in self._cohorts:
            for each in cohorts.places(connection, cohort.id):
                number = len(self.keys) + 1
                self._put(connection, cohort, each, "announcement", number, now, _message(number))

    def _put(
        self, connection: Connection, cohort: Cohort, at: CohortPlace, kind: Kind, number: int, due_at: datetime,
        payload: dict[str, object],
    ) -> None:  # fmt: skip
        key = f"{cohort.code}:{kind}:{number}:{at.id}"
        posts.put(connection, key, kind, cohort.id, at.id, due_at, payload)
        self.keys.append(key)

    def on_slack(self) -> Iterator[tuple[str, str]]:
        """The channels there, each with a thread."""
        for number in range(self.places):
            yield _channel("slack", number).channel, SLACK_THREAD

    def _said_at(self, place: Place) -> Iterator[tuple[Kind, dict[str, object]]]:
        for step in range(1, self.weeks + 1):
            yield "milestone", {"step": step}
        kinds: list[tuple[Kind, int, dict[str, object]]] = [
            ("announcement", self.announcements, {}),
            ("stuck", self.replies, {"thread": f"7{place.channel}" if place.platform == "discord" else SLACK_THREAD}),
            ("notice", self.notices, {"person": _person(place.platform).model_dump()}),
        ]
        for kind, how_many, where in kinds:
            for number in range(how_many):
                yield kind, {**_message(number), **where}


def rows(connection: Connection) -> list[Row]:
    """All posts, in the order in which they were put."""
    found = connection.execute(select(outbox).order_by(outbox.c.id))
    return [
        Row(row.key, row.kind, row.state, row.reason, Posted.model_validate(row.posted) if row.posted else None)
        for row in found
    ]


def _message(number: int) -> dict[str, object]:
    message = Message(parts=(Text(text=say("Number {n} of its kind", n=number)),))
    return {"message": message.model_dump(mode="json")}


def _channel(platform: str, number: int) -> Place:
    if platform == "discord":
        return Place(platform=platform, community=str(GUILD), channel=str(CHANNEL + number), name=f"#d{number}")
    return Place(platform=platform, community=TEAM, channel=f"C{number}", name=f"#s{number}")


def _person(platform: str) -> Person:
    name = str(PERSON) if platform == "discord" else f"{TEAM}:UADA"
    return Person(platform=platform, id=name, name="Ada")
