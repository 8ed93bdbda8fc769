"""Runs the guard of the budget, says when it did not act in time, and starts it again if it hangs.

It needs nothing of what can hold the guard up: no disk, no backend, only the clock and what the
guard has left in memory.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime

from jupyter_aml.model.money import Guard, Notice
from jupyter_aml.service.clock import Clock, iso
from jupyter_aml.service.money import words
from jupyter_aml.service.money.budget import Level
from jupyter_aml.service.money.guard import BudgetGuard
from jupyter_aml.service.money.notices import Notices
from jupyter_aml.service.money.sources import Sources

log = logging.getLogger(__name__)

SILENT_SECONDS = 10.0
"""A guard that did not finish a look for so long is silent."""
MOST_RESTARTS = 5
"""So often in a row a guard that hangs is started again, each time after twice as long."""
LATE_SECONDS = 60.0
"""What was told to stop and costs as long after has not stopped."""
NOTICE = "guard"


class GuardWatchdog:
    def __init__(
        self, clock: Clock, guard: BudgetGuard, sources: Sources, notices: Notices
    ) -> None:
        self._clock = clock
        self._guard = guard
        self._sources = sources
        self._notices = notices
        self._stopping_since: float | None = None
        self._task: asyncio.Task[None] | None = None
        self._restarts = 0
        self._restarted_at = 0.0

    async def run(self) -> None:
        """Run the guard and watch it until cancelled; then neither is left."""
        try:
            while True:
                self.watch()
                self._keep_alive()
                await self._clock.sleep(1.0)
        finally:
            if self._task is not None:
                self._task.cancel()
                await asyncio.wait([self._task])

    def _keep_alive(self) -> None:
        """Never two at once: one that was cancelled is replaced when it is gone.

        A look that was broken off is made again from the start, which does no harm: everything
        of it can be done twice.
        """
        now = self._clock.monotonic()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._guard.run(), name="money: the guard")
            return
        if self._guard.seen_tick > self._restarted_at:
            self._restarts = 0
        since = self._guard.looks_since
        patience = SILENT_SECONDS * 2**self._restarts
        if since is None or now - since <= patience or self._restarts == MOST_RESTARTS:
            return
        self._restarts += 1
        self._restarted_at = now
        log.error("the guard of the budget hangs since %.0f s; it is started again", now - since)
        self._task.cancel()

    def watch(self) -> None:
        """Say it once when the guard falls silent, and take it back when it is there again."""
        alarm = self.alarm()
        if alarm is None:
            self._notices.drop(NOTICE)
            return
        if NOTICE not in self._notices.names(NOTICE):
            log.error("%s", alarm.message)
        hint = "Look at what runs: `%aml cost`. End it all: `%aml service stop --force`."
        self._notices.put(Notice(name=NOTICE, kind="error", text=alarm.message, hint=hint))

    def alarm(self) -> Guard | None:
        """The guard as silent, or None while all is well or there is no budget to guard."""
        guard = self._guard
        if not guard.kept.rules.any and not guard.rules.any:
            return None
        silent = self._clock.monotonic() - guard.seen_tick
        if silent > SILENT_SECONDS:
            text = f"The guard was not seen since {_hour(guard.seen_at)}: nothing limits what is "
            text += "spent." + (f" {guard.error}" if guard.error else "")
            if self._restarts:
                text += f" It was started again {_times(self._restarts)}, so far in vain."
            return Guard(state="silent", seen_at=iso(guard.seen_at), message=text)
        return self._late()

    def _late(self) -> Guard | None:
        """It acts, but what it told to stop goes on."""
        rate = self._sources.rate()
        now = self._clock.monotonic()
        if self._guard.kept.level < Level.STOPPING or rate <= 0:
            self._stopping_since = None
            return None
        if self._stopping_since is None:
            self._stopping_since = now
        passed = now - self._stopping_since
        if passed < LATE_SECONDS:
            return None
        names = ", ".join(cost.compute for cost in self._sources.costing())
        began = self._clock.time() - passed
        text = f"Told to stop at {_hour(began)}, and still {words.amount(rate)} per hour: {names}."
        return Guard(state="silent", seen_at=iso(self._guard.seen_at), message=text)


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def _hour(moment: float) -> str:
    """In the time zone of this machine, as a person reads it."""
    return datetime.fromtimestamp(moment).astimezone().strftime("%H:%M")
