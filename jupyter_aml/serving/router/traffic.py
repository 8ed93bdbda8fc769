"""Shares of traffic, exactly: of each hundred requests a share of 10 gets ten, spread out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

T = TypeVar("T")

_IN_A_ROW = 5


class Cycle(Generic[T]):
    """Goes round the hundred places. Without shares `next` is None.

    A request that has to wake a process costs half as much again as one that finds it at work. So
    who had the last place has the next one too, a few times, if `goes_on(last, turn)` says so: it
    exchanges a place of its own of this hundred for it.
    """

    def __init__(
        self, shares: Mapping[str, int], chosen: Mapping[str, T], goes_on: Callable[[T, T], bool]
    ) -> None:
        self._places = [chosen[name] for name in spread(shares)]
        self._goes_on = goes_on
        self._left: list[T] = []
        self._at = 0
        self._last: T | None = None
        self._in_a_row = 0

    def next(self) -> T | None:
        """Who gets this request."""
        if self._at == len(self._left):
            if not self._places:
                return None
            self._left, self._at = self._places.copy(), 0
        turn, last = self._left[self._at], self._last
        if turn is not last and last is not None and self._exchanged(last, turn):
            turn = last
        self._in_a_row = self._in_a_row + 1 if turn is last else 1
        self._last = turn
        self._at += 1
        return turn

    def _exchanged(self, last: T, turn: T) -> bool:
        """The next place was `turn`'s; True: it is `last`'s, and a later one `turn`'s instead."""
        if self._in_a_row >= _IN_A_ROW or not self._goes_on(last, turn):
            return False
        try:
            later = self._left.index(last, self._at)
        except ValueError:
            return False  # it has had its share
        self._left[later] = turn
        return True


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
