"""Two idle timers, so that nothing that costs goes on for ever: stop soon, delete when forgotten.

A cluster's and an instance's own idle times come first; these catch what has none ("never", or
nodes that a cluster keeps). Idle time is counted while the service looks on, and across its
absence by the wall clock. `plan` is pure; each step was announced some idle time before.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec

from jupyter_aml.model.money import Notice
from jupyter_aml.model.preferences import Preferences
from jupyter_aml.service.clock import Clock
from jupyter_aml.service.money.memory import recall, remember
from jupyter_aml.service.money.notices import Notices
from jupyter_aml.service.money.sources import Sources
from jupyter_aml.service.money.spending import Use
from jupyter_aml.service.store.db import Store
from jupyter_aml.service.store.preferences import read_preferences

log = logging.getLogger(__name__)

LOOK_SECONDS = 60.0
KEEP_SECONDS = 300.0
"""How old what is kept may get."""
MINUTE, DAY = 60.0, 86_400.0
STOP_NOTICE_SECONDS = 15 * MINUTE
KEY = "idle"
NOTICE = "idle:"

Verb = Literal["stop", "delete"]


class Clocked(msgspec.Struct, frozen=True):
    """One compute's idle seconds, and at which of them each step was announced."""

    idle: float = 0.0
    stop_told: float | None = None
    delete_told: float | None = None


class Memory(msgspec.Struct, frozen=True):
    """All of them, and when they were kept, by the wall clock."""

    computes: dict[str, Clocked] = {}
    kept_at: float = 0.0


@dataclass(frozen=True)
class Step:
    """Announce (``left`` seconds before) or do something to a compute."""

    verb: Verb
    compute: str
    left: float
    """0: do it now."""


def count(known: Mapping[str, Clocked], uses: Sequence[Use], passed: float) -> dict[str, Clocked]:
    """The idle seconds after `passed` more; who is busy, or was used since, begins anew."""
    return {
        use.compute: Clocked()
        if use.busy or use.compute not in known
        else _later(known[use.compute], passed, use.unused)
        for use in uses
    }


def _later(known: Clocked, passed: float, unused: float) -> Clocked:
    if unused < known.idle + passed:
        return Clocked(idle=unused)
    return msgspec.structs.replace(known, idle=known.idle + passed)


def plan(known: Mapping[str, Clocked], uses: Sequence[Use], preferences: Preferences) -> list[Step]:
    """What is to be announced or done now. Nothing is done that was not announced before."""
    steps: list[Step] = []
    for use in uses:
        clocked = known.get(use.compute, Clocked())
        if use.busy:
            continue
        if preferences.stop_idle_minutes is not None and use.costs:
            limit = preferences.stop_idle_minutes * MINUTE
            lead = min(STOP_NOTICE_SECONDS, limit / 2)
            steps += _due("stop", use.compute, clocked.idle, limit, lead, clocked.stop_told)
        if preferences.delete_unused_days is not None and use.may_be_deleted:
            limit = preferences.delete_unused_days * DAY
            told = clocked.delete_told
            steps += _due("delete", use.compute, clocked.idle, limit, min(DAY, limit / 2), told)
    return steps


def _due(
    verb: Verb, compute: str, idle: float, limit: float, lead: float, told: float | None
) -> list[Step]:
    if idle < limit - lead:
        return []
    left = limit - idle if told is None else max(limit - idle, told + lead - idle)
    if told is None:
        left = max(left, lead)
    return [Step(verb, compute, max(0.0, left))]


class IdleTimers:
    """Run by the daemon."""

    def __init__(self, store: Store, clock: Clock, sources: Sources, notices: Notices) -> None:
        self._store = store
        self._clock = clock
        self._sources = sources
        self._notices = notices
        self._looked = clock.monotonic()
        memory = recall(store.reader, KEY, Memory)
        away = max(0.0, clock.time() - memory.kept_at) if memory.kept_at else 0.0
        self._known: dict[str, Clocked] = {
            name: msgspec.structs.replace(one, idle=one.idle + away)
            for name, one in memory.computes.items()
        }
        self._kept: dict[str, Clocked] = dict(memory.computes)
        self._kept_tick = clock.monotonic()

    def idle(self, compute: str) -> float:
        """Seconds since somebody used it; 0 of one that is not known."""
        return self._known.get(compute, Clocked()).idle

    async def run(self) -> None:
        """Look until cancelled; a look that fails is logged, and the next one tries again."""
        while True:
            try:
                await self.look()
            except Exception:  # a backend may raise anything; the other computes go on
                log.exception("the idle timers could not look")
            await self._clock.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        now = self._clock.monotonic()
        passed, self._looked = now - self._looked, now
        preferences = read_preferences(self._store.reader)
        for source in self._sources.find():
            uses = source.uses()
            self._known.update(count(self._known, uses, passed))
            for step in plan(self._known, uses, preferences):
                self._remember_told(step)
                if step.left > 0:
                    self._announce(step)
                elif step.verb == "stop":
                    await source.stop_idle(step.compute, "nobody used it")
                    self._done(step.compute)
                else:
                    log.info("deleting %s: nobody used it", step.compute)
                    await source.delete_unused(step.compute)
        self._forget()
        await self._keep(now)

    def _remember_told(self, step: Step) -> None:
        known = self._known.get(step.compute, Clocked())
        field = f"{step.verb}_told"
        if getattr(known, field) is None:
            self._known[step.compute] = msgspec.structs.replace(known, **{field: known.idle})

    def _done(self, compute: str) -> None:
        """Stopped: it may be announced again, should it come up and be left alone again."""
        self._known[compute] = msgspec.structs.replace(self._known[compute], stop_told=None)
        self._notices.drop(f"{NOTICE}{compute}")

    def _announce(self, step: Step) -> None:
        verb = "stopped" if step.verb == "stop" else "deleted"
        name = step.compute
        setting = "stop_idle_minutes" if step.verb == "stop" else "delete_unused_days"
        self._notices.put(
            Notice(
                name=f"{NOTICE}{name}",
                text=f"{name} is {verb} in {_soon(step.left)}: nobody uses it.",
                target=name,
                hint=f"Run something there to keep it, or change {setting}: "
                "`%aml preferences show`",
            )
        )

    def _forget(self) -> None:
        """Computes that are gone, and notices of those that are used again."""
        there = {use.compute for source in self._sources.find() for use in source.uses()}
        self._known = {name: one for name, one in self._known.items() if name in there}
        for notice in self._notices.names(NOTICE):
            known = self._known.get(notice.removeprefix(NOTICE))
            if known is None or (known.stop_told is None and known.delete_told is None):
                self._notices.drop(notice)

    async def _keep(self, now: float) -> None:
        """At once when something was announced, else now and then."""
        told = {name: (one.stop_told, one.delete_told) for name, one in self._known.items()}
        kept = {name: (one.stop_told, one.delete_told) for name, one in self._kept.items()}
        if told == kept and (not told or now - self._kept_tick < KEEP_SECONDS):
            return
        memory = Memory(computes=dict(self._known), kept_at=self._clock.time())
        await self._store.write(lambda conn: remember(conn, KEY, memory))
        self._kept, self._kept_tick = dict(self._known), now


def _soon(seconds: float) -> str:
    minutes = max(1, round(seconds / MINUTE))
    return f"{minutes} min" if minutes < 90 else f"about {round(minutes / 60)} h"
