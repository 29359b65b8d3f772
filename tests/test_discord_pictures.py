"""Pictures on Discord: in the answer or the post itself, with their alt text, and in words where none was drawn."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import simcord
from aiohttp import BodyPartReader, web
from aiohttp.test_utils import TestServer
from discord.http import Route

from bot.chat.message import Message, Picture, Post, Text
from bot.chat.platform import Person, Place
from bot.chat.wording import plain
from bot.delivery.clock import StoppedClock
from bot.platforms.discord import limits
from bot.platforms.discord.files import attached, with_files
from bot.platforms.discord.render import losses, render
from bot.platforms.discord.rest import Rest
from tests.discord_golden import assert_discord_takes
from tests.discord_town import MONDAY, Guild, parts, read
from tests.easel import PNG, Easel

SINCE = datetime(2027, 1, 1, tzinfo=UTC)
PICTURE = Picture(template="progress", values={}, alt="Two of three bars are full.")
SHOWN = Message(title="How it goes", parts=(PICTURE, Text(text="2 of 3")))


def galleries(shown: simcord.ResponseMessage | None) -> list[str]:
    """The alt texts of the pictures that are to be seen."""
    assert shown is not None
    found = [each for each in parts(shown.components) if each["type"] == limits.MEDIA_GALLERY]
    return [item["description"] for each in found for item in each["items"]]


# ---- Drawing --------------------------------------------------------------------------------------------------------


def test_a_picture_is_a_gallery_with_its_alt_text() -> None:
    [container] = render(SHOWN, "en")["components"]
    assert container["components"][1] == {
        "type": limits.MEDIA_GALLERY,
        "items": [{"media": {"url": "attachment://picture-1.png"}, "description": "Two of three bars are full."}],
    }


def test_an_alt_text_too_long_is_cut_and_said_to_be() -> None:
    message = Message(parts=(PICTURE.model_copy(update={"alt": "bar " * 300}),))
    assert_discord_takes(render(message, "en"))
    [said] = losses(Post(key="a", message=message))
    assert plain(said) == "It is too long for Discord, and is shortened."


async def test_a_message_goes_with_the_files_that_it_shows() -> None:
    other = PICTURE.model_copy(update={"alt": "Another one."})
    message, files = await with_files(Message(parts=(PICTURE, Text(text="x"), other)), "en", Easel())
    assert files == {"picture-1.png": PNG, "picture-2.png": PNG}
    drawn = attached(render(message, "en"), files)
    assert_discord_takes(drawn)
    assert [each["filename"] for each in drawn["attachments"]] == list(files)


async def test_a_message_without_pictures_is_left_as_it_is() -> None:
    message = Message(parts=(Text(text="x"),))
    same, files = await with_files(message, "en", Easel())
    assert same is message
    assert not files


# ---- Answers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("locale", "words"), [("en-US", "Getting started: 0 of 23"), ("ko", "시작하기: 0/23")])
async def test_progress_is_answered_with_a_picture_and_the_same_in_words(
    study_guild: Guild, locale: str, words: str
) -> None:
    study_guild.locale = locale
    answer = await study_guild.alice.slash(study_guild.main, "progress")
    assert answer.response is not None
    [alt] = galleries(answer.response)
    assert words in alt
    assert words.rpartition(" ")[2] in read(answer.response)
    [file] = answer.response.attachments
    assert await file.read() == PNG
    assert answer.response.ephemeral
    assert len(study_guild.sent("POST", "/callback")) == 4  # /cohort create, Start it, /join, /progress: an answer each


async def test_a_picture_that_cannot_be_drawn_is_told_in_words(
    study_guild: Guild, caplog: pytest.LogCaptureFixture
) -> None:
    study_guild.easel.is_broken = True
    answer = await study_guild.alice.slash(study_guild.main, "progress")
    assert answer.response is not None
    assert galleries(answer.response) == []
    assert answer.response.attachments == []
    assert read(answer.response).count("Getting started") == 2
    assert caplog.messages.count("words take the place of a picture: the easel is broken") == 1


async def test_what_replaces_a_picture_leaves_none_behind(study_guild: Guild) -> None:
    answer = await study_guild.alice.slash(study_guild.main, "progress")
    assert answer.response is not None
    pressed = await study_guild.alice.click(answer.response, label="What next?")
    assert pressed.response is not None
    assert pressed.response.attachments == []
    assert galleries(pressed.response) == []


# ---- Posts ----------------------------------------------------------------------------------------------------------


async def test_a_post_carries_its_picture_and_is_found_again(guild: Guild) -> None:
    posted = await guild.discord.post(guild.place, Post(key="c1:picture", message=SHOWN))
    [message] = guild.posts
    [file] = message.attachments
    assert await file.read() == PNG
    assert await guild.discord.find(guild.place, "c1:picture", SINCE) == posted


async def test_an_edited_post_has_the_new_picture_alone(guild: Guild) -> None:
    post = Post(key="c1:picture", message=SHOWN)
    posted = await guild.discord.post(guild.place, post)
    await guild.discord.edit(posted, post.model_copy(update={"message": SHOWN.model_copy(update={"title": "Later"})}))
    [message] = guild.posts
    assert "Later" in read(message)
    assert len(message.attachments) == 1


async def test_a_picture_goes_to_one_person_too(study_guild: Guild) -> None:
    alice = Person(platform="discord", id=str(study_guild.alice.id), name="alice")
    place = Place(**{**study_guild.place.model_dump(), "person": alice})
    posted = await study_guild.discord.post(place, Post(key="c1:picture", message=SHOWN))
    assert await study_guild.discord.find(place, "c1:picture", SINCE) == posted


# ---- The wire -------------------------------------------------------------------------------------------------------


@pytest.fixture
async def heard(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[tuple[str, str | None, bytes]]]:
    """Name, file name and content of all fields of forms that a server was sent."""
    fields: list[tuple[str, str | None, bytes]] = []

    async def take(request: web.Request) -> web.Response:
        async for part in await request.multipart():
            assert isinstance(part, BodyPartReader)
            fields.append((part.name or "", part.filename, bytes(await part.read())))
        return web.json_response({})

    application = web.Application()
    application.router.add_post("/{path:.*}", take)
    async with TestServer(application) as server:
        monkeypatch.setattr(Route, "BASE", str(server.make_url("")).rstrip("/"))
        yield fields


async def test_a_file_is_sent_beside_its_message(heard: list[tuple[str, str | None, bytes]]) -> None:
    rest = Rest("token", StoppedClock(MONDAY))
    route = Route("POST", "/channels/{channel_id}/messages", channel_id=1)
    await rest.ask(route, {"content": "가"}, files={"picture-1.png": PNG})
    await rest.close()
    assert heard == [("payload_json", None, b'{"content": "\\uac00"}'), ("files[0]", "picture-1.png", PNG)]
