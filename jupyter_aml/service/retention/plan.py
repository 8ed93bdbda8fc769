"""Decide what goes. `plan` is pure: items and limits in, a list to remove out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from jupyter_aml.service.retention.shelf import Item

DAY = 86_400.0


@dataclass(frozen=True)
class Chosen:
    """An item and why it goes, or why it stays although a limit would take it."""

    item: Item
    reason: str


@dataclass(frozen=True)
class Plan:
    """``remove`` in the order to do it; ``keep`` holds only what a limit would have taken."""

    remove: Sequence[Chosen]
    keep: Sequence[Chosen]
    left_bytes: int


def plan(
    items: Iterable[Item], now: float, older_than_days: float | None, max_bytes: int | None
) -> Plan:
    """Leftovers go, then what is too old, then the oldest until the rest fits.

    To fit, archived things go first. What is held stays, and so does what has no known age unless
    it is a leftover.
    """
    every = list(items)
    removed: dict[int, Chosen] = {}
    kept: list[Chosen] = []
    for place, item in enumerate(every):
        if item.leftover and not item.held:
            removed[place] = Chosen(item, "nothing uses it any more")
        elif (days := _age(item, now)) is not None and _is_over(days, older_than_days):
            if item.held:
                kept.append(Chosen(item, item.held))
            else:
                removed[place] = Chosen(item, f"last used {_days(days)} ago")
    left = sum(item.bytes for place, item in enumerate(every) if place not in removed)
    for place, item in _oldest_first(every):
        if max_bytes is None or left <= max_bytes:
            break
        if place not in removed and not item.held and item.used_at is not None:
            removed[place] = Chosen(item, "to fit the size that was asked for")
            left -= item.bytes
    if max_bytes is not None and left > max_bytes:
        known = {id(one.item) for one in kept}
        kept += [Chosen(i, i.held) for i in every if i.held and i.bytes and id(i) not in known]
    return Plan(list(removed.values()), kept, left)


def _oldest_first(items: Sequence[Item]) -> list[tuple[int, Item]]:
    return sorted(enumerate(items), key=lambda pair: (not pair[1].archived, pair[1].used_at or 0.0))


def _age(item: Item, now: float) -> float | None:
    return None if item.used_at is None else (now - item.used_at) / DAY


def _is_over(days: float, limit: float | None) -> bool:
    return limit is not None and days > limit


def _days(days: float) -> str:
    if days < 1 / 24:
        return "less than an hour"
    if days < 1:
        hours = int(days * 24)
        return f"{hours} hour{'s' * (hours != 1)}"
    whole = int(days)
    return f"{whole} day{'s' * (whole != 1)}"
