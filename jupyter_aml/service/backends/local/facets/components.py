"""The facet ``components`` of the local workspace: the parts of `service.components`, wired."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_aml.model.component import Component, ComponentSpec
from jupyter_aml.service.backends.local.jobs.acceptance import Acceptance
from jupyter_aml.service.backends.local.parents.kinds import BOOT
from jupyter_aml.service.components.facet import Components
from jupyter_aml.service.pipelines.settling.asking import drive_settling
from jupyter_aml.service.pipelines.settling.component import settled_component

if TYPE_CHECKING:
    from jupyter_aml.service.backends.local.engine import Engine


def components_of(engine: Engine) -> Components:
    acceptance = Acceptance(engine)

    async def settle(spec: ComponentSpec) -> ComponentSpec:
        asking = settled_component(spec, engine.components.find, str(BOOT))
        return await drive_settling(asking, acceptance.settle)

    return Components(engine.components, settle)


def component_state(engine: Engine) -> list[tuple[str, str, Component]]:
    """What a new feed is told."""
    return [("component", f"{one.name}:{one.version}", one) for one in engine.components.newest()]
