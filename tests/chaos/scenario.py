"""One round of chaos, decided by its seed alone: which jobs run, and what is killed when.

`drive` performs a scenario against the real service; `check` compares what came out with what the
seed says must come out. This module imports nothing of jupyter_aml, so that the check stands
outside the package.

A job counts: it writes numbered lines, and after each write it appends to its *ledger* that the
write has returned. A kill is tied to such a line, never to the clock, and where it must not miss
its victim the job *holds* at that line until the kill was made.
"""

from __future__ import annotations

import base64
import pickle
import random
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tests.chaos import programs, sessions

JOBS = 8
CLUSTER = "chaos"
CLUSTER_NODES = 2

Kind = Literal["lines", "cell", "children"]
Target = Literal["service", "node", "nursery", "job", "client"]

# A node takes its jobs with it and a nursery takes nothing: all five have to be met often.
_TARGETS: Sequence[tuple[Target, ...]] = (
    ("service",),
    ("service",),
    ("node",),
    ("job",),
    ("client",),
    ("nursery",),
    ("service", "node"),
    ("service", "job"),
    ("service", "client"),
    ("node", "service"),
    ("service", "nursery"),
)


@dataclass(frozen=True)
class Job:
    """One of the round's jobs. ``children`` are further writers besides ``main``."""

    index: int
    name: str
    kind: Kind
    compute: str
    retries: int
    lines: int
    salt: int
    children: tuple[int, ...] = ()

    def streams(self) -> dict[tuple[str, str], list[int]]:
        """(writer, stream) to the numbers of the lines that an undisturbed attempt writes."""
        found: dict[tuple[str, str], list[int]] = {}
        for writer, lines in self.writers().items():
            found[writer, "out"] = list(range(1, lines + 1))
            found[writer, "err"] = list(range(3, lines + 1, 3))
        if self.kind == "cell":
            found["main", "rich"] = list(range(4, self.lines + 1, 4))
        return found

    def writers(self) -> dict[str, int]:
        """Who writes, and how many lines each."""
        return {"main": self.lines} | {f"c{n}": lines for n, lines in enumerate(self.children, 1)}

    def mark(self, number: int) -> int:
        """Stands at the end of a line; tells a line of this job from any other."""
        return programs.mark(number, self.salt)

    def total(self) -> int:
        """The variable ``total`` that a cell leaves."""
        return sum(self.mark(number) for number in range(1, self.lines + 1))


@dataclass(frozen=True)
class Kill:
    """``kill -9`` of all `targets` at once, when `job` has written `line` (0: was accepted).

    With `holds` the job waits at that line until it was done. "node" is the node that runs the
    job, "job" its first process, "client" whoever follows the jobs.
    """

    number: int
    job: int
    line: int
    targets: tuple[Target, ...]
    holds: bool


class Scenario:
    """The same seed is the same scenario, on every machine."""

    def __init__(self, seed: int, *, jobs: int = JOBS) -> None:
        self.seed = seed
        chance = random.Random(seed)
        self.jobs = tuple(_job(chance, seed, index) for index in range(jobs))
        wanted = chance.randint(1, 4)
        self.kills = tuple(_kill(chance, number, self.jobs) for number in range(wanted))
        self.cells = sessions.draw(seed, ("local", CLUSTER, CLUSTER), jobs=jobs)

    def holds(self, job: Job) -> list[int]:
        """Lines of `job` at which it waits to be let on."""
        return sorted({k.line for k in self.kills if k.job == job.index and k.holds and k.line})

    def spec(self, job: Job, folder: Path, computes: Mapping[str, str]) -> dict[str, Any]:
        """The job as the API takes it. `folder` is the round's; `computes` gives true names."""
        common: dict[str, Any] = {"compute": computes[job.compute], "retries": job.retries}
        settings = programs.Settings(
            lines=job.lines,
            salt=job.salt,
            ledger=str(ledger(folder, job.name)),
            gates=str(folder / "gates" / job.name),
            holds=self.holds(job),
        )
        if job.kind == "cell":
            # `offset` travels as a variable, so that a lost variable changes every mark
            source = programs.cell(settings)
            sent = base64.b64encode(pickle.dumps({"offset": job.salt}, protocol=5)).decode()
            variables = {"names": ["offset"], "pickle": sent}
            return common | {
                "type": "cell",
                "source": source,
                "variables": variables,
                "collect": ["total"],
                "python": sys.executable,
            }
        if job.kind == "lines":
            text = programs.python(settings)
            # exec: a shell that waits would say "Killed" of its child, among the lines
            command = "exec " + shlex.join([sys.executable, "-I", "-S", "-c", text])
        else:
            command = programs.shell(settings, job.children)
        return common | {"type": "command", "command": command}


def ledger(folder: Path, name: str) -> Path:
    """Where a job notes what it has done."""
    return folder / "ledger" / name


def _job(chance: random.Random, seed: int, index: int) -> Job:
    kind: Kind = ("lines", "cell", "children")[index % 3]
    # One job a node on the cluster, so only as many as it has nodes.
    compute = CLUSTER if index < CLUSTER_NODES else "local"
    children = tuple(chance.randint(5, 20) for _ in range(2)) if kind == "children" else ()
    return Job(
        index=index,
        name=f"chaos-{seed}-{index}",
        kind=kind,
        compute=compute,
        retries=chance.choice((0, 0, 1, 2)),
        lines=chance.randint(12, 40),
        salt=chance.randint(1, 10_000),
        children=children,
    )


def _kill(chance: random.Random, number: int, jobs: Sequence[Job]) -> Kill:
    job = chance.choice(jobs)
    targets = chance.choice(_TARGETS)
    line = chance.choice((0, 1, chance.randint(1, job.lines), job.lines))
    must_meet = bool({"job", "node"} & set(targets))
    if must_meet:
        line = max(1, line)
    return Kill(number, job.index, line, targets, must_meet or chance.random() < 0.5)
