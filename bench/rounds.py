"""Rounds: in each, every way of doing a thing is measured once, in another order each time.

So a neighbour's load, a warm cache or a slow minute of the machine meets all of them alike, and
ratios are taken inside one round.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from bench.engines import Engine, Failed
from bench.environments import NotInstalled
from bench.figures import Samples, Target


@dataclass(frozen=True)
class Way:
    """One row: an operation of an engine. `mode`: is the process that runs the job new or kept?

    A `cold` way is not warmed up before the first round: it takes seconds, or starts things.
    """

    name: str
    engine: str
    operation: str
    arguments: Mapping[str, Any] = field(default_factory=dict[str, Any])
    mode: Literal["fresh", "kept", ""] = ""
    cold: bool = False
    restarts: bool = False
    """The engine is started anew for each sample, and its start is the sample."""


@dataclass(frozen=True)
class Group:
    """Ways that are compared with each other, and what is asked of them."""

    name: str
    title: str
    ways: Sequence[Way]
    targets: Sequence[Target]
    notes: Sequence[str] = ()


@dataclass
class Outcome:
    """What a group's rounds gave. `failures`: way to why it is missing."""

    group: Group
    samples: Samples = field(default_factory=Samples)
    failures: dict[str, str] = field(default_factory=dict[str, str])
    seconds: float = 0.0


def measure(group: Group, rounds: int, without: Collection[str]) -> Outcome:
    """Run `rounds` rounds of a group; ways of engines in `without` are left out."""
    outcome = Outcome(group)
    started = time.monotonic()
    ways = [way for way in group.ways if way.engine not in without]
    order = random.Random(group.name)
    with _engines(ways, outcome) as engines:
        for way in ways:
            if not (way.cold or way.restarts):
                _sample(way, engines, outcome)  # warms up
        for number in range(rounds):
            _say(f"{group.name}: round {number + 1} of {rounds}")
            for way in order.sample(ways, len(ways)):
                _keep(outcome, way.name, number, _sample(way, engines, outcome))
    outcome.seconds = time.monotonic() - started
    return outcome


@contextmanager
def _engines(ways: Sequence[Way], outcome: Outcome) -> Iterator[dict[str, Engine]]:
    """Every engine of the ways, started; those that cannot be are said in the outcome."""
    engines: dict[str, Engine] = {}
    broken: dict[str, str] = {}
    try:
        for name in dict.fromkeys(way.engine for way in ways if not way.restarts):
            engine = _started(name)
            if isinstance(engine, str):
                broken[name] = engine
            else:
                engines[name] = engine
        outcome.failures |= {w.name: broken[w.engine] for w in ways if w.engine in broken}
        yield engines
    finally:
        for engine in engines.values():
            engine.stop()


def _started(name: str) -> Engine | str:
    """A started engine, or why there is none."""
    try:
        engine = Engine(name)
    except NotInstalled as error:
        return f"not installed: {error}"
    try:
        engine.ask("start")
    except Failed as error:
        engine.stop()
        return f"did not start: {error}"
    return engine


def _sample(way: Way, engines: Mapping[str, Engine], outcome: Outcome) -> dict[str, float]:
    """The figures of one sample; empty, and said, if it failed."""
    try:
        if way.restarts:
            return _restarted(way)
        if way.engine in engines:
            return engines[way.engine].ask(way.operation, **way.arguments)
    except (Failed, NotInstalled) as error:
        outcome.failures[way.name] = str(error)
    return {}


def _restarted(way: Way) -> dict[str, float]:
    engine = Engine(way.engine)
    try:
        return engine.ask("start") | engine.ask(way.operation, **way.arguments)
    finally:
        engine.stop()


def _keep(outcome: Outcome, way: str, number: int, figures: Mapping[str, float]) -> None:
    """Round `number` of every figure of the way; a round without it is None."""
    for name in {figure for known, figure in outcome.samples if known == way} | set(figures):
        column = outcome.samples.setdefault((way, name), [])
        column += [None] * (number - len(column))
        column.append(figures.get(name))


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
