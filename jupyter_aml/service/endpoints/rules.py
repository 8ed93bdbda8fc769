"""What is refused before anything is started, as Azure ML refuses it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from jupyter_aml.model.endpoint import CreateOnlineDeployment, StartRollout
from jupyter_aml.model.errors import Conflict, Invalid, NotFound
from jupyter_aml.model.nearest import nearest

MOST_ENDPOINTS = 100
MOST_DEPLOYMENTS = 20
MOST_CODE_BYTES = 100 * 1024 * 1024


def check_new_endpoint(name: str, known: Collection[str]) -> None:
    if len(known) >= MOST_ENDPOINTS:
        raise Conflict(
            f"There are {MOST_ENDPOINTS} endpoints, which is the most.",
            target="name",
            hint="Delete one: `%aml online-endpoint delete NAME`.",
        )
    same = next((one for one in known if one.lower() == name.lower()), None)
    if same is not None:
        raise Conflict(
            f"There is an endpoint {same!r}, which differs in upper and lower case alone.",
            target="name",
            hint="Take another name.",
        )


def check_traffic(traffic: Mapping[str, int], deployments: Collection[str], endpoint: str) -> None:
    """Raise `Invalid` or `NotFound` unless it sums to 0 or 100 over deployments that are there."""
    for name in traffic:
        _check_known(name, deployments, endpoint, "traffic")
    total = sum(traffic.values())
    if total not in (0, 100):
        said = ", ".join(f"{name}={percent}" for name, percent in traffic.items())
        raise Invalid(
            f"Traffic sums to {total} ({said}); it has to be 0 or 100.",
            target="traffic",
            hint=_traffic_hint(endpoint, traffic),
        )


def _traffic_hint(endpoint: str, traffic: Mapping[str, int]) -> str:
    first, *others = traffic
    rest = sum(traffic[name] for name in others)
    if rest <= 100 and others:
        parts = " ".join([f"{first}={100 - rest}", *(f"{n}={traffic[n]}" for n in others)])
    else:
        parts = f"{first}=100"
    return f'`%aml online-endpoint update {endpoint} --traffic "{parts}"`'


def check_mirror(
    mirror: Mapping[str, int],
    traffic: Mapping[str, int],
    deployments: Collection[str],
    endpoint: str,
) -> None:
    """One deployment at most, at most 50 percent, and none that has live traffic."""
    if len([name for name, percent in mirror.items() if percent]) > 1:
        raise Invalid("Only one deployment can get mirrored traffic.", target="mirrorTraffic")
    for name, percent in mirror.items():
        _check_known(name, deployments, endpoint, "mirrorTraffic")
        if percent > 50:
            raise Invalid(
                f"{percent} percent cannot be mirrored: 50 is the most.", target="mirrorTraffic"
            )
        if percent and traffic.get(name):
            raise Invalid(
                f"{name} has live traffic ({traffic[name]} percent), so none is mirrored to it.",
                target="mirrorTraffic",
                hint="Take its live traffic away first, or mirror to another deployment.",
            )


def _check_known(name: str, deployments: Collection[str], endpoint: str, target: str) -> None:
    if name not in deployments:
        known = ", ".join(deployments) or "none yet"
        raise NotFound(
            f"The endpoint {endpoint} has no deployment {name!r}.",
            target=target,
            hint=f"{nearest(name, list(deployments))}It has: {known}.",
        )


def check_new_deployment(count: int, endpoint: str) -> None:
    if count >= MOST_DEPLOYMENTS:
        raise Conflict(
            f"{endpoint} has {MOST_DEPLOYMENTS} deployments, which is the most.",
            target="name",
            hint=f"Delete one: `%aml online-deployment delete NAME --endpoint-name {endpoint}`.",
        )


def check_spec(body: CreateOnlineDeployment) -> None:
    """What can be seen in the deployment alone."""
    scale = body.scale_settings
    if scale.min_instances > scale.max_instances:
        raise Invalid(
            f"min_instances is {scale.min_instances}, more than max_instances, "
            f"{scale.max_instances}.",
            target="scaleSettings",
            hint=f"--min {scale.min_instances} --max {scale.min_instances}",
        )
    if not body.model and not body.scoring_script:
        raise Invalid(
            "No model was named.",
            target="model",
            hint="Name one: `%aml model list` shows them, `%aml model create` makes one. "
            "A scoring script alone will do as well.",
        )
    if body.code and not body.scoring_script:
        raise Invalid(
            "There is a code folder, and no scoring script of it was named.",
            target="scoringScript",
            hint="Name the file in it that has init() and run(): --script score.py",
        )
    if body.engine == "azmlinfsrv" and body.request_settings.micro_batch:
        raise Invalid(
            "azureml-inference-server-http knows no micro-batching.",
            target="requestSettings.microBatch",
            hint="Leave it out, or take the engine aml.",
        )


def check_delete(name: str, endpoint: str, traffic: Mapping[str, int]) -> None:
    """A deployment with traffic stays, as in Azure."""
    if not traffic.get(name):
        return
    others = [other for other, percent in traffic.items() if other != name and percent]
    parts = f"{name}=0" if not others else f"{others[0]}=100"
    if len(others) > 1:
        parts = " ".join(f"{other}=..." for other in others)
    raise Conflict(
        f"{name} has {traffic[name]} percent of the traffic of {endpoint}.",
        target=name,
        hint=f'Move it first: `%aml online-endpoint update {endpoint} --traffic "{parts}"`.',
    )


def check_rollout(
    body: StartRollout,
    deployments: Collection[str],
    endpoint: str,
    traffic: Mapping[str, int],
    mirror: Mapping[str, int],
) -> None:
    _check_known(body.deployment, deployments, endpoint, "deployment")
    steps = body.steps
    if not steps or steps != sorted(set(steps)):
        raise Invalid(
            f"The steps {steps} do not rise.",
            target="steps",
            hint="Percentages that rise to the last, as in 10, 50, 100.",
        )
    if body.mirror:
        _check_copies(body.deployment, endpoint, traffic, mirror)


def _check_copies(
    deployment: str, endpoint: str, traffic: Mapping[str, int], mirror: Mapping[str, int]
) -> None:
    """A rollout that begins with copies: of requests that others answer, and to nobody else."""
    if traffic.get(deployment):
        raise Invalid(
            f"{deployment} has live traffic ({traffic[deployment]} percent), so none is copied "
            "to it.",
            target="mirror",
            hint="Begin with live traffic: leave the mirror out.",
        )
    if not any(traffic.values()):
        raise Invalid(
            f"No other deployment of {endpoint} has traffic that could be copied.",
            target="mirror",
            hint="Begin with live traffic: leave the mirror out.",
        )
    other = next((name for name, percent in mirror.items() if percent and name != deployment), "")
    if other:
        raise Conflict(
            f"Requests are copied to {other} already, and one deployment at most gets copies.",
            target="mirror",
            hint=f"End that first: `%aml online-endpoint update {endpoint} --mirror-traffic "
            f'"{other}=0"`.',
        )
