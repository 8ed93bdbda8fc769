"""The seam between the online endpoints and the rest of a local workspace."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import msgspec

from jupyter_aml.model.registry import Model
from jupyter_aml.service.backends.local.endpoints import control
from jupyter_aml.service.backends.local.endpoints.deleting import Deleting
from jupyter_aml.service.backends.local.endpoints.deployment_facet import OnlineDeployments
from jupyter_aml.service.backends.local.endpoints.endpoint_facet import OnlineEndpoints
from jupyter_aml.service.backends.local.endpoints.engine import Endpoints
from jupyter_aml.service.backends.local.endpoints.interpreters import DeploymentEnvironments
from jupyter_aml.service.backends.local.endpoints.launching import RealLauncher
from jupyter_aml.service.backends.local.endpoints.recovery import Recovery
from jupyter_aml.service.backends.local.endpoints.rehearsing import Rehearsing
from jupyter_aml.service.backends.local.endpoints.world import World
from jupyter_aml.service.backends.local.engine import Engine

FindModel = Callable[[str, str], Awaitable[Model]]


class EndpointsSeam:
    """Of one engine; ``endpoints`` and ``deployments`` are the facets."""

    def __init__(self, engine: Engine, find_model: FindModel) -> None:
        self._launcher = RealLauncher()
        world = World(
            folders=engine.folders,
            store=engine.store,
            clock=engine.clock,
            changes=engine.changes,
            sizes=engine.sizes,
            meter=engine.nodetime.meter,
            past=engine.waits.past,
            snapshots=engine.snapshots,
            interpreters=DeploymentEnvironments(
                engine.environments.catalogue,
                engine.environments.builds,
                engine.environments.codeless,
                engine.clock,
            ),
            marker=lambda what: engine.keys.marker(f"endpoint:{what}", 0),
            find_model=find_model,
            held=lambda: engine.holding.hold.everything,
            launcher=self._launcher,
            connect=control.connect,
        )
        self.engine = Endpoints(world)
        self._deleting = Deleting(self.engine)
        self.endpoints = OnlineEndpoints(self.engine, self._deleting)
        self._rehearsing = Rehearsing(
            self.engine, lambda name, body: self.endpoints.invoke(name, body=body)
        )
        self.deployments = OnlineDeployments(self.engine, self._deleting, self._rehearsing)

    async def open(self) -> None:
        """Take up what an earlier service left."""
        await self._rehearsing.clean()
        await Recovery(self.engine, self._deleting).run()

    async def close(self, *, end_everything: bool) -> None:
        """Let go; endpoints go on answering. With `end_everything` their processes end, and come
        back with the next service."""
        engine = self.engine
        engine.closing = True
        await engine.settle()
        if end_everything:
            await engine.end_orphans()
            await asyncio.gather(*(self._deleting.stop(live) for live in engine.all.values()))
        for live in engine.all.values():
            engine.routers.let_go(live)
            for one in live.deployments.values():
                for instance in one.instances.values():
                    if instance.watch is not None:
                        instance.watch.cancel()
        self._launcher.let_go()
        self.endpoints.invoking.close()

    def running(self) -> int:
        """Endpoints that answer, or are to."""
        return len(self.engine.all)

    def state(self) -> list[tuple[str, str, msgspec.Struct]]:
        """What a new feed is told."""
        engine = self.engine
        endpoints = [("endpoint", live.name, live.public()) for live in engine.all.values()]
        deployments = [
            ("deployment", one.record.path, engine.public(one)) for one in engine.deployments()
        ]
        return [*endpoints, *deployments]
