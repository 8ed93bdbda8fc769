"""The answer to "why am I waiting": the stages of one start beside what is usual. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from jupyter_aml.model.fix import START_STAGES, Fix, Stage
from jupyter_aml.model.waiting import Wait, WaitStage
from jupyter_aml.service.waiting.stages import Span
from jupyter_aml.service.waiting.usual import Usual

FindUsual = Callable[[str], Usual | None]
"""What is usual for a stage (or ``start:cold``) of this job's size and environment."""

_AHEAD_REASONS: dict[Stage, str] = {
    "node": "a node has to start first",
    "snapshot": "the code folder is laid out",
    "environment": "the environment is built once, then kept",
    "process": "the process is started",
}

_LIKELY: dict[Stage, str] = {
    "queued": "others hold every node of it",
    "node": "this machine is busy, so the node's process comes up slowly",
    "snapshot": "the code folder is larger than usual, or the disk is busy",
    "environment": "packages are downloaded and not taken from the cache",
    "process": "this machine is busy, or what is imported first is read from a slow disk",
}


@dataclass(frozen=True)
class Now:
    """The job at this moment. ``monotonic`` is what the spans were measured by."""

    job: str
    monotonic: float
    waiting: bool
    reason: str
    """Why it is in its current stage, in words."""
    failed: bool = False
    ahead: tuple[Stage, ...] = ()
    """Stages that are still to come."""
    situation: str = "ready"


def answer(
    now: Now,
    seen: Sequence[Span],
    find: FindUsual,
    at_wall: Callable[[float], str],
    propose: Callable[[], Fix | None],
) -> Wait:
    """`at_wall` turns a monotonic moment into one on the wire; `propose` finds an alternative."""
    stages = [_stage(now, list(group), find, at_wall) for group in _by_name(seen)]
    stages += [_ahead(name, find) for name in now.ahead]
    seconds = sum(stage.seconds for stage in stages if stage.name in START_STAGES)
    whole = find(f"start:{now.situation}")
    current = next((stage for stage in stages if stage.state == "current"), None)
    is_slow = now.waiting and (_is_slow(seconds, whole) or (current is not None and current.slower))
    return Wait(
        job=now.job,
        waiting=now.waiting,
        stages=stages,
        seconds=round(seconds, 3),
        usual_low=_rounded(whole and whole.low),
        usual_high=_rounded(whole and whole.high),
        count=whole.count if whole else 0,
        slow_after=_rounded(whole and whole.slow_after),
        slower=is_slow,
        likely=_likely(now, current) if is_slow else "",
        alternative=propose() if is_slow else None,
    )


def _by_name(seen: Sequence[Span]) -> list[list[Span]]:
    """A stage that came twice (in line, then a node, then in line again) is told once."""
    found: dict[str, list[Span]] = {}
    for span in seen:
        found.setdefault(span.name, []).append(span)
    return list(found.values())


def _stage(
    now: Now, parts: Sequence[Span], find: FindUsual, at_wall: Callable[[float], str]
) -> WaitStage:
    name = parts[0].name
    is_current = parts[-1].end is None
    seconds = sum(part.seconds(now.monotonic) for part in parts)
    past = find(name)
    stage = WaitStage(
        name=name,
        state=("failed" if now.failed else "current") if is_current else "done",
        started_at=at_wall(parts[0].start),
        seconds=round(seconds, 3),
        reason=now.reason if is_current else "",
        slower=is_current and now.waiting and _is_slow(seconds, past),
    )
    return _with_usual(stage, past)


def _ahead(name: Stage, find: FindUsual) -> WaitStage:
    stage = WaitStage(name=name, state="ahead", reason=_AHEAD_REASONS.get(name, ""))
    return _with_usual(stage, find(name))


def _with_usual(stage: WaitStage, past: Usual | None) -> WaitStage:
    if past is None:
        return stage
    return msgspec.structs.replace(
        stage,
        usual_low=_rounded(past.low),
        usual_high=_rounded(past.high),
        count=past.count,
        slow_after=_rounded(past.slow_after),
    )


def _is_slow(seconds: float, past: Usual | None) -> bool:
    return past is not None and past.slow_after is not None and seconds > past.slow_after


def _likely(now: Now, current: WaitStage | None) -> str:
    """The reason that is known beats the one that is likely."""
    if current is None:
        return ""
    if current.name == "queued" and now.reason:
        return now.reason
    return _LIKELY.get(current.name, "")


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
