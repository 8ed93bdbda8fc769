"""The guard of the budget: looks every second, remembers, announces, then acts.

What it decides is on disk before anybody is told, so that after a `kill -9` the next service holds
back what this one did. `service.money.watchdog` watches the guard itself.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence

import msgspec

from jupyter_aml.model.money import CostSummary, Guard, GuardState, NotebookCost, Notice
from jupyter_aml.service.clock import Clock, iso
from jupyter_aml.service.money import budget, words
from jupyter_aml.service.money.budget import Kept, Level, Rules
from jupyter_aml.service.money.days import Days
from jupyter_aml.service.money.hold import FREE, Hold
from jupyter_aml.service.money.ledger import dollars
from jupyter_aml.service.money.meter import HOUR, Spent
from jupyter_aml.service.money.notices import Notices
from jupyter_aml.service.money.spending import Spending
from jupyter_aml.service.store import rows
from jupyter_aml.service.store.db import Store
from jupyter_aml.service.store.preferences import read_preferences

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
KEY = "guard"
DAY_NOTICE = "budget"

Publish = Callable[[str, str, msgspec.Struct | None], None]


class BudgetGuard:
    """`sources` are the workspaces that cost something and are open."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        days: Days,
        sources: Callable[[], Sequence[Spending]],
        notices: Notices,
        publish: Publish,
    ) -> None:
        self._store = store
        self._clock = clock
        self._days = days
        self._sources = sources
        self._notices = notices
        self._publish = publish
        self._kept = read_kept(store)
        self._hold = FREE
        self._shown: CostSummary | None = None
        self.seen_at: float = clock.time()
        self.seen_tick: float = clock.monotonic()
        self.error = ""
        """Why the last look failed; empty if it did not."""

    # -- the loop -------------------------------------------------------------------------------

    async def run(self) -> None:
        """Look until cancelled. A look that fails is logged, and not counted as one."""
        while True:
            try:
                await self.look()
            except Exception as error:  # whatever it is, the next look may go better
                if str(error) != self.error:
                    log.exception("the guard of the budget could not look")
                self.error = str(error)
            await self._clock.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Decide, keep it, announce it, do it; all of it can be done twice."""
        spent, rate = self.spent(), self.rate()
        await self._decide(spent, rate)
        if self._hold.stop_everything or self._hold.stop_notebooks:
            for source in self._sources():
                await source.stop(self._hold)
        self.seen_at, self.seen_tick = self._clock.time(), self._clock.monotonic()
        self.error = ""
        self._show()

    async def _decide(self, spent: Spent, rate: float) -> None:
        rules = budget.rules_of(read_preferences(self._store.reader))
        kept = budget.look(
            self._kept,
            rules,
            self._days.of(self._clock.time()),
            dollars(spent.total),
            rate * LOOK_SECONDS / HOUR,
            {name: dollars(nanos) for name, nanos in spent.by_notebook.items()},
        )
        if kept != self._kept:
            await self._store.write(lambda conn: write_kept(conn, kept), durable=True)
            self._kept = kept
        hold = hold_for(kept, rehearsal=self._rehearsal())
        if hold != self._hold:
            for source in self._sources():
                await source.hold(hold)
            self._hold = hold
        self._announce(spent, rate)

    def _announce(self, spent: Spent, rate: float) -> None:
        rules = self._kept.rules
        if rules.per_day is not None and self._kept.level:
            text = self._message(rules.per_day, self._kept.level, dollars(spent.total), rate)
            self._tell(DAY_NOTICE, self._kept.level, text, "budget_per_day", rules.per_day)
        else:
            self._notices.drop(DAY_NOTICE)
        gone = {n for n in self._notices.names(DAY_NOTICE + ":")} - {
            f"{DAY_NOTICE}:{book}" for book in self._kept.notebooks
        }
        for name in gone:
            self._notices.drop(name)
        for book, level in self._kept.notebooks.items():
            if rules.per_notebook is not None:
                taken = dollars(spent.by_notebook.get(book, 0))
                text = f"{book}: " + self._message(rules.per_notebook, level, taken, 0)
                setting = "budget_per_notebook"
                self._tell(f"{DAY_NOTICE}:{book}", level, text, setting, rules.per_notebook)

    def _tell(self, name: str, level: Level, text: str, setting: str, amount: float) -> None:
        self._notices.put(
            Notice(
                name=name,
                kind="error" if level == Level.STOPPING else "warning",
                text=text,
                target=name.partition(":")[2],
                hint=words.raise_it(setting, amount),
            )
        )

    def _message(self, amount: float, level: Level, spent: float, rate: float) -> str:
        rehearsal = self._rehearsal()
        return words.message(level, self._kept.rules, amount, spent, rate, rehearsal=rehearsal)

    # -- what it sees ---------------------------------------------------------------------------

    @property
    def rules(self) -> Rules:
        return budget.rules_of(read_preferences(self._store.reader))

    @property
    def level(self) -> Level:
        """The highest level that anything has reached."""
        return max([self._kept.level, *self._kept.notebooks.values()])

    def rate(self) -> float:
        return sum(one.rate_per_hour for source in self._sources() for one in source.costing())

    def spent(self) -> Spent:
        """What was spent today, over all workspaces."""
        return sum_up(source.spent() for source in self._sources())

    def _rehearsal(self) -> bool:
        return all(source.rehearsal for source in self._sources())

    def summary(self, guard: Guard | None = None) -> CostSummary:
        """The cost header; `guard` is what the watchdog says of us, if it says something."""
        spent, rate, rules = self.spent(), self.rate(), self.rules
        now, total = self._clock.time(), dollars(spent.total)
        ends = self._days.end(now)
        return CostSummary(
            rehearsal=self._rehearsal(),
            rate_per_hour=round(rate, 6),
            spent_today=total,
            budget_per_day=rules.per_day,
            lasts_until=_lasts_until(rules.per_day, total, rate, now, ends),
            resets_at=iso(ends),
            guard=guard or self._state(rules, total, rate),
            per_compute=[
                msgspec.structs.replace(
                    one, spent_today=dollars(spent.by_compute.get(one.compute, 0))
                )
                for source in self._sources()
                for one in source.costing()
            ],
            per_notebook=_per_notebook(spent, self._kept),
            note=next((source.price_note for source in self._sources()), ""),
        )

    def _state(self, rules: Rules, spent: float, rate: float) -> Guard:
        state: GuardState = "off"
        text = ""
        if rules.any:
            state = _state(self.level)
            text = next(iter(self._notices.texts(DAY_NOTICE)), "")
        if rules.per_day is not None and not text:
            text = self._message(rules.per_day, self._kept.level, spent, rate)
        return Guard(state=state, seen_at=iso(self.seen_at), message=text)

    def _show(self) -> None:
        """Tell open tabs, when anything they show has changed."""
        summary = self.summary()
        shown = msgspec.structs.replace(
            summary, guard=msgspec.structs.replace(summary.guard, seen_at=None), lasts_until=None
        )
        if shown != self._shown:
            self._shown = shown
            self._publish("costs", "costs", summary)


def hold_for(kept: Kept, *, rehearsal: bool) -> Hold:
    """What backends have to do about the levels."""
    rules = kept.rules
    holding = [name for name, level in kept.notebooks.items() if level >= Level.HOLDING]
    everything = ""
    if kept.level >= Level.HOLDING and rules.per_day is not None:
        everything = f"the budget of {words.amount(rules.per_day)} a day is nearly used up"
        if kept.level == Level.STOPPING:
            everything = f"the budget of {words.amount(rules.per_day)} a day is used up"
    part = f"the notebook's budget of {words.amount(rules.per_notebook or 0)} a day"
    stopping = frozenset(n for n, level in kept.notebooks.items() if level == Level.STOPPING)
    return Hold(
        note=_note(kept, rehearsal=rehearsal),
        everything=everything,
        notebooks={
            name: f"{part} is {'used up' if name in stopping else 'nearly used up'}"
            for name in holding
        },
        stop_everything=kept.level == Level.STOPPING,
        stop_notebooks=stopping,
    )


def _note(kept: Kept, *, rehearsal: bool) -> str:
    """What is announced on every compute that costs."""
    per_day = kept.rules.per_day
    if per_day is None or kept.level == Level.FINE:
        return ""
    if kept.level == Level.STOPPING:
        return f"stopped: the budget of {words.amount(per_day)} a day is used up"
    will = "would be " if rehearsal else ""
    if kept.rules.action == "stop":
        return f"is stopped when {words.amount(per_day)} {will}spent today"
    return f"{words.amount(per_day)} {will}the budget of today"


def read_kept(store: Store) -> Kept:
    """What the guard of an earlier service has decided."""
    kept = rows.get_value(store.reader, KEY)
    try:
        return msgspec.json.decode(kept, type=Kept) if kept else Kept()
    except msgspec.ValidationError as error:
        log.warning("what the guard has kept does not fit this version: %s", error)
        return Kept()


def write_kept(conn: rows.Connection, kept: Kept) -> None:
    rows.set_value(conn, KEY, msgspec.json.encode(kept))


def sum_up(parts: Iterable[Spent]) -> Spent:
    whole = Spent()
    for part in parts:
        whole.total += part.total
        for into, out in (
            (whole.by_compute, part.by_compute),
            (whole.by_notebook, part.by_notebook),
        ):
            for name, nanos in out.items():
                into[name] = into.get(name, 0) + nanos
    return whole


def _state(level: Level) -> GuardState:
    states: tuple[GuardState, ...] = ("watching", "warned", "holding", "stopping")
    return states[level]


def _lasts_until(
    per_day: float | None, spent: float, rate: float, now: float, ends: float
) -> str | None:
    if per_day is None or rate <= 0:
        return None
    until = now + max(0.0, per_day - spent) / rate * HOUR
    return iso(until) if until < ends else None


def _per_notebook(spent: Spent, kept: Kept) -> list[NotebookCost]:
    per_notebook = kept.rules.per_notebook
    found = sorted(spent.by_notebook.items(), key=lambda pair: -pair[1])
    return [
        NotebookCost(
            notebook=name,
            spent_today=dollars(nanos),
            budget=per_notebook,
            state="off"
            if per_notebook is None
            else _state(kept.notebooks.get(name, Level.FINE)),
        )
        for name, nanos in found
    ]
