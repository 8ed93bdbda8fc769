"""Online endpoints: a URL that stays, and the deployments that answer behind it.

Words, limits and defaults are Azure ML's (2025-12-01 API; managed online endpoints). Times are
seconds. A deployment is N instances, each one scoring process with one request at a time unless
``max_concurrent_requests_per_instance`` says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from jupyter_aml.model.errors import ErrorBody

ENDPOINT_NAME = r"^[a-zA-Z](?!.*--)[a-zA-Z0-9\-]{1,30}[a-zA-Z0-9]$"
EndpointName = Annotated[str, Meta(pattern=ENDPOINT_NAME)]

AuthMode = Literal["key", "aml_token"]


class CreateOnlineEndpoint(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Body of `online_endpoints.create`. The same name and spec again is the same endpoint."""

    name: EndpointName
    auth_mode: AuthMode = "key"
    description: str = ""
    tags: dict[str, str] = {}


class UpdateOnlineEndpoint(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Body of `online_endpoints.update`; None leaves a field as it is.

    ``traffic`` sums to 0 or 100; ``mirror_traffic`` names one deployment without live traffic,
    with at most 50 percent. Naming a deployment that is not there is refused.
    """

    traffic: dict[str, Annotated[int, Meta(ge=0, le=100)]] | None = None
    mirror_traffic: dict[str, Annotated[int, Meta(ge=0, le=50)]] | None = None
    description: str | None = None
    tags: dict[str, str] | None = None


class RolloutRule(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """When a new deployment is taken out again: any of these broken over ``window`` seconds."""

    max_error_rate: Annotated[float, Meta(ge=0, le=1)] = 0.05
    max_p95_seconds: Annotated[float, Meta(gt=0)] | None = None
    max_p95_times: Annotated[float, Meta(ge=1)] | None = None
    """So many times the 95th percentile of the deployments that had the traffic before."""
    min_requests: Annotated[int, Meta(ge=1)] = 20
    """Fewer requests in the window decide nothing."""
    window: Annotated[float, Meta(gt=0)] = 10.0


class StartRollout(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Body of `online_endpoints.rollout`: move traffic to a deployment in steps, watched."""

    deployment: str
    steps: list[Annotated[int, Meta(ge=1, le=100)]] = msgspec.field(
        default_factory=lambda: [10, 50, 100]
    )
    """Percent for the new deployment, rising; the others share the rest as they did before."""
    mirror: Annotated[int, Meta(ge=0, le=50)] = 0
    """Before the first step, for the time of one: so many percent of the requests are copied to it,
    its answers thrown away and held against the rule. 0 begins with live traffic."""
    seconds_per_step: Annotated[float, Meta(gt=0)] = 30.0
    rule: RolloutRule = RolloutRule()


class Rollout(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A rollout under way or the last one. ``reason`` says why it was rolled back."""

    deployment: str
    state: Literal["Running", "Succeeded", "RolledBack", "Canceled"]
    step: int
    """Index into ``steps``; the last one when it succeeded, -1 while requests are only copied."""
    steps: list[int]
    mirror: int = 0
    """Percent of the requests that are copied to it before its first step; 0: it has none such."""
    seconds_per_step: float
    rule: RolloutRule
    started_at: str
    step_started_at: str
    ended_at: str | None = None
    before: dict[str, int] = {}
    """The traffic that a rollback restores."""
    reason: str = ""


class OnlineEndpoint(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """An endpoint as it is. ``state`` is a word of `lifecycle.ENDPOINT`."""

    name: str
    state: str
    reason: str = ""
    auth_mode: AuthMode = "key"
    scoring_uri: str = ""
    openapi_uri: str = ""
    traffic: dict[str, int] = {}
    mirror_traffic: dict[str, int] = {}
    rollout: Rollout | None = None
    deployments: list[str] = []
    description: str = ""
    tags: dict[str, str] = {}
    created_at: str = ""
    error: ErrorBody | None = None


class OnlineEndpointList(msgspec.Struct, rename="camel", frozen=True):
    value: list[OnlineEndpoint]


class EndpointKeys(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Either opens the endpoint: change clients to one, renew the other."""

    primary_key: str
    secondary_key: str


class RegenerateKey(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    key_type: Literal["primary", "secondary"] = "primary"
    key_value: Annotated[str, Meta(max_length=256)] = ""
    """Empty draws a new one."""


class EndpointToken(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A short-lived token for ``aml_token`` endpoints. Times are seconds since 1970."""

    access_token: str
    expiry_time_utc: int
    refresh_after_time_utc: int
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the kind of a token


class Invoke(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Body of `online_endpoints.invoke`: the service sends it with the endpoint's key."""

    request_data: msgspec.Raw
    """JSON, sent as it is."""
    deployment: str = ""


class Answer(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """What an endpoint answered. A body that is not JSON is in ``text``, and ``body`` is null."""

    status: int
    body: msgspec.Raw
    text: str = ""
    deployment: str = ""
    request_id: str = ""
    seconds: float = 0

    @property
    def value(self) -> Any:
        """The body as Python has it; its text where it is not JSON."""
        return self.text or msgspec.json.decode(self.body)


# -- deployments --------------------------------------------------------------------------


class RequestSettings(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    request_timeout: Annotated[float, Meta(gt=0, le=180)] = 5.0
    max_concurrent_requests_per_instance: Annotated[int, Meta(ge=1, le=1000)] = 1
    max_request_bytes: Annotated[int, Meta(ge=1)] = 10_000_000
    """Larger ones are answered 413."""
    micro_batch: bool = False
    """``run`` gets what one turn of the loop received as a list, and returns as many answers."""


class Probe(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Is it there (liveness, else it is started anew), may it get requests (readiness)."""

    initial_delay: Annotated[float, Meta(ge=0)] = 0.0
    """Nothing is asked before. Azure waits 10 s; here the first answer is taken when it comes."""
    period: Annotated[float, Meta(gt=0)] = 10.0
    timeout: Annotated[float, Meta(gt=0)] = 2.0
    success_threshold: Annotated[int, Meta(ge=1)] = 1
    """After a failure, and before it is ready at all, so many answers in a row are needed."""
    failure_threshold: Annotated[int, Meta(ge=1)] = 30
    """So many failures in a row speak against it."""


class ScaleSettings(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Instances follow the requests in flight. ``min_instances`` 0 lets it sleep when idle."""

    min_instances: Annotated[int, Meta(ge=0, le=50)] = 1
    max_instances: Annotated[int, Meta(ge=1, le=50)] = 1
    target_utilization_percentage: Annotated[int, Meta(ge=1, le=100)] = 70
    polling_interval: Annotated[float, Meta(gt=0)] = 1.0
    idle_seconds_before_scale_down: Annotated[float, Meta(ge=0)] = 60.0


class CreateOnlineDeployment(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Body of `online_deployments.create` (new) and `.update` (the same name, changed).

    ``model`` is ``azureml:name:version`` (or ``name:version``). Without ``scoring_script`` the
    model has to be one that needs none: an MLflow model, or a registered Python object, for which
    a script is generated and shown. ``code`` is a folder of this machine or ``snapshot:<id>``.
    """

    name: EndpointName
    endpoint_name: EndpointName
    model: str
    code: str = ""
    scoring_script: str = ""
    environment: str = ""
    """Empty is ``kernel``; for an MLflow model without a script the packages that it names."""
    python: str = ""
    """The interpreter of the ``kernel`` environment; empty takes the model's."""
    environment_variables: dict[str, str] = {}
    instance_type: str = ""
    """A size; empty is the smallest one that rehearses Azure's default (Standard_DS3_v2)."""
    scale_settings: ScaleSettings = ScaleSettings()
    request_settings: RequestSettings = RequestSettings()
    liveness_probe: Probe = Probe()
    readiness_probe: Probe = Probe()
    engine: Literal["aml", "azmlinfsrv"] = "aml"
    """Azure's own azureml-inference-server-http is there for exact rehearsal."""
    app_insights_enabled: bool = True
    """Azure's switch, kept with the deployment; a local endpoint logs requests in any case."""
    description: str = ""
    tags: dict[str, str] = {}


class Instance(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """One scoring process."""

    name: str
    state: Literal["Starting", "Ready", "Draining", "Unhealthy", "Ended"]
    pid: int = 0
    started_at: str = ""
    ready_seconds: float | None = None
    """From its start to its first healthy answer."""
    requests: int = 0
    memory_bytes: int = 0
    cpu_percent: float = 0
    reason: str = ""


class DeployStage(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """What a deployment that comes up is at, and how long that usually takes here, in seconds.

    Learnt from this person's own past ones; None while they are too few to say so.
    """

    name: Literal["environment", "start"]
    """Its environment is built; its first instance starts and loads the model."""
    started_at: str
    usual_low: float | None = None
    usual_high: float | None = None
    count: int = 0
    """How many past ones that was learnt from."""
    slow_after: float | None = None
    """From so many seconds on it is slower than 95 % of past ones."""


class OnlineDeployment(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A deployment as it is. ``state`` is a word of `lifecycle.DEPLOYMENT`."""

    name: str
    endpoint_name: str
    state: str
    reason: str = ""
    spec: CreateOnlineDeployment
    model: str = ""
    """``azureml:name:version``, resolved."""
    environment: str = ""
    """``name:version``, or "kernel": what ``spec`` names, or what was taken where it is empty."""
    python: str = ""
    """The interpreter of ``kernel``."""
    scoring_code: str = ""
    """The script that runs, generated or the person's own."""
    instances: list[Instance] = []
    wanted_instances: int = 0
    created_at: str = ""
    ready_at: str | None = None
    error: ErrorBody | None = None
    warnings: list[str] = []
    list_price_per_hour: float | None = None
    """Of one instance of its size in Azure; rehearsal money."""
    stage: DeployStage | None = None
    """None once it answers, and where nothing comes up."""


class OnlineDeploymentList(msgspec.Struct, rename="camel", frozen=True):
    value: list[OnlineDeployment]


class TrafficSample(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """One second (or longer, further back) of one deployment. Latencies are seconds."""

    time: float
    seconds: float
    requests: int
    errors: int
    refused: int = 0
    """429 and 503 of the router itself."""
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None
    in_flight: int = 0
    instances: int = 0


class DeploymentTraffic(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    deployment: str
    samples: list[TrafficSample]


class EndpointTraffic(msgspec.Struct, rename="camel", frozen=True):
    """Answer of `online_endpoints.traffic`: each deployment, oldest sample first."""

    value: list[DeploymentTraffic]


class DeploymentLogLine(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """One line of `online_deployments.logs`.

    Of the console as the script printed it; of requests one JSON object, as the router wrote it.
    """

    instance: str
    text: str
    time: str = ""
    """When, where that is known: what a script prints has no time of its own."""


def shares(before: Mapping[str, int], deployment: str, percent: int) -> dict[str, int]:
    """Traffic with `percent` for `deployment`; the others share the rest as they did before.

    It sums to 100. Where no other had traffic the deployment gets everything.
    """
    others = {name: share for name, share in before.items() if name != deployment and share}
    whole, rest = sum(others.values()), 100 - percent
    if not whole:
        return {deployment: 100}
    exact = {name: share * rest / whole for name, share in others.items()}
    found = {name: int(value) for name, value in exact.items()}
    by_remainder = sorted(exact, key=lambda name: found[name] - exact[name])
    for name in by_remainder[: rest - sum(found.values())]:
        found[name] += 1
    return {**found, deployment: percent}
