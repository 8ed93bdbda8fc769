"""What changes a deployment: create, update, restart, delete."""

from __future__ import annotations

from typing import Any

import msgspec

from jupyter_aml.grammar import options
from jupyter_aml.grammar.kinds import ENVIRONMENT_VARIABLE, FILE, FOLDER, NAME, TIMEOUT, Kind
from jupyter_aml.grammar.language import NO_WAIT, Call, Option
from jupyter_aml.grammar.result import Result
from jupyter_aml.grammar.verbs import described as described_by_file
from jupyter_aml.grammar.verbs import endpoint_waits as waits
from jupyter_aml.grammar.verbs.endpoint_options import COUNT
from jupyter_aml.grammar.verbs.from_file import of_file
from jupyter_aml.grammar.views import endpoint as view
from jupyter_aml.model.endpoint import CreateOnlineDeployment, UpdateOnlineEndpoint
from jupyter_aml.model.errors import Invalid

RUNNING = (
    Option(flags=("--code", "-c"), kind=FOLDER, help="The folder of the scoring script."),
    Option(
        flags=("--script", "--scoring-script"),
        kind=FILE,
        key="script",
        help="The file with init() and run(data); without --code the folder is its own.",
    ),
    Option(
        flags=("--environment",),
        kind=NAME,
        help="Where it runs; by default the interpreter that the model was saved with, and for an "
        "MLflow model the packages that it names.",
        completes="environment",
    ),
    Option(
        flags=("--instance-type", "--size"),
        kind=NAME,
        key="instance_type",
        help="The size of each instance; Standard_DS3_v2 in rehearsal unless told.",
        completes="size",
    ),
    Option(
        flags=("--min", "--min-instances"),
        kind=COUNT,
        key="least",
        help="Instances there are always; 0 lets it sleep. 1 unless told.",
    ),
    Option(
        flags=("--max", "--max-instances"),
        kind=COUNT,
        key="most",
        help="Instances there are under load; as --min unless told.",
    ),
    Option(
        flags=("--concurrent",),
        kind=Kind.integer("COUNT", 1, 1000),
        help="Requests that one instance runs at once; 1 unless told.",
    ),
    Option(
        flags=("--request-timeout",), kind=TIMEOUT, help="How long one may take; 5s unless told."
    ),
    Option(
        flags=("--micro-batch",), kind=None, help="Give run_batch() what came together as a list."
    ),
    Option(
        flags=("--engine",),
        kind=Kind.choice("aml", "azmlinfsrv"),
        help="azmlinfsrv: Azure's own server, for an exact rehearsal.",
    ),
    Option(
        flags=("--env",),
        kind=ENVIRONMENT_VARIABLE,
        repeat=True,
        help="An environment variable, NAME=VALUE; may be repeated.",
    ),
)
"""How a deployment runs; `deploy` has them too."""

SPEC = (
    options.new_name(),
    Option(
        flags=("--endpoint-name", "--endpoint", "-e"),
        kind=NAME,
        help="The endpoint.",
        completes="endpoint",
        key="endpoint",
    ),
    Option(flags=("--model", "-m"), kind=NAME, help="name:version.", completes="model"),
    *RUNNING,
    Option(flags=("--description",), help="What it is for."),
    options.TAGS,
    options.file("An az ml deployment file (YAML)."),
    options.field_of_file("instance_count=2"),
)
"""What a deployment is to be; `rehearse` has them too."""

DESCRIBING = (
    *SPEC,
    Option(flags=("--all-traffic",), kind=None, help="Give it all requests once it answers."),
    NO_WAIT,
)

_DESCRIBED = (
    "model",
    "code",
    "script",
    "environment",
    "instance_type",
    "least",
    "most",
    "concurrent",
    "request_timeout",
    "engine",
    "env",
    "description",
    "tags",
)


def create(call: Call) -> Result:
    spec = described(call)
    call.client.online_deployments.create(spec)
    return finished(call, spec)


def update(call: Call) -> Result:
    if call["file"]:
        spec = _of_file(call)
    else:
        endpoint, name = _named(call)
        spec = running(call, call.client.online_deployments.get(endpoint, name).spec)
    call.client.online_deployments.update(spec)
    return finished(call, spec)


def finished(call: Call, spec: CreateOnlineDeployment) -> Result:
    """Wait unless told otherwise, and give it the traffic that was asked for."""
    endpoint, name = spec.endpoint_name, spec.name
    if call["no_wait"]:
        return view.deployment(call.client.online_deployments.get(endpoint, name))
    found = waits.deployed(call, endpoint, name)
    if found.state == "Failed":
        return view.deployment(found, exit_code=1)
    notes: list[str] = []
    if call["all_traffic"]:
        body = UpdateOnlineEndpoint(traffic={name: 100})
        call.client.online_endpoints.update(endpoint, body)
    elif not call.client.online_endpoints.get(endpoint).traffic.get(name):
        split = call.command(f'online-endpoint update {endpoint} --traffic "{name}=100"')
        notes.append(f"It has no traffic yet: {split}")
    return view.deployment(found, *notes)


def _named(call: Call) -> tuple[str, str]:
    for key, option in (("name", "--name"), ("endpoint", "--endpoint-name")):
        if not call[key]:
            usage = "online-deployment create NAME -e ENDPOINT --model MODEL"
            raise Invalid(f"{option} is missing.", target=option, hint=call.command(usage))
    return call["endpoint"], call["name"]


def described(call: Call, there: CreateOnlineDeployment | None = None) -> CreateOnlineDeployment:
    """As the file or the options say; `there` is the one of that name that is there."""
    if call["file"]:
        return _of_file(call)
    endpoint, name = _named(call)
    if there is not None:
        return running(call, there)
    if not call["model"]:
        raise Invalid(
            "No model was named.",
            target="--model",
            hint=f"{call.command('model list')} shows them.",
        )
    return running(
        call, CreateOnlineDeployment(name=name, endpoint_name=endpoint, model=call["model"])
    )


def running(call: Call, spec: CreateOnlineDeployment) -> CreateOnlineDeployment:
    """`spec` with what the options say."""
    given = call.given(*(key for key in _DESCRIBED if key in call.values))
    plain = ("model", "environment", "instance_type", "engine", "description")
    fields: dict[str, Any] = {key: given[key] for key in plain if key in given}
    if "tags" in given:
        fields["tags"] = dict(given["tags"])
    if "env" in given:
        fields["environment_variables"] = spec.environment_variables | _variables(given["env"])
    if "model" in given and given["model"] != spec.model and "environment" not in given:
        fields["python"] = ""  # that of the other model
    machine = call.surface.machine
    if "script" in given:
        folder, _, script = given["script"].replace("\\", "/").rpartition("/")
        fields["scoring_script"] = given["script"] if "code" in given else script
        fields["code"] = machine.whole_path(given.get("code") or folder or ".")
    elif "code" in given:
        fields["code"] = machine.whole_path(given["code"])
    fields["scale_settings"] = _scale(given, spec)
    fields["request_settings"] = _requests(call, given, spec)
    return msgspec.structs.replace(spec, **fields)


def _variables(pairs: list[tuple[str, str | None]]) -> dict[str, str]:
    import os

    return {name: os.environ.get(name, "") if value is None else value for name, value in pairs}


def _scale(given: dict[str, Any], spec: CreateOnlineDeployment) -> Any:
    scale = spec.scale_settings
    least = given.get("least", scale.min_instances)
    most = given.get("most", max(scale.max_instances, least, 1))
    if least > most:
        raise Invalid(f"--min {least} is more than --max {most}.", target="--min")
    return msgspec.structs.replace(scale, min_instances=least, max_instances=max(1, most))


def _requests(call: Call, given: dict[str, Any], spec: CreateOnlineDeployment) -> Any:
    fields: dict[str, Any] = {}
    if "concurrent" in given:
        fields["max_concurrent_requests_per_instance"] = given["concurrent"]
    if "request_timeout" in given:
        fields["request_timeout"] = given["request_timeout"]
        if given["request_timeout"] > 180:
            raise Invalid("A request may take 180 s at most.", target="--request-timeout")
    if call.values.get("micro_batch"):
        fields["micro_batch"] = True
    return msgspec.structs.replace(spec.request_settings, **fields)


def _of_file(call: Call) -> CreateOnlineDeployment:
    """The file's deployment, with the model and environment that it describes kept first."""
    described = call.given(*_DESCRIBED)
    named = Call(
        call.client, call.surface, {**call.values, "endpoint_name": call["endpoint"] or ""}
    )
    found = of_file(
        named,
        call.surface.machine.read_deployment,
        described,
        example="instance_count=2",
        keys=("name", "endpoint_name"),
    )
    spec: CreateOnlineDeployment = found.spec
    if not spec.endpoint_name:
        raise Invalid(
            "The deployment needs an endpoint.",
            target="--endpoint-name",
            hint="The file names none: --endpoint-name NAME",
        )
    return described_by_file.keep(call, spec, found.model, found.environment)


def restart(call: Call) -> Result:
    deployments = call.client.online_deployments
    found = deployments.restart_instance(call["endpoint"], call["name"], call["instance"])
    return view.deployment(found)


def delete(call: Call) -> Result:
    endpoint, name = call["endpoint"], call["name"]
    deployments = call.client.online_deployments
    found = deployments.get(endpoint, name)
    if not call["yes"] and not call.surface.confirm(f"Delete {endpoint}/{name}?", loses=""):
        return view.deployment(found, "Nothing was deleted.", exit_code=1)
    gone = deployments.delete(endpoint, name)
    if call["no_wait"]:
        return view.deployment(gone)
    waits.deployment_gone(call, endpoint, name)
    done = {"endpoint_name": endpoint, "name": name, "deleted": True}
    return Result(value=gone, document=done, notes=[f"Deleted {endpoint}/{name}."])
