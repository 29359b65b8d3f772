"""`/help`: what one can do here."""

from collections.abc import Sequence
from typing import Annotated

from bot.chat.command import Arg, Command, Rank, command
from bot.chat.desk import Desk
from bot.chat.message import Choice, Fact, Facts, Message, Text, paragraphs, press
from bot.chat.platform import Call, Refusal
from bot.chat.wording import argument_name, as_typed, listed, say

OFTEN = ("week", "done", "checkin", "resource", "next")
"""What a member uses, week by week; all else can be looked up."""


async def suggest_commands(call: Call, typed: str, desk: Desk) -> Sequence[Choice]:
    """The commands that this person may run, by name."""
    names = [each.name for each in await _allowed(call, desk) if typed.strip("/ ").lower() in each.name]
    return [Choice(value=name, label=name) for name in names]


@command()
async def help_(
    call: Call, desk: Desk,
    command: Annotated[str | None, Arg("About which command?", suggest=suggest_commands)] = None,
) -> Message:  # fmt: skip
    """See what you can do here."""
    allowed = await _allowed(call, desk)
    if command is not None:
        return _one(desk, command, allowed)
    typed = [each for each in allowed if not any(asked.required and asked.arg.pressed for asked in each.parameters)]
    members = [each for each in typed if each.allow <= Rank.MEMBER]
    others = [each for each in typed if each.allow > Rank.MEMBER]
    is_member = desk.commands["week"] in allowed
    often = say("Most weeks need no more than these: {lines}", lines=listed([as_typed(each) for each in OFTEN]))
    week = (press(say("This week"), "week"),) if is_member else ()
    return Message(
        title=say("What you can do here"),
        parts=(
            Text(text=say("Milepost takes a group through a curriculum together, one milestone a week.")),
            *([Text(text=often)] if is_member else []),
            Facts(facts=_folded(members)),
            *((Text(text=say("**For facilitators**")), Facts(facts=_folded(others))) if others else ()),
            *paragraphs(
                say("Answers are private. Each command can be pressed, filled in or typed."),
                say("{line} says more about a command, or about a group of them.", line=as_typed("help", "…")),
            ),
        ),
        buttons=(press(say("Join"), "join"), *week),
    )


def _folded(commands: Sequence[Command]) -> tuple[Fact, ...]:
    """Each command with what it does; of a group just what there is."""
    groups: dict[str, list[Command]] = {}
    for each in commands:
        groups.setdefault(each.name.partition(" ")[0], []).append(each)
    folded = []
    for group, within in groups.items():
        apart = [each for each in within if each.name == group]
        subcommands = [each for each in within if each.name != group]
        folded += [_told(each) for each in (within if len(subcommands) == 1 else apart)]
        if len(subcommands) > 1:
            names = listed([as_typed(each.name) for each in subcommands])
            folded.append(Fact(label=say("{group} …", group=as_typed(group)), value=names))
    return tuple(folded)


def _told(found: Command) -> Fact:
    return Fact(label=listed([as_typed(found.name)]), value=say(found.description))


async def _allowed(call: Call, desk: Desk) -> list[Command]:
    return [each for each in desk.commands.values() if await desk.may(call, each)]


def _one(desk: Desk, typed: str, allowed: Sequence[Command]) -> Message:
    wanted = " ".join(typed.strip().lstrip("/").lower().split())
    found = desk.commands.get(wanted)
    within = [_told(each) for each in allowed if each.name.startswith(f"{wanted} ")]
    if found is None and within:
        return Message(title=listed([as_typed(wanted)]), parts=(Facts(facts=tuple(within)),))
    if found is None:
        raise Refusal("There is no command called {typed}. {line} lists them all.", typed=typed, line=as_typed("help"))
    facts = []
    for each in found.offered:
        name = argument_name(each.name)
        label = say("{name} (needed)", name=name) if each.required else listed([name])
        value = say("{label} ({choices})", label=say(each.arg.label), choices=", ".join(each.choices))
        facts.append(Fact(label=label, value=value if each.choices else say(each.arg.label)))
    usage = as_typed(found.name, *(f"{each.name}:…" for each in found.offered))
    parts = (
        Text(text=say(found.description)),
        Text(text=say("`{usage}`", usage=usage)),
        Facts(facts=tuple(facts)),
    )
    return Message(title=listed([as_typed(found.name)]), parts=parts if facts else parts[:2])
