"""What was seen: the newest durations of each stage, kept in memory and, in batches, in the store.

Noting one is a few steps without a write, because quick cells start hundreds of times a second.
What was noted in the last moments before a kill is lost, which costs an estimate nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from functools import lru_cache

from jupyter_aml.model.fix import Stage
from jupyter_aml.model.waiting import Situation, UsualStart
from jupyter_aml.service.clock import Clock, Timer
from jupyter_aml.service.store.db import Store
from jupyter_aml.service.store.starts import StartKey, add_starts, read_starts
from jupyter_aml.service.waiting.usual import Usual, usual

KEEP = 60
"""Newest durations that count: enough for a steady interval, few enough to follow a change."""
STORE_SECONDS = 2.0

_BY_SIZE = frozenset({"node", "queued"})
_BY_ENVIRONMENT = frozenset({"environment"})
_BY_BOTH = frozenset({"process", "start:ready", "start:cold", "start:busy", "deploy:start"})

_SITUATIONS: dict[str, Situation] = {
    "start:ready": "ready",
    "start:cold": "cold",
    "start:busy": "busy",
    "node": "node",
}


@lru_cache(maxsize=1024)
def key_of(kind: str, size: str, environment: str) -> StartKey:
    """What a duration depends on, so that it is learnt from as many starts as possible.

    A node's start is the same whatever it will run; a build the same wherever it will run.
    """
    if kind in _BY_BOTH:
        return StartKey(kind, size, environment)
    return StartKey(
        kind,
        size if kind in _BY_SIZE else "",
        environment if kind in _BY_ENVIRONMENT else "",
    )


class PastStarts:
    """Of one workspace."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._known: dict[StartKey, deque[float]] | None = None
        self._unsaved: dict[StartKey, deque[float]] = {}
        self._timer: Timer | None = None

    def note(self, kind: Stage | str, seconds: float, *, size: str, environment: str = "") -> None:
        """One stage of a start took `seconds`; ``start:…`` is a start from end to end."""
        key = key_of(kind, size, environment)
        self._of(key).append(seconds)
        self._unsaved.setdefault(key, deque(maxlen=KEEP)).append(seconds)
        if self._timer is None:
            self._timer = self._clock.call_later(STORE_SECONDS, self.save)

    def has_enough(self, kind: Stage | str, *, size: str, environment: str = "") -> bool:
        """Whether as many as count were noted within the last moments: more would tell no more."""
        return len(self._unsaved.get(key_of(kind, size, environment), ())) == KEEP

    def usual(self, kind: Stage | str, *, size: str, environment: str = "") -> Usual | None:
        """None while there are too few."""
        return usual(self._of(key_of(kind, size, environment)))

    def starts(self, size: str = "", environment: str = "") -> Iterator[UsualStart]:
        """Whole starts and those of nodes, as far as known; empty names take every one."""
        for key, durations in self._all().items():
            situation = _SITUATIONS.get(key.kind)
            if situation is None or (size and key.size != size):
                continue
            if environment and key.environment not in ("", environment):
                continue
            found = usual(durations)
            if found is not None:
                yield start(key.size, key.environment, situation, found)

    def save(self) -> None:
        """Put what is new into the store, soon; also called when the service closes."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        new = [(key, one) for key, values in self._unsaved.items() for one in values]
        self._unsaved = {}
        if new:
            self._store.post(lambda conn: add_starts(conn, new, keep=KEEP))

    def _of(self, key: StartKey) -> deque[float]:
        return self._all().setdefault(key, deque(maxlen=KEEP))

    def _all(self) -> dict[StartKey, deque[float]]:
        if self._known is None:
            kept = read_starts(self._store.reader, KEEP)
            self._known = {key: deque(values, maxlen=KEEP) for key, values in kept.items()}
        return self._known


def start(size: str, environment: str, situation: Situation, found: Usual) -> UsualStart:
    return UsualStart(
        size=size,
        environment=environment,
        situation=situation,
        low=round(found.low, 3),
        high=round(found.high, 3),
        count=found.count,
        slow_after=None if found.slow_after is None else round(found.slow_after, 3),
    )
