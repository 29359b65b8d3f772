"""How buttons name a row: by its id, and a mark of what it is. After a restore another row may have that id."""

from hashlib import sha256

LARGEST = 2**31 - 1  # an id
_MARK = 8  # letters: short, since a button's line holds 90 bytes


def refer(row_id: int, what: str) -> str:
    """The reference to a row; `what` tells it from every other one that may ever have its id."""
    return f"{row_id}-{seal(what)}"


def seal(what: object) -> str:
    """A short mark of something, by what it is written as."""
    return sha256(str(what).encode()).hexdigest()[:_MARK]


def number_in(typed: str) -> int | None:
    """The id in a reference, or typed by a person; None for anything else."""
    number = typed.strip().partition("-")[0]
    return int(number) if number.isascii() and number.isdigit() and 0 < int(number[:11]) <= LARGEST else None


def is_meant(typed: str, row_id: int, what: str) -> bool:
    """Whether the row is what was referred to, or typed as a mere number."""
    return typed.strip() in (str(row_id), refer(row_id, what))
