"""`Records`: the database, with what commands ask for again and again remembered.

Read-only commands make no database call when warm. What is remembered is dropped by the write that changes it, also in
other processes; one Core read costs more processor time than the whole dispatch of a command.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection

from bot.chat.platform import DIRECT, Call, Clock, Missing, Person, Refusal
from bot.chat.wording import as_typed
from bot.records import cohorts, homes, notes
from bot.records.cohorts import Cohort, named
from bot.records.database import Database
from bot.records.links import Marks, load_marks
from bot.records.members import Enrolment, Standing, load_standing
from bot.records.post_notes import Notes, of_cohort
from bot.records.stale import EVERYTHING, LINKS, take_marks
from bot.records.together import Together
from bot.records.towns import Town, load_town

P = ParamSpec("P")
T = TypeVar("T")
K = TypeVar("K", bound=Hashable)
MOST_REMEMBERED = 20_000  # people; about 2 KB each


class Records(Database):
    """Everything remembered, behind verbs."""

    def __init__(self, url: str, *, durable: bool = True) -> None:
        super().__init__(url, durable=durable)
        self._standings: dict[tuple[str, str], Standing] = {}
        self._towns: dict[tuple[str, str], Town] = {}
        self._marks: dict[int | None, Marks] = {}
        self._said: dict[int, Notes] = {}
        self._writes = 0
        self._version: int | None = None
        self.together = Together(self.url, self._forget)

    async def _write(self, verb: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        marks: set[tuple[str, str]] = set()

        @wraps(verb)
        def marked(connection: Connection) -> T:
            take_marks(connection)
            result = verb(connection, *args, **kwargs)
            marks.update(take_marks(connection))
            if self._is_changed_by_others(connection):
                marks.add(EVERYTHING)
            if marks:
                self.together.tell(connection, marks)
            return result

        result = await super()._write(marked)
        if marks:
            self._forget(marks)
        return result

    def _forget(self, marks: Iterable[tuple[str, str]]) -> None:
        """Remember no longer what these marks stand for, nor what is being read at the moment."""
        self._writes += 1
        if EVERYTHING in marks:
            self._standings.clear()
            self._towns.clear()
            self._said.clear()
        if EVERYTHING in marks or LINKS in marks:
            self._marks.clear()
        for mark in marks:
            self._standings.pop(mark, None)

    def _is_changed_by_others(self, connection: Connection) -> bool:
        """Whether another process wrote to the file since our last write: it was restored, say.

        Every tick writes, so this is noticed within seconds. SQLite counts what others write (sqlite.org/pragma.html,
        data_version); on a server they tell each other, see `together`.
        """
        if connection.dialect.name != "sqlite":
            return False
        before, self._version = self._version, connection.exec_driver_sql("PRAGMA data_version").scalar_one()
        return before not in (None, self._version)

    async def standing(self, person: Person) -> Standing:
        """What is known of the person; warm, without a database call."""
        key = (person.platform, person.id)
        return await self._remembered(self._standings, key, lambda connection: load_standing(connection, *key))

    async def town(self, platform: str, community: str) -> Town:
        """What is known of the community; warm, without a database call."""
        key = (platform, community)
        return await self._remembered(self._towns, key, lambda connection: load_town(connection, *key))

    async def here(self, call: Call) -> Cohort | None:
        """The cohort that is at home in the place, if there is one; warm, without a database call."""
        town = await self.town(call.place.platform, call.place.community)
        return town.at_channel.get(call.place.channel)

    async def marks(self, community_id: int | None) -> Marks:
        """Which links the readers in the community are warned of; warm, without a database call."""
        return await self._remembered(
            self._marks, community_id, lambda connection: load_marks(connection, community_id)
        )

    async def said(self, cohort: Cohort) -> Notes:
        """What facilitators say in the cohort's posts; warm, without a database call."""
        return await self._remembered(self._said, cohort.id, lambda connection: of_cohort(connection, cohort.id))

    async def _remembered(self, shelf: dict[K, T], key: K, load: Callable[[Connection], T]) -> T:
        if key in shelf and self.together.hears:
            return shelf[key]
        writes = self._writes
        found = await self.read(load)
        # Else what was read may be older than a write that has dropped it.
        if writes == self._writes and self.together.hears:
            if len(shelf) >= MOST_REMEMBERED:
                shelf.clear()
            shelf[key] = found
        return found

    async def cohort(self, call: Call, typed: str | None = None) -> Cohort:
        """The cohort that was named, else the one at home in the place, else the only one, of those `looked_after`.

        Raises a Refusal that lists the cohorts there are. Of all that one may be in, see `open_cohort`.
        """
        town = await self._town_as_told(call)
        among = await self.looked_after(call)
        if typed and named(among, typed) is None:
            if other := named(town.cohorts, typed):
                raise Refusal(
                    "{cohort} is looked after by its own facilitators and the admins of this community.",
                    cohort=other.name,
                )
            if ended := named(await self.archived(call), typed):
                line = as_typed("cohort restore")
                raise Refusal("{cohort} is archived. {line} brings it back.", cohort=ended.name, line=line)
        return _chosen(among, town.at_channel.get(call.place.channel), typed)

    async def looked_after(self, call: Call) -> tuple[Cohort, ...]:
        """The community's own cohorts that the person looks after, in order of age: all of them for its admins.

        After them, those of other communities with a place here, if the person was named as one who looks after them.
        Those that are `archived` are none of them.
        """
        town = await self.town(call.place.platform, call.place.community)
        facilitates = (await self.standing(call.person)).facilitates
        own = await self._theirs(call, town.cohorts)
        return (*own, *(each for each in town.guests if each.id in facilitates))

    async def archived(self, call: Call) -> tuple[Cohort, ...]:
        """Those of the community's own cohorts that are archived and that the person looks after, in order of age."""
        town = await self.town(call.place.platform, call.place.community)
        return await self._theirs(call, town.archived)

    async def _theirs(self, call: Call, among: tuple[Cohort, ...]) -> tuple[Cohort, ...]:
        if call.is_admin:
            return among
        facilitates = (await self.standing(call.person)).facilitates
        return tuple(each for each in among if each.id in facilitates)

    async def organises(self, call: Call, cohort: Cohort) -> bool:
        """Whether the person is an organiser of the community that is the cohort's home, and acts there."""
        return call.is_admin and cohort in (await self.town(call.place.platform, call.place.community)).cohorts

    async def told_of(self, call: Call, typed: str | None = None) -> Cohort:
        """As `cohort`; in direct messages, where notices go, of all that the person looks after."""
        if call.place.community != DIRECT:
            return await self.cohort(call, typed)
        facilitates = (await self.standing(call.person)).facilitates
        found = (await self.read(cohorts.get_all, facilitates)).values()
        return _chosen([each for each in found if each.archived_at is None], None, typed)

    async def remembered(self, call: Call, typed: str | None = None) -> Cohort:
        """As `told_of`; one that is archived, too, if it is that one that was named."""
        is_other = typed and named(await self.looked_after(call), typed) is None
        ended = named(await self.archived(call), typed) if typed and is_other else None
        return ended or await self.told_of(call, typed)

    async def open_cohort(self, call: Call, typed: str | None = None) -> Cohort:
        """As `cohort`, of those that are open to the person here. Of one that is hidden the Refusal says no more."""
        town = await self._town_as_told(call)
        among = await self.open_cohorts(call)
        if typed and named(among, typed) is None and named(town.open_cohorts, typed):
            raise Refusal("{typed} is at home in a private channel. Join it there.", typed=typed)
        return _chosen(among, town.at_channel.get(call.place.channel), typed)

    async def open_cohorts(self, call: Call) -> tuple[Cohort, ...]:
        """The cohorts of all communities that the person may join here, in order of age.

        One that is at home in private channels alone is shown in these only; and anywhere to its members, and to the
        community's admins.
        """
        town, standing = await self._town_as_told(call), await self.standing(call.person)
        here = town.at_channel.get(call.place.channel)
        return tuple(
            each
            for each in town.open_cohorts
            if call.is_admin or each == here or not town.hides(each) or standing.enrolled(each.id)
        )

    async def _town_as_told(self, call: Call) -> Town:
        """The call's town, after taking note of it if its place has become private, or public, meanwhile."""
        place, town = call.place, await self.town(call.place.platform, call.place.community)
        if place.channel in town.at_channel and place.is_private not in (None, place.channel in town.private):
            await self.write(homes.set_private, place)
            return await self.town(place.platform, place.community)
        return town

    async def enrolment(self, call: Call, typed: str | None = None) -> Enrolment:
        """The enrolment that a member's command means: in the cohort that was named, by its code or its name; else in
        the place's, else the only one, else the last used. One that is archived is meant by its name, or by those who
        are in no other.

        Raises a Refusal for a person who is in no cohort, or not in that one.
        """
        if typed is not None:
            mine = (await self.standing(call.person)).enrolments
            theirs = named([each.cohort for each in mine], typed)
            if theirs is None:
                raise Refusal("You are in no cohort that is called {typed}.", field="cohort", typed=typed)
            return next(each for each in mine if each.cohort == theirs)
        found = await self.enrolment_if_any(call)
        if found is None:
            raise Refusal("You are in no cohort yet. {line} gets you in.", line=as_typed("join"))
        return found

    async def enrolment_if_any(self, call: Call) -> Enrolment | None:
        """As `enrolment`, or None."""
        standing = await self.standing(call.person)
        town = await self.town(call.place.platform, call.place.community)
        here = town.at_channel.get(call.place.channel)
        running = [each for each in standing.enrolments if each.cohort.archived_at is None] or standing.enrolments
        mine = [each for each in running if each.cohort in town.open_cohorts] or running
        if here and (found := standing.enrolled(here.id)):
            return found
        if len(mine) == 1:
            return mine[0]
        last = next((each for each in running if each.cohort.id == standing.last_cohort_id), None)
        return last or (mine[-1] if mine else None)


def _chosen(among: Sequence[Cohort], here: Cohort | None, typed: str | None) -> Cohort:
    only = among[0] if len(among) == 1 else None
    found = named(among, typed) if typed else here if here in among else only
    if found:
        return found
    names = ", ".join(each.name for each in among)
    if not names:
        raise Refusal(
            "There is no cohort here yet. A facilitator starts one with {line}.", line=as_typed("cohort create")
        )
    if typed:
        raise Refusal(
            "No cohort here is called {typed}. Choose from {names}.", field="cohort", typed=typed, names=names
        )
    raise Missing("Which cohort? Name one of {names}.", field="cohort", names=names)


@dataclass(frozen=True, slots=True)
class RecordsNotebook:
    """The Notebook port for one platform, kept in the records."""

    records: Records
    clock: Clock
    platform: str

    async def get(self, key: str) -> str | None:
        """The note, or None."""
        return await self.records.read(notes.get, self.platform, key, self.clock.now())

    async def put(self, key: str, value: str, until: datetime | None = None) -> None:
        """Keep the note, in place of an older one; it is forgotten after `until`, if that is given."""
        await self.records.write(notes.put, self.platform, key, value, until)

    async def delete(self, key: str) -> None:
        """Forget the note, if there is one."""
        await self.records.write(notes.forget, self.platform, key)
