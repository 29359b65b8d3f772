"""Who of a cohort let something be heard lately, and who went quiet: for those who look after it, and nobody else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sqlalchemy import Connection

from bot.chat.wording import Phrase, say
from bot.delivery.weeks import SILENCE, WEEK, Week, certain, of_cohort, silence
from bot.records import heard, posts
from bot.records.cohorts import Cohort
from bot.records.heard import Heard

State = Literal["dormant", "slipping", "returned", "current"]
"""How a member is by their weeks; the four states, and the three weeks, are those that the community of Geultto used.

* `current`: they were heard of since they were last asked, or nobody was asked of late;
* `slipping`: they were asked, and let nothing be heard for one week or two in a row;
* `dormant`: for three (`SILENCE`) or more;
* `returned`: they were dormant, and are back within the last three weeks.

`bot.delivery.weeks` says what a silent week is: passes, time away, breaks and weeks of which nobody was asked are none,
nor is one whose prompt an outage swallowed. A pass, a vacation or a press of *Start again* is a word as any other.
"""

STATES: dict[State, Phrase] = {
    "dormant": say("Silent"),
    "slipping": say("Slipping"),
    "returned": say("Back again"),
    "current": say("Current"),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """How a member is: silent for so many `weeks`, `since` the Monday of the first; or back, since that Monday."""

    enrolment_id: int
    state: State
    weeks: int
    since: date | None
    heard: Heard


def standing(of: Sequence[Week]) -> tuple[State, int, date | None]:
    """The state that a member's weeks bring about; for how many weeks they are silent; since when, see `Standing`."""
    silent = silence(of)
    if silent:
        runs = [each.monday for each in of if each.state == "silent"]
        return "dormant" if silent >= SILENCE else "slipping", silent, runs[-silent]
    back = _back(of)
    if back and back > of[-1].monday - SILENCE * WEEK:
        return "returned", 0, back
    return "current", 0, None


def _back(of: Sequence[Week]) -> date | None:
    """The Monday of the week in which the member was heard again after their last long silence."""
    back, silent = None, 0
    for each in of:
        silent += each.state == "silent"
        if each.is_return or each.state in ("active", "passed", "away"):
            back = each.monday if silent >= SILENCE else back
            silent = 0
    return back


def standings(connection: Connection, cohort: Cohort, length: int, now: datetime) -> list[Standing]:
    """How everybody in the cohort is: the dormant first, then who is slipping, back, and current.

    Of each state, those who are silent for longest first. `length` is how many weeks its season has.
    """
    asked, last = posts.asked(connection, cohort.id), heard.of_cohort(connection, cohort.id)
    found = [
        Standing(id_, *standing(certain(weeks, asked)), last[id_])
        for id_, weeks in of_cohort(connection, cohort, length, now).items()
    ]
    order = list(STATES)
    return sorted(found, key=lambda each: (order.index(each.state), -each.weeks, each.enrolment_id))
