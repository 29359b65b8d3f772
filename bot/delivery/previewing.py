"""What becomes of a post before it is sent: how each platform would show it, and how many it would reach."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.chat.platform import Failure, Place, Platform, Refusal
from bot.chat.wording import Phrase, say
from bot.delivery import announcing
from bot.records import cohorts
from bot.records.announcements import Announcement
from bot.records.cohorts import Cohort
from bot.records.records import Records

MOST_FOR_EVERYONE = 10  # places; each is asked for how many people there are, within the seconds of an answer


@dataclass(frozen=True, slots=True)
class Preview:
    """An announcement before it is sent: its cohorts, its copies, how many `members` read it, what is lost where."""

    cohorts: tuple[Cohort, ...]
    drafts: tuple[announcing.Draft, ...]
    members: int
    losses: tuple[tuple[Place, Phrase], ...]

    @property
    def places(self) -> list[Place]:
        """Where it goes."""
        return [each.at.place for each in self.drafts]


class Previewing:
    """Looks at posts with the eyes of the platforms that run here."""

    def __init__(self, records: Records, platforms: Mapping[str, Platform]) -> None:
        self._records = records
        self._platforms = platforms

    async def preview(self, known: Announcement) -> Preview:
        """The announcement as it would be sent now."""
        among = await self._records.read(cohorts.get_all, known.cohort_ids)
        drafts = await self._records.read(announcing.drafts, known)
        size = await self._records.read(cohorts.size, *known.cohort_ids)
        its = tuple(among[each] for each in known.cohort_ids if each in among)
        return Preview(its, tuple(drafts), size, self.losses(drafts))

    async def audience(self, known: Announcement) -> int:
        """How many people it would notify at most if it notified everyone.

        Raises a Refusal where that cannot be said: nobody shall notify a crowd whose size they were not told.
        """
        places = [each.at.place for each in await self._records.read(announcing.drafts, known)]
        if len(places) > MOST_FOR_EVERYONE:
            raise Refusal(
                "Everyone can be notified in {most} places at once, and these are {n}. Choose fewer cohorts, or notify "
                "their members alone.", most=MOST_FOR_EVERYONE, n=len(places),
            )  # fmt: skip
        people = 0
        for name in dict.fromkeys(each.platform for each in places):
            platform = self._platforms.get(name)
            try:
                if platform is None:
                    raise Refusal("{platform} is not connected here.", platform=name.capitalize())
                people += await platform.audience([each for each in places if each.platform == name])
            except Failure as failure:
                raise Refusal(
                    "{platform} cannot say now how many people that would notify: {reason}. Please try again.",
                    platform=name.capitalize(), reason=str(failure),
                ) from failure  # fmt: skip
        return people

    def losses(self, drafts: Sequence[announcing.Draft]) -> tuple[tuple[Place, Phrase], ...]:
        """What each platform would shorten or lose of them, and where."""
        return tuple((each.at.place, loss) for each in drafts for loss in self._losses(each))

    def _losses(self, draft: announcing.Draft) -> Sequence[Phrase]:
        platform = self._platforms.get(draft.at.place.platform)
        found = [] if draft.loss is None else [draft.loss]
        if platform is not None:
            return [*found, *platform.check(draft.at.place, draft.post)]
        name = draft.at.place.platform.capitalize()
        return [*found, say("It waits until {platform} is connected.", platform=name)]
