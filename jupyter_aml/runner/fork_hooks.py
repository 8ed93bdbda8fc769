"""Forking a job's process without the hooks that have nothing to do there.

The standard library mends its locks and its list of threads after every fork, in Python. A zygote
has one thread and holds no lock, so nothing is broken; but a quarter of all pages that a small job
copies are copied for that. Hooks of anybody else run as ever, and so do all hooks when the job
itself forks.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

_NEEDLESS = frozenset({"threading", "logging", "random", "IPython.core.history"})
"""Modules whose hooks are left out; what they would do to good purpose is in `renew`."""

_original: Any = getattr(os, "register_at_fork", None)
_quiet = False
_needless: dict[str, list[Callable[[], object]]] = {}
"""Theirs, by moment; one hook is registered for all of a moment: leaving them out is one call."""


def begin() -> None:
    """Before one of these modules is loaded; those that are keep their hooks."""
    if _original is not None:
        os.register_at_fork = _register


def end() -> None:
    """Hooks that are registered from now on are nobody's business but their owners'."""
    if _original is not None:
        os.register_at_fork = _original


def fork() -> int:
    """As `os.fork`, in a process with one thread that holds no lock."""
    global _quiet
    _quiet = True
    try:
        return os.fork()
    finally:
        _quiet = False


def renew() -> None:
    """In a process that `fork` made, before a job begins: what it must not share with others."""
    loaded: dict[str, Any] = sys.modules  # type: ignore[assignment]
    if "random" in loaded:
        super(loaded["random"].Random, loaded["random"]._inst).seed()
    if "threading" in loaded:
        loaded["threading"].main_thread()._set_native_id()


def _register(**hooks: Callable[[], object]) -> None:
    if sys._getframe(1).f_globals.get("__name__") not in _NEEDLESS:
        _original(**hooks)
        return
    for moment, hook in hooks.items():
        if moment not in _needless:
            _needless[moment] = []
            _original(**{moment: _unless_quiet(moment)})
        _needless[moment].append(hook)


def _unless_quiet(moment: str) -> Callable[[], None]:
    hooks = _needless[moment]

    def run() -> None:
        if not _quiet:
            for hook in reversed(hooks) if moment == "before" else hooks:  # as `os.fork` does
                hook()

    return run
