"""A facilitator's season as they meet it: the real process, and all of it done at its page in a real browser."""

import csv
import re
from io import TextIOWrapper
from pathlib import Path
from zipfile import ZipFile

from playwright.async_api import Page, expect

from tests.browser import Tab, in_one_browser
from tests.test_journey import page as page  # a fixture
from tests.test_journey import process as process  # a fixture

pytestmark = in_one_browser


class Journey(Tab):
    """A tab whose reader goes from one reply to the next, and changes persons."""

    async def become(self, name: str) -> None:
        await self.page.get_by_role("radio", name=name).check()

    async def press_on(self, text: str, button: str) -> None:
        await self.message(text).last.get_by_role("button", name=button, exact=True).first.click()

    async def fill(self, **answers: str) -> None:
        for name, answer in answers.items():
            await self.form.locator(f"[name={name}]").fill(answer)
        await self.form.get_by_role("button", name="Send").click()

    async def see(self, text: str, *more: str) -> None:
        shown = self.message(text).last
        await expect(shown).to_be_visible()
        for each in more:
            await expect(shown).to_contain_text(each)


async def test_a_season_from_its_preview_to_its_export(page: Page, tmp_path: Path) -> None:
    tab = Journey(page)
    await page.get_by_role("button", name=re.compile("second-class")).click()
    await tab.become("Grace")
    await tab.send("/cohort create")
    await tab.fill(name="Letters", curriculum="english-emails")
    await tab.see("Preview: Letters is not started yet", "Monday at 09:00")
    await tab.press_on("Preview: Letters", "Change")
    await tab.form.locator("[name=day]").select_option("tuesday")
    await tab.fill(name="Spring letters")
    await tab.see("Preview: Spring letters is not started yet", "Tuesday at 09:00", "Write better English emails")
    await tab.press_on("Preview: Spring letters", "Start it")
    await tab.see("Spring letters is ready.", "Invite people posts a button to join.")

    await tab.press_on("Spring letters is ready.", "Invite people")
    await expect(tab.form.get_by_role("textbox")).to_have_count(1)  # the cohort is asked of nobody: the button knows it
    await tab.fill(text="Four weeks, **together**")
    await tab.press_on("Preview: nothing is posted yet", "Post it here")
    await tab.see("The invitation is on its way to #second-class.")
    await tab.become("Ada")
    await tab.press_on("Four weeks, together", "Join")
    await tab.see("Welcome to Spring letters!")
    await tab.see("Four weeks, together", "Members1")

    await tab.become("Grace")
    await tab.send("/schedule")
    await tab.press_on("What comes next in Spring letters", "Show")
    await tab.see("Preview: nothing is sent yet", "Week 1 of 4: Get opened")
    await tab.press_on("Preview: nothing is sent yet", "Edit")
    await expect(tab.form.get_by_role("textbox")).to_have_count(2)
    await tab.fill(note="Bring a letter that you like.")
    await tab.press_on("That is what it says now", "Send now")
    await tab.see("It goes out now.", "Bring a letter that you like.")
    await tab.press_on("It goes out now.", "What comes next")
    asked = tab.message("What comes next in").get_by_role("listitem").filter(has_text="Check-in prompt, week 1")
    await asked.get_by_role("button", name="Show").click()
    await tab.press_on("Check-in prompt, week 1", "Skip")
    await tab.see("It is left out. Nobody is asked or reminded")

    await tab.send("/facilitator add Minjun")
    await tab.press_on("@Minjun looks after Spring letters now.", "Facilitators")
    await tab.press_on("Who looks after Spring letters", "I lead next week")
    await tab.see("@Grace leads Spring letters in the week from")

    await tab.become("Ada")
    await expect(tab.message("Week 1 of 4: Get opened")).to_have_count(1)
    await tab.see("Week 1 of 4: Get opened", "Bring a letter that you like.")
    await tab.send("/audit")
    await tab.see("/audit is for facilitators")

    await tab.become("Grace")
    await tab.send("/audit")
    for each in ("/season begin", "/invitation send", "/post edit", "/post now", "/post skip", "who leads"):
        await tab.see("What was done to Spring letters", each)
    await tab.send("/cohort export")
    async with page.expect_download() as taking:
        await tab.message("The season of Spring letters").get_by_role("link", name="milepost-season.zip").click()
    taken = tmp_path / "season.zip"
    await (await taking.value).save_as(taken)
    with ZipFile(taken) as season, season.open("members.csv") as members:
        assert [each["name"] for each in csv.DictReader(TextIOWrapper(members, "utf-8-sig"))] == ["Ada"]
    assert tab.complaints == []
