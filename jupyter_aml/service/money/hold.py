"""What the guard has decided, as backends see it: which paid work waits, and what is to stop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


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


FREE = Hold()
