"""`/suggest`: what a member found reaches a facilitator of the cohort, privately and once."""

from sqlalchemy import delete

from bot.records.tables import facilitators
from tests.town import Town, text_of

LINK = "https://example.org/Backprop"
SPOKEN = f'/suggest link:{LINK} title:"Backprop, drawn" why:"The best pictures"'


async def told(town: Town) -> list[tuple[str, str]]:
    """Who was told what privately, once all is sent."""
    await town.rooms.delivery.tick()
    assert all(place.person for place, _ in town.square.told), "nothing is public"
    return [(place.person.id, text_of(post.message)) for place, post in town.square.told if place.person]


async def test_the_facilitator_reads_who_suggests_what_and_why(study_town: Town) -> None:
    await study_town.say(f"ada: {SPOKEN}")
    ((who, said),) = await told(study_town)
    assert who == "grace"
    assert "A resource for Deep?\nAda suggests it." in said
    assert f"- Backprop, drawn\n  The best pictures\n  {LINK}" in said


async def test_the_member_reads_what_was_received_and_who_sees_it(study_town: Town) -> None:
    said = await study_town.say(f"ada: {SPOKEN}", expect="Thank you, your suggestion is in.")
    assert f"- Backprop, drawn\n  The best pictures\n  {LINK}" in said
    assert "Grace gets it as a private message. Nothing is posted." in said


async def test_without_words_it_asks(study_town: Town) -> None:
    assert "link = \ntitle = \nwhy = " in await study_town.say("ada: /suggest")


async def test_the_same_address_is_told_once(study_town: Town) -> None:
    await study_town.say("bob: /join")
    await study_town.say(f"ada: {SPOKEN}")
    await study_town.say(
        "bob: /suggest link:http://Example.org/Backprop/ title:Pictures", expect="Grace has it already"
    )
    assert len(await told(study_town)) == 1


async def test_another_page_of_the_same_site_is_another_suggestion(study_town: Town) -> None:
    await study_town.say(f"ada: {SPOKEN}")
    await study_town.say("ada: /suggest link:https://example.org/backprop title:Other", expect="private message")
    assert len(await told(study_town)) == 2


async def test_another_cohort_hears_of_the_same_address_for_itself(study_town: Town) -> None:
    await study_town.start("grace: /cohort create Wide", channel="side")
    await study_town.say(f"ada: {SPOKEN}")
    await study_town.say("bob: /join Wide")
    await study_town.say(f"bob: {SPOKEN}", expect="private message")
    assert len(await told(study_town)) == 2


async def test_what_is_no_web_address_is_refused_at_its_field(study_town: Town) -> None:
    said = text_of(await study_town.ask("ada: /suggest link:javascript:alert(1) title:x", via="form"))
    assert "link = javascript:alert(1)  ! javascript:alert(1) is no web address. It begins with https://" in said
    assert await told(study_town) == []


async def test_an_address_that_only_looks_like_one_is_taken_as_it_is(study_town: Town) -> None:
    await study_town.say("ada: /suggest link:https://[broken title:x", expect="your suggestion is in")


async def test_where_nobody_is_known_to_read_it_that_is_said(study_town: Town) -> None:
    await study_town.rooms.records.write(lambda connection: connection.execute(delete(facilitators)))
    await study_town.say(f"ada: {SPOKEN}", expect="Nobody is known who looks after Deep, so nothing was sent.")
