"""Commands: lines in, replies out, through the Desk."""

from tests.town import Town


async def test_a_stranger_is_told_how_to_start(town: Town) -> None:
    await town.say("ada: /next", expect="How to start")
