"""``deploy``: from a model, or a variable of the notebook, to an endpoint that answers."""

from __future__ import annotations

import re

import msgspec

from jupyter_aml.grammar.documents import document
from jupyter_aml.grammar.kinds import NAME, Kind
from jupyter_aml.grammar.language import Call, Noun, Option, Verb
from jupyter_aml.grammar.result import Result
from jupyter_aml.grammar.verbs import endpoint_waits as waits
from jupyter_aml.grammar.verbs.online_deployment_changes import RUNNING, running
from jupyter_aml.grammar.views import endpoint as view
from jupyter_aml.model.endpoint import (
    CreateOnlineDeployment,
    CreateOnlineEndpoint,
    OnlineDeployment,
    OnlineEndpoint,
    UpdateOnlineEndpoint,
    shares,
)
from jupyter_aml.model.errors import Invalid, NotFound
from jupyter_aml.model.registry import CreateModel, Model

FIRST = "blue"
"""The deployment of an endpoint that has none."""


def _deploy(call: Call) -> Result:
    began = call.surface.now()
    model = _model(call)
    endpoint = _endpoint(call)
    spec = _spec(call, endpoint, model)
    deployments = call.client.online_deployments
    if spec.name in endpoint.deployments:
        deployments.update(spec)
    else:
        deployments.create(spec)
    found = waits.deployed(call, spec.endpoint_name, spec.name)
    if found.state == "Failed":
        return view.deployment(found, exit_code=1)
    endpoint = _routed(call, waits.answering(call, endpoint.name), spec.name)
    return _done(call, endpoint, found, model, call.surface.now() - began)


def _done(
    call: Call, endpoint: OnlineEndpoint, found: OnlineDeployment, model: Model, seconds: float
) -> Result:
    shown = view.deployed(endpoint, found, seconds)
    sample = model.sample
    ask = call.command(f"online-endpoint invoke {endpoint.name} --request-data X[:5]")
    return Result(
        value=endpoint,
        document={"endpoint": document(endpoint), "deployment": document(found)},
        parts=[shown],
        notes=[
            *_other(call),
            f"Ask it: {ask}",
            view.curl(endpoint, call.surface.prefix, sample),
        ],
    )


def _other(call: Call) -> list[str]:
    """Which was taken, where a variable and a model have the name that was given."""
    text = call["model"]
    if not (text.isidentifier() and call.surface.has_variable(text)):
        return []
    try:
        model = call.client.models.get(text, "")
    except NotFound:
        return []
    made = call["model_name"] or call["endpoint"]
    if made == text:
        return []  # the variable is the newest version of that model now
    again = call.command(f"deploy {model.name}:{model.version} --endpoint {call['endpoint']}")
    return [f"{text} is a variable and a model: the variable was taken. The model: {again}"]


def _model(call: Call) -> Model:
    """The variable of that name, registered under the endpoint's; else the model."""
    text = call["model"]
    if text.isidentifier() and call.surface.has_variable(text):
        name = call["model_name"] or call["endpoint"]
        if call.surface.watched:
            call.surface.note(f"Registering {text} as model {name} …")
        return call.surface.register(text, CreateModel(name=name, path=""))
    name, _, version = text.removeprefix("azureml:").partition("@")
    if not version:
        name, _, version = name.partition(":")
    try:
        return call.client.models.get(name, "" if version == "latest" else version)
    except NotFound as error:
        raise NotFound(
            f"There is no model and no variable {text!r}.",
            target=text,
            hint=error.hint,
        ) from None


def _endpoint(call: Call) -> OnlineEndpoint:
    """It, made if it is not there."""
    name = call["endpoint"]
    try:
        return call.client.online_endpoints.get(name)
    except NotFound:
        return call.client.online_endpoints.create(CreateOnlineEndpoint(name=name))


def _spec(call: Call, endpoint: OnlineEndpoint, model: Model) -> CreateOnlineDeployment:
    """A new one; or the one that is there with this model in it, else as it was."""
    name = call["deployment"] or _chosen(endpoint)
    if name in endpoint.deployments:
        before = call.client.online_deployments.get(endpoint.name, name).spec
        if before.model != model.reference:
            before = msgspec.structs.replace(before, model=model.reference, python="")
        return running(_without_model(call), before)
    made = CreateOnlineDeployment(name=name, endpoint_name=endpoint.name, model=model.reference)
    return running(_without_model(call), made)


def _without_model(call: Call) -> Call:
    """The word after ``deploy`` may be a variable: what it became is in the spec."""
    values = {key: value for key, value in call.values.items() if key != "model"}
    return Call(call.client, call.surface, values)


def _chosen(endpoint: OnlineEndpoint) -> str:
    """The deployment that has most of the traffic: it is what one means by the endpoint."""
    if not endpoint.deployments:
        return FIRST
    return max(endpoint.deployments, key=lambda name: endpoint.traffic.get(name, 0))


def _routed(call: Call, endpoint: OnlineEndpoint, name: str) -> OnlineEndpoint:
    """With the share of the traffic that was asked for; all of it where nobody has any."""
    percent = call["traffic"]
    if percent is None and any(endpoint.traffic.values()):
        return endpoint
    traffic = shares(endpoint.traffic, name, 100 if percent is None else percent)
    if percent is not None and percent < 100 and len(traffic) == 1 and endpoint.traffic != {}:
        raise Invalid(
            f"No other deployment of {endpoint.name} has traffic to share.", target="--traffic"
        )
    return call.client.online_endpoints.update(endpoint.name, UpdateOnlineEndpoint(traffic=traffic))


def _read_percent(text: str) -> int:
    if not re.fullmatch(r"\d{1,3}%?", text) or int(text.rstrip("%")) > 100:
        raise ValueError(f"{text!r} is no percentage: 0 to 100.")
    return int(text.rstrip("%"))


DEPLOY = Noun(
    name="deploy",
    summary="The short way: a model or a variable, behind an endpoint, answering.",
    verbs=(
        Verb(
            name="",
            summary="The short way: a model or a variable, behind an endpoint, answering.",
            details=(
                "A variable is registered first, under the endpoint's name. The endpoint is made "
                "if it is not there. A deployment that is there gets the new model: new instances "
                "answer before old ones leave."
            ),
            run=_deploy,
            options=(
                Option(
                    flags=("--model", "-m"),
                    kind=NAME,
                    help="A variable of this notebook, or name:version of a model.",
                    required=True,
                    positional=True,
                    completes="variable",
                ),
                Option(
                    flags=("--endpoint", "--endpoint-name", "-e"),
                    kind=NAME,
                    help="The endpoint.",
                    required=True,
                    completes="endpoint",
                    key="endpoint",
                ),
                Option(
                    flags=("--deployment", "--deployment-name"),
                    kind=NAME,
                    key="deployment",
                    help="The deployment; by default the one with most traffic, at first blue.",
                    completes="deployment",
                ),
                Option(
                    flags=("--traffic",),
                    kind=Kind("PERCENT", _read_percent),
                    help="Its share of the requests; all where nobody has any, else as it is.",
                ),
                Option(
                    flags=("--model-name",),
                    kind=NAME,
                    help="What a variable is registered as; the endpoint's name unless told.",
                ),
                *RUNNING,
            ),
            examples=(
                "deploy clf --endpoint digits",
                "deploy digits:2 --endpoint digits --deployment green --traffic 10",
                "deploy digits:1 --endpoint digits --min 1 --max 3 --script score.py",
            ),
        ),
    ),
)
