"""What a deployment has done since the router started. Everything here only grows."""

from __future__ import annotations

from collections import Counter
from typing import Any

_PER_DOUBLING = 4
_FIRST_US = 64
_BUCKETS = 80

BOUNDS_MS = [_FIRST_US * 2 ** (i / _PER_DOUBLING) / 1000 for i in range(_BUCKETS)]
"""Upper ends of the latency buckets: a fifth apart, from 64 us to 55 s."""


class Counters:
    """Of one deployment. `busy_seconds` is the integral of `in_flight`."""

    def __init__(self) -> None:
        self.requests = 0
        self.mirrored = 0
        self.retried = 0
        self.in_flight = 0
        self.busy_seconds = 0.0
        self.statuses: Counter[int] = Counter()
        self.failures: Counter[str] = Counter()
        self.bytes_in = 0
        self.bytes_out = 0
        self.latency = [0] * (_BUCKETS + 1)
        self.latency_seconds = 0.0
        self._changed_at = 0.0

    def begin(self, now: float) -> None:
        """A request has been taken on."""
        self.busy_seconds += self.in_flight * (now - self._changed_at)
        self._changed_at = now
        self.in_flight += 1

    def end(self, now: float) -> None:
        """It has its answer."""
        self.busy_seconds += self.in_flight * (now - self._changed_at)
        self._changed_at = now
        self.in_flight -= 1

    def took(self, seconds: float) -> None:
        """Put one latency into its bucket."""
        self.latency_seconds += seconds
        self.latency[bucket(seconds)] += 1

    def told(self, now: float) -> dict[str, Any]:
        """As the control socket says it."""
        self.busy_seconds += self.in_flight * (now - self._changed_at)
        self._changed_at = now
        return {
            "requests": self.requests,
            "mirrored": self.mirrored,
            "retried": self.retried,
            "in_flight": self.in_flight,
            "busy_seconds": self.busy_seconds,
            "statuses": {str(status): count for status, count in self.statuses.items()},
            "failures": dict(self.failures),
            "bytes_in": self.bytes_in,
            "bytes_out": self.bytes_out,
            "latency": self.latency,
            "latency_ms_sum": self.latency_seconds * 1000,
        }


def _slots() -> list[int]:
    """For each power of two of microseconds and quarter of it, the bucket: no logarithm later."""
    slots: list[int] = []
    for power in range(28):
        for quarter in range(_PER_DOUBLING):
            highest_ms = (2**power * (1 + (quarter + 1) / _PER_DOUBLING)) / 1000
            found = next((i for i, end in enumerate(BOUNDS_MS) if highest_ms <= end), _BUCKETS)
            slots.append(found)
    return slots


_SLOTS = _slots()


def bucket(seconds: float) -> int:
    """The bucket of a latency."""
    us = int(seconds * 1e6)
    if us < _PER_DOUBLING:
        return 0
    power = us.bit_length() - 1
    slot = power * _PER_DOUBLING + ((us >> (power - 2)) & 3)
    return _SLOTS[slot] if slot < len(_SLOTS) else _BUCKETS
