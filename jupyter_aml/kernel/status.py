"""The one table from a status to what a person reads in a notebook: a shape, a word, a colour.

Words and shapes are those of the JupyterLab side (``src/status.ts``); colours are its themes'
variables, with a value for front ends that have no such themes.
"""

from __future__ import annotations

from dataclasses import dataclass

_ACCENT = "var(--jp-brand-color1, #1976d2)"
_OK = "var(--jp-success-color1, #388e3c)"
_ERROR = "var(--jp-error-color1, #d32f2f)"
_QUIET = "var(--jp-ui-font-color2, #757575)"


@dataclass(frozen=True)
class Look:
    """How a status is shown. The colour tints the shape only: text keeps the text's colour."""

    shape: str
    word: str
    colour: str = _QUIET


_JOB = {
    "NotStarted": Look("◷", "Queued"),
    "Queued": Look("◷", "Queued"),
    "Preparing": Look("◐", "Preparing", _ACCENT),
    "Running": Look("▶", "Running", _ACCENT),
    "Finalizing": Look("◐", "Finalizing", _ACCENT),
    "CancelRequested": Look("◐", "Canceling", _ACCENT),
    "Completed": Look("✔", "Completed", _OK),
    "Failed": Look("✖", "Failed", _ERROR),
    "Canceled": Look("■", "Canceled"),
}

_OTHERS = {
    "Creating": Look("◐", "Starting", _ACCENT),
    "Starting": Look("◐", "Starting", _ACCENT),
    "Restarting": Look("◐", "Starting", _ACCENT),
    "Stopping": Look("◐", "Stopping", _ACCENT),
    "Deleting": Look("◐", "Deleting", _ACCENT),
    "Resizing": Look("◐", "Scaling", _ACCENT),
    "Steady": Look("○", "Idle"),
    "Stopped": Look("■", "Stopped"),
    "Unusable": Look("✖", "Failed", _ERROR),
    "CreateFailed": Look("✖", "Failed", _ERROR),
    "preparing": Look("◐", "Starting", _ACCENT),
    "idle": Look("○", "Idle"),
    "running": Look("▶", "Running", _ACCENT),
    "leaving": Look("◐", "Stopping", _ACCENT),
    "preempted": Look("■", "Evicted"),
    "unusable": Look("✖", "Failed", _ERROR),
    "stopped": Look("■", "Stopped"),
    "NotBuilt": Look("○", "Not built"),
    "Building": Look("◐", "Building", _ACCENT),
    "Succeeded": Look("✔", "Ready", _OK),
    "Updating": Look("◐", "Updating", _ACCENT),
    "Scaling": Look("◐", "Scaling", _ACCENT),
}

_ALL = {**_OTHERS, **_JOB}


def look(status: str) -> Look:
    """The look of a status of a job, compute, node or session; one of a newer service is its own
    word."""
    return _ALL.get(status, Look("?", status))


def is_known(status: str) -> bool:
    return status in _ALL
