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


def decide(rollout: Rollout, seconds: float, seen: Window, trouble: str = "") -> Decision:
    """`seconds` of the present step have passed; `trouble` says why the new one cannot answer."""
    if trouble:
        return Decision("back", trouble)
    if broken := _broken(rollout.rule, seen):
        return Decision("back", broken)
    if seconds < rollout.seconds_per_step:
        return Decision("stay")
    return Decision("done" if rollout.step + 1 >= len(rollout.steps) else "next")


def _broken(rule: RolloutRule, seen: Window) -> str:
    """The rule that does not hold, with both numbers; empty if all do."""
    if seen.requests < rule.min_requests:
        return ""
    rate = seen.errors / seen.requests
    if rate > rule.max_error_rate:
        return (
            f"{seen.errors} of {seen.requests} requests failed ({rate:.0%}), "
            f"more than {rule.max_error_rate:.0%}"
        )
    limit = rule.max_p95_seconds
    if limit is not None and seen.p95 is not None and seen.p95 > limit:
        return f"p95 was {seen.p95 * 1000:.0f} ms, more than {limit * 1000:.0f} ms"
    return ""
