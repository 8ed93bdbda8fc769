"""What the guard says. Rehearsal money is always "would be"."""

from __future__ import annotations

from jupyter_aml.service.money.budget import Level, Rules

HOUR = 3600.0


def amount(dollars: float) -> str:
    """``$0.19``; below a cent with what it takes to see a figure."""
    return f"${dollars:,.2f}" if dollars >= 0.01 or dollars == 0 else f"${dollars:.4f}"


def spent_of(spent: float, budget: float, *, rehearsal: bool) -> str:
    verb = "would be spent" if rehearsal else "is spent"
    return f"{amount(spent)} of {amount(budget)} {verb} today"


def message(
    level: Level, rules: Rules, budget: float, spent: float, rate: float, *, rehearsal: bool
) -> str:
    """What the guard did about a budget, and what comes next."""
    so_far = spent_of(spent, budget, rehearsal=rehearsal)
    stop = _stop(rules, budget, spent, rate if level else 0)
    if level == Level.STOPPING:
        return f"What costs was stopped: {so_far}. The budget begins anew at midnight."
    if level == Level.HOLDING:
        return f"No new paid work is taken, queued work waits: {so_far}.{stop}"
    if level == Level.WARNED:
        return f"{so_far}.{_hold(rules, budget)}{stop}"
    return f"Warns at {amount(budget * rules.warn_at)}.{_hold(rules, budget)}{stop}"


def _hold(rules: Rules, budget: float) -> str:
    if rules.action == "warn":
        return ""
    return f" No new paid work is taken from {amount(budget * rules.hold_at)} on."


def _stop(rules: Rules, budget: float, spent: float, rate: float) -> str:
    if rules.action != "stop":
        return ""
    when = f", in {_about((budget - spent) / rate * HOUR)} at this rate" if rate > 0 else ""
    return f" At {amount(budget)} what costs is stopped{when}."


def _about(seconds: float) -> str:
    if seconds < 90:
        return "about a minute"
    if seconds < 90 * 60:
        return f"about {round(seconds / 60)} min"
    return f"about {round(seconds / HOUR)} h"
