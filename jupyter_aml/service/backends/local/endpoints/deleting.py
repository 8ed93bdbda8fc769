"""The end of deployments and endpoints: processes first, then what is kept of them."""

from __future__ import annotations

import asyncio
import shutil

from jupyter_aml.service.backends.local.endpoints.engine import Endpoints
from jupyter_aml.service.backends.local.endpoints.state import LiveDeployment, LiveEndpoint
from jupyter_aml.service.store import endpoint_rows

_END_SECONDS = 10.0


class Deleting:
    """Of one engine. What is being deleted stays ``Deleting`` in the store until it is gone."""

    def __init__(self, engine: Endpoints) -> None:
        self._engine = engine

    async def deployment(self, live: LiveEndpoint, one: LiveDeployment) -> None:
        """Requests in flight are answered; nothing new comes, since it has no traffic."""
        engine = self._engine
        one.is_deleting = True
        mirror = {n: p for n, p in live.record.mirror_traffic.items() if n != one.name}
        traffic = {n: p for n, p in live.record.traffic.items() if n != one.name}
        await engine.route(live, mirror_traffic=mirror, traffic=traffic)
        await self._end_instances(one)
        live.deployments.pop(one.name, None)
        store, path = engine.world.store, one.record.path
        await store.write(
            lambda conn: endpoint_rows.delete_deployment(conn, live.name, one.name), durable=True
        )
        await asyncio.to_thread(shutil.rmtree, live.layout.deployment(one.name), ignore_errors=True)
        engine.world.changes.publish("deployment", path, None)
        engine.publish_endpoint(live)

    async def endpoint(self, live: LiveEndpoint) -> None:
        """The router answers what it has, then everything goes."""
        engine = self._engine
        deployments = list(live.deployments.values())
        for one in deployments:
            one.is_deleting = True
        await engine.routers.stop(live)
        await asyncio.gather(*(self._end_instances(one) for one in deployments))
        # Before its row: what is killed in between is deleted once more.
        await asyncio.to_thread(shutil.rmtree, live.layout.folder, ignore_errors=True)
        store = engine.world.store
        await store.write(lambda conn: endpoint_rows.delete_endpoint(conn, live.name), durable=True)
        engine.all.pop(live.name, None)
        for one in deployments:
            engine.world.changes.publish("deployment", one.record.path, None)
        engine.world.changes.publish("endpoint", live.name, None)

    async def _end_instances(self, one: LiveDeployment) -> None:
        """When it returns no process of it is left."""
        engine = self._engine
        if one.timer is not None:
            one.timer.cancel()
        if one.preparing is not None:
            one.preparing.cancel()
        for instance in one.instances.values():
            instance.is_wanted_gone, instance.state = True, "Draining"
        while starting := [i for i in one.instances.values() if not i.record.pid]:
            # Between its row and its pid: a moment.
            await engine.world.clock.sleep(0.02)
            if all(not engine.is_starting(i) for i in starting):
                break
        await asyncio.gather(
            *(
                engine.end_process(instance.process, seconds=_END_SECONDS)
                for instance in list(one.instances.values())
                if instance.record.pid
            )
        )
        for instance in list(one.instances.values()):
            if instance.watch is not None:
                instance.watch.cancel()
                instance.watch = None
            engine.metering.gone(one, instance)
            instance.at.socket.unlink(missing_ok=True)

    async def stop(self, live: LiveEndpoint) -> None:
        """End its processes; it comes back with the next service."""
        await self._engine.routers.stop(live)
        deployments = list(live.deployments.values())
        await asyncio.gather(*(self._end_instances(one) for one in deployments))
        store = self._engine.world.store
        for one in deployments:
            for instance in one.instances.values():
                await store.write(
                    lambda conn, i=instance: endpoint_rows.delete_process(conn, live.name, i.name)
                )
