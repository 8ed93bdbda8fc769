"""Online endpoints and what answers behind them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

from jupyter_aml.model import api, endpoint, rehearsal


class OnlineEndpointsFacet(Protocol):
    """URLs that stay: see `model.endpoint`. Methods return when the wish is durable."""

    async def list(self) -> endpoint.OnlineEndpointList: ...
    async def get(self, name: str) -> endpoint.OnlineEndpoint: ...
    async def create(self, *, body: endpoint.CreateOnlineEndpoint) -> endpoint.OnlineEndpoint:
        """The same name and spec again is the same endpoint; another spec is a Conflict."""
        ...

    async def update(
        self, name: str, *, body: endpoint.UpdateOnlineEndpoint
    ) -> endpoint.OnlineEndpoint:
        """New traffic holds for every request that comes after the answer; ends a rollout."""
        ...

    async def delete(self, name: str) -> endpoint.OnlineEndpoint:
        """With all its deployments. Deleting what is being deleted is no error."""
        ...

    async def keys(self, name: str) -> endpoint.EndpointKeys: ...
    async def regenerate_key(
        self, name: str, *, body: endpoint.RegenerateKey
    ) -> endpoint.EndpointKeys: ...
    async def token(self, name: str) -> endpoint.EndpointToken: ...
    async def invoke(self, name: str, *, body: endpoint.Invoke) -> endpoint.Answer:
        """Whatever the endpoint answers is an `Answer`, its refusals included."""
        ...

    async def traffic(self, name: str, *, query: api.History) -> endpoint.EndpointTraffic: ...
    async def rollout(
        self, name: str, *, body: endpoint.StartRollout
    ) -> endpoint.OnlineEndpoint: ...
    async def cancel_rollout(self, name: str) -> endpoint.OnlineEndpoint:
        """Without one the endpoint is returned unchanged."""
        ...


class OnlineDeploymentsFacet(Protocol):
    """What answers behind an endpoint: see `model.endpoint`."""

    async def list(self, endpoint: str) -> endpoint.OnlineDeploymentList: ...
    async def get(self, endpoint: str, name: str) -> endpoint.OnlineDeployment: ...
    async def create(
        self, endpoint: str, *, body: endpoint.CreateOnlineDeployment
    ) -> endpoint.OnlineDeployment:
        """Everything that can be known to fail is refused here. The same spec again is the same."""
        ...

    async def update(
        self, endpoint: str, name: str, *, body: endpoint.CreateOnlineDeployment
    ) -> endpoint.OnlineDeployment:
        """Instances of the new spec answer before those of the old one leave."""
        ...

    async def delete(self, endpoint: str, name: str) -> endpoint.OnlineDeployment:
        """A Conflict while it has traffic."""
        ...

    async def logs(
        self, endpoint: str, name: str, *, query: api.ReadLog
    ) -> AsyncIterator[bytes]: ...
    async def restart_instance(
        self, endpoint: str, name: str, instance: str
    ) -> endpoint.OnlineDeployment: ...
    async def rehearse(self, *, body: rehearsal.RehearseDeployment) -> rehearsal.Rehearsal:
        """Boot what a deployment would start, ask it once, end it. Nothing is kept."""
        ...
