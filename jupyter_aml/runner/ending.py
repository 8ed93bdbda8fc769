"""Ends what is left of a process tree: SIGTERM, a little time, SIGKILL."""

from __future__ import annotations

from collections.abc import Callable

from .loop import Loop
from .tree import Forest, Tree

_LOOK_AGAIN = 0.01


class Ending:
    """`begin` it once; `done` is called when no process of `tree` is left, at once if none is."""

    def __init__(
        self, loop: Loop, forest: Forest, tree: Tree, done: Callable[[], None], grace: float
    ) -> None:
        self._loop = loop
        self._forest = forest
        self._tree = tree
        self._done = done
        self._deadline = loop.now() + grace

    def begin(self) -> None:
        if not self._left():
            self._done()
            return
        self._forest.ask_to_end(self._tree)
        self._wait()

    def _wait(self) -> None:
        self._loop.call_later(_LOOK_AGAIN, self._check)

    def _check(self) -> None:
        if not self._left():
            self._done()
            return
        if self._loop.now() >= self._deadline:
            self._forest.kill(self._tree)
        self._wait()

    def _left(self) -> bool:
        orphans = self._forest.orphans()
        if not self._tree.roots and not orphans:
            return False  # the usual case: nothing hangs below the node
        return self._forest.has_dead(orphans) or bool(self._forest.members(self._tree))
