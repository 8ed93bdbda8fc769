"""What an instance of a rehearsal size would cost: its time on the same tape as that of nodes."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from jupyter_aml.service.backends.local.endpoints.state import LiveDeployment, LiveInstance
from jupyter_aml.service.money.meter import Tariff
from jupyter_aml.service.money.spending import Use

if TYPE_CHECKING:
    from jupyter_aml.service.backends.local.endpoints.engine import Endpoints


_USED_SECONDS = 90.0
"""Longer than the pauses in which the timers look."""


class Metering:
    """Of one engine. A deployment's path, ``endpoint/name``, stands where a compute's name does."""

    def __init__(self, engine: Endpoints) -> None:
        self._engine = engine

    def price(self, one: LiveDeployment) -> float | None:
        """Dollars per hour that one instance lists at in Azure; None where nothing is charged."""
        size = self._engine.world.sizes.get(one.record.spec.instance_type)
        return size.price_per_hour if size.rehearsal else None

    def begin(
        self, one: LiveDeployment, instance: LiveInstance, *, is_adopted: bool = False
    ) -> None:
        price = self.price(one)
        if not price:
            return
        tariff = Tariff(one.record.path, one.record.spec.instance_type, price, "endpoint")
        came_up = _moment(instance.record.started_at) if is_adopted else None
        self._engine.world.meter.begin(_tape(one, instance), tariff, came_up=came_up)

    def gone(self, one: LiveDeployment, instance: LiveInstance) -> None:
        """Its process has ended."""
        self._engine.world.meter.gone(_tape(one, instance))

    # -- for the guard of the budget, and the idle timers: `seams.spending.Deploying` -----------

    def uses(self) -> list[Use]:
        """Deployments with a price. One that was called a moment ago is busy."""
        now = self._engine.world.clock.monotonic()
        return [
            Use(
                one.record.path,
                costs=bool(one.instances),
                busy=now - one.used_at < _USED_SECONDS,
                may_be_deleted=False,
                endpoint=one.record.endpoint,
                unused=now - one.used_at,
            )
            for one in self._paid()
        ]

    def wake_all(self) -> None:
        for live in self._engine.all.values():
            for one in live.deployments.values():
                self._engine.wake(live, one)

    def sleep_all(self, reason: str) -> None:
        for one in self._paid():
            if one.instances and not one.record.asleep:
                self._engine.sleep(self._engine.all[one.record.endpoint], one, reason)

    def sleep(self, path: str, reason: str) -> bool:
        for one in self._engine.deployments():
            if one.record.path == path:
                self._engine.sleep(self._engine.all[one.record.endpoint], one, reason)
                return True
        return False

    def _paid(self) -> list[LiveDeployment]:
        return [one for one in self._engine.deployments() if self.price(one)]


def _tape(one: LiveDeployment, instance: LiveInstance) -> str:
    return f"{one.record.endpoint}/{instance.name}"


def _moment(text: str) -> float:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
