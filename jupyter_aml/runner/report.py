"""``aml.log`` and ``aml.progress``: what a program says about itself while it runs.

Inside a job each call is one write(2) of a JSON line to the file named in JUPYTER_AML_FRAMES.
Elsewhere `log` does nothing (and says so once), `progress` draws a line of text. Nothing is
imported here that takes time.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")

_EVERY = 0.1
"""Seconds between two reports of progress."""
_WIDTH = 30

_said = False


def log(name: str, value: float, step: int | None = None) -> None:
    """Report a metric of this job: its newest value, or the one of `step`.

    What is no finite number (a loss that diverged) is kept as one that has no value.
    """
    if not _report({"k": "metric", "name": name, "value": _finite(float(value)), "step": step}):
        _say_once()


def progress(iterable: Iterable[T], total: float | None = None, desc: str = "") -> Iterator[T]:
    """Go through `iterable` and show how far this is. `total` is its length if it has none."""
    if total is None and hasattr(iterable, "__len__"):
        total = len(iterable)  # type: ignore[arg-type]
    done = 0
    due = 0.0
    for item in iterable:
        now = time.monotonic()
        if now >= due:
            due = now + _EVERY
            _show(done, total, desc)
        yield item
        done += 1
    _show(done, total, desc, last=True)


def tell_progress(done: float, total: float, text: str) -> None:
    """One report of how far the job is; nothing outside of a job."""
    _report({"k": "progress", "value": done, "total": total, "text": text})


def _show(done: int, total: float | None, desc: str, *, last: bool = False) -> None:
    frame = {"k": "progress", "value": done, "total": total and _finite(total), "text": desc}
    if not _report(frame):
        _draw(done, total, desc, last=last)


def _finite(value: float) -> float | None:
    """None for NaN and the infinities, which JSON does not have."""
    return value if value - value == 0 else None


def _report(frame: dict[str, object]) -> bool:
    """False outside of a job."""
    path = os.environ.get("JUPYTER_AML_FRAMES")
    if not path:
        return False
    try:
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    except OSError:
        return False  # the job that this was is gone
    try:
        os.write(file, json.dumps(frame, separators=(",", ":")).encode() + b"\n")
    finally:
        os.close(file)
    return True


def _draw(done: int, total: float | None, desc: str, *, last: bool) -> None:
    name = f"{desc}: " if desc else ""
    if total:
        part = min(1.0, done / total)
        bar = "█" * round(part * _WIDTH)
        text = f"{name}{part:4.0%}|{bar:<{_WIDTH}}| {done}/{total:g}"
    else:
        text = f"{name}{done}"
    sys.stderr.write(f"\r{text}" + ("\n" if last else ""))
    sys.stderr.flush()


def _say_once() -> None:
    global _said
    if not _said:
        _said = True
        sys.stderr.write("aml.log: not in a job, so metrics go nowhere.\n")
