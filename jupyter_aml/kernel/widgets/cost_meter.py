"""`CostMeter`: what costs now, what was spent today, and how long the budget lasts."""

from __future__ import annotations

import time

import msgspec
from traitlets import Bool, Float, Unicode

from jupyter_aml.client.client import Client
from jupyter_aml.kernel.widgets import words
from jupyter_aml.kernel.widgets.base import AmlWidget
from jupyter_aml.kernel.widgets.live import Change
from jupyter_aml.kernel.widgets.markup import escape, state_shape
from jupyter_aml.model.money import CostSummary

_GUARD = {
    "watching": "guard on",
    "warned": "budget nearly used up",
    "holding": "no new paid work",
    "stopping": "stopping what costs",
    "silent": "guard not seen",
}


class CostMeter(AmlWidget):
    """``CostMeter()``. Amounts are US dollars; on a local workspace they are what Azure would list.

    It stays up to date in a thread that ends with `close`.
    """

    rate = Float(0.0).tag(sync=True)
    """Per hour, of what is up now."""
    spent = Float(0.0).tag(sync=True)
    """Today."""
    budget = Float(None, allow_none=True).tag(sync=True)
    """Per day; None if none is set."""
    value = Float(0.0).tag(sync=True)
    """The part of the budget that is spent, 0 to 1 and more: to be linked to a progress widget."""
    guard = Unicode("off").tag(sync=True)
    rehearsal = Bool(True).tag(sync=True)
    """True: nothing is charged."""

    def __init__(self, *, client: Client | None = None) -> None:
        """Raise `AmlError` as the client does."""
        self._lost_at = ""
        super().__init__(client, _label="Cost")
        self._take(self.client.costs.summary())
        self._follow()

    def connected(self) -> None:
        self._lost_at = ""

    def changed(self, change: Change) -> None:
        if change.noun == "costs" and bytes(change.object) != b"null":
            self._take(msgspec.json.decode(change.object, type=CostSummary))

    def lost(self) -> None:
        if not self._lost_at:
            self._lost_at = words.clock_of(time.time())
            self._draw()

    def _take(self, costs: CostSummary) -> None:
        with self._drawing, self.hold_sync():
            before = self.guard
            self._costs = costs
            self.rate, self.spent, self.budget = (
                costs.rate_per_hour,
                costs.spent_today,
                costs.budget_per_day,
            )
            self.value = costs.spent_today / costs.budget_per_day if costs.budget_per_day else 0.0
            self.guard, self.rehearsal = costs.guard.state, costs.rehearsal
            if self.guard not in (before, "off", "watching"):
                self._said = costs.guard.message or _GUARD[self.guard]
            self._draw()

    # -- what it shows --------------------------------------------------------------------------

    def _rate(self) -> str:
        about = "about " if self._lost_at else ""
        return f"{about}{words.money(self.rate)} per hour" if self.rate else "Free"

    def _spent(self) -> str:
        """``$9.31 of $20.00 today``; rehearsal money is always "would be"."""
        of = f" of {words.money(self.budget)}" if self.budget is not None else ""
        would = ", would be" if self.rehearsal else ""
        return f"{words.money(self.spent)}{of} today{would}"

    def _guard_words(self) -> str:
        seen = self._costs.guard.seen_at
        if self.guard == "silent" and seen:
            return f"guard not seen since {words.clock(seen)}"
        return _GUARD.get(self.guard, "")

    def _lasts(self) -> str:
        until = self._costs.lasts_until
        return f"lasts to {words.clock(until)}" if until else ""

    def _html(self) -> str:
        guard = escape(self._guard_words())
        shape = "" if self.guard in ("off", "watching") else state_shape("warn", 12)
        old = f"not heard of since {self._lost_at}" if self._lost_at else ""
        return (
            f'<div class="aml-cost"><span class="big">{self._rate()}</span>'
            f'<span class="s fx4">{shape}{guard}</span>{self._bar()}'
            f'<span class="full s num aml-spent"><span>{self._spent()}</span>'
            f"<span>{self._lasts()}</span></span>"
            f'<span class="full s">{escape(self._costs.guard.message)}</span>'
            f'<span class="full s">{escape(old)}</span></div>'
        )

    def _picture(self) -> str:
        return f'{self._html()}<div class="s">as of {words.clock_of(time.time())}</div>'

    def _bar(self) -> str:
        if not self.budget:
            return ""
        near = "" if self.guard == "watching" else ' class="warn"'
        spent = min(self.budget, self.spent)
        return (
            f'<progress{near} max="{self.budget}" value="{spent}" '
            'aria-label="Budget used today"></progress>'
        )

    def _text(self) -> str:
        parts = [self._rate(), self._spent(), self._lasts(), self._guard_words()]
        return ", ".join(part for part in parts if part)
