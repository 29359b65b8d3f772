"""`/announcement links`: give a draft up to three buttons that lead to web pages."""

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urlsplit

from bot.chat.command import Arg, Rank, command
from bot.chat.literal import is_web_address
from bot.chat.message import Message
from bot.chat.platform import Call, Clock, Refusal
from bot.commands.drafting import change, find, find_given, sealed, shown, suggest_drafts
from bot.delivery.previewing import Previewing
from bot.records.records import Records

LONGEST_LABEL = 75  # Slack's button; Discord's takes 80
LONGEST_ADDRESS = 512  # Discord's; Slack's takes 3,000
NAMES = ("first", "second", "third")


async def as_linked(call: Call, records: Records) -> Mapping[str, str]:
    """The links as they stand."""
    found = await find_given(call, records)
    if found is None:
        return {}
    known = {name: f"{label} {url}" for name, (label, url) in zip(NAMES, found.links, strict=False)}
    return {**known, "draft": sealed(found, "links")}


@command(ask=True, allow=Rank.FACILITATOR)
async def announcement_links(
    call: Call, records: Records, clock: Clock, previewing: Previewing,
    draft: Annotated[str, Arg("Which draft?", max=40, suggest=suggest_drafts)],
    first: Annotated[str | None, Arg("A label and a web address", max=600, fill=as_linked)] = None,
    second: Annotated[str | None, Arg("Another one", max=600, fill=as_linked)] = None,
    third: Annotated[str | None, Arg("One more", max=600, fill=as_linked)] = None,
) -> Message:  # fmt: skip
    """Give an announcement up to three links, as buttons."""
    found = await find(call, records, draft)
    given = zip(NAMES, (first, second, third), strict=True)
    links = tuple(_link(name, typed) for name, typed in given if typed is not None)
    linked = await change(call, records, clock.now(), draft, found, links=links)
    return await shown(call, previewing, linked)


def _link(field: str, typed: str) -> tuple[str, str]:
    """The label and the address; without a label, the address's host. Raises a Refusal for what is no link."""
    label, _, address = typed.rpartition(" ")
    if not is_web_address(address) or len(address) > LONGEST_ADDRESS:
        raise Refusal(
            "{typed} does not end in a web address of at most {most} characters. Write it as “Slides "
            "https://example.org”.", field=field, typed=typed[:100], most=LONGEST_ADDRESS,
        )  # fmt: skip
    label = label.strip() or urlsplit(address).hostname or address
    if len(label) > LONGEST_LABEL:
        raise Refusal(
            "That label has {length} characters, of at most {most}.", field=field, length=len(label), most=LONGEST_LABEL
        )
    return label, address
