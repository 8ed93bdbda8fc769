"""How long the stages of a deployment usually take here: noted as they end, told as they last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from jupyter_aml.model.endpoint import DeployStage
from jupyter_aml.service.backends.local.endpoints.state import LiveDeployment, LiveInstance
from jupyter_aml.service.clock import iso

if TYPE_CHECKING:
    from jupyter_aml.service.backends.local.endpoints.engine import Endpoints

_BUILT_SECONDS = 1.0
"""What took less was there already: nothing was built, and nothing is learnt."""
_COMING = frozenset({"Creating", "Updating", "Scaling"})


class UsualTimes:
    """Of one engine. A model's versions count as one, a size by itself."""

    def __init__(self, engine: Endpoints) -> None:
        self._engine = engine

    def prepared(self, one: LiveDeployment) -> None:
        """Its environment is there. Called again it does nothing."""
        began, one.preparing_since = one.preparing_since, 0.0
        passed = self._engine.world.clock.time() - began
        if began and passed >= _BUILT_SECONDS:
            self._engine.world.past.note("deploy:environment", passed, size="")

    def answered(self, one: LiveDeployment, instance: LiveInstance) -> None:
        """An instance answers for the first time."""
        if instance.ready_seconds is not None and one.is_current(instance):
            self._engine.world.past.note(
                "deploy:start", instance.ready_seconds, size=_size(one), environment=_model(one)
            )

    def stage(self, one: LiveDeployment) -> DeployStage | None:
        if one.record.state not in _COMING:
            return None
        if one.prepared is None:
            return self._stage(one, "environment", iso(one.preparing_since))
        starting = [i for i in one.instances.values() if i.state == "Starting"]
        return self._stage(one, "start", starting[0].record.started_at) if starting else None

    def _stage(
        self, one: LiveDeployment, name: Literal["environment", "start"], started_at: str
    ) -> DeployStage:
        what = {"size": _size(one), "environment": _model(one)}
        found = self._engine.world.past.usual(f"deploy:{name}", **what)
        if found is None:
            return DeployStage(name=name, started_at=started_at)
        return DeployStage(
            name=name,
            started_at=started_at,
            usual_low=round(found.low, 3),
            usual_high=round(found.high, 3),
            count=found.count,
            slow_after=None if found.slow_after is None else round(found.slow_after, 3),
        )


def _size(one: LiveDeployment) -> str:
    return one.record.spec.instance_type


def _model(one: LiveDeployment) -> str:
    """Without its version; a script that has no model is known by its deployment."""
    model = one.record.spec.model.removeprefix("azureml:").partition(":")[0]
    return model or one.record.path
