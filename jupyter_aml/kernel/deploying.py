"""`aml.deploy` and `EndpointHandle`: an endpoint in the person's hand, from any notebook."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jupyter_aml.client.client import Client
from jupyter_aml.grammar import Result, parse_words, run
from jupyter_aml.grammar.views import endpoint as view
from jupyter_aml.kernel.modelhandle import ModelHandle
from jupyter_aml.kernel.named import Named
from jupyter_aml.kernel.notebook import notebook_of
from jupyter_aml.kernel.raising import in_short
from jupyter_aml.kernel.register import register
from jupyter_aml.kernel.shell import current_shell
from jupyter_aml.kernel.surface import NotebookSurface
from jupyter_aml.model.endpoint import (
    Answer,
    DeploymentLogLine,
    EndpointKeys,
    EndpointTraffic,
    OnlineDeployment,
    OnlineEndpoint,
    RolloutRule,
    StartRollout,
    UpdateOnlineEndpoint,
)
from jupyter_aml.model.errors import AmlError, JobFailed


def deploy(
    model: object,
    endpoint: str,
    *,
    deployment: str = "",
    min: int | None = None,
    max: int | None = None,
    traffic: int | None = None,
    script: str = "",
    code: str = "",
    environment: str = "",
    instance_type: str = "",
    env: Mapping[str, str] | None = None,
    micro_batch: bool = False,
    request_timeout: float | None = None,
    client: Client | None = None,
) -> EndpointHandle:
    """Put `model` behind `endpoint` and return when it answers, as ``%aml deploy`` does.

    `model` is an object of the notebook, which is registered under the endpoint's name, or a
    registered model: its handle or ``name:version``. Raise `JobFailed` for one that does not load;
    what is there already goes on answering.
    """
    shell = current_shell()
    client = client or notebook_of(shell).client
    if not isinstance(model, (str, ModelHandle)):
        model = register(model, endpoint, client=client)
    reference = model.reference if isinstance(model, ModelHandle) else model
    given = {
        "--deployment": deployment,
        "--min": min,
        "--max": max,
        "--traffic": traffic,
        "--script": script,
        "--code": code,
        "--environment": environment,
        "--instance-type": instance_type,
        "--request-timeout": request_timeout,
    }
    words = ["deploy", reference, "--endpoint", endpoint]
    for flag, value in given.items():
        if value not in (None, ""):
            words += [flag, str(value)]
    for name, value in (env or {}).items():
        words += ["--env", f"{name}={value}"]
    words += ["--micro-batch"] * micro_batch
    try:
        result = run(client, parse_words(words), NotebookSurface(shell))
    except AmlError as error:
        raise in_short(error) from None
    if isinstance(result.value, OnlineDeployment):
        raise in_short(_did_not_load(result.value)) from None
    return EndpointHandle(endpoint, client=client)


def _did_not_load(found: OnlineDeployment) -> AmlError:
    error = found.error
    path = f"{found.endpoint_name}/{found.name}"
    if error is None:
        return JobFailed(f"{path} does not answer: {found.reason}", target=path)
    return JobFailed(
        f"{path} does not answer: {error.message}",
        target=error.target,
        hint=error.hint,
        details=error.details,
    )


class EndpointHandle(Named):
    """``aml.EndpointHandle("digits")``: ask it, split its traffic, look at what it does."""

    def __init__(self, name: str, *, client: Client | None = None) -> None:
        super().__init__(client)
        self.name = name

    @property
    def endpoint(self) -> OnlineEndpoint:
        """The endpoint as it is now."""
        return self.client.online_endpoints.get(self.name)

    @property
    def url(self) -> str:
        return self.endpoint.scoring_uri

    @property
    def deployments(self) -> Sequence[OnlineDeployment]:
        return self.client.online_deployments.list(self.name).value

    def invoke(self, request_data: object, *, deployment: str = "") -> Any:
        """What it answers to these rows, as Python has it.

        Raise `JobFailed` with what it said when that was no answer.
        """
        answer = self.ask(request_data, deployment=deployment)
        if 200 <= answer.status < 300:
            return answer.value
        raise JobFailed(
            f"{self.name} answered {answer.status}.",
            target=f"{self.name}/{answer.deployment}".rstrip("/"),
            hint=f"%aml online-deployment logs {answer.deployment or 'NAME'} -e {self.name}",
            details=[str(answer.value)],
        )

    def ask(self, request_data: object, *, deployment: str = "") -> Answer:
        """`invoke`, with status and headers; a refusal is an answer too."""
        return self.client.online_endpoints.invoke(self.name, request_data, deployment=deployment)

    def keys(self) -> EndpointKeys:
        return self.client.online_endpoints.keys(self.name)

    def split(self, **traffic: int) -> EndpointHandle:
        """``split(blue=90, green=10)``: the percentages of the requests."""
        self.client.online_endpoints.update(self.name, UpdateOnlineEndpoint(traffic=traffic))
        return self

    def rollout(
        self,
        deployment: str,
        *,
        mirror: int = 0,
        steps: Sequence[int] = (10, 50, 100),
        seconds_per_step: float = 30.0,
        rule: RolloutRule | None = None,
    ) -> EndpointHandle:
        """Move traffic to a deployment in steps; it goes back by itself when that one errs.

        With `mirror` a step comes first that copies so many percent of the requests to it, and
        throws its answers away.
        """
        body = StartRollout(
            deployment=deployment,
            mirror=mirror,
            steps=list(steps),
            seconds_per_step=seconds_per_step,
            rule=rule or RolloutRule(),
        )
        self.client.online_endpoints.rollout(self.name, body)
        return self

    def traffic(self, seconds: int = 600) -> EndpointTraffic:
        """Requests, errors and latencies of each deployment, oldest first."""
        return self.client.online_endpoints.traffic(self.name, seconds=seconds)

    def logs(
        self, deployment: str, *, kind: str = "console", tail: int = 200, follow: bool = False
    ) -> Iterator[DeploymentLogLine]:
        return self.client.online_deployments.logs(
            self.name, deployment, kind=kind, tail=tail, follow=follow
        )

    def delete(self) -> None:
        """With all of its deployments; returns at once."""
        self.client.online_endpoints.delete(self.name)

    # -- looks ------------------------------------------------------------------------------

    def _words(self) -> tuple[str]:
        return (self.name,)

    def _result(self) -> Result:
        return view.shown(self.endpoint)
