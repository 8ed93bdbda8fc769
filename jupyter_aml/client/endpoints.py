"""The client's facets ``online_endpoints`` and ``online_deployments``."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from jupyter_aml.client.facet import Facet
from jupyter_aml.client.requestdata import request_of
from jupyter_aml.model import api
from jupyter_aml.model.endpoint import (
    Answer,
    CreateOnlineDeployment,
    CreateOnlineEndpoint,
    DeploymentLogLine,
    EndpointKeys,
    EndpointToken,
    EndpointTraffic,
    Invoke,
    OnlineDeployment,
    OnlineDeploymentList,
    OnlineEndpoint,
    OnlineEndpointList,
    RegenerateKey,
    StartRollout,
    UpdateOnlineEndpoint,
)
from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.rehearsal import Rehearsal, RehearseDeployment


class OnlineEndpoints(Facet):
    """URLs that stay. Changing one returns as soon as the wish is durable."""

    def list(self) -> OnlineEndpointList:
        return self._call("online_endpoints.list", OnlineEndpointList)

    def get(self, name: str) -> OnlineEndpoint:
        return self._call("online_endpoints.get", OnlineEndpoint, name=name)

    def create(self, body: CreateOnlineEndpoint) -> OnlineEndpoint:
        """Create it; the same name with the same spec returns what is there."""
        return self._call("online_endpoints.create", OnlineEndpoint, body=body)

    def update(self, name: str, body: UpdateOnlineEndpoint) -> OnlineEndpoint:
        """New traffic holds for every request that comes after this returned."""
        return self._call("online_endpoints.update", OnlineEndpoint, body=body, name=name)

    def delete(self, name: str) -> OnlineEndpoint:
        """With all of its deployments."""
        return self._call("online_endpoints.delete", OnlineEndpoint, name=name)

    def keys(self, name: str) -> EndpointKeys:
        return self._call("online_endpoints.keys", EndpointKeys, name=name)

    def regenerate_key(self, name: str, body: RegenerateKey) -> EndpointKeys:
        return self._call("online_endpoints.regenerate_key", EndpointKeys, body=body, name=name)

    def token(self, name: str) -> EndpointToken:
        return self._call("online_endpoints.token", EndpointToken, name=name)

    def invoke(self, name: str, request_data: object, *, deployment: str = "") -> Answer:
        """Ask it; whatever it answers is an `Answer`, its refusals included.

        `request_data` is sent as it is if it is JSON text or a dictionary; rows (a list, an
        array, a data frame) as ``{"input_data": rows}``. Raise `Invalid` for what JSON cannot say.
        """
        try:
            text = request_of(request_data)
        except (TypeError, ValueError) as error:
            raise Invalid(
                f"The request cannot be written as JSON: {error}.",
                target="request_data",
                hint="Give rows (a list, an array, a data frame), a dictionary, or JSON as text.",
            ) from None
        body = Invoke(request_data=msgspec.Raw(text.encode()), deployment=deployment)
        return self._call("online_endpoints.invoke", Answer, body=body, name=name)

    def traffic(self, name: str, *, seconds: int = 600) -> EndpointTraffic:
        query = api.History(seconds=seconds)
        return self._call("online_endpoints.traffic", EndpointTraffic, query=query, name=name)

    def rollout(self, name: str, body: StartRollout) -> OnlineEndpoint:
        """Move traffic to a deployment in steps; back again when it errs."""
        return self._call("online_endpoints.rollout", OnlineEndpoint, body=body, name=name)

    def cancel_rollout(self, name: str) -> OnlineEndpoint:
        return self._call("online_endpoints.cancel_rollout", OnlineEndpoint, name=name)


class OnlineDeployments(Facet):
    """What answers behind an endpoint."""

    def list(self, endpoint: str) -> OnlineDeploymentList:
        return self._call("online_deployments.list", OnlineDeploymentList, endpoint=endpoint)

    def get(self, endpoint: str, name: str) -> OnlineDeployment:
        return self._call("online_deployments.get", OnlineDeployment, endpoint=endpoint, name=name)

    def create(self, body: CreateOnlineDeployment) -> OnlineDeployment:
        """Create it; the same name with the same spec returns what is there."""
        return self._call(
            "online_deployments.create", OnlineDeployment, body=body, endpoint=body.endpoint_name
        )

    def rehearse(self, body: RehearseDeployment) -> Rehearsal:
        """Start what a deployment would start, send it one request, end it. Takes seconds."""
        return self._call("online_deployments.rehearse", Rehearsal, body=body)

    def update(self, body: CreateOnlineDeployment) -> OnlineDeployment:
        """New instances answer before old ones leave."""
        return self._call(
            "online_deployments.update",
            OnlineDeployment,
            body=body,
            endpoint=body.endpoint_name,
            name=body.name,
        )

    def delete(self, endpoint: str, name: str) -> OnlineDeployment:
        """A `Conflict` while it has traffic."""
        return self._call(
            "online_deployments.delete", OnlineDeployment, endpoint=endpoint, name=name
        )

    def logs(
        self,
        endpoint: str,
        name: str,
        *,
        kind: str = "console",
        instance: str = "",
        tail: int = 200,
        follow: bool = False,
    ) -> Iterator[DeploymentLogLine]:
        """The last lines of one of its logs; with `follow` those that come as well."""
        query = api.ReadLog(kind=kind, instance=instance, tail=tail, follow=follow)
        stream = self._stream("online_deployments.logs", query=query, endpoint=endpoint, name=name)
        try:
            while (line := stream.read_line()) is not None:
                if line not in (b"{}", b""):  # a heartbeat
                    yield msgspec.json.decode(line, type=DeploymentLogLine)
        finally:
            stream.close()

    def restart_instance(self, endpoint: str, name: str, instance: str) -> OnlineDeployment:
        """Replace one instance: a new one answers first."""
        return self._call(
            "online_deployments.restart_instance",
            OnlineDeployment,
            endpoint=endpoint,
            name=name,
            instance=instance,
        )
