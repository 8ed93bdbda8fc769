"""What `check` asks of the cells of sessions: each ran once and in order, or was lost where it ran.

A kill of a session's process or node costs at most the one cell that ran there: those behind it
had not begun, wherever they waited, and run elsewhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.chaos import sessions
from tests.chaos.sessions import Session

LOST = ("NodeLost", "NonZeroExit", "StartFailed")
"""The last is one that came to its session as that was killed: it found it gone."""

Events = Sequence[dict[str, Any]]


@dataclass(frozen=True)
class Cell:
    """One cell as the API told it; `shown` is None for one that is not known any more."""

    shown: dict[str, Any] | None
    events: Events


def of_session(
    folder: Path, session: Session, cells: Mapping[int, Cell], journal: Sequence[dict[str, Any]]
) -> Iterator[str]:
    """Every defect of a session and its `cells`, by number."""
    started = [number for number, _ in sessions.notes(folder, session, "start")]
    said = {number for [number] in sessions.notes(folder, session, "said")}
    ended = {number for [number] in sessions.notes(folder, session, "end")}
    for number, times in Counter(started).items():
        if times > 1:
            yield f"cell {number} was started {times} times"
    if started != sorted(started):
        yield f"its cells ran out of order: {started}"
    failed: list[int] = []
    for number, cell in cells.items():
        if cell.shown is None:
            yield f"cell {number} is not known any more"
            continue
        if cell.shown["status"] == "Failed":
            failed.append(number)
        for defect in _of_cell(session, number, cell.shown, number in said, number in ended):
            yield f"cell {number} {defect}"
        written = "".join(e["text"] for e in cell.events if e["kind"] in ("stdout", "stderr"))
        if written != session.line(number) and (written or number in said):
            yield f"cell {number} shows {written!r}"
    hits = sum(_hits(session, entry) for entry in journal)
    if len(failed) > hits:
        yield f"{hits} kills hit it, and the cells {failed} failed"


def _of_cell(
    session: Session, number: int, shown: dict[str, Any], has_said: bool, has_ended: bool
) -> Iterator[str]:
    status, reason = shown["status"], shown.get("statusReason", "")
    if shown["attempt"] != 1:
        yield f"says attempt {shown['attempt']}, and has no retries"
    if status == "Completed" and not (has_said and has_ended):
        yield "says Completed, but did not come to its end"
    elif status == "Failed" and reason not in LOST:
        yield f"Failed with the reason {reason!r}: {shown.get('error')}"
    elif status not in ("Completed", "Failed"):
        yield f"says {status}"


def _hits(session: Session, entry: dict[str, Any]) -> bool:
    """Whether a kill may have cost the session the cell that ran."""
    is_node = "node" in entry["targets"] and entry["compute"] == session.compute
    return is_node or ("session" in entry["targets"] and entry.get("session") == session.name)
