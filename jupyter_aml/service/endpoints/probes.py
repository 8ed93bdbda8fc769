"""One probe of one instance: when it is asked again, and what its answers mean. Pure.

As Azure ML says of both: ``failure_threshold`` failures in a row speak against an instance, and
after a failure it takes ``success_threshold`` answers in a row until that is forgotten. Nothing is
asked in the first ``initial_delay`` seconds, then every ``period``.
"""

from __future__ import annotations

from dataclasses import dataclass

from jupyter_aml.model.endpoint import Probe


@dataclass
class Series:
    """``due`` and ``began`` are moments of one clock. ``is_good`` is what is held of it now."""

    probe: Probe
    began: float
    is_good: bool
    successes: int = 0
    failures: int = 0
    """In a row, as far as they count."""

    def __post_init__(self) -> None:
        self.due = self.began + self.probe.initial_delay

    def take(self, now: float, *, answered: bool) -> bool:
        """Count one answer, and say when the next is due; True if what is held of it changed."""
        before = self.is_good
        self.due = now + self.probe.period
        if not answered:
            self.successes, self.failures = 0, self.failures + 1
            if self.failures >= self.probe.failure_threshold:
                self.is_good = False
        else:
            self.successes += 1
            if self.successes >= self.probe.success_threshold:
                self.failures, self.is_good = 0, True
        return self.is_good != before


def liveness(probe: Probe, began: float) -> Series:
    """An instance lives until its probe says otherwise."""
    return Series(probe, began, is_good=True)


def readiness(probe: Probe, began: float) -> Series:
    """It is not ready before its probe says so."""
    return Series(probe, began, is_good=False)


def is_first_answer_enough(probe: Probe) -> bool:
    """Whether one that answers for the first time is ready by that, without being asked."""
    return probe.success_threshold == 1 and probe.initial_delay == 0
