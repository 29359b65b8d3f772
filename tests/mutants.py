"""Tests of the tests: each guard of the delivery is taken away in a copy of the repository, and a test must turn red.

`python tests/mutants.py [NAME...]` prints a line for each, and ends with 1 if any guard is missed by nobody. A guard
whose text is no longer there is an error: say here what it looks like now.
"""

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
SIMULATION = "tests/sim/test_simulation.py"
OUTBOX, SENDING, CLAIMS = "tests/test_outbox.py", "bot/delivery/sending.py", "bot/records/claims.py"
LANES = "bot/records/lanes.py"
REMINDING, REMINDERS = "bot/delivery/reminding.py", "tests/test_reminders.py"
HOURS, BENDING = "tests/test_reminder_hours.py", "bot/delivery/bending.py"
RED = 1  # pytest's exit code for failed tests; all others say that it could not run them
LONGEST = 900  # seconds for one run


@dataclass(frozen=True)
class Mutant:
    """The repository without one guard, and the tests of which one at least must notice."""

    name: str
    file: str
    guard: str
    without: str
    tests: tuple[str, ...]


MUTANTS = (
    Mutant("settle", SENDING, "return self._timing.settle.total_seconds() - (now - known_since)", "return 0.0",
           (SIMULATION,)),
    Mutant("search", SENDING, "            if found is not None:", "            if False:", (SIMULATION,)),
    Mutant("guard", SENDING, "        if seconds <= 0:", "        if False:", (SIMULATION,)),
    Mutant("fence", CLAIMS, "(outbox.c.fence == due.fence) & ", "", (OUTBOX, SIMULATION)),
    Mutant("clamp", LANES, '(_waiting.c.state == _plain("sending"))', '(_waiting.c.state == _plain("sent"))',
           (OUTBOX, SIMULATION)),
    Mutant("lease", CLAIMS, '"fence": fence, "ready_at": now + lease}', '"fence": fence, "ready_at": now}', (OUTBOX,)),
    Mutant("order", LANES, "each.where(overtakes_none(lane, _waiting))", "each.where()",
           (OUTBOX, SIMULATION)),
    Mutant("turn", CLAIMS, "connection.execute(lanes.next_in_line(lane)", "(lanes.next_in_line(lane)", (OUTBOX,)),
    Mutant("restore", CLAIMS, "if due.attempt == 1 and restores.may_hide", "if due.attempt < 1 and restores.may_hide",
           ("tests/test_restores.py",)),
    Mutant("restores", SENDING, "due.attempt - 1, due.restored_at)", "due.attempt - 1, None)", (SIMULATION,)),
    Mutant("quiet", "bot/delivery/hours.py", "    while is_quiet(at, chosen, zone):", "    while False:", (HOURS,)),
    Mutant("once", REMINDING, " and each.enrolment_id not in alone", "", (REMINDERS,)),
    Mutant("one a day", REMINDING, "    if any(each.posted_at for each in others):", "    if False:", (REMINDERS,)),
    Mutant("turns", REMINDING, "    if others:", "    if False:", (REMINDERS,)),
    Mutant("wish", REMINDING, "    if not reader.chosen.reachable:\n        raise InThread\n", "", (REMINDERS,)),
    Mutant("desk", SENDING, "claim, lambda: platform.is_private(due.place)", "claim, lambda: asyncio.sleep(0, True)",
           ("tests/test_digests.py",)),
    Mutant("letter", "bot/delivery/letters.py", "    if not is_first or not posts.put(", "    if not posts.put(",
           ("tests/test_quiet.py",)),
    Mutant("nonce", "bot/platforms/discord/posting.py", '"nonce": ids.nonce(post.key, place), "enforce_nonce": True',
           "", ("tests/test_discord_posts.py",)),
    Mutant("retry_handlers", "bot/platforms/slack/client.py", "retry_handlers=[], ", "",
           ("tests/test_slack_client.py",)),
    Mutant("edit", "bot/records/live.py", "& (outbox.c.fence == live.due.fence)", "", ("tests/test_live_posts.py",)),
    Mutant("own week", "bot/delivery/amending.py", "zone) if step > 1 else ANY_TIME", "zone) if step < 1 else ANY_TIME",
           ("tests/test_planning.py",)),
    Mutant("ahead", BENDING, "return _ahead(", "return (lambda _, bent, *__: bent)(",
           ("tests/test_pausing.py",)),
    Mutant("one a week", BENDING, "monday(day) <= monday(calendar.milestone_on(last))", "False",
           ("tests/test_bending.py", "tests/test_bending_machine.py")),
    Mutant("clock", "bot/delivery/outbox.py", "not self._steady.holds()", "False", ("tests/test_clock.py",)),
    Mutant("late", SENDING, "due.due_at, claim.at)", "due.due_at, self._clock.now())", ("tests/test_clock.py",)),
    Mutant("set back", CLAIMS, '"latest": now + 2 * LONGEST}', '"latest": now + 2000 * LONGEST}', (OUTBOX,)),
    Mutant("edits ahead", "bot/records/live.py", "_is_ahead(now + 2 * LONGEST)", "_is_ahead(now + 2000 * LONGEST)",
           ("tests/test_live_posts.py",)),
    Mutant("channel", SENDING, "due.place.thread and due.restored_at and", "False and", ("tests/test_restores.py",)),
    Mutant("decided", "bot/records/posts.py", 'case((outbox.c.state == "unknown", literal(now, Instant)))',
           "literal(now, Instant)", ("tests/test_restores.py",)),
    Mutant("joined", "bot/delivery/due.py", "not due_at < since <= until", "True", ("tests/test_cohort_places.py",)),
)  # fmt: skip


def main(names: list[str]) -> int:
    """Try each of those names, or all; returns the exit code."""
    chosen = [each for each in MUTANTS if not names or each.name in names]
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "copy")
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".*", "__pycache__", "dist"))
        if _run(copy, sorted({test for each in chosen for test in each.tests})) != 0:
            print("The tests are red before any guard is taken away.")
            return 1
        missed = [each.name for each in chosen if not _turns_red(copy, each)]
    print(f"{len(chosen) - len(missed)} of {len(chosen)} guards are missed when they are gone.")
    return 1 if missed else 0


def _turns_red(copy: Path, mutant: Mutant) -> bool:
    file = copy / mutant.file
    whole = file.read_text()
    if whole.count(mutant.guard) != 1:
        raise SystemExit(f"{mutant.file} holds the guard {mutant.guard!r} {whole.count(mutant.guard)} times, not once.")
    file.write_text(whole.replace(mutant.guard, mutant.without))
    code = _run(copy, mutant.tests)
    file.write_text(whole)
    print(f"{mutant.name:16} {'red' if code == RED else f'NOT NOTICED (pytest ended with {code})'}", flush=True)
    return code == RED


def _run(copy: Path, tests: list[str] | tuple[str, ...]) -> int:
    command = [sys.executable, "-m", "pytest", "--quiet", "--exitfirst", "-p", "no:cacheprovider", *tests]
    return subprocess.run(command, cwd=copy, timeout=LONGEST, capture_output=True, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
