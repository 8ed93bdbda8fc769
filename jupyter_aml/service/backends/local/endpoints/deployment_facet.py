"""The facet ``online_deployments``: see `service.backends.protocol.OnlineDeploymentsFacet`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import msgspec

from jupyter_aml.model import api
from jupyter_aml.model.endpoint import (
    CreateOnlineDeployment,
    OnlineDeployment,
    OnlineDeploymentList,
)
from jupyter_aml.model.errors import BudgetReached, Conflict, Invalid, NotFound
from jupyter_aml.model.rehearsal import Rehearsal, RehearseDeployment
from jupyter_aml.service.backends.local.endpoints import logs
from jupyter_aml.service.backends.local.endpoints.deleting import Deleting
from jupyter_aml.service.backends.local.endpoints.engine import Endpoints
from jupyter_aml.service.backends.local.endpoints.preparing import Resolved
from jupyter_aml.service.backends.local.endpoints.rehearsing import Rehearsing
from jupyter_aml.service.backends.local.endpoints.state import LiveDeployment, LiveEndpoint
from jupyter_aml.service.endpoints import rules
from jupyter_aml.service.endpoints.records import DeploymentRecord
from jupyter_aml.service.store import endpoint_rows


class OnlineDeployments:
    """Of one engine."""

    def __init__(self, engine: Endpoints, deleting: Deleting, rehearsing: Rehearsing) -> None:
        self._engine = engine
        self._rehearsing = rehearsing
        self._deleting = deleting
        self._changing = asyncio.Lock()

    # -- looking ------------------------------------------------------------------------------

    async def list(self, endpoint: str) -> OnlineDeploymentList:
        live = self._engine.endpoint(endpoint)
        return OnlineDeploymentList([self._public(one) for one in live.deployments.values()])

    async def get(self, endpoint: str, name: str) -> OnlineDeployment:
        return self._public(self._engine.deployment(endpoint, name)[1])

    def _public(self, one: LiveDeployment) -> OnlineDeployment:
        return self._engine.public(one)

    async def logs(self, endpoint: str, name: str, *, query: api.ReadLog) -> AsyncIterator[bytes]:
        live, one = self._engine.deployment(endpoint, name)
        logs.check(one, live.layout.deployment(name) / "instances", query)
        return logs.read(live, one, query, self._engine.world.clock)

    async def rehearse(self, *, body: RehearseDeployment) -> Rehearsal:
        return await self._rehearsing.rehearse(body)

    # -- changing -----------------------------------------------------------------------------

    async def create(self, endpoint: str, *, body: CreateOnlineDeployment) -> OnlineDeployment:
        async with self._changing:
            live = self._open_to_change(endpoint, body)
            known = live.deployments.get(body.name)
            if known is not None:
                return await self._same(live, known, body)
            rules.check_new_deployment(len(live.deployments), endpoint)
            accepted = await self._engine.preparing.accept(live, body, 1)
            record = DeploymentRecord(
                endpoint=endpoint,
                name=body.name,
                reason="Preparing",
                spec=accepted.spec,
                created_at=self._engine.now(),
                environment=accepted.place.environment,
                python=accepted.place.python,
                warnings=accepted.place.warnings,
            )
            one = LiveDeployment(record)
            self._check_budget(one)
            await self._keep(record)
            live.deployments[body.name] = one
        self._engine.publish_deployment(one)
        self._engine.publish_endpoint(live)
        self._engine.routers.tell_soon(live)
        self._engine.begin(live, one)
        return self._public(one)

    def _open_to_change(self, endpoint: str, body: CreateOnlineDeployment) -> LiveEndpoint:
        if body.endpoint_name != endpoint:
            raise Invalid(
                f"The deployment names the endpoint {body.endpoint_name!r}, not {endpoint!r}.",
                target="endpointName",
            )
        live = self._engine.endpoint(endpoint)
        if live.is_deleting:
            raise Conflict(f"{endpoint} is being deleted.", target="endpoint")
        return live

    async def _same(
        self, live: LiveEndpoint, known: LiveDeployment, body: CreateOnlineDeployment
    ) -> OnlineDeployment:
        """The same again is what is there."""
        resolved = await self._engine.preparing.resolve(body)
        if resolved.spec == known.record.spec:
            return self._public(known)
        raise Conflict(
            f"The deployment {known.record.path} exists with another spec.",
            target="name",
            hint=f"`%aml online-deployment update {known.name} --endpoint-name {live.name}` "
            "replaces what runs; another name stands beside it.",
        )

    async def update(
        self, endpoint: str, name: str, *, body: CreateOnlineDeployment
    ) -> OnlineDeployment:
        if body.name != name:
            raise Invalid(f"The body names {body.name!r}, not {name!r}.", target="name")
        async with self._changing:
            live = self._open_to_change(endpoint, body)
            one = live.deployments.get(name)
            if one is None:
                raise NotFound(
                    f"The endpoint {endpoint} has no deployment {name!r}.",
                    target="name",
                    hint=f"It has: {', '.join(live.deployments) or 'none yet'}.",
                )
            accepted = await self._engine.preparing.accept(live, body, one.record.generation + 1)
            if self._only_scales(one.record.spec, accepted.spec):
                self._engine.change_deployment(live, one, spec=accepted.spec)
                self._engine.wake(live, one)
                self._engine.routers.tell_soon(live)
                return self._public(one)
            await self._replace(live, one, accepted)
        self._engine.begin(live, one)
        return self._public(one)

    def _only_scales(self, old: CreateOnlineDeployment, new: CreateOnlineDeployment) -> bool:
        """Nothing of it runs otherwise: no process is replaced. Code may have changed unseen."""
        if new.scoring_script:
            return False
        fields = ("scale_settings", "description", "tags")
        kept = {name: getattr(old, name) for name in fields}
        return msgspec.structs.replace(new, **kept) == old

    async def _replace(self, live: LiveEndpoint, one: LiveDeployment, accepted: Resolved) -> None:
        self._engine.change_deployment(
            live,
            one,
            state="Updating" if one.record.state != "Creating" else "Creating",
            reason="Preparing",
            spec=accepted.spec,
            environment=accepted.place.environment,
            python=accepted.place.python,
            generation=one.record.generation + 1,
            has_been_ready=False,
            asleep="",
            error=None,
            warnings=accepted.place.warnings,
        )
        await self._engine.world.store.flush()

    def _check_budget(self, one: LiveDeployment) -> None:
        reason = self._engine.world.held()
        if reason and self._engine.metering.price(one):
            raise BudgetReached(
                f"{one.name} is not started: {reason}.",
                target="name",
                hint="Take a size that costs nothing (--instance-type local.1cpu-2gb), or raise "
                "the budget: `%aml preferences set budget_per_day=AMOUNT`. Nothing was started.",
            )

    async def _keep(self, record: DeploymentRecord) -> None:
        await self._engine.world.store.write(
            lambda conn: endpoint_rows.save_deployment(conn, record), durable=True
        )

    async def delete(self, endpoint: str, name: str) -> OnlineDeployment:
        live, one = self._engine.deployment(endpoint, name)
        rules.check_delete(name, endpoint, live.record.traffic)
        if not one.is_deleting:
            self._engine.change_deployment(live, one, state="Deleting", reason="")
            self._engine.spawn(self._deleting.deployment(live, one), f"delete {one.record.path}")
        return self._public(one)

    async def restart_instance(self, endpoint: str, name: str, instance: str) -> OnlineDeployment:
        live, one = self._engine.deployment(endpoint, name)
        found = one.instances.get(instance)
        if found is None:
            raise NotFound(
                f"{name} has no instance {instance!r}.",
                target="instance",
                hint=f"It has: {', '.join(one.instances) or 'none now'}.",
            )
        found.is_replaced = True
        self._engine.wake(live, one)
        return self._public(one)
