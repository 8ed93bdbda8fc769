"""From the counters that a router tells to requests a second, errors and quantiles.

All of a router's counters only grow while it lives, so any time is the difference of two; a router
that was started again begins at zero.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jupyter_aml.model.endpoint import TrafficSample

SAMPLES = 3600
"""Seconds that are kept of each deployment."""
GAP_SECONDS = 1.5
"""A router tells nothing while nothing changes: what it tells then is of its last second."""
REFUSED = ("429", "503")


@dataclass(frozen=True)
class Slice:
    """What happened to one deployment in a short time. ``buckets`` count answers by latency."""

    time: float
    seconds: float
    requests: int = 0
    errors: int = 0
    refused: int = 0
    buckets: tuple[int, ...] = ()
    in_flight: int = 0
    load: float = 0.0
    """Mean of the requests in flight, and those that wait now."""
    instances: int = 0

    def sample(self, bounds: Sequence[float]) -> TrafficSample:
        return TrafficSample(
            time=self.time,
            seconds=self.seconds,
            requests=self.requests,
            errors=self.errors,
            refused=self.refused,
            p50=quantile(self.buckets, bounds, 0.5),
            p95=quantile(self.buckets, bounds, 0.95),
            p99=quantile(self.buckets, bounds, 0.99),
            in_flight=self.in_flight,
            instances=self.instances,
        )


@dataclass
class Counted:
    """One deployment's counters as they were told last, and the slices made of them."""

    last: Mapping[str, Any] = field(default_factory=dict[str, Any])
    last_time: float = 0.0
    slices: deque[Slice] = field(default_factory=lambda: deque(maxlen=SAMPLES))

    def begin(self, now: float, told: Mapping[str, Any]) -> None:
        """What was counted before anybody listened is of no moment that is known."""
        self.last, self.last_time = told, now

    def take(self, now: float, told: Mapping[str, Any], *, seconds: float = 0.0) -> Slice:
        """Add what the router tells now. `seconds` is the time since then, if it is known."""
        before: Mapping[str, Any] = self.last if _goes_on(self.last, told) else {}
        passed = seconds or now - self.last_time
        passed = passed if 0 < passed < GAP_SECONDS else 1.0
        busy = float(told.get("busy_seconds", 0)) - float(before.get("busy_seconds", 0))
        queued = int(told.get("queued", 0))
        in_flight = int(told.get("in_flight", 0))
        made = Slice(
            time=now,
            seconds=round(passed, 3),
            requests=int(told.get("requests", 0)) - int(before.get("requests", 0)),
            buckets=_difference(told.get("latency", ()), before.get("latency", ())),
            in_flight=in_flight,
            load=(busy / passed if before or self.last_time else float(in_flight)) + queued,
            instances=sum(
                one.get("state") == "ready" for one in told.get("instances", {}).values()
            ),
            **_failures(told.get("statuses", {}), before.get("statuses", {})),
        )
        self.last, self.last_time = told, now
        self.slices.append(made)
        return made

    def since(self, moment: float) -> list[Slice]:
        return [one for one in self.slices if one.time > moment]


@dataclass(frozen=True)
class Window:
    """What the rule of a rollout is held against."""

    requests: int = 0
    errors: int = 0
    """Those that found no instance included."""
    p95: float | None = None


def window(slices: Iterable[Slice], bounds: Sequence[float]) -> Window:
    found = list(slices)
    widest = max((len(one.buckets) for one in found), default=0)
    buckets = [sum(one.buckets[i] for one in found if i < len(one.buckets)) for i in range(widest)]
    return Window(
        requests=sum(one.requests for one in found),
        errors=sum(one.errors + one.refused for one in found),
        p95=quantile(buckets, bounds, 0.95),
    )


def quantile(buckets: Sequence[int], bounds_ms: Sequence[float], share: float) -> float | None:
    """Seconds below which `share` of the answers came; inside a bucket by straight line."""
    total = sum(buckets)
    if not total:
        return None
    rank, below = share * total, 0
    for place, count in enumerate(buckets):
        if below + count >= rank and count:
            low = bounds_ms[place - 1] if place else 0.0
            high = bounds_ms[place] if place < len(bounds_ms) else low
            return round((low + (high - low) * (rank - below) / count) / 1000, 6)
        below += count
    return None


def _goes_on(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    return int(before.get("requests", 0)) <= int(now.get("requests", 0))


def _difference(now: Sequence[int], before: Sequence[int]) -> tuple[int, ...]:
    return tuple(n - (before[i] if i < len(before) else 0) for i, n in enumerate(now))


def _failures(now: Mapping[str, int], before: Mapping[str, int]) -> dict[str, int]:
    grown = {status: count - before.get(status, 0) for status, count in now.items()}
    refused = sum(grown.get(status, 0) for status in REFUSED)
    errors = sum(n for status, n in grown.items() if _is_error(status) and status not in REFUSED)
    return {"errors": errors, "refused": refused}


def _is_error(status: str) -> bool:
    """408: it took too long. 424: the model answered with an error."""
    return status in ("408", "424") or status.startswith("5")
