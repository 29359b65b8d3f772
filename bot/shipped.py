"""Finds the folders that Milepost ships beside its code: the curricula and the database migrations."""

from pathlib import Path
from typing import Literal

_PACKAGE = Path(__file__).parent


def shipped(name: Literal["curriculum", "migrations"]) -> Path:
    """The folder of that name: inside the package where Milepost was installed from a wheel, else the checkout's own.

    The build puts both folders under `bot/_shipped` (pyproject.toml, wheel sources), which a checkout never has.
    """
    inside = _PACKAGE / "_shipped" / name
    return inside if inside.is_dir() else _PACKAGE.parent / name
