"""What members choose for themselves: language, zone, reminders, what is shown."""

import pytest

from bot.chat.message import Form
from bot.chat.wording import languages
from bot.commands.set_language import CODES
from bot.commands.zones import guess
from tests.town import Town


async def test_settings_show_what_holds_and_the_way_to_change_it(town: Town) -> None:
    shown = await town.say("ada: /settings", expect="Language: as in your app")
    assert "Reminders: in the cohort's thread" in shown
    assert "[Language and zone] [Reminders] [What is shown]" in shown


async def test_replies_come_in_the_language_that_was_chosen_at_once(town: Town) -> None:
    reply = await town.say("ada: /set language 한국어")
    assert "Your settings are changed." in reply
    known = await town.rooms.desk.known(town.call("ada: /help"))
    assert known.locale == "ko"


async def test_the_language_of_the_app_comes_back(town: Town) -> None:
    await town.say("ada: /set language language:한국어")
    await town.say('ada: /set language language:"as in my app"', expect="Language: as in your app")
    assert (await town.rooms.desk.known(town.call("ada: /help", locale="en-GB"))).locale == "en-GB"


@pytest.mark.parametrize("typed", ["ko", "KO", "ko-KR", "ko_kr", "korean"])
async def test_a_language_is_known_by_its_tag_and_its_english_name_too(town: Town, typed: str) -> None:
    await town.say(f"ada: /set language {typed}", expect="Your settings are changed.")
    assert (await town.rooms.desk.known(town.call("ada: /help"))).locale == "ko"
    await town.say("ada: /set language en", expect="Language: English")


@pytest.mark.parametrize("typed", ["fr", "k", "Klingon", "-"])
async def test_a_language_that_milepost_does_not_speak_is_refused_with_those_it_does(town: Town, typed: str) -> None:
    await town.say(f"ada: /set language {typed}", expect=f"language can be as in my app, English, 한국어, not {typed}.")


def test_every_language_that_milepost_speaks_can_be_chosen() -> None:
    assert set(CODES.values()) == {None, *languages()}


async def test_a_zone_is_chosen_by_name_whatever_the_case(town: Town) -> None:
    await town.say("ada: /set language timezone:asia/seoul", expect="Time zone: Asia/Seoul")


async def test_a_wrong_zone_is_refused_with_the_nearest_one(town: Town) -> None:
    await town.say("ada: /set language timezone:Seul", expect="Did you mean Asia/Seoul?")
    await town.say("ada: /settings", expect="Time zone: that of your cohort")


async def test_a_guessed_zone_is_shown_and_confirmed_at_a_press(town: Town) -> None:
    shown = await town.say("ada: /settings", locale="ko", expect="Asia/Seoul")
    assert "추측" in shown
    confirm = next(each for each in await town.buttons("ada: /settings", locale="ko") if "Asia/Seoul" in each)
    await town.say(f"ada: /{confirm}", expect="Time zone: Asia/Seoul")


@pytest.mark.parametrize(
    ("zone", "locale", "guessed"),
    [
        ("America/Lima", "ko", "America/Lima"),
        (None, "ko", "Asia/Seoul"),
        (None, "ja-JP", "Asia/Tokyo"),
        (None, "en", None),
        ("UTC", "en-US", None),
        ("Etc/UTC", "ko", "Asia/Seoul"),
        (None, "tlh", None),
    ],
)
async def test_a_zone_is_guessed_by_the_profile_then_by_the_country(
    town: Town, zone: str | None, locale: str, guessed: str | None
) -> None:
    assert guess(town.call("ada: /settings", locale=locale, zone=zone)) == guessed


async def test_how_to_be_reminded_can_be_said_in_a_word(town: Town) -> None:
    await town.say("ada: /set reminders dm", expect="Reminders: by direct message")
    await town.say("ada: /set reminders Off", expect="Reminders: none")
    await town.say("ada: /set reminders thread", expect="Reminders: in the cohort's thread")


async def test_reminders_come_by_direct_message_to_whoever_asks_for_them(town: Town) -> None:
    await town.say('ada: /set reminders by:"by direct message" time:18:30', expect="by direct message, at 18:30")
    await town.say("ada: /settings", expect="never from 22:00 to 08:00")


async def test_a_time_that_is_emptied_in_the_form_is_the_cohorts_again(town: Town) -> None:
    await town.say('ada: /set reminders by:"by direct message" time:18:30')
    await town.ask('ada: /set reminders by:"by direct message"', via="form")
    await town.say("ada: /settings", expect="at your cohort's time")


async def test_no_hour_is_quiet_where_both_ends_are_equal(town: Town) -> None:
    await town.say(
        'ada: /set reminders by:"by direct message" quiet_from:00:00 quiet_until:00:00', expect="at any hour"
    )


async def test_reminders_can_be_switched_off(town: Town) -> None:
    await town.say('ada: /set reminders by:"not at all"', expect="Reminders: none")


async def test_what_was_not_asked_for_stays(town: Town) -> None:
    await town.say('ada: /set reminders by:"by direct message" time:18:30')
    await town.say("ada: /set visibility streak:no", expect="at 18:30")
    await town.say("ada: /settings", expect="Streak: hidden")


async def test_the_forms_hold_what_was_chosen(town: Town) -> None:
    await town.say('ada: /set reminders by:"by direct message" time:18:30')
    form = await town.ask("ada: /set reminders")
    assert isinstance(form, Form)
    assert {each.name: each.value for each in form.fields} == {
        "by": "by direct message", "time": "18:30", "quiet_from": "22:00", "quiet_until": "08:00",
    }  # fmt: skip


async def test_settings_are_each_persons_own(town: Town) -> None:
    await town.say("ada: /set visibility streak:no share:yes")
    await town.say("ben: /settings", expect="Streak: shown")


async def test_who_joins_sees_by_which_zone_their_weeks_go(study_town: Town) -> None:
    await study_town.say("ben: /join", expect="Your weeks and reminders go by your cohort's zone, UTC.")
    await study_town.say("ben: /set language timezone:Asia/Seoul")
    await study_town.say("ben: /join", expect="Your weeks and reminders go by Asia/Seoul.\n")


async def test_who_joins_can_confirm_the_zone_that_was_guessed(study_town: Town) -> None:
    await study_town.say("ben: /join", locale="ko", expect="Asia/Seoul에 살고 있나요?")
    lines = await study_town.buttons("ben: /join", locale="ko")
    assert lines[-1] == "?set language"
    await study_town.say("ben: /settings", expect="Time zone: that of your cohort")
    await study_town.say(f"ben: /{lines[-2]}", expect="Time zone: Asia/Seoul")


async def test_a_time_in_quiet_hours_is_refused_and_changes_nothing(town: Town) -> None:
    await town.say(
        'ada: /set reminders by:"by direct message" time:23:30',
        expect="23:30 is in your quiet hours, from 22:00 to 08:00",
    )
    await town.say("ada: /settings", expect="Reminders: in the cohort's thread")


async def test_home_tells_language_and_zone_as_the_settings_do(study_town: Town) -> None:
    await study_town.say("ada: /home", expect="Time zone: that of your cohort")
    await study_town.say("ada: /set language timezone:Asia/Seoul")
    await study_town.say("ada: /home", expect="Time zone: Asia/Seoul")
