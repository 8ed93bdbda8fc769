"""Compare the outputs of a round of chaos with an undisturbed run, which the seed alone gives.

A program outside the package: it imports nothing of jupyter_aml and believes no word of it that
it can compare with something else. It reads a round's folder as `drive` left it:

    seed                    the scenario's number
    home                    JUPYTER_AML_HOME of the round, and the folder of its sockets: two lines
    journal.jsonl           what was killed: {"targets", "compute", "job" or "session"}
    ledger/<job>            what the job itself noted: its starts, its lines, its end
    ledger/<session>        what its cells noted
    jobs/<job>.json         the job as the API told it at the end
    events/<job>.jsonl      its events, read again at the end
    live/<job>.jsonl        its events as a client saw them live, over all breaks

``python -m tests.chaos.check FOLDER`` prints each defect and exits 1 if there is one, while the
service still runs; with ``--gone`` it looks for processes that the round left, after that.
"""

from __future__ import annotations

import itertools
import json
import os
import pickle
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.chaos import check_sessions
from tests.chaos.scenario import Job, Kill, Scenario, ledger
from tests.chaos.sessions import CellKill, Session

FINAL = ("Completed", "Failed", "Canceled")
_AGAIN = ("NodeLost", "NonZeroExit")
_SIGNATURE_BYTES = 32
_FRAMES = "JUPYTER_AML_FRAMES"
"""A job's environment names a file of its home."""

Writer = tuple[str, str]
"""(writer, stream)"""


@dataclass
class Told:
    """What the ledger of a job says of one attempt."""

    starts: int = 0
    has_ended: bool = False
    lines: dict[Writer, int] = field(default_factory=dict[Writer, int])


def outputs(folder: Path) -> list[str]:
    """Every defect of the round, in words. Called while its service still runs."""
    scenario = Scenario(int((folder / "seed").read_text()))
    journal = _json_lines(folder / "journal.jsonl")
    found: list[str] = []
    for job in scenario.jobs:
        found += [f"{job.name}: {defect}" for defect in _of_job(folder, job, journal)]
    for session in scenario.cells.sessions:
        defects = _of_session(folder, session, journal)
        found += [f"{session.name}: {defect}" for defect in defects]
    names = {job.name for job in scenario.jobs}
    found += [f"left running: {text}" for text in processes(names, _homes(folder), any_job=False)]
    return found


def gone(folder: Path) -> list[str]:
    """Processes of the round that are still there after its service was stopped."""
    names = {job.name for job in Scenario(int((folder / "seed").read_text())).jobs}
    return [f"left running: {text}" for text in processes(names, _homes(folder), any_job=True)]


# -- one job ------------------------------------------------------------------------------


def _of_job(folder: Path, job: Job, journal: Sequence[dict[str, Any]]) -> Iterator[str]:
    path = folder / "jobs" / f"{job.name}.json"
    if not path.exists():
        yield "is not known any more"
        return
    shown = json.loads(path.read_text())
    events = _json_lines(folder / "events" / f"{job.name}.jsonl")
    told = read_ledger(ledger(folder, job.name))
    yield from _numbering(events, shown)
    yield from _seen_live(events, _json_lines(folder / "live" / f"{job.name}.jsonl"))
    yield from _attempts(job, told, shown)
    yield from _status(job, told, shown, events, _was_hit(job, journal))
    yield from _text(job, told, events, shown)
    if shown["status"] == "Completed" and job.kind == "cell":
        yield from _result(job, shown)


def read_ledger(path: Path) -> dict[int, Told]:
    """Attempt to what the job noted in it; empty if it never started."""
    attempts: dict[int, Told] = {}
    text = path.read_text() if path.exists() else ""
    for line in text.splitlines():
        word, attempt, *rest = line.split()
        told = attempts.setdefault(int(attempt), Told())
        if word == "start":
            told.starts += 1
        elif word == "end":
            told.has_ended = True
        else:
            writer, stream, number = rest
            told.lines[writer, stream] = int(number)
    return attempts


def _was_hit(job: Job, journal: Sequence[dict[str, Any]]) -> bool:
    """Whether a kill explains that the job failed: its own, or a node of its compute."""
    return any(
        ("job" in entry["targets"] and entry.get("job") == job.name)
        or ("node" in entry["targets"] and entry["compute"] == job.compute)
        for entry in journal
    )


def _numbering(events: Sequence[dict[str, Any]], shown: dict[str, Any]) -> Iterator[str]:
    numbers = [event["seq"] for event in events]
    if numbers != list(range(1, len(numbers) + 1)):
        yield f"its events are not numbered one by one: {_gaps(numbers)}"
    finals = [event for event in events if event.get("status") in FINAL]
    if len(finals) != 1 or events[-1] is not finals[0]:
        yield f"it ended {len(finals)} times, or something followed its end"
    if events and shown["lastSeq"] != numbers[-1]:
        yield f"it says lastSeq {shown['lastSeq']}, its log ends at {numbers[-1]}"


def _seen_live(events: Sequence[dict[str, Any]], live: Sequence[dict[str, Any]]) -> Iterator[str]:
    if list(events) == list(live):
        return
    seen = [event["seq"] for event in live]
    same = sum(1 for a, b in zip(events, live, strict=False) if a == b)
    yield (
        f"its follower saw something else: {len(live)} of {len(events)} events, the first "
        f"{same} alike; {_gaps(seen)}"
    )


def _attempts(job: Job, told: dict[int, Told], shown: dict[str, Any]) -> Iterator[str]:
    for attempt, notes in told.items():
        if notes.starts > 1:
            yield f"attempt {attempt} was started {notes.starts} times"
    if len(told) > 1 + job.retries:
        yield f"it ran {len(told)} times with {job.retries} retries"
    if told and max(told) > shown["attempt"]:
        yield f"attempt {max(told)} ran, but it says attempt {shown['attempt']}"


def _status(
    job: Job,
    told: dict[int, Told],
    shown: dict[str, Any],
    events: Sequence[dict[str, Any]],
    was_hit: bool,
) -> Iterator[str]:
    status, reason = shown["status"], shown.get("statusReason", "")
    has_ended = any(notes.has_ended for notes in told.values())
    if events and events[-1].get("status") != status:
        yield f"it says {status}, its last event {events[-1].get('status')}"
    if status == "Completed":
        if not (told and told[max(told)].has_ended):
            yield "it says Completed, but its program did not come to its end"
    elif status == "Failed":
        if not was_hit:
            yield f"it Failed ({reason}: {shown.get('error')}) although nothing hit it"
        elif reason not in _AGAIN:
            yield f"it Failed with the reason {reason!r}"
        elif shown["attempt"] <= job.retries and not has_ended:
            yield f"it Failed in attempt {shown['attempt']} with {job.retries} retries"
    else:
        yield f"it says {status}"


# -- one session ----------------------------------------------------------------------------


def _of_session(folder: Path, session: Session, journal: Sequence[dict[str, Any]]) -> Iterator[str]:
    cells: dict[int, check_sessions.Cell] = {}
    for number in range(1, session.cells + 1):
        name = session.cell(number)
        path = folder / "jobs" / f"{name}.json"
        shown = json.loads(path.read_text()) if path.exists() else None
        events = _json_lines(folder / "events" / f"{name}.jsonl")
        cells[number] = check_sessions.Cell(shown, events)
        if shown is not None:
            yield from (f"cell {number}: {defect}" for defect in _numbering(events, shown))
    yield from check_sessions.of_session(folder, session, cells, journal)


# -- what it wrote --------------------------------------------------------------------------


def _text(
    job: Job, told: dict[int, Told], events: Sequence[dict[str, Any]], shown: dict[str, Any]
) -> Iterator[str]:
    written, strange = _written(job, events)
    if strange:
        yield f"output that is no line of it: {strange[:3]}"
    for attempt in sorted(told.keys() | written.keys()):
        notes, lines = told.get(attempt, Told()), written.get(attempt, {})
        is_whole = shown["status"] == "Completed" and attempt == max(told)
        for writer, wanted in job.streams().items():
            got = lines.get(writer, [])
            least = wanted[-1] if is_whole and wanted else notes.lines.get(writer, 0)
            yield from _compare(f"attempt {attempt}, {' '.join(writer)}", wanted, got, least)


def _compare(what: str, wanted: Sequence[int], got: Sequence[int], least: int) -> Iterator[str]:
    """`got` must be a beginning of `wanted` that reaches at least the line `least`."""
    if list(got) != list(wanted[: len(got)]):
        yield f"{what}: lines missing, doubled or out of order: {_gaps(got)}"
    elif (got[-1] if got else 0) < least:
        yield f"{what}: written up to line {least}, shown up to {got[-1] if got else 0}"


def _written(
    job: Job, events: Sequence[dict[str, Any]]
) -> tuple[dict[int, dict[Writer, list[int]]], list[str]]:
    """Attempt and writer to the line numbers seen, in order; and what is no line of the job."""
    texts: dict[str, str] = {"out": "", "err": "", "rich": ""}
    for event in events:
        if event["kind"] == "stdout":
            texts["out"] += event["text"]
        elif event["kind"] == "stderr":
            texts["err"] += event["text"]
        elif event["kind"] == "display_data":
            texts["rich"] += event["data"]["text/plain"] + "\n"
    found: dict[int, dict[Writer, list[int]]] = {}
    strange: list[str] = []
    for stream, text in texts.items():
        for line in text.splitlines(keepends=True):
            parsed = _parsed(job, stream, line)
            if parsed is None:
                strange.append(line)
                continue
            attempt, writer, number = parsed
            found.setdefault(attempt, {}).setdefault((writer, stream), []).append(number)
    return found, strange


def _parsed(job: Job, stream: str, line: str) -> tuple[int, str, int] | None:
    words = line.split()
    if len(words) != 5 or not line.endswith("\n") or words[2] != stream:
        return None
    attempt, writer, _, number, mark = words
    if not (attempt.isdigit() and number.isdigit() and (writer, stream) in job.streams()):
        return None
    return (int(attempt), writer, int(number)) if mark == str(job.mark(int(number))) else None


def _result(job: Job, shown: dict[str, Any]) -> Iterator[str]:
    try:
        content = Path(shown["result"]["path"]).read_bytes()[_SIGNATURE_BYTES:]
        total = pickle.loads(content)["variables"]["total"]
    except (OSError, KeyError, TypeError, EOFError, pickle.UnpicklingError) as error:
        yield f"its variable did not come back: {error!r}"
        return
    if total != job.total():
        yield f"its variable came back as {total}, not {job.total()}"


def _gaps(numbers: Sequence[int]) -> str:
    """Where a row of numbers is not a row; for people."""
    steps = [f"{a}->{b}" for a, b in itertools.pairwise(numbers) if b != a + 1]
    return f"{len(numbers)} from {numbers[0]} to {numbers[-1]}, {steps[:5]}" if numbers else "none"


# -- what is left -----------------------------------------------------------------------------


def _homes(folder: Path) -> list[str]:
    """The folders that name the round's processes: its home's, and that of its sockets."""
    return (folder / "home").read_text().splitlines()


def processes(jobs: set[str], homes: Sequence[str], *, any_job: bool) -> list[str]:
    """Processes that belong to one of `jobs`, as the kernel sees them.

    With `any_job` everything that belongs to the home: service, nursery, nodes, what they forked.
    """
    found: list[str] = []
    for folder in Path("/proc").glob("[0-9]*"):
        if int(folder.name) == os.getpid():
            continue
        try:
            variables = dict(
                pair.split("=", 1)
                for pair in (folder / "environ").read_text(errors="replace").split("\0")
                if "=" in pair
            )
            command = (folder / "cmdline").read_text(errors="replace").replace("\0", " ")
        except OSError:
            continue  # gone by now, a zombie, or another user's
        words = [command, variables.get("JUPYTER_AML_HOME", ""), variables.get(_FRAMES, "")]
        is_of_home = any(home in word for home in homes for word in words)
        if is_of_home and (any_job or variables.get("JUPYTER_AML_JOB") in jobs):
            found.append(f"{folder.name} {command[:120]}")
    return found


def explain_cells(kill: CellKill) -> str:
    """A kill under a session, in words."""
    held = " (held there)" if kill.holds else ""
    return f"{' + '.join(kill.targets)}, in {kill.session.cell(kill.cell)}{held}"


def explain(kill: Kill, job: Job) -> str:
    """A kill in words."""
    when = f"when {job.name} had written line {kill.line}" if kill.line else "once it was accepted"
    return f"{' + '.join(kill.targets)}, {when}{' (held there)' if kill.holds else ''}"


def _json_lines(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text().splitlines() if line]


def main(arguments: Sequence[str]) -> int:
    """See the module's docstring."""
    folder = Path(arguments[-1])
    defects = gone(folder) if "--gone" in arguments else outputs(folder)
    for defect in defects:
        print(defect)
    return 1 if defects else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
