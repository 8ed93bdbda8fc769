"""How a job ended. `judge` is pure: exits, the last frame and the wish to end it go in."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jupyter_aml.model.errors import ErrorBody
from jupyter_aml.model.job import CellJob, JobSpec, NotebookJob
from jupyter_aml.service.backends.local.jobs import notebooks

LOST = "NodeLost"
PEER = "PeerFailed"
"""Given to the processes that are ended because another process of their job failed."""

BUDGET = "BudgetReached"
"""Given to jobs that the budget's guard ends."""

EARLY = "EarlyTermination"
"""Given to trials that their sweep's policy ends."""

GIVEN_UP = "SweepFailed"
"""Given to trials that go on when their sweep is given up."""

_AGAIN = frozenset({LOST, "Evicted", "NonZeroExit", "Exception", "StartFailed"})
"""Reasons after which another attempt may go better. Out of memory fails the same way again."""


@dataclass(frozen=True)
class Outcome:
    status: str
    reason: str = ""
    error: ErrorBody | None = None
    exit_code: int | None = None
    again: bool = False
    """The job asked for retries, has one left, and the reason is one to try again."""


def judge(
    name: str,
    spec: JobSpec,
    attempt: int,
    exits: Mapping[int, Mapping[str, Any]],
    done: Mapping[str, Any] | None,
    ending: str,
    last_error: Mapping[str, Any] | None = None,
    words: str = "",
) -> Outcome:
    """What became of an attempt whose processes are all gone.

    `exits` maps rank to the node's ``exited`` message; `done` is the last frame of rank 0, which
    a cell writes itself: with it the cell's end is known even when its node died a moment later.
    `words` say why it was ended, where `ending` alone does not.
    """
    if ending in ("Canceled", "Timeout", BUDGET, EARLY, GIVEN_UP):
        return _canceled(name, spec, ending, words)
    worst = _worst(exits)
    reason = str(worst.get("reason", ""))
    if ending == "Evicted" and (reason or worst.get("code") != 0):
        reason = "Evicted"
    if isinstance(spec, CellJob) and done is not None and reason in ("", LOST):
        outcome = _cell(name, done, worst, last_error)
    elif isinstance(spec, NotebookJob) and done is not None and reason in ("", LOST):
        outcome = _notebook(name, done, worst, last_error)
    else:
        outcome = _process(name, worst, reason)
    again = outcome.reason in _AGAIN and attempt <= spec.retries
    return Outcome(outcome.status, outcome.reason, outcome.error, outcome.exit_code, again)


def _worst(exits: Mapping[int, Mapping[str, Any]]) -> Mapping[str, Any]:
    """The exit that explains the end: the first failure that no other process caused."""
    if len(exits) == 1:
        return next(iter(exits.values()))
    failed = [e for _, e in sorted(exits.items()) if e.get("reason") or e.get("code") != 0]
    causes = [e for e in failed if e.get("reason") != PEER]
    return (causes or failed or [{"code": 0}])[0]


def _canceled(name: str, spec: JobSpec, ending: str, words: str) -> Outcome:
    if ending == "Timeout":
        message = f"The job ran into its timeout of {spec.timeout:g} s and was ended."
        hint = "Give it more with --timeout, or none by leaving it out."
        body = ErrorBody(code="JobCanceled", message=message, target=name, hint=hint)
        return Outcome("Canceled", "Timeout", body)
    if ending == BUDGET:
        message = "The job was ended because the budget of the day is used up."
        hint = (
            "Raise it: `%aml preferences set budget_per_day=AMOUNT`. Or run it on local, which "
            "costs nothing."
        )
        body = ErrorBody(code="JobCanceled", message=message, target=name, hint=hint)
        return Outcome("Canceled", BUDGET, body)
    if ending in (EARLY, GIVEN_UP):
        default = "the sweep's policy" if ending == EARLY else "its sweep had failed"
        message = f"The trial was ended early: {words or default}."
        body = ErrorBody(code="JobCanceled", message=message, target=name)
        return Outcome("Canceled", ending, body)
    return Outcome("Canceled", "Canceled")


def _cell(
    name: str,
    done: Mapping[str, Any],
    worst: Mapping[str, Any],
    last_error: Mapping[str, Any] | None,
) -> Outcome:
    code = worst.get("code")
    if done.get("status") == "ok" and code in (0, None):
        return Outcome("Completed", exit_code=0)
    error = last_error or {}
    ename = str(error.get("ename", "")) or "Exception"
    body = ErrorBody(
        code="RemoteError",
        message=f"{ename}: {error.get('evalue', '')}".rstrip(": "),
        target=name,
        hint="The traceback points into the cell; mend it there and run it again.",
        details=[str(line) for line in error.get("traceback", [])],
    )
    return Outcome("Failed", "Exception", body, exit_code=code or 1)


def _notebook(
    name: str,
    done: Mapping[str, Any],
    worst: Mapping[str, Any],
    last_error: Mapping[str, Any] | None,
) -> Outcome:
    code = worst.get("code")
    if done.get("status") == "ok" and code in (0, None):
        return Outcome("Completed", exit_code=0)
    body = notebooks.failure(name, done, last_error)
    return Outcome("Failed", "Exception", body, exit_code=code or 1)


def _process(name: str, exit_: Mapping[str, Any], reason: str) -> Outcome:
    code, number = exit_.get("code"), exit_.get("signal")
    message = str(exit_.get("message", ""))
    if reason == "" and code == 0:
        return Outcome("Completed", exit_code=0)
    cause = exit_.get("error")
    if isinstance(cause, ErrorBody):
        return Outcome("Failed", reason, cause, exit_code=code)
    words, hint = _words(reason, code, number, message, name)
    body = ErrorBody(
        code="JobFailed",
        message=words,
        target=name,
        hint=hint,
        details=[message] if message else [],
    )
    return Outcome("Failed", reason or "NonZeroExit", body, exit_code=code)


def _words(
    reason: str, code: int | None, number: int | None, message: str, name: str
) -> tuple[str, str]:
    """Cause and fix, in words."""
    read = f"Read its output with `jupyter aml job stream {name}`."
    if reason == "OutOfMemory":
        return (
            f"Out of memory: {message}.",
            "Take a bigger size (`%aml compute sizes`), or hold less data at once.",
        )
    if reason == LOST:
        return (
            "The node that ran it ended before the job did.",
            "Run it again; with --retries 1 that happens by itself.",
        )
    if reason == "Evicted":
        return (
            "The low-priority node was taken back.",
            "Run it again with --retries 3, or on a dedicated compute.",
        )
    if reason == "StartFailed":
        return f"The job could not be started: {message}.", read
    if number:
        return f"The process was ended by {_signal_name(number)}.", read
    return f"The command ended with exit code {code}.", read


def _signal_name(number: int) -> str:
    try:
        return f"signal {number} ({signal.Signals(number).name})"
    except ValueError:
        return f"signal {number}"
