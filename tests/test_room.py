"""How many a cohort takes, and who waits for a seat: in order, told privately, and never two on the last one."""

import asyncio

import pytest
from sqlalchemy import Connection, select

from bot.chat.platform import Closed, Person
from bot.records import members, mydata, room
from bot.records.records import Records
from bot.records.tables import audit
from bot.records.tables import waiting as waiting_rows
from tests.town import MONDAY, Town

CLOSED = Closed("this person takes no direct messages")


@pytest.fixture
async def full_town(study_town: Town) -> Town:
    """The cohort takes one, which is Ada."""
    await study_town.say("grace: /cohort rules capacity:1", expect="Members: 1 of 1")
    return study_town


async def delivered(town: Town) -> list[tuple[str, str]]:
    """Whom everything so far was told, or nobody in particular, with its first line."""
    await town.rooms.delivery.tick()
    return [
        (place.person.id if place.person else "", words)
        for (place, _), words in zip(town.square.told, [each.splitlines()[0] for each in town.posts], strict=True)
    ]


async def standing(town: Town, name: str) -> int:
    return len((await town.rooms.records.standing(Person(platform="square", id=name))).enrolments)


# ---- Full ------------------------------------------------------------------------------------------------------------


async def test_who_comes_to_a_full_cohort_is_offered_the_waiting_list(full_town: Town) -> None:
    said = await full_town.say("ben: /join", expect="Deep is full.")
    assert "Its 1 seat is taken." in said
    assert "[Put me on the waiting list]" in said
    assert await full_town.buttons("ben: /join") == ["join cohort:c1 wait:yes"]
    assert await standing(full_town, "ben") == 0


async def test_and_the_other_cohorts_that_have_a_seat(full_town: Town) -> None:
    await full_town.start("grace: /cohort create Roomy curriculum:deep-learning start:2027-01-04", channel="roomy")
    await full_town.start("grace: /cohort create Packed curriculum:deep-learning start:2027-01-04", channel="packed")
    await full_town.say("grace: /cohort rules capacity:1 cohort:Packed")
    await full_town.say("ada: /join Packed")
    said = await full_town.say("ben: /join Deep", expect="There are seats in")
    assert "Roomy" in said
    assert "Packed" not in said


async def test_all_rules_may_be_changed_at_once_and_each_leaves_its_entry(study_town: Town) -> None:
    said = await study_town.say(
        "grace: /cohort rules passes:3 capacity:2 digest:no", expect="rules of Deep are changed"
    )
    for told in ("A member may pass: 3 weeks", "It takes: 2 members", "The cohort is told how its week went: no"):
        assert told in said
    said = await study_town.say("grace: /audit")
    assert "weeks a member may pass: 2 → 3 · digest: yes → no" in said
    assert "how many members it takes: none → 2" in said


async def test_who_is_in_a_full_cohort_stays_in_it(full_town: Town) -> None:
    await full_town.say("ada: /join", expect="You are in Deep.")


async def test_the_list_is_in_order_and_everybody_can_ask_where_they_are(full_town: Town) -> None:
    await full_town.say("ben: /join wait:yes", expect="You are number 1 on the waiting list of Deep.\nYou are next.")
    await full_town.say("cyd: /join wait:yes", expect="You are number 2 on the waiting list of Deep.")
    await full_town.say("ben: /join", expect="You are number 1 on the waiting list of Deep.")
    await full_town.say("cyd: /join", expect="1 person is before you.")
    await full_town.say("cyd: /join wait:yes", expect="You are number 2 on the waiting list of Deep.")


async def test_who_wants_to_wait_where_there_is_a_seat_is_in(study_town: Town) -> None:
    await study_town.say("ben: /join wait:yes", expect="Welcome to Deep!")


async def test_leaving_leaves_the_list(full_town: Town) -> None:
    await full_town.say("ben: /join wait:yes")
    await full_town.say("cyd: /join wait:yes")
    await full_town.say("ben: /leave", expect="You wait for a seat in Deep no longer.")
    await full_town.say("cyd: /join", expect="You are number 1 on the waiting list")
    await full_town.say("ben: /leave", expect="You are in no cohort yet.")


async def test_leaving_the_list_leaves_no_cohort_that_one_is_in(full_town: Town) -> None:
    await full_town.start("grace: /cohort create Other curriculum:deep-learning start:2027-01-04", channel="other")
    await full_town.say("ben: /join Other")
    await full_town.say("ben: /join Deep wait:yes")
    await full_town.say("ben: /leave", expect="You wait for a seat in Deep no longer.")
    await full_town.say("ben: /join Deep wait:yes")
    await full_town.say("ben: /leave", channel="other", expect="You have left Other.")


async def test_who_waits_for_several_says_which_list_they_leave(full_town: Town) -> None:
    await full_town.start("grace: /cohort create Other curriculum:deep-learning start:2027-01-04", channel="other")
    await full_town.say("grace: /cohort rules capacity:1 cohort:Other")
    await full_town.say("ada: /join Other")
    await full_town.say("ben: /join Deep wait:yes")
    await full_town.say("ben: /join Other wait:yes")
    await full_town.say("ben: /leave", channel="elsewhere", expect="Name one of Deep, Other")
    await full_town.say("ben: /leave Other", channel="elsewhere", expect="You wait for a seat in Other no longer.")


# ---- A seat gets free ------------------------------------------------------------------------------------------------


async def test_who_leaves_makes_room_for_the_first_in_line_who_is_told_privately(full_town: Town) -> None:
    await full_town.say("ben: /join wait:yes")
    await full_town.say("cyd: /join wait:yes")
    await full_town.pass_time(hours=2)
    await full_town.say("ada: /leave")
    assert ("ben", "You have a seat: you are in Deep.") in await delivered(full_town)
    await full_town.say("ben: /week", expect="Week 1")
    await full_town.say("cyd: /join", expect="You are number 1 on the waiting list")


async def test_so_does_who_is_forgotten(full_town: Town) -> None:
    await full_town.say("ben: /join wait:yes")
    await full_town.say('ada: /mydata forget word:"FORGET ME"')
    await full_town.pass_time(hours=1)
    assert ("ben", "You have a seat: you are in Deep.") in await delivered(full_town)
    await full_town.say("grace: /cohort status", expect="Members: 1 of 1")


async def test_a_higher_limit_lets_in_as_many_as_fit(full_town: Town) -> None:
    for name in ("ben", "cyd", "dan"):
        await full_town.say(f"{name}: /join wait:yes")
    said = await full_town.say("grace: /cohort rules capacity:3", expect="2 people came in from the waiting list.")
    assert "Waiting list: 1" in said
    await full_town.say("grace: /cohort rules capacity:none", expect="1 person came in from the waiting list.")
    await full_town.pass_time(hours=1)
    assert [who for who, _ in await delivered(full_town) if who] == ["ben", "cyd", "dan"]


async def test_a_member_is_not_woken_to_hear_of_a_seat(full_town: Town) -> None:
    await full_town.say("ben: /join wait:yes")
    await full_town.pass_time(hours=15)  # it is 23:00
    await full_town.say("ada: /leave")
    assert not [who for who, _ in await delivered(full_town) if who]
    await full_town.say("ben: /week", expect="Week 1")
    await full_town.pass_time(hours=9)
    assert [who for who, _ in await delivered(full_town) if who] == ["ben"]


async def test_whom_no_message_reaches_is_welcomed_like_anybody(full_town: Town) -> None:
    await full_town.say("ben: /join wait:yes", expect="if you take none, Deep welcomes you by name in #main")
    await full_town.pass_time(hours=2)
    await full_town.say("ada: /leave")
    full_town.square.failures = [CLOSED]
    await full_town.rooms.delivery.tick()
    place, post = full_town.square.told[-1]
    assert place.person is None
    assert full_town.posts[-1].startswith("Welcome to Deep, Ben!")
    assert [each.id for each in post.notify] == ["ben"]
    assert not {"wait", "seat", "direct", "private"} & set(full_town.posts[-1].lower().split())


async def test_it_is_tried_but_once(full_town: Town) -> None:
    await full_town.say("ben: /join wait:yes")
    await full_town.pass_time(hours=2)
    await full_town.say("ada: /leave")
    full_town.square.failures = [CLOSED]
    await full_town.rooms.delivery.tick()
    await full_town.pass_time(hours=1)
    await full_town.say("ben: /leave")
    await full_town.say("ada: /join")
    await full_town.say("ben: /join wait:yes")
    await full_town.say("ada: /leave")
    await full_town.rooms.delivery.tick()
    assert [who for who, _ in await delivered(full_town) if who] == []
    assert [each.splitlines()[0] for each in full_town.posts].count("Welcome to Deep, Ben!") == 2


async def test_who_leaves_before_they_are_told_is_told_nothing(full_town: Town) -> None:
    await full_town.say("ben: /join wait:yes")
    await full_town.pass_time(hours=15)
    await full_town.say("ada: /leave")
    await full_town.say("ben: /leave")
    await full_town.pass_time(hours=12)
    assert not [who for who, _ in await delivered(full_town) if who]


async def test_in_the_language_of_who_reads_it(full_town: Town) -> None:
    await full_town.say("ben: /set language language:한국어")
    await full_town.say("ben: /join wait:yes")
    await full_town.pass_time(hours=2)
    await full_town.say("ada: /leave")
    assert ("ben", "자리가 났어요. Deep 기수에 들어오셨어요.") in await delivered(full_town)


# ---- Facilitators ----------------------------------------------------------------------------------------------------


async def test_a_lower_limit_removes_nobody_and_says_so(study_town: Town) -> None:
    await study_town.say("ben: /join")
    said = await study_town.say("grace: /cohort rules capacity:1", expect="2 members are in. Nobody is removed")
    assert "a seat is free again once fewer than 1 are in." in said
    await study_town.say("cyd: /join wait:yes")
    await study_town.say("ben: /leave")
    await study_town.say("cyd: /join", expect="You are number 1")
    await study_town.say("ada: /leave")
    await study_town.say("cyd: /join", expect="You are in Deep.")


@pytest.mark.parametrize("typed", ["-1", "many", "10001", "1.5", "٣"])
async def test_what_is_no_limit_is_refused(study_town: Town, typed: str) -> None:
    await study_town.say(f"grace: /cohort rules capacity:{typed}", expect=f"{typed} is neither.")
    await study_town.say("grace: /cohort rules", expect="It takes: as many as come")


@pytest.mark.parametrize("typed", ["0", "none", "None", "없음"])
async def test_no_limit_is_said_in_several_ways(full_town: Town, typed: str) -> None:
    await full_town.say(f"grace: /cohort rules capacity:{typed}", expect="It takes: as many as come")
    await full_town.say("ben: /join", expect="Welcome to Deep!")


async def test_the_form_of_the_rules_holds_what_they_are(full_town: Town) -> None:
    said = await full_town.say("grace: /?cohort rules")
    assert "passes = 2\ncapacity = 1" in said


async def test_facilitators_see_how_many_wait_and_who(full_town: Town) -> None:
    await full_town.say("ben: /join wait:yes")
    await full_town.say("cyd: /join wait:yes")
    said = await full_town.say("grace: /cohort status", expect="Waiting list: 2")
    assert "[Waiting list]" in said
    said = await full_town.say("grace: /waiting", expect="1. Ben [Let in]")
    assert "2. Cyd [Let in]" in said


async def test_somebody_is_let_in_past_the_limit_once(full_town: Town) -> None:
    await full_town.say("ben: /join wait:yes")
    await full_town.say("cyd: /join wait:yes")
    let_in = [each for each in await full_town.buttons("grace: /waiting") if "admit" in each][1]
    await full_town.say(f"grace: /{let_in}", expect="Cyd is in, and is told.")
    await full_town.say(f"grace: /{let_in}", expect="Whoever that was waits no longer.")
    await full_town.say("ben: /join", expect="You are number 1")
    await full_town.say("grace: /cohort status", expect="Members: 2 of 1")
    await full_town.pass_time(hours=1)
    assert [who for who, _ in await delivered(full_town) if who] == ["cyd"]


async def test_the_audit_says_who_was_let_in_until_they_are_forgotten(full_town: Town) -> None:
    def told(connection: Connection) -> list[tuple[str, dict[str, str]]]:
        rows = connection.execute(select(audit.c.command, audit.c.after).order_by(audit.c.id))
        return [(row.command, row.after) for row in rows]

    await full_town.say("ben: /join wait:yes")
    let_in = next(each for each in await full_town.buttons("grace: /waiting") if "admit" in each)
    await full_town.say(f"grace: /{let_in}")
    entries = await full_town.rooms.records.read(told)
    assert ("cohort rules", {"capacity": "1"}) in entries
    assert entries[-1] == ("waiting", {"member": "Ben (square:ben)"})
    await full_town.say('ben: /mydata forget word:"FORGET ME"')
    assert (await full_town.rooms.records.read(told))[-1] == ("waiting", {})


async def test_a_list_that_is_long_is_counted_to_its_end(full_town: Town) -> None:
    for number in range(12):
        await full_town.say(f"p{number}: /join wait:yes")
    said = await full_town.say("grace: /waiting", expect="10. P9 [Let in]")
    assert "… and 2 more" in said


# ---- What is kept of who waits ---------------------------------------------------------------------------------------


async def test_who_waits_is_told_so_in_their_data_and_forgotten(full_town: Town) -> None:
    await full_town.say("ben: /join wait:yes")
    await full_town.say("cyd: /join wait:yes")
    kept = await full_town.rooms.records.read(mydata.collect, Person(platform="square", id="ben"))
    assert [(each["cohort"], each["since_at"]) for each in kept["waiting"]] == [("Deep", MONDAY)]
    await full_town.say('ben: /mydata forget word:"FORGET ME"')
    await full_town.say("cyd: /join", expect="You are number 1")


# ---- The last seat ---------------------------------------------------------------------------------------------------


@pytest.mark.both_stores
async def test_of_two_who_ask_for_the_last_seat_at_once_one_gets_it(study_town: Town, store: str) -> None:
    await study_town.say("grace: /cohort rules capacity:4")
    other = Records(store, durable=False)
    people = [Person(platform="square", id=f"p{n}", name=f"P{n}") for n in range(10)]
    found = await asyncio.gather(
        *(
            (other if number % 2 else study_town.rooms.records).write(room.join, each, 1, MONDAY, waits=True)
            for number, each in enumerate(people)
        )
    )
    await other.close()
    assert sum(each.is_in for each in found) == 3
    assert sorted(each.place for each in found if each.place) == [1, 2, 3, 4, 5, 6, 7]
    space = await study_town.rooms.records.read(room.of, 1)
    assert (space.members, space.waiting) == (4, 7)


@pytest.mark.both_stores
async def test_of_a_seat_that_gets_free_while_others_come_the_first_in_line_has_it(
    study_town: Town, store: str
) -> None:
    records, other = study_town.rooms.records, Records(store, durable=False)
    await study_town.say("grace: /cohort rules capacity:2")
    await study_town.say("ben: /join")
    for name in ("cyd", "dan"):
        await study_town.say(f"{name}: /join wait:yes")
    ada = (await records.standing(Person(platform="square", id="ada"))).enrolments[0]
    ben = (await records.standing(Person(platform="square", id="ben"))).enrolments[0]
    late = [Person(platform="square", id=f"late{n}", name=f"Late {n}") for n in range(4)]
    await asyncio.gather(
        records.write(room.leave, ada, MONDAY),
        other.write(room.leave, ben, MONDAY),
        *((other if n % 2 else records).write(room.join, each, 1, MONDAY, waits=True) for n, each in enumerate(late)),
    )
    await other.close()
    there = await records.read(members.people, 1, "square")
    assert sorted(each.id for _, each in there) == ["cyd", "dan"]
    assert await records.read(lambda c: len(c.execute(select(waiting_rows)).all())) == 4
