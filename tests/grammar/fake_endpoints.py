"""Endpoints and deployments in a dictionary, for their verbs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from jupyter_aml.model import endpoint as model
from jupyter_aml.model.errors import ErrorBody, NotFound
from jupyter_aml.model.rehearsal import Rehearsal, RehearseDeployment

URL = "http://127.0.0.1:5001/score"


class FakeEndpoints:
    """Remembers what it was asked, newest last."""

    def __init__(self) -> None:
        self.all: dict[str, model.OnlineEndpoint] = {}
        self.asked: list[tuple[Any, ...]] = []
        self.answered = model.Answer(
            status=200, body=msgspec.Raw(b"[0, 1]"), deployment="blue", seconds=0.01
        )

    def add(self, name: str, **fields: Any) -> model.OnlineEndpoint:
        given = {"state": "Succeeded", "scoring_uri": URL, **fields}
        self.all[name] = model.OnlineEndpoint(name=name, **given)
        return self.all[name]

    def list(self) -> model.OnlineEndpointList:
        return model.OnlineEndpointList([*self.all.values()])

    def get(self, name: str) -> model.OnlineEndpoint:
        if name not in self.all:
            raise NotFound(f"There is no online endpoint {name!r}.", target="endpoint")
        return self.all[name]

    def create(self, body: model.CreateOnlineEndpoint) -> model.OnlineEndpoint:
        self.asked.append(("create", body))
        return self.add(body.name, auth_mode=body.auth_mode, tags=body.tags)

    def update(self, name: str, body: model.UpdateOnlineEndpoint) -> model.OnlineEndpoint:
        self.asked.append(("update", name, body))
        given = {k: v for k, v in msgspec.structs.asdict(body).items() if v is not None}
        self.all[name] = msgspec.structs.replace(self.get(name), **given)
        return self.all[name]

    def delete(self, name: str) -> model.OnlineEndpoint:
        self.asked.append(("delete", name))
        return msgspec.structs.replace(self.all.pop(name), state="Deleting")

    def keys(self, name: str) -> model.EndpointKeys:
        return model.EndpointKeys(primary_key=f"{name}-one", secondary_key=f"{name}-two")

    def regenerate_key(self, name: str, body: model.RegenerateKey) -> model.EndpointKeys:
        self.asked.append(("regenerate_key", name, body.key_type))
        return self.keys(name)

    def token(self, name: str) -> model.EndpointToken:
        return model.EndpointToken(
            access_token=f"{name}-token", expiry_time_utc=2, refresh_after_time_utc=1
        )

    def invoke(self, name: str, request_data: object, *, deployment: str = "") -> model.Answer:
        self.asked.append(("invoke", name, request_data, deployment))
        return self.answered

    def traffic(self, name: str, *, seconds: int = 600) -> model.EndpointTraffic:
        self.asked.append(("traffic", name, seconds))
        sample = model.TrafficSample(
            time=1.0, seconds=1.0, requests=12, errors=3, p50=0.002, p95=0.02, instances=2
        )
        return model.EndpointTraffic([model.DeploymentTraffic(deployment="blue", samples=[sample])])

    def rollout(self, name: str, body: model.StartRollout) -> model.OnlineEndpoint:
        self.asked.append(("rollout", name, body))
        return self.get(name)

    def cancel_rollout(self, name: str) -> model.OnlineEndpoint:
        self.asked.append(("cancel_rollout", name))
        return self.get(name)


class FakeDeployments:
    """Each becomes what ``outcome`` says at the second look."""

    def __init__(self, endpoints: FakeEndpoints) -> None:
        self._endpoints = endpoints
        self.all: dict[tuple[str, str], model.OnlineDeployment] = {}
        self.asked: list[tuple[Any, ...]] = []
        self.outcome = "Succeeded"
        self.stage: model.DeployStage | None = None
        self.rehearsal = Rehearsal(
            environment="kernel",
            load_seconds=0.41,
            memory_bytes=180 << 20,
            memory_limit_bytes=512 << 20,
            request_data=[[1, 2]],
            answer=model.Answer(status=200, body=msgspec.Raw(b"[0, 1]"), seconds=0.012),
            serving="blue",
            is_same=True,
        )

    def add(self, name: str, *, state: str = "Succeeded", **spec: Any) -> model.OnlineDeployment:
        given = {"endpoint_name": "digits", "model": "azureml:digits:1", **spec}
        return self._put(model.CreateOnlineDeployment(name=name, **given), state)

    def _put(self, spec: model.CreateOnlineDeployment, state: str) -> model.OnlineDeployment:
        made = model.OnlineDeployment(
            name=spec.name,
            endpoint_name=spec.endpoint_name,
            state=state,
            reason="Starting" if state == "Creating" else "",
            spec=spec,
            model=spec.model,
            list_price_per_hour=0.293,
            stage=self.stage if state == "Creating" else None,
            instances=[
                model.Instance(name=f"{spec.name}-1", state="Ready", ready_seconds=1.2, requests=3)
            ],
        )
        self.all[spec.endpoint_name, spec.name] = made
        known = self._endpoints.all.get(spec.endpoint_name)
        if known is not None and spec.name not in known.deployments:
            names = [*known.deployments, spec.name]
            self._endpoints.all[known.name] = msgspec.structs.replace(known, deployments=names)
        return made

    def list(self, endpoint: str) -> model.OnlineDeploymentList:
        found = [one for (where, _), one in self.all.items() if where == endpoint]
        return model.OnlineDeploymentList(found)

    def get(self, endpoint: str, name: str) -> model.OnlineDeployment:
        if (endpoint, name) not in self.all:
            raise NotFound(f"{endpoint} has no deployment {name!r}.", target="deployment")
        found = self.all[endpoint, name]
        if found.state in ("Creating", "Updating"):
            error = ErrorBody(code="UserScriptInitFailed", message="no", details=["line 1"])
            self.all[endpoint, name] = msgspec.structs.replace(
                found,
                state=self.outcome,
                reason="",
                error=error if self.outcome == "Failed" else None,
            )
        return found

    def create(self, body: model.CreateOnlineDeployment) -> model.OnlineDeployment:
        self.asked.append(("create", body))
        return self._put(body, "Creating")

    def rehearse(self, body: RehearseDeployment) -> Rehearsal:
        self.asked.append(("rehearse", body))
        return self.rehearsal

    def update(self, body: model.CreateOnlineDeployment) -> model.OnlineDeployment:
        self.asked.append(("update", body))
        return self._put(body, "Updating")

    def delete(self, endpoint: str, name: str) -> model.OnlineDeployment:
        self.asked.append(("delete", endpoint, name))
        return msgspec.structs.replace(self.all.pop((endpoint, name)), state="Deleting")

    def logs(self, endpoint: str, name: str, **query: Any) -> Iterator[model.DeploymentLogLine]:
        self.asked.append(("logs", endpoint, name, query))
        yield model.DeploymentLogLine(instance="i", text="hello")

    def restart_instance(self, endpoint: str, name: str, instance: str) -> model.OnlineDeployment:
        self.asked.append(("restart_instance", endpoint, name, instance))
        return self.get(endpoint, name)
