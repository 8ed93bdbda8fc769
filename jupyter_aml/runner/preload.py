"""The node's side of zygotes: processes that have loaded what recent jobs imported.

There is at most one for an interpreter, made in the background after a job and never before the
one that runs. It is keyed by the interpreter and a stamp of its site-packages: an install ends it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from .choice import Need, is_ours
from .crew import Crew
from .loop import Timer
from .nest import Nest
from .wire import Message
from .worker import Ended, Worker

_IDLE = 600.0
"""Seconds unused, after which there is only the bare spare again."""
_PAUSE = 0.2
"""Seconds after a job until a zygote is made: the next job may be on its way."""
_SLOWEST = 120.0
"""Seconds that loading may take."""
_MOST = 2
"""Interpreters that have one."""

Stamp = tuple[tuple[str, int], ...]


@dataclass
class _Wishes:
    """What jobs of one interpreter import, and what need not be tried again."""

    foreign: bool = False
    """Not the node's own: a process that has nothing but the interpreter loaded is worth it."""
    used_at: float = 0.0
    asked_at: dict[str, float] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    """Not installed, the user's own, or starts threads: module or package."""
    stamp: Stamp = ()
    """Of its site-packages when `refused` was learnt."""

    def note(self, modules: Iterable[str], now: float) -> None:
        third_party = (name for name in modules if _top(name) not in sys.stdlib_module_names)
        self.asked_at.update(dict.fromkeys(third_party, now))

    def recent(self, now: float) -> frozenset[str]:
        return frozenset(
            name
            for name, asked_at in self.asked_at.items()
            if now - asked_at < _IDLE and not {name, _top(name)} & self.refused
        )


@dataclass(eq=False)
class _Zygote:
    python: str
    asked: frozenset[str]
    loaded: frozenset[str] = frozenset()
    stamp: Stamp = ()
    used_at: float = 0.0
    timer: Timer | None = None
    nest: Nest | None = None

    def covers(self, modules: frozenset[str], *, foreign: bool) -> bool:
        """Part of them is enough: what is missing is imported as usual."""
        return foreign or not {_top(name) for name in self.loaded}.isdisjoint(map(_top, modules))


class Zygotes:
    def __init__(self, crew: Crew, make: Callable[[str], Worker]) -> None:
        self._crew = crew
        self._make = make
        self._wishes: dict[str, _Wishes] = {}
        self._ready: dict[str, _Zygote] = {}
        self._loading: _Zygote | None = None
        self._thinking = False

    def take(self, need: Need) -> Worker | None:
        """A process that has loaded some of what the task needs, if one waits."""
        now = self._crew.loop.now()
        foreign = not is_ours(need.python)
        wishes = self._wishes.setdefault(need.python, _Wishes(foreign))
        wishes.note(need.modules, now)
        wishes.used_at = now
        if wishes.stamp != stamp(path for path, _ in wishes.stamp):
            wishes.refused.clear()  # what was not installed may be now
        zygote = self._ready.get(need.python)
        if zygote is None or zygote.nest is None:
            return None
        if not zygote.covers(need.modules, foreign=foreign):
            return None
        if zygote.stamp != stamp(path for path, _ in zygote.stamp):
            self._retire(zygote)
            return None
        zygote.used_at = now
        return zygote.nest.take()

    def used(self, python: str, modules: list[str]) -> None:
        """A job imported these."""
        if modules and python in self._wishes:  # else it must not be preloaded, for whatever reason
            self._wishes[python].note(modules, self._crew.loop.now())

    def think(self) -> None:
        """A job has ended: make a zygote soon, if one would help the next."""
        if self._wishes and not self._thinking and self._loading is None:
            self._thinking = True
            self._crew.loop.call_later(_PAUSE, self._improve)

    def abandon(self) -> None:
        """In a forked child: close what is the node's."""
        for zygote in (*self._ready.values(), self._loading):
            if zygote is not None and zygote.nest is not None:
                zygote.nest.abandon()

    # -- making and ending them

    def _improve(self) -> None:
        self._thinking = False
        now = self._crew.loop.now()
        for python, wishes in list(self._wishes.items()):
            wanted = wishes.recent(now)
            ready = self._ready.get(python)
            worth = bool(wanted) or (wishes.foreign and now - wishes.used_at < _IDLE)
            if worth and self._loading is None and not (ready and wanted <= ready.asked):
                self._load(python, wanted)

    def _load(self, python: str, modules: frozenset[str]) -> None:
        try:
            worker = self._make(python)
        except OSError as error:  # no such interpreter any more, say
            print(f"no zygote of {python}: {error}", file=sys.stderr)
            del self._wishes[python]
            return
        zygote = self._loading = _Zygote(python, modules)
        zygote.nest = Nest(
            self._crew,
            worker,
            "preloaded",
            lambda message: self._heard(zygote, message),
            lambda ended: self._gone(zygote, ended),
        )
        zygote.nest.load(sorted(modules))
        zygote.timer = self._crew.loop.call_later(_SLOWEST, lambda: _kill(worker))

    def _heard(self, zygote: _Zygote, message: Message) -> None:
        if message["op"] == "unfit":
            self._wishes[zygote.python].refused.add(message["module"])
            return
        self._loading = None
        if zygote.timer is not None:
            zygote.timer.cancel()
        wishes = self._wishes[zygote.python]
        wishes.refused.update(message["refused"])
        wishes.stamp = zygote.stamp = stamp(message["sites"])
        zygote.loaded = frozenset(message["loaded"])
        zygote.used_at = self._crew.loop.now()
        for other in [self._ready.get(zygote.python), *self._surplus(zygote)]:
            if other is not None:
                self._retire(other)
        if zygote.loaded or wishes.foreign:
            self._ready[zygote.python] = zygote
            self._look_idle(zygote)
        else:
            self._retire(zygote)

    def _gone(self, zygote: _Zygote, ended: Ended) -> None:
        if zygote.timer is not None:
            zygote.timer.cancel()
        if self._ready.get(zygote.python) is zygote:
            del self._ready[zygote.python]
        if self._loading is zygote:
            self._loading = None
            if ended.code != 0:  # it crashed, or was too slow: once is enough
                self._wishes[zygote.python].refused.update(zygote.asked)
                self._wishes[zygote.python].foreign = False
            self.think()

    def _surplus(self, newest: _Zygote) -> list[_Zygote]:
        others = [one for one in self._ready.values() if one.python != newest.python]
        return sorted(others, key=lambda one: one.used_at)[: max(0, len(others) - _MOST + 1)]

    def _look_idle(self, zygote: _Zygote) -> None:
        left = zygote.used_at + _IDLE - self._crew.loop.now()
        if left <= 0:
            self._retire(zygote)
        else:
            zygote.timer = self._crew.loop.call_later(left, lambda: self._look_idle(zygote))

    def _retire(self, zygote: _Zygote) -> None:
        if self._ready.get(zygote.python) is zygote:
            del self._ready[zygote.python]
        if zygote.timer is not None:
            zygote.timer.cancel()
        if zygote.nest is not None:
            zygote.nest.retire()


def stamp(folders: Iterable[str]) -> Stamp:
    """Changes whenever a distribution is installed into one of `folders`, or removed."""
    found: list[tuple[str, int]] = []
    for folder in folders:
        try:
            found.append((folder, os.stat(folder).st_mtime_ns))
        except OSError:
            found.append((folder, 0))
    return tuple(found)


def _top(module: str) -> str:
    return module.partition(".")[0]


def _kill(worker: Worker) -> None:
    try:
        os.kill(worker.pid, 9)
    except ProcessLookupError:
        pass
