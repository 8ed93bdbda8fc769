"""A reminder of endpoints that are up and that nobody calls: they cost also without a request.

The idle timers count how long nobody called; `unused` decides and is pure. A notice stands until
the endpoint is called, sleeps or is gone, and is said anew each time as many days have passed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from jupyter_aml.model.money import Notice
from jupyter_aml.service.clock import Clock
from jupyter_aml.service.money import words
from jupyter_aml.service.money.notices import Notices
from jupyter_aml.service.money.sources import Sources
from jupyter_aml.service.money.spending import Spending, Use
from jupyter_aml.service.money.timers import DAY
from jupyter_aml.service.store.db import Store
from jupyter_aml.service.store.preferences import read_preferences

log = logging.getLogger(__name__)

LOOK_SECONDS = 60.0
NOTICE = "uncalled:"


@dataclass(frozen=True)
class Unused:
    """An endpoint that costs ``per_hour``, of which nobody asked anything for ``times`` periods."""

    endpoint: str
    deployments: tuple[str, ...]
    """Those with instances, most expensive first."""
    times: int
    per_hour: float


def unused(
    uses: Sequence[Use],
    per_hour: Mapping[str, float],
    idle: Callable[[str], float],
    period: float,
) -> list[Unused]:
    """`per_hour` and `idle` (seconds) by the name of a use; a call of one deployment is a call."""
    found: list[Unused] = []
    for endpoint in dict.fromkeys(use.endpoint for use in uses if use.endpoint):
        mine = [use for use in uses if use.endpoint == endpoint]
        costs = {use.compute: per_hour.get(use.compute, 0.0) for use in mine}
        times = int(min(0.0 if use.busy else idle(use.compute) for use in mine) // period)
        up = sorted((name for name in costs if costs[name]), key=lambda name: -costs[name])
        if times and up:
            found.append(Unused(endpoint, tuple(up), times, sum(costs.values())))
    return found


class Reminders:
    """Run by the daemon. `idle` says how long nobody used what has that name."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        sources: Sources,
        notices: Notices,
        idle: Callable[[str], float],
    ) -> None:
        self._store = store
        self._clock = clock
        self._sources = sources
        self._notices = notices
        self._idle = idle
        self._said: dict[str, int] = {}
        """Endpoints with the times that were said of them last."""

    async def run(self) -> None:
        """Look until cancelled; a look that fails is logged, and the next one tries again."""
        while True:
            try:
                self.look()
            except Exception:  # a backend may raise anything; nothing but words depends on it
                log.exception("the reminders could not look")
            await self._clock.sleep(LOOK_SECONDS)

    def look(self) -> None:
        """Say what is new, and take back what is over."""
        days = read_preferences(self._store.reader).remind_uncalled_days
        due: dict[str, int] = {}
        for source in self._sources.find() if days is not None else ():
            per_hour = {cost.compute: cost.rate_per_hour for cost in source.costing()}
            for one in unused(source.uses(), per_hour, self._idle, (days or 1) * DAY):
                due[one.endpoint] = one.times
                if self._said.get(one.endpoint) != one.times:
                    self._notices.put(_notice(one, source, one.times * (days or 1)))
        for name in self._said.keys() - due.keys():
            self._notices.drop(f"{NOTICE}{name}")
        self._said = due


def _notice(one: Unused, source: Spending, days: int) -> Notice:
    rate, day = words.amount(one.per_hour), words.amount(one.per_hour * 24)
    verb = "would be" if source.rehearsal else "costs"
    name, deployment = one.endpoint, one.deployments[0].rpartition("/")[2]
    long = "a day" if days == 1 else f"{days} days"
    return Notice(
        name=f"{NOTICE}{name}",
        text=f"Nobody called the endpoint {name} for {long}. It is up and {verb} {rate} per hour, "
        f"{day} a day.",
        target=name,
        hint="Delete it, or let it sleep until somebody calls: "
        f"`%aml online-deployment update {deployment} -e {name} --min 0`",
    )
