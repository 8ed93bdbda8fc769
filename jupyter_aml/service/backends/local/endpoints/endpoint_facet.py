"""The facet ``online_endpoints``: see `service.backends.protocol.OnlineEndpointsFacet`."""

from __future__ import annotations

import asyncio
import shutil

import msgspec

from jupyter_aml.model import api
from jupyter_aml.model.endpoint import (
    Answer,
    CreateOnlineEndpoint,
    DeploymentTraffic,
    EndpointKeys,
    EndpointToken,
    EndpointTraffic,
    Invoke,
    OnlineEndpoint,
    OnlineEndpointList,
    RegenerateKey,
    StartRollout,
    UpdateOnlineEndpoint,
)
from jupyter_aml.model.errors import Conflict
from jupyter_aml.service.backends.local.endpoints.deleting import Deleting
from jupyter_aml.service.backends.local.endpoints.engine import Endpoints
from jupyter_aml.service.backends.local.endpoints.invoking import Invoking
from jupyter_aml.service.backends.local.endpoints.layout import EndpointLayout
from jupyter_aml.service.backends.local.endpoints.rolling import copies
from jupyter_aml.service.backends.local.endpoints.routers import free_port
from jupyter_aml.service.backends.local.endpoints.state import LiveEndpoint
from jupyter_aml.service.endpoints import keys, rules
from jupyter_aml.service.endpoints.records import EndpointRecord
from jupyter_aml.service.store import endpoint_rows

_COMES_UP_SECONDS = 20.0
"""How long a request through the service waits for a router that is just being started."""


class OnlineEndpoints:
    """Of one engine."""

    def __init__(self, engine: Endpoints, deleting: Deleting) -> None:
        self._engine = engine
        self._deleting = deleting
        self.invoking = Invoking()
        self._creating = asyncio.Lock()

    # -- looking ------------------------------------------------------------------------------

    async def list(self) -> OnlineEndpointList:
        return OnlineEndpointList([live.public() for live in self._engine.all.values()])

    async def get(self, name: str) -> OnlineEndpoint:
        return self._engine.endpoint(name).public()

    async def traffic(self, name: str, *, query: api.History) -> EndpointTraffic:
        live = self._engine.endpoint(name)
        since = self._engine.world.clock.time() - query.seconds
        return EndpointTraffic(
            [
                DeploymentTraffic(
                    deployment=one.name,
                    samples=[made.sample(live.bounds) for made in one.counted.since(since)],
                )
                for one in live.deployments.values()
            ]
        )

    # -- changing -----------------------------------------------------------------------------

    async def create(self, *, body: CreateOnlineEndpoint) -> OnlineEndpoint:
        async with self._creating:
            known = self._engine.all.get(body.name)
            if known is not None:
                return self._same(known, body)
            rules.check_new_endpoint(body.name, list(self._engine.all))
            live = await self._make(body)
        self._engine.publish_endpoint(live)
        self._engine.spawn(self._engine.routers.start(live), f"start the router of {live.name}")
        return live.public()

    def _same(self, known: LiveEndpoint, body: CreateOnlineEndpoint) -> OnlineEndpoint:
        if known.is_deleting:
            raise Conflict(
                f"{body.name} is being deleted.", target="name", hint="Try again in a moment."
            )
        if known.record.spec != body:
            raise Conflict(
                f"The endpoint {body.name!r} exists with another spec.",
                target="name",
                hint=f"Change it: `%aml online-endpoint update {body.name}`, or take another name.",
            )
        return known.public()

    async def _make(self, body: CreateOnlineEndpoint) -> LiveEndpoint:
        """On the disk and in the books; its router comes next."""
        world = self._engine.world
        layout = EndpointLayout(world.folders.home, world.folders.run, body.name)
        secrets = keys.draw()
        await asyncio.to_thread(_fresh_folder, layout, secrets)
        record = EndpointRecord(
            name=body.name,
            spec=body,
            description=body.description,
            tags=body.tags,
            port=free_port(),
            created_at=self._engine.now(),
        )
        await world.store.write(
            lambda conn: endpoint_rows.save_endpoint(conn, record), durable=True
        )
        live = self._engine.all[body.name] = LiveEndpoint(record, layout, secrets)
        return live

    async def update(self, name: str, *, body: UpdateOnlineEndpoint) -> OnlineEndpoint:
        live = self._there(name)
        given = {
            field: value
            for field, value in msgspec.structs.asdict(body).items()
            if value is not None
        }
        copied = copies(live.record.rollout)
        if copied and "traffic" in given and "mirror_traffic" not in given:
            given["mirror_traffic"] = {}  # the rollout's own copies end with it
        traffic = given.get("traffic", live.record.traffic)
        mirror = given.get("mirror_traffic", live.record.mirror_traffic)
        if "traffic" in given:
            rules.check_traffic(traffic, live.deployments, name)
        if "mirror_traffic" in given or "traffic" in given:
            rules.check_mirror(mirror, traffic, live.deployments, name)
        if "traffic" in given or (copied and "mirror_traffic" in given):
            given["rollout"] = self._engine.rollouts.overtaken(live)
        moves = live.record.state in ("Succeeded", "Failed")
        if moves:
            self._engine.change_endpoint(live, state="Updating")
        try:
            await self._engine.route(live, **given)
        finally:
            if live.record.state == "Updating":
                self._engine.change_endpoint(live, state="Succeeded")
        return live.public()

    def _there(self, name: str) -> LiveEndpoint:
        """One that can be changed. Raises `NotFound` or `Conflict`."""
        live = self._engine.endpoint(name)
        if live.is_deleting:
            raise Conflict(f"{name} is being deleted.", target="name")
        return live

    async def delete(self, name: str) -> OnlineEndpoint:
        live = self._engine.endpoint(name)
        if not live.is_deleting:
            self._engine.change_endpoint(live, state="Deleting")
            self._engine.spawn(self._deleting.endpoint(live), f"delete endpoint {name}")
        return live.public()

    # -- keys -----------------------------------------------------------------------------------

    async def keys(self, name: str) -> EndpointKeys:
        live = self._engine.endpoint(name)
        _check_mode(live, "key")
        return live.secrets.public

    async def regenerate_key(self, name: str, *, body: RegenerateKey) -> EndpointKeys:
        live = self._there(name)
        _check_mode(live, "key")
        renewed = live.secrets.renewed(body.key_type, body.key_value)
        await asyncio.to_thread(keys.write, live.layout.folder, renewed)
        live.secrets = renewed
        await self._engine.routers.tell(live)
        return renewed.public

    async def token(self, name: str) -> EndpointToken:
        live = self._engine.endpoint(name)
        _check_mode(live, "aml_token")
        return live.secrets.token(name, self._engine.world.clock.time())

    # -- requests -------------------------------------------------------------------------------

    async def invoke(self, name: str, *, body: Invoke) -> Answer:
        live = self._there(name)
        if body.deployment:
            self._engine.deployment(name, body.deployment)
        if not live.came_up.is_set():
            try:
                await asyncio.wait_for(live.came_up.wait(), _COMES_UP_SECONDS)
            except asyncio.TimeoutError:
                pass  # it is tried all the same, and what is wrong is said
        if live.record.spec.auth_mode == "key":
            bearer = live.secrets.primary
        else:
            bearer = live.secrets.token(name, self._engine.world.clock.time()).access_token
        return await self.invoking.invoke(live, body, bearer)

    # -- rollouts -------------------------------------------------------------------------------

    async def rollout(self, name: str, *, body: StartRollout) -> OnlineEndpoint:
        live = self._there(name)
        await self._engine.rollouts.start(live, body)
        return live.public()

    async def cancel_rollout(self, name: str) -> OnlineEndpoint:
        live = self._there(name)
        await self._engine.rollouts.cancel(live)
        return live.public()


def _check_mode(live: LiveEndpoint, mode: str) -> None:
    if live.record.spec.auth_mode == mode:
        return
    has = "tokens" if mode == "key" else "keys"
    verb = "get-credentials" if mode == "key" else "keys"
    raise Conflict(
        f"The endpoint {live.name} has {has}.",
        target=live.name,
        hint=f"`%aml online-endpoint {verb} {live.name}`",
    )


def _fresh_folder(layout: EndpointLayout, secrets: keys.Secrets) -> None:
    """Without what an endpoint of that name may have left."""
    shutil.rmtree(layout.folder, ignore_errors=True)
    layout.folder.mkdir(mode=0o700, parents=True)
    keys.write(layout.folder, secrets)
