"""What a budget asks for, decided without doing it. Everything here is pure.

A budget has four levels: fine, warned, holding (no new paid work) and stopping (what costs is
stopped). Each look goes up by one level at most, so that each step was announced by the one
before; within a day a level never goes down unless the budget or the rules were changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

import msgspec

from jupyter_aml.model.preferences import Preferences


class Level(IntEnum):
    FINE = 0
    WARNED = 1
    HOLDING = 2
    STOPPING = 3


_FURTHEST = {"warn": Level.WARNED, "hold": Level.HOLDING, "stop": Level.STOPPING}
STATES = ("watching", "warned", "holding", "stopping")
"""A level as `model.money.GuardState`."""


class Rules(msgspec.Struct, frozen=True):
    """The part of the preferences that budgets depend on."""

    per_day: float | None = None
    per_notebook: float | None = None
    warn_at: float = 0.8
    hold_at: float = 0.95
    action: str = "stop"

    @property
    def any(self) -> bool:
        return self.per_day is not None or self.per_notebook is not None


class Kept(msgspec.Struct, frozen=True):
    """What the guard remembers, also across a `kill -9`: the levels that it has announced."""

    day: str = ""
    rules: Rules = Rules()
    level: Level = Level.FINE
    notebooks: dict[str, Level] = {}


def rules_of(preferences: Preferences) -> Rules:
    return Rules(
        per_day=preferences.budget_per_day,
        per_notebook=preferences.budget_per_notebook,
        warn_at=min(preferences.budget_warn_at, preferences.budget_hold_at),
        hold_at=preferences.budget_hold_at,
        action=preferences.budget_action,
    )


def look(
    kept: Kept, rules: Rules, day: str, total: float, soon: float, notebooks: Mapping[str, float]
) -> Kept:
    """The levels from now on. `soon` is what more is spent until the next look; dollars."""
    if (kept.day, kept.rules) != (day, rules):
        kept = Kept(day=day, rules=rules)
    level = _step(kept.level, _wanted(rules, rules.per_day, total + soon))
    levels = {
        name: stepped
        for name, spent in notebooks.items()
        if (
            stepped := _step(
                kept.notebooks.get(name, Level.FINE), _wanted(rules, rules.per_notebook, spent)
            )
        )
    }
    return Kept(day=day, rules=rules, level=level, notebooks=levels)


def _wanted(rules: Rules, budget: float | None, spent: float) -> Level:
    if budget is None:
        return Level.FINE
    if spent >= budget:
        level = Level.STOPPING
    elif spent >= budget * rules.hold_at:
        level = Level.HOLDING
    elif spent >= budget * rules.warn_at:
        level = Level.WARNED
    else:
        level = Level.FINE
    return min(level, _FURTHEST[rules.action])


def _step(known: Level, wanted: Level) -> Level:
    return known if wanted <= known else Level(known + 1)
