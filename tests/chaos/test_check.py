"""The check of a round must find what it is there to find: rounds are made up, then spoiled."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.chaos import check, sessions
from tests.chaos.scenario import Job, Scenario, ledger
from tests.chaos.sessions import Session

SEED = 14
"""Its round has jobs of every kind, and a session."""
Events = list[dict[str, Any]]


def _events(job: Job) -> Events:
    kinds = {"out": "stdout", "err": "stderr"}
    events: Events = [{"kind": "status", "status": "Running"}]
    for (writer, stream), numbers in job.streams().items():
        for number in numbers:
            text = f"1 {writer} {stream} {number} {job.mark(number)}"
            if stream == "rich":
                events.append({"kind": "display_data", "data": {"text/plain": text}})
            else:
                events.append({"kind": kinds[stream], "text": text + "\n"})
    events.append({"kind": "status", "status": "Completed"})
    return [{"seq": seq, **event} for seq, event in enumerate(events, 1)]


def _write_job(folder: Path, job: Job, events: Events, status: str = "Completed") -> None:
    shown = {"status": status, "attempt": 1, "lastSeq": len(events)}
    if job.kind == "cell":
        path = folder / f"{job.name}.pkl"
        path.write_bytes(bytes(32) + pickle.dumps({"variables": {"total": job.total()}}))
        shown["result"] = {"path": str(path)}
    (folder / "jobs" / f"{job.name}.json").write_text(json.dumps(shown))
    text = "".join(json.dumps(event) + "\n" for event in events)
    for name in ("events", "live"):
        (folder / name / f"{job.name}.jsonl").write_text(text)


def _write_ledger(folder: Path, job: Job) -> None:
    notes = ["start 1 4711"]
    for (writer, stream), numbers in job.streams().items():
        notes += [f"line 1 {writer} {stream} {number}" for number in numbers]
    ledger(folder, job.name).write_text("\n".join([*notes, "end 1", ""]))


def _write_session(folder: Path, session: Session) -> None:
    notes: list[str] = []
    for number in range(1, session.cells + 1):
        notes += [f"start {number} 4711", f"said {number}", f"end {number}"]
        _write_cell(folder, session, number, "Completed")
    sessions.ledger(folder, session).write_text("\n".join([*notes, ""]))


def _write_cell(folder: Path, session: Session, number: int, status: str, reason: str = "") -> None:
    texts: Events = [
        {"kind": "status", "status": "Running"},
        {"kind": "stdout", "text": session.line(number)},
        {"kind": "status", "status": status},
    ]
    events = _renumbered(texts)
    shown = {"status": status, "statusReason": reason, "attempt": 1, "lastSeq": len(events)}
    name = session.cell(number)
    (folder / "jobs" / f"{name}.json").write_text(json.dumps(shown))
    text = "".join(json.dumps(event) + "\n" for event in events)
    (folder / "events" / f"{name}.jsonl").write_text(text)


@pytest.fixture
def undisturbed(tmp_path: Path) -> Path:
    for name in ("ledger", "jobs", "events", "live"):
        (tmp_path / name).mkdir()
    (tmp_path / "seed").write_text(str(SEED))
    (tmp_path / "home").write_text(str(tmp_path / "home"))
    for job in Scenario(SEED).jobs:
        _write_job(tmp_path, job, _events(job))
        _write_ledger(tmp_path, job)
    for session in Scenario(SEED).cells.sessions:
        _write_session(tmp_path, session)
    return tmp_path


@pytest.fixture
def session() -> Session:
    return Scenario(SEED).cells.sessions[0]


def _renumbered(events: Events) -> Events:
    return [{**event, "seq": seq} for seq, event in enumerate(events, 1)]


SPOILED: dict[str, Callable[[Events], Events]] = {
    "missing": lambda events: _renumbered(events[:2] + events[3:]),
    "doubled": lambda events: _renumbered(events[:3] + events[2:]),
    "out of order": lambda events: _renumbered([events[0], events[2], events[1], *events[3:]]),
    "not numbered": lambda events: events[:2] + events[3:],
    "ended 2 times": lambda events: _renumbered([*events, events[-1]]),
    "no line of it": lambda events: [{**e, "text": "x" + e.get("text", "")} for e in events],
}


def test_an_undisturbed_round_has_no_defect(undisturbed: Path) -> None:
    assert check.outputs(undisturbed) == []


@pytest.mark.parametrize("word", SPOILED)
def test_spoiled_events_are_found(undisturbed: Path, word: str) -> None:
    job = Scenario(SEED).jobs[0]
    _write_job(undisturbed, job, SPOILED[word](_events(job)))
    defects = check.outputs(undisturbed)
    assert any(word in defect for defect in defects), defects
    assert all(defect.startswith(job.name) for defect in defects)


def test_a_follower_that_missed_an_event_is_found(undisturbed: Path) -> None:
    live = undisturbed / "live" / f"{Scenario(SEED).jobs[0].name}.jsonl"
    lines = live.read_text().splitlines(keepends=True)
    live.write_text("".join(lines[:4] + lines[5:]))
    assert "its follower saw something else" in check.outputs(undisturbed)[0]


def test_a_failure_needs_a_kill_that_explains_it(undisturbed: Path) -> None:
    job = next(job for job in Scenario(SEED).jobs if not job.retries)
    shown = {"status": "Failed", "statusReason": "NodeLost", "attempt": 1}
    events = _events(job)
    events[-1]["status"] = "Failed"
    _write_job(undisturbed, job, events)
    path = undisturbed / "jobs" / f"{job.name}.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **shown}))
    assert "although nothing hit it" in check.outputs(undisturbed)[0]
    entry = {"kill": 0, "targets": ["node"], "job": "another", "compute": job.compute}
    (undisturbed / "journal.jsonl").write_text(json.dumps(entry) + "\n")
    assert check.outputs(undisturbed) == []


def test_a_job_that_ran_twice_is_found(undisturbed: Path) -> None:
    job = next(job for job in Scenario(SEED).jobs if not job.retries)
    with open(ledger(undisturbed, job.name), "a") as file:
        file.write("start 1 4712\nstart 2 4713\n")
    defects = " ".join(check.outputs(undisturbed))
    assert "attempt 1 was started 2 times" in defects
    assert "it ran 2 times with 0 retries" in defects


def test_a_lost_job_and_a_wrong_variable_are_found(undisturbed: Path) -> None:
    lost, cell = Scenario(SEED).jobs[0], next(j for j in Scenario(SEED).jobs if j.kind == "cell")
    (undisturbed / "jobs" / f"{lost.name}.json").unlink()
    (undisturbed / f"{cell.name}.pkl").write_bytes(
        bytes(32) + pickle.dumps({"variables": {"total": 0}})
    )
    defects = " ".join(check.outputs(undisturbed))
    assert f"{lost.name}: is not known any more" in defects
    assert f"{cell.name}: its variable came back as 0" in defects


def test_a_cell_that_ran_twice_or_out_of_order_is_found(
    undisturbed: Path, session: Session
) -> None:
    with open(sessions.ledger(undisturbed, session), "a") as file:
        file.write("start 3 4712\n")
    defects = " ".join(check.outputs(undisturbed))
    assert f"{session.name}: cell 3 was started 2 times" in defects
    assert f"{session.name}: its cells ran out of order" in defects


def test_a_cell_that_is_lost_or_shows_something_else_is_found(
    undisturbed: Path, session: Session
) -> None:
    (undisturbed / "jobs" / f"{session.cell(2)}.json").unlink()
    events = undisturbed / "events" / f"{session.cell(4)}.jsonl"
    events.write_text(events.read_text().replace(" has run", " has"))
    path = sessions.ledger(undisturbed, session)
    path.write_text(path.read_text().replace("end 5\n", ""))
    assert check.outputs(undisturbed) == [
        f"{session.name}: cell 2 is not known any more",
        f"{session.name}: cell 4 shows '{session.cell(4)} has\\n'",
        f"{session.name}: cell 5 says Completed, but did not come to its end",
    ]


def test_a_kill_costs_a_session_one_cell(undisturbed: Path, session: Session) -> None:
    entry = {"targets": ["session"], "session": session.name, "compute": session.compute}
    (undisturbed / "journal.jsonl").write_text(json.dumps(entry) + "\n")
    _write_cell(undisturbed, session, 6, "Failed", "NonZeroExit")
    assert check.outputs(undisturbed) == []
    _write_cell(undisturbed, session, 7, "Failed", "NonZeroExit")
    assert check.outputs(undisturbed) == [
        f"{session.name}: 1 kills hit it, and the cells [6, 7] failed"
    ]
    _write_cell(undisturbed, session, 7, "Failed", "Exception")
    assert "cell 7 Failed with the reason 'Exception'" in " ".join(check.outputs(undisturbed))


def test_a_seed_is_a_scenario() -> None:
    assert Scenario(SEED).kills == Scenario(SEED).kills
    assert Scenario(SEED).jobs == Scenario(SEED).jobs
    assert Scenario(SEED).cells == Scenario(SEED).cells
    assert len({Scenario(seed).kills for seed in range(50)}) == 50
