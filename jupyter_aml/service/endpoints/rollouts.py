"""Moving traffic to a new deployment in steps, and back when it errs. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from jupyter_aml.model.endpoint import Rollout, RolloutRule
from jupyter_aml.service.endpoints.counters import Window


@dataclass(frozen=True)
class Decision:
    what: Literal["stay", "next", "done", "back"]
    reason: str = ""


MIRROR_STEP = -1
"""The step before the first, in which requests are only copied."""


def first_step(mirror: int) -> int:
    return MIRROR_STEP if mirror else 0


def decide(
    rollout: Rollout, seconds: float, seen: Window, beside: Window, trouble: str = ""
) -> Decision:
    """`seconds` of the present step have passed. `seen` is what the new deployment did lately,
    `beside` what those did that had the traffic; `trouble` says why the new one cannot answer."""
    if trouble:
        return Decision("back", trouble)
    if broken := _broken(rollout.rule, seen, beside):
        return Decision("back", broken)
    if seconds < rollout.seconds_per_step:
        return Decision("stay")
    return Decision("done" if rollout.step + 1 >= len(rollout.steps) else "next")


def _broken(rule: RolloutRule, seen: Window, beside: Window) -> str:
    """The rule that does not hold, with both numbers; empty if all do."""
    if seen.requests < rule.min_requests:
        return ""
    rate = seen.errors / seen.requests
    if rate > rule.max_error_rate:
        return (
            f"{seen.errors} of {seen.requests} requests failed ({rate:.0%}), "
            f"more than {rule.max_error_rate:.0%}"
        )
    if seen.p95 is None:
        return ""
    limit = rule.max_p95_seconds
    if limit is not None and seen.p95 > limit:
        return f"p95 was {seen.p95 * 1000:.0f} ms, more than {limit * 1000:.0f} ms"
    return _slower(rule, seen.p95, beside)


def _slower(rule: RolloutRule, p95: float, beside: Window) -> str:
    """Against those that had the traffic, where they had enough requests to tell."""
    times = rule.max_p95_times
    if times is None or beside.p95 is None or beside.requests < rule.min_requests:
        return ""
    if p95 <= times * beside.p95:
        return ""
    return (
        f"p95 was {p95 * 1000:.0f} ms, more than {times:g} times the "
        f"{beside.p95 * 1000:.0f} ms of what serves now"
    )
