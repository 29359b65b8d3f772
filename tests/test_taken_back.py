"""Posts that are taken back: what waits is not sent, and what is there is taken away, whatever happens on the way."""

import pytest
from sqlalchemy import select

from bot.chat.platform import Busy, Gone, Unknown
from bot.records import live
from bot.records.tables import outbox
from tests.town import Town

pytestmark = pytest.mark.both_stores


async def take_back(town: Town) -> None:
    """Take every call for help back."""
    ids = await town.rooms.records.read(
        lambda connection: list(connection.execute(select(outbox.c.id).where(outbox.c.kind == "stuck")).scalars())
    )
    await town.rooms.records.write(live.take_back, ids, town.clock.now())


async def states(town: Town) -> list[tuple[str, str | None]]:
    """The state of every call for help, and why it is so."""
    return await town.rooms.records.read(
        lambda connection: [
            tuple(row)
            for row in connection.execute(select(outbox.c.state, outbox.c.reason).where(outbox.c.kind == "stuck"))
        ]
    )


async def test_what_waits_is_not_sent(study_town: Town) -> None:
    await study_town.say("ada: /stuck where:gradients")
    await take_back(study_town)
    await study_town.pass_time(minutes=1)
    assert study_town.posts == []
    assert await states(study_town) == [("skipped", live.TAKEN_BACK)]


async def test_what_is_there_is_taken_away(study_town: Town) -> None:
    await study_town.say("ada: /stuck where:gradients")
    await study_town.pass_time(minutes=1)
    assert len(study_town.posts) == 1
    await take_back(study_town)
    await study_town.pass_time(minutes=1)
    assert study_town.posts == []
    assert await states(study_town) == [("skipped", live.TAKEN_BACK)]


async def test_what_is_on_its_way_is_taken_away_once_it_is_found(study_town: Town) -> None:
    study_town.square.forgets_to_answer = 1
    await study_town.say("ada: /stuck where:gradients")
    await study_town.rooms.delivery.tick()
    await take_back(study_town)
    await study_town.pass_time(minutes=10)
    assert study_town.posts == []
    assert len(study_town.square.told) == 1
    assert await states(study_town) == [("skipped", live.TAKEN_BACK)]


async def test_what_did_not_get_there_is_not_tried_again(study_town: Town) -> None:
    study_town.square.failures = [Unknown("no answer")]
    await study_town.say("ada: /stuck where:gradients")
    await study_town.rooms.delivery.tick()
    await take_back(study_town)
    await study_town.pass_time(minutes=10)
    assert study_town.square.told == []


@pytest.mark.parametrize("failure", [Busy(30, "route"), Unknown("no answer")])
async def test_taking_away_is_tried_again(study_town: Town, failure: Exception) -> None:
    await study_town.say("ada: /stuck where:gradients")
    await study_town.pass_time(minutes=1)
    await take_back(study_town)
    study_town.square.failures = [failure]
    await study_town.pass_time(minutes=10)
    assert study_town.posts == []


async def test_what_cannot_be_taken_away_any_more_is_left(study_town: Town) -> None:
    await study_town.say("ada: /stuck where:gradients")
    await study_town.pass_time(minutes=1)
    await take_back(study_town)
    study_town.square.failures = [Gone("the channel is closed to us")]
    await study_town.pass_time(minutes=10)
    assert await states(study_town) == [("sent", None)]
