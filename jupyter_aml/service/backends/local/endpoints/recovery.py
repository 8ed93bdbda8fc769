"""Take up what an earlier service left: routers and instances that run are adopted, the rest of
what is to run is started anew, on the same ports and with the same keys."""

from __future__ import annotations

import asyncio
import logging
import math

from jupyter_aml.model.errors import AmlError
from jupyter_aml.service.backends.local.endpoints.deleting import Deleting
from jupyter_aml.service.backends.local.endpoints.engine import Endpoints
from jupyter_aml.service.backends.local.endpoints.instances import read_state
from jupyter_aml.service.backends.local.endpoints.launching import Launched
from jupyter_aml.service.backends.local.endpoints.layout import ROUTER, EndpointLayout
from jupyter_aml.service.backends.local.endpoints.state import (
    LiveDeployment,
    LiveEndpoint,
    LiveInstance,
)
from jupyter_aml.service.endpoints import keys
from jupyter_aml.service.endpoints.records import EndpointRecord, ProcessRecord
from jupyter_aml.service.store import endpoint_rows

log = logging.getLogger(__name__)


class Recovery:
    """Used once, before the first request."""

    def __init__(self, engine: Endpoints, deleting: Deleting) -> None:
        self._engine = engine
        self._deleting = deleting

    async def run(self) -> None:
        engine, store = self._engine, self._engine.world.store
        for record in endpoint_rows.list_endpoints(store.reader):
            engine.all[record.name] = self._endpoint(record)
        for deployment in endpoint_rows.list_deployments(store.reader):
            live = engine.all.get(deployment.endpoint)
            if live is not None:
                live.deployments[deployment.name] = LiveDeployment(deployment)
        routers: dict[str, ProcessRecord] = {}
        for process in endpoint_rows.list_processes(store.reader):
            if process.name == ROUTER:
                routers[process.endpoint] = process
            else:
                self._instance(process)
        await self._end_unknown(endpoint_rows.list_processes(store.reader))
        for live in list(engine.all.values()):
            self._go_on(live, routers.get(live.name))

    def _endpoint(self, record: EndpointRecord) -> LiveEndpoint:
        folders = self._engine.world.folders
        layout = EndpointLayout(folders.home, folders.run, record.name)
        try:
            secrets = keys.read(layout.folder)
        except (OSError, ValueError) as error:
            log.error("the keys of %s cannot be read, drawing new ones: %s", record.name, error)
            secrets = keys.draw()
            layout.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            keys.write(layout.folder, secrets)
        return LiveEndpoint(record, layout, secrets)

    def _instance(self, process: ProcessRecord) -> None:
        """Adopt it if it runs; else forget it."""
        engine = self._engine
        live = engine.all.get(process.endpoint)
        one = live.deployments.get(process.deployment) if live else None
        runs = process.pid and engine.world.launcher.alive(Launched(process.pid, process.created))
        if live is None or one is None or not runs:
            engine.world.store.post(
                lambda conn: endpoint_rows.delete_process(conn, process.endpoint, process.name)
            )
            return
        instance = LiveInstance(process, live.layout.instance(one.name, process.name))
        instance.began = engine.world.clock.monotonic()
        one.instances[process.name] = instance
        engine.metering.begin(one, instance, is_adopted=True)
        engine.instances.take_up(live, one, instance)
        said = read_state(instance.at).get("state")
        if said == "ready":
            instance.state = "Ready"
        elif said == "draining":
            instance.state, instance.is_wanted_gone = "Draining", True

    async def _end_unknown(self, processes: list[ProcessRecord]) -> None:
        """What was being started when the service was killed: nobody knows its pid."""
        markers = [process.marker for process in processes if not process.pid]
        if markers:
            await self._engine.world.launcher.kill_marked(markers)

    def _go_on(self, live: LiveEndpoint, router: ProcessRecord | None) -> None:
        engine = self._engine
        if live.is_deleting:
            live.router = router if router and router.pid else None
            engine.spawn(self._deleting.endpoint(live), f"delete endpoint {live.name}")
            return
        engine.spawn(self._router(live, router), f"take up the router of {live.name}")
        engine.rollouts.take_up(live)
        for one in list(live.deployments.values()):
            if one.record.state == "Deleting":
                engine.spawn(self._deleting.deployment(live, one), f"delete {one.record.path}")
            else:
                self._deployment(live, one)

    def _uncalled(self, live: LiveEndpoint) -> float:
        """Seconds since its router noted a request; the router goes on without a service."""
        try:
            noted = live.layout.requests.stat().st_mtime
        except OSError:
            return math.inf
        return max(0.0, self._engine.world.clock.time() - noted)

    async def _router(self, live: LiveEndpoint, router: ProcessRecord | None) -> None:
        engine = self._engine
        if router is not None and router.pid:
            launched = Launched(router.pid, router.created)
            if engine.world.launcher.alive(launched):
                live.is_adopted = True
                try:
                    await engine.routers.take_up(live, router)
                    return
                except AmlError as error:
                    log.warning("the router of %s is ended: %s", live.name, error)
                    engine.world.launcher.kill(launched)
                    await asyncio.sleep(0)
        live.is_adopted = False
        await engine.routers.start(live)

    def _deployment(self, live: LiveEndpoint, one: LiveDeployment) -> None:
        """What failed by its own script stays so until it is changed; the rest is to run."""
        engine = self._engine
        record = one.record
        one.used_at = engine.world.clock.monotonic() - self._uncalled(live)
        one.is_hopeless = record.state == "Failed" and not record.has_been_ready
        unfinished = record.state in ("Creating", "Updating")
        if one.is_hopeless and not one.answering():
            return
        if record.state == "Scaling" and one.answering():
            engine.change_deployment(live, one, state="Succeeded", reason="")
        if unfinished or not one.is_hopeless:
            engine.begin(live, one)
