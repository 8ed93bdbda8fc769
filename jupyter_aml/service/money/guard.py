"""The guard of the budget: looks every second, remembers, announces, then acts.

What it decides is on disk before anybody is told, so that after a `kill -9` the next service holds
back what this one did. `service.money.watchdog` runs the guard and watches it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from jupyter_aml.model.money import Notice
from jupyter_aml.service.clock import Clock
from jupyter_aml.service.money import budget, words
from jupyter_aml.service.money.budget import Kept, Level, Rules
from jupyter_aml.service.money.days import Days
from jupyter_aml.service.money.hold import Hold, hold_for
from jupyter_aml.service.money.ledger import dollars
from jupyter_aml.service.money.memory import recall, remember
from jupyter_aml.service.money.notices import Notices
from jupyter_aml.service.money.sources import Sources
from jupyter_aml.service.money.spending import Spending
from jupyter_aml.service.money.words import HOUR
from jupyter_aml.service.store.db import Store
from jupyter_aml.service.store.preferences import read_preferences

log = logging.getLogger(__name__)

KEY = "guard"
LOOK_SECONDS = 1.0
NOTICE = "budget"
"""The name of its notice; those of notebooks follow after a colon."""


class BudgetGuard:
    """Run by its watchdog; that and the cost header read its properties."""

    def __init__(
        self, store: Store, clock: Clock, days: Days, sources: Sources, notices: Notices
    ) -> None:
        self._store = store
        self._clock = clock
        self._days = days
        self._sources = sources
        self._notices = notices
        self._told: tuple[Hold, Sequence[Spending]] | None = None
        self.kept = recall(store.reader, KEY, Kept)
        self.seen_at = clock.time()
        self.seen_tick = clock.monotonic()
        self.looks_since: float | None = None
        """When the look under way began, by the monotonic clock; None between two looks."""
        self.error = ""
        """Why the last look failed; empty if it did not."""

    @property
    def rules(self) -> Rules:
        return budget.rules_of(read_preferences(self._store.reader))

    async def run(self) -> None:
        """Look until cancelled. A look that fails is logged, and not counted as one."""
        while True:
            self.looks_since = self._clock.monotonic()
            try:
                await self.look()
            except Exception as error:  # whatever it is, the next look may go better
                if str(error) != self.error:
                    log.exception("the guard of the budget could not look")
                self.error = str(error) or type(error).__name__
            finally:
                self.looks_since = None
            await self._clock.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Decide, keep it, announce it, do it; everything of it can be done twice."""
        self.kept = await self._decide()
        hold = hold_for(self.kept)
        told = hold, self._sources.find()
        if told != self._told:  # also a workspace that was opened meanwhile
            await self._sources.hold(hold)
            self._told = told
        self._announce()
        if hold.stops_any:
            await self._sources.stop(hold)
        self.seen_at, self.seen_tick = self._clock.time(), self._clock.monotonic()
        self.error = ""

    async def _decide(self) -> Kept:
        spent = self._sources.spent()
        kept = budget.look(
            self.kept,
            self.rules,
            self._days.of(self._clock.time()),
            dollars(spent.total),
            self._sources.rate() * LOOK_SECONDS / HOUR,
            {name: dollars(nanos) for name, nanos in spent.by_notebook.items()},
        )
        if kept != self.kept:
            await self._store.write(lambda conn: remember(conn, KEY, kept), durable=True)
            if (kept.level, kept.notebooks) != (self.kept.level, self.kept.notebooks):
                log.info("the budget is %s; notebooks: %s", kept.level.name, kept.notebooks)
        return kept

    # -- announcing -----------------------------------------------------------------------------

    def message(self) -> str:
        """What it did about the day's budget, and what comes next; empty without one."""
        per_day = self.kept.rules.per_day
        if per_day is None:
            return next(iter(self._notices.texts(NOTICE)), "")
        spent = dollars(self._sources.spent().total)
        return self._words(per_day, self.kept.level, spent, self._sources.rate())

    def _announce(self) -> None:
        up = dict[str, Notice]()
        rules = self.kept.rules
        if rules.per_day is not None and self.kept.level:
            up[NOTICE] = _notice(NOTICE, self.kept.level, self.message(), rules.per_day, "day")
        if rules.per_notebook is not None:
            taken = self._sources.spent().by_notebook
            for book, level in self.kept.notebooks.items():
                text = self._words(rules.per_notebook, level, dollars(taken.get(book, 0)), 0)
                name = f"{NOTICE}:{book}"
                up[name] = _notice(name, level, text, rules.per_notebook, "notebook")
        for name in self._notices.names(NOTICE):
            if name not in up:
                self._notices.drop(name)
        for notice in up.values():
            self._notices.put(notice)

    def _words(self, amount: float, level: Level, spent: float, rate: float) -> str:
        rehearsal = self._sources.rehearsal
        return words.message(level, self.kept.rules, amount, spent, rate, rehearsal=rehearsal)


def _notice(name: str, level: Level, text: str, amount: float, which: str) -> Notice:
    return Notice(
        name=name,
        kind="error" if level == Level.STOPPING else "warning",
        text=text,
        target=name.partition(":")[2],
        hint=f"Raise it: `%aml preferences set budget_per_{which}={amount * 2:g}`",
    )
