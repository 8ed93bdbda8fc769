"""The sessions of a round: many quick cells that are sent in one request, and what dies under them.

Drawn from a random number of their own, so that a seed's jobs and kills are what they always
were. Like `scenario` this imports nothing of jupyter_aml.

A session has one ledger: ``start <number> <pid>``, ``said <number>`` when its line was written,
and ``end <number>``, in the order in which its cells did that.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Target = Literal["service", "node", "nursery", "session", "client"]

_SHARE = 0.25
"""Of the rounds that have sessions."""
_TARGETS: Sequence[tuple[Target, ...]] = (
    ("service",),
    ("service",),
    ("node",),
    ("node",),
    ("session",),
    ("session",),
    ("service", "node"),
    ("service", "session"),
    ("service", "nursery"),
    ("service", "client"),
)


@dataclass(frozen=True)
class Session:
    """Its cells are numbered from 1 and have no retries: none is ever to run a second time."""

    name: str
    compute: str
    cells: int

    def cell(self, number: int) -> str:
        """The name of the job that is that cell."""
        return f"{self.name}-{number}"

    def names(self) -> list[str]:
        return [self.cell(number) for number in range(1, self.cells + 1)]

    def line(self, number: int) -> str:
        """All that a cell writes."""
        return f"{self.cell(number)} has run\n"


@dataclass(frozen=True)
class CellKill:
    """``kill -9`` of all `targets` at once, when `cell` of `session` has written its line.

    With `holds` the cell waits for it, and those behind it wait on their node meanwhile. "node"
    is where the session is, "session" its process.
    """

    session: Session
    cell: int
    targets: tuple[Target, ...]
    holds: bool


@dataclass(frozen=True)
class Cells:
    """All cells of a round; `after`: they are sent when so many jobs have been."""

    sessions: tuple[Session, ...] = ()
    kills: tuple[CellKill, ...] = ()
    after: int = 0
    in_turn: bool = False
    """One of each session after the other, instead of all of the first before the second."""

    def line(self) -> list[tuple[Session, int]]:
        """Every cell, in the order in which they are sent."""
        found = [(each, number) for each in self.sessions for number in range(1, each.cells + 1)]
        return sorted(found, key=lambda cell: cell[1]) if self.in_turn else found

    def names(self) -> list[str]:
        return [session.cell(number) for session, number in self.line()]

    def holds(self, session: Session) -> list[int]:
        """Cells of it that wait to be let on."""
        return sorted({k.cell for k in self.kills if k.session == session and k.holds})

    def spec(
        self, session: Session, number: int, folder: Path, computes: Mapping[str, str]
    ) -> dict[str, Any]:
        """A cell as the API takes it. `folder` is the round's; `computes` gives true names."""
        assignments = (
            f"number, line = {number}, {session.line(number)!r}\n"
            f"ledger = {str(ledger(folder, session))!r}\n"
            f"gate = {str(gate(folder, session, number))!r}\n"
            f"holds = {number in self.holds(session)}\n"
        )
        return {
            "type": "cell",
            "compute": computes[session.compute],
            "session": session.name,
            "source": assignments + _CELL,
            "python": sys.executable,
        }


_CELL = """
import os, time
notes = os.open(ledger, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
os.write(notes, f"start {number} {os.getpid()}\\n".encode())
print(line, end="", flush=True)
os.write(notes, f"said {number}\\n".encode())
while holds and not os.path.exists(gate):
    time.sleep(0.005)
os.write(notes, f"end {number}\\n".encode())
os.close(notes)
"""


def draw(seed: int, computes: Sequence[str], *, jobs: int) -> Cells:
    """The cells of the round `seed`; most rounds have none."""
    chance = random.Random(f"cells of {seed}")
    if chance.random() >= _SHARE:
        return Cells()
    sessions = tuple(
        Session(f"cells-{seed}-{number}", chance.choice(computes), chance.randint(12, 30))
        for number in range(chance.randint(1, 2))
    )
    kills = tuple(_kill(chance, sessions) for _ in range(chance.randint(1, 3)))
    return Cells(sessions, kills, chance.randint(0, jobs), chance.random() < 0.5)


def _kill(chance: random.Random, sessions: Sequence[Session]) -> CellKill:
    session = chance.choice(sessions)
    cell = chance.randint(1, session.cells)
    return CellKill(session, cell, chance.choice(_TARGETS), chance.random() < 0.5)


def ledger(folder: Path, session: Session) -> Path:
    """Where the cells of a session note what they have done."""
    return folder / "ledger" / session.name


def gate(folder: Path, session: Session, number: int) -> Path:
    """A cell that holds waits for this file."""
    return folder / "gates" / session.cell(number)


def notes(folder: Path, session: Session, word: str) -> list[list[int]]:
    """The numbers in the notes of that kind, oldest first."""
    path = ledger(folder, session)
    lines = path.read_text().splitlines() if path.exists() else []
    return [
        [int(number) for number in line.split()[1:]]
        for line in lines
        if line.startswith(word + " ")
    ]
