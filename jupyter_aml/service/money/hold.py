"""What the guard has decided, as backends see it: which paid work waits, and what is to stop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from jupyter_aml.service.money import words
from jupyter_aml.service.money.budget import Kept, Level


@dataclass(frozen=True)
class Hold:
    """``everything`` and ``notebooks`` hold back paid work, each with the reason in words.

    ``note`` is what is announced on every compute that costs. The two ``stop`` fields say what
    must not even go on.
    """

    note: str = ""
    everything: str = ""
    notebooks: Mapping[str, str] = field(default_factory=dict[str, str])
    stop_everything: bool = False
    stop_notebooks: frozenset[str] = frozenset()

    def reason(self, notebook: str) -> str:
        """Why paid work of a notebook ("" for none) has to wait; empty if it may start."""
        return self.everything or (self.notebooks.get(notebook, "") if notebook else "")

    def stops(self, notebook: str) -> bool:
        """Whether a notebook's paid job that runs is to end."""
        return self.stop_everything or (bool(notebook) and notebook in self.stop_notebooks)

    @property
    def stops_any(self) -> bool:
        return self.stop_everything or bool(self.stop_notebooks)


FREE = Hold()


def hold_for(kept: Kept) -> Hold:
    """What backends have to do about the levels that were reached."""
    rules = kept.rules
    stopping = frozenset(n for n, level in kept.notebooks.items() if level == Level.STOPPING)
    return Hold(
        note=_note(kept),
        everything=_used_up(rules.per_day, kept.level, "the budget"),
        notebooks={
            name: words
            for name, level in kept.notebooks.items()
            if (words := _used_up(rules.per_notebook, level, "the notebook's budget"))
        },
        stop_everything=kept.level == Level.STOPPING,
        stop_notebooks=stopping,
    )


def _used_up(budget: float | None, level: Level, which: str) -> str:
    if budget is None or level < Level.HOLDING:
        return ""
    how = "used up" if level == Level.STOPPING else "nearly used up"
    return f"{which} of {words.amount(budget)} a day is {how}"


def _note(kept: Kept) -> str:
    per_day = kept.rules.per_day
    if per_day is None or kept.level == Level.FINE or kept.rules.action != "stop":
        return ""
    if kept.level == Level.STOPPING:
        return f"stopped: the budget of {words.amount(per_day)} a day is used up"
    return f"to be stopped at {words.amount(per_day)}, the budget of the day"
