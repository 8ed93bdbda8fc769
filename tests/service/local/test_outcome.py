"""How a job ended, as a table."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_aml.model.job import CellJob, CommandJob, JobSpec
from jupyter_aml.service.backends.local.jobs.outcome import LOST, PEER, judge

COMMAND = CommandJob(command="x", timeout=60)
CELL = CellJob(source="x")
OK = {"k": "done", "status": "ok"}
BAD = {"k": "done", "status": "error"}


def exit_(code: int | None = 0, reason: str = "", **more: Any) -> dict[str, Any]:
    return {"code": code, "reason": reason, **more}


@pytest.mark.parametrize(
    ("spec", "exits", "done", "ending", "status", "reason"),
    [
        (COMMAND, {0: exit_()}, None, "", "Completed", ""),
        (COMMAND, {0: exit_(3)}, None, "", "Failed", "NonZeroExit"),
        (COMMAND, {0: exit_(None, signal=9)}, None, "", "Failed", "NonZeroExit"),
        (COMMAND, {0: exit_(None, "OutOfMemory", message="m")}, None, "", "Failed", "OutOfMemory"),
        (COMMAND, {0: exit_(None, LOST)}, None, "", "Failed", LOST),
        (COMMAND, {0: exit_(None, "Canceled")}, None, "Canceled", "Canceled", "Canceled"),
        (COMMAND, {0: exit_()}, None, "Timeout", "Canceled", "Timeout"),
        (COMMAND, {0: exit_(None, signal=9)}, None, "Evicted", "Failed", "Evicted"),
        (COMMAND, {0: exit_()}, None, "Evicted", "Completed", ""),
        (CELL, {0: exit_()}, OK, "", "Completed", ""),
        (CELL, {0: exit_(1)}, BAD, "", "Failed", "Exception"),
        # the cell said how it ended, a moment before its node died
        (CELL, {0: exit_(None, LOST)}, OK, "", "Completed", ""),
        (CELL, {0: exit_(None, signal=11)}, None, "", "Failed", "NonZeroExit"),
        # it said ok, then its process crashed on the way out: the exit code tells
        (CELL, {0: exit_(134)}, OK, "", "Failed", "Exception"),
        # several nodes: the one that failed explains the others
        (COMMAND, {0: exit_(None, PEER), 1: exit_(7)}, None, "", "Failed", "NonZeroExit"),
        (COMMAND, {0: exit_(), 1: exit_()}, None, "", "Completed", ""),
    ],
)
def test_judge(
    spec: JobSpec,
    exits: dict[int, dict[str, Any]],
    done: dict[str, Any] | None,
    ending: str,
    status: str,
    reason: str,
) -> None:
    outcome = judge("job", spec, 1, exits, done, ending)
    assert (outcome.status, outcome.reason) == (status, reason)
    assert (outcome.error is not None) == (status == "Failed" or reason == "Timeout")


@pytest.mark.parametrize(
    ("reason", "again"),
    [(LOST, True), ("", True), ("Evicted", True), ("OutOfMemory", False), ("Canceled", False)],
)
def test_retries(reason: str, again: bool) -> None:
    spec = CommandJob(command="x", retries=1)
    ending = "Canceled" if reason == "Canceled" else ""
    exits = {0: exit_(1 if reason == "" else None, reason)}
    assert judge("job", spec, 1, exits, None, ending).again is again
    assert judge("job", spec, 2, exits, None, ending).again is False


def test_an_exception_keeps_its_words() -> None:
    error = {"ename": "ValueError", "evalue": "too small", "traceback": ["a", "b"]}
    outcome = judge("job", CELL, 1, {0: exit_(1)}, BAD, "", error)
    assert outcome.error is not None
    assert outcome.error.message == "ValueError: too small"
    assert outcome.error.details == ["a", "b"]


def test_out_of_memory_says_both_numbers() -> None:
    exits = {0: exit_(None, "OutOfMemory", message="the job used 1.31 of 1.00 GB")}
    outcome = judge("job", COMMAND, 1, exits, None, "")
    assert outcome.error is not None
    assert outcome.error.message == "Out of memory: the job used 1.31 of 1.00 GB."
