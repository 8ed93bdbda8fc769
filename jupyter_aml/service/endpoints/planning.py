"""How many instances a deployment has, and which. Decide, then act: `plan` is pure.

Instances of an older generation, and those that are to be replaced, leave only as new ones answer.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

SLOWEST_SECONDS = 60.0
FIRST_PAUSE_SECONDS = 0.5
TRIES = 3
"""Starts of a generation that never answered, unless its own script says why it cannot."""
PATIENCE = 5
"""Ends in a row after which a deployment without an instance that answers is called Failed."""


PlannedState = Literal["Starting", "Ready", "Draining"]


@dataclass(frozen=True)
class InstanceView:
    """One scoring process. ``current``: of the wanted generation, and not to be replaced."""

    name: str
    state: PlannedState = "Ready"
    current: bool = True
    in_flight: int = 0


@dataclass(frozen=True)
class View:
    """One deployment as the planner sees it. ``capacity``: requests in flight that one instance
    is to have; ``demand``: those there are, the waiting ones included; ``peak``: the most there
    were during the time that must pass before instances are let go."""

    instances: Sequence[InstanceView] = ()
    min_instances: int = 1
    max_instances: int = 1
    capacity: float = 0.7
    demand: float = 0.0
    peak: float = 0.0
    proven: bool = True
    """Its present generation has answered once; else one is started to see whether it does."""
    asleep: bool = False
    may_start: bool = True
    """Everything is prepared, and nothing asks for a pause."""


@dataclass(frozen=True)
class Start:
    count: int


@dataclass(frozen=True)
class Drain:
    """No new request goes there; it ends when those it has are answered."""

    name: str


Action = Start | Drain


def wanted(view: View) -> int:
    """How many instances of the present generation there are to be."""
    if view.asleep:
        return 0
    load = max(view.demand, view.peak)
    needed = math.ceil(round(load / view.capacity, 6)) if load > 0 else 0
    least = max(view.min_instances, 0 if view.proven else 1)
    return max(least, min(view.max_instances, needed))


def plan(view: View) -> list[Action]:
    """What to do now. Calling it again after doing it gives nothing new."""
    want = wanted(view)
    here = [i for i in view.instances if i.state != "Draining"]
    staying = [i for i in here if i.current]
    old = [i for i in here if not i.current]
    actions: list[Action] = []
    if len(staying) < want and view.may_start:
        actions.append(Start(want - len(staying)))
    surplus = sorted(staying, key=_leaves_first)[: max(0, len(staying) - want)]
    actions += [Drain(i.name) for i in surplus]
    ready = sum(i.state == "Ready" for i in staying)
    actions += [Drain(i.name) for i in _let_go(old, ready, want)]
    return actions


def _leaves_first(instance: InstanceView) -> tuple[bool, int]:
    return instance.state == "Ready", instance.in_flight


def _let_go(old: Sequence[InstanceView], ready: int, want: int) -> list[InstanceView]:
    """Those of the old that are not missed: they never answered, or enough others do."""
    useless = [i for i in old if i.state == "Starting"]
    answering = sorted((i for i in old if i.state == "Ready"), key=lambda i: i.in_flight)
    spare = max(0, ready + len(answering) - want)
    return [*useless, *answering[:spare]]


def pause(failures: int) -> float:
    """Seconds before the next start after so many ends in a row."""
    if failures <= 0:
        return 0.0
    return min(SLOWEST_SECONDS, FIRST_PAUSE_SECONDS * 2.0 ** (failures - 1))


@dataclass(frozen=True)
class Verdict:
    """After an instance ended by itself: is the deployment Failed, and does anybody try again."""

    failed: bool
    again: bool


def after_end(*, proven: bool, said_why: bool, failures: int, answering: int) -> Verdict:
    """`failures` counts this end; `answering` are other instances that do, of any generation.

    A script that says why it cannot run says the same every time, so it is not tried again.
    """
    if not proven:
        hopeless = said_why or failures >= TRIES
        return Verdict(failed=hopeless, again=not hopeless)
    return Verdict(failed=not answering and failures >= PATIENCE, again=True)
