"""What the doctor is told of a job that has ended."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property

from jupyter_aml.model.job import CellJob, Job
from jupyter_aml.service.doctor.asides import is_noise
from jupyter_aml.service.doctor.raised import Raised, Reading, clean, of_ipython, read

TAIL_BYTES = 64 * 1024
"""How much of the end of each stream is looked at."""

FROM_OUTSIDE = (9, 15, 2, 1)
"""Signals that a program does not send itself. Not from `signal`: Windows lacks some names."""

_SIGNAL = re.compile(r"ended by signal (\d+)")
_NAMED = re.compile(r"(?:^|failed: )(?P<name>[A-Za-z_][\w.]*)(?:: ?(?P<text>.*))?$", re.DOTALL)


@dataclass(frozen=True)
class Offer:
    """A compute that the job could run on instead. Memory in GB, price per hour or None."""

    name: str
    memory_gb: float
    gpus: float = 0
    price_per_hour: float | None = None


@dataclass(frozen=True)
class Symptoms:
    """One job and its surroundings.

    ``roots`` are the folders that the person's own code lay in; files below them are theirs.
    ``files`` are those in the folder where the program began, by their paths from there.
    ``stack`` is where the program was when it was ended from outside, as faulthandler tells it.
    """

    job: Job
    stdout: str = ""
    stderr: str = ""
    stack: str = ""
    files: tuple[str, ...] = ()
    memory_limit_bytes: int = 0
    size: str = ""
    roots: tuple[str, ...] = ()
    offers: tuple[Offer, ...] = field(default=())

    @property
    def is_cell(self) -> bool:
        return isinstance(self.job.spec, CellJob)

    @property
    def reason(self) -> str:
        return self.job.status_reason

    @cached_property
    def signal(self) -> int | None:
        """The signal that ended it; a shell tells that of its child by 128 and the number."""
        found = _SIGNAL.search(self.said)
        if found:
            return int(found[1])
        code = self.job.exit_code or 0
        return code - 128 if 128 < code < 160 else None

    @cached_property
    def said(self) -> str:
        """What the service says of the end; "" where that is the program's own words."""
        error = self.job.error
        if error is None or error.code == "RemoteError":
            return ""
        return " ".join(dict.fromkeys([error.message, *error.details]))

    @cached_property
    def raised(self) -> Raised | None:
        """The exception that ended it: a cell's own, else the one its output ends with."""
        error = self.job.error
        if error is not None and error.code == "RemoteError":
            found = _NAMED.search(" ".join(clean(error.message)))
            if found:
                text = (found["text"] or "").strip()
                return of_ipython(found["name"], text, error.details)
        if self.reason not in ("NonZeroExit", ""):
            return None  # it was ended, and what it had printed by then is no reason
        if self.signal in FROM_OUTSIDE:
            return None  # it was alive still, so it had got over what it had raised
        return self.readings[0].raised or self.readings[1].raised

    @cached_property
    def readings(self) -> tuple[Reading, Reading]:
        """Of stderr, and of stdout."""
        return read(self.stderr), read(self.stdout)

    @cached_property
    def last_lines(self) -> list[str]:
        """The last lines of both streams."""
        return [line for reading in self.readings for line in reading.last_lines]

    @cached_property
    def final_lines(self) -> list[str]:
        """Of each stream the line that it ends with, what says nothing new passed over."""
        ends = (
            next((line for line in reversed(reading.last_lines) if not is_noise(line)), "")
            for reading in self.readings
        )
        return [line for line in ends if line]

    @cached_property
    def lines(self) -> list[str]:
        """All of both streams that is looked at."""
        return [*clean(self.stderr), *clean(self.stdout)]
