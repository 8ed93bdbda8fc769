"""How far a copy is, in the output of a cell: one display that is drawn again."""

from __future__ import annotations

from html import escape
from typing import Any

from IPython.display import display

from jupyter_aml.grammar import phrases


class ProgressBar:
    """Called with bytes done and bytes in all. Nothing is shown before the first call."""

    def __init__(self, doing: str) -> None:
        self._doing = doing
        self._shown: Any = None
        self._percent = -1

    def __call__(self, done: int, total: int) -> None:
        percent = min(100, done * 100 // total) if total else 100
        if percent == self._percent:
            return
        self._percent = percent
        bundle = {"text/plain": self._text(total), "text/html": self._html(total)}
        if self._shown is None:
            self._shown = display(bundle, raw=True, display_id=True)
        else:
            self._shown.update(bundle, raw=True)

    def _text(self, total: int) -> str:
        return f"{self._doing}: {self._percent} % of {phrases.size(total)}"

    def _html(self, total: int) -> str:
        label = escape(self._text(total))
        bar = f'<progress max="100" value="{self._percent}" aria-label="{label}"></progress>'
        return f"<div>{bar} {label}</div>"
