"""Shares of traffic, exactly: of each hundred requests a share of 10 gets ten, spread evenly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, TypeVar

T = TypeVar("T")


class Cycle(Generic[T]):
    """Goes round the hundred places. Without shares `next` is None."""

    def __init__(self, shares: Mapping[str, int], chosen: Mapping[str, T]) -> None:
        self._places = [chosen[name] for name in spread(shares)]
        self._at = 0

    def next(self) -> T | None:
        """Who gets this request."""
        if not self._places:
            return None
        self._at = (self._at + 1) % len(self._places)
        return self._places[self._at]


def spread(shares: Mapping[str, int]) -> list[str]:
    """Names in the order of smooth weighted round robin; as many as the shares add up to."""
    credit = dict.fromkeys(shares, 0)
    total = sum(shares.values())
    order: list[str] = []
    for _ in range(total):
        for name, share in shares.items():
            credit[name] += share
        best = max(credit, key=lambda name: credit[name])
        credit[best] -= total
        order.append(best)
    return order


class Sample:
    """True for `percent` of a hundred calls, evenly."""

    def __init__(self, percent: int) -> None:
        self._percent = percent
        self._credit = 0

    def take(self) -> bool:
        """Is it this one?"""
        self._credit += self._percent
        if self._credit < 100:
            return False
        self._credit -= 100
        return True


class Bucket:
    """So much a second, and at most one second's worth at once. A rate of 0 has no limit."""

    def __init__(self, rate: float, now: float) -> None:
        self._rate = rate
        self._left = rate
        self._at = now

    def take(self, amount: float, now: float) -> bool:
        """May `amount` more go?"""
        if not self._rate:
            return True
        self._left = min(self._rate, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < amount:
            return False
        self._left -= amount
        return True
