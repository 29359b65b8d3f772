"""The commands: one file each, found by walking this folder."""

import pkgutil
from functools import cache
from importlib import import_module

from bot.chat.command import Command


@cache
def all_commands() -> tuple[Command, ...]:
    """Every command that a file of this folder defines, by name. A file that cannot be imported fails the start."""
    modules = [import_module(f"{__name__}.{each.name}") for each in pkgutil.iter_modules(__path__)]
    found = {each.name: each for module in modules for each in vars(module).values() if isinstance(each, Command)}
    return tuple(found[name] for name in sorted(found))
