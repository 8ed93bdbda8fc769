"""A start, cut into its stages by the moments that were noted on the way. Pure.

A job waits for its turn, perhaps for a node to start, then its code folder is laid out, its
environment built, its process started. Moments are seconds of a monotonic clock; 0 is "not yet".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from jupyter_aml.model.fix import Stage
from jupyter_aml.model.waiting import Situation

NOTICED = 0.05
"""A wait for a turn shorter than this is none: it is the service's own work."""


class Moments(NamedTuple):
    """What was noted of one attempt of one job."""

    queued: float
    node_asked: float = 0.0
    """When the node (the last of several) that it got, or waits for, was asked for."""
    node_up: float = 0.0
    taken: float = 0.0
    """Its nodes became its own."""
    entered: tuple[tuple[Stage, float], ...] = ()
    """Stages between `taken` and `sent`, in order, with the moment each began."""
    sent: float = 0.0
    """Its nodes were told to run it."""
    running: float = 0.0


class Span(NamedTuple):
    """One stage, from `start` on; ``end`` is None for the current one."""

    name: Stage
    start: float
    end: float | None = None

    def seconds(self, now: float) -> float:
        return max(0.0, (now if self.end is None else self.end) - self.start)


def spans(seen: Moments) -> list[Span]:
    """The stages so far, oldest first; the last is the current one unless the job runs."""
    found = _waiting(seen)
    if not seen.taken:
        return found
    if not seen.entered:  # nothing had to be made ready, as for every cell of a session
        return [*found, Span("process", seen.sent, seen.running or None)] if seen.sent else found
    steps = [*seen.entered]
    if seen.sent:
        steps.append(("process", seen.sent))
    ends = [*(moment for _, moment in steps[1:]), seen.running or None]
    found += [Span(name, moment, end) for (name, moment), end in zip(steps, ends, strict=True)]
    return found


def _waiting(seen: Moments) -> list[Span]:
    """For a turn, and for a node that had to start meanwhile."""
    end = seen.taken or None
    asked = seen.node_asked if seen.node_asked > seen.queued + NOTICED else seen.queued
    waited_for_node = seen.node_asked > 0 and (not seen.node_up or seen.node_up > seen.queued)
    if not waited_for_node:
        at_once = end is not None and end - seen.queued <= NOTICED
        return [] if at_once else [Span("queued", seen.queued, end)]
    found = [Span("queued", seen.queued, asked)] if asked > seen.queued else []
    if not seen.node_up:
        return [*found, Span("node", asked)]
    found.append(Span("node", asked, seen.node_up))
    if end is None or end - seen.node_up > NOTICED:
        found.append(Span("queued", seen.node_up, end))
    return found


def situation(parts: Sequence[Span], now: float) -> Situation:
    """How a start of these stages began, as one knows it in the end."""
    waited = 0.0
    for part in parts:
        if part.name == "node":
            return "cold"
        if part.name == "queued":
            waited += part.seconds(now)
    return "busy" if waited > NOTICED else "ready"
