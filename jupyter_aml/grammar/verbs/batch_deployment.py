"""``batch-deployment``: a model, its script and its settings behind a batch endpoint."""

from __future__ import annotations

from typing import Any

import msgspec

from jupyter_aml.grammar import options
from jupyter_aml.grammar.documents import document
from jupyter_aml.grammar.kinds import ENDPOINT_NAME, FOLDER, NAME, TIMEOUT, Kind
from jupyter_aml.grammar.language import YES, Call, Noun, Option, Verb
from jupyter_aml.grammar.result import Result
from jupyter_aml.grammar.verbs import described as described_by_file
from jupyter_aml.grammar.verbs.from_file import check_described, of_file
from jupyter_aml.grammar.views import batch as view
from jupyter_aml.model.batch import BatchSettings, CreateBatchDeployment, UpdateBatchEndpoint
from jupyter_aml.model.errors import Invalid

_NAME = options.name_of("batch deployment")
_ENDPOINT = Option(
    flags=("--endpoint-name", "--endpoint", "-e"),
    kind=NAME,
    help="The batch endpoint.",
    required=True,
    completes="batch endpoint",
    key="endpoint",
)
_ENDPOINT_OF_FILE = msgspec.structs.replace(_ENDPOINT, required=False)
_SETTINGS = (
    "mini_batch_size",
    "max_concurrency_per_instance",
    "error_threshold",
    "max_retries",
    "timeout",
    "output_action",
    "output_file_name",
)
_DESCRIBED = (
    "model",
    "code",
    "scoring_script",
    "environment",
    "compute",
    "instance_count",
    "description",
    "tags",
)
_USAGE = "batch-deployment create NAME --endpoint ENDPOINT --model MODEL"


def _list(call: Call) -> Result:
    found = call.client.batch_deployments.list(call["endpoint"]).value
    table = view.deployments(found, empty=f"No deployments. Make one: {call.command(_USAGE)}")
    return Result(value=found, document=document(found), parts=[table])


def _create(call: Call) -> Result:
    made = call.client.batch_deployments.create(_wanted(call))
    if call["set_default"]:
        body = UpdateBatchEndpoint(default_deployment=made.name)
        call.client.batch_endpoints.update(made.endpoint_name, body)
    command = f"batch-endpoint invoke {made.endpoint_name} --input PATH"
    return view.deployment(made, f"Score files: {call.command(command)}")


def _wanted(call: Call) -> CreateBatchDeployment:
    described = call.given(*_DESCRIBED, *_SETTINGS)
    if call["file"]:
        read = call.surface.machine.read_batch_deployment
        given = {**call.values, "endpoint_name": call["endpoint"] or ""}
        named = Call(call.client, call.surface, given)
        keys = ("name", "endpoint_name")
        found = of_file(named, read, described, example="settings.mini_batch_size=5", keys=keys)
        return described_by_file.keep(call, _named(found.spec), found.model, found.environment)
    check_described(call, "deployment", _USAGE)
    for key in ("endpoint", "model"):
        if not call[key]:
            raise Invalid(f"--{key} is missing.", target=f"--{key}", hint=call.command(_USAGE))
    given = {key: described[key] for key in _SETTINGS if key in described}
    fields: dict[str, Any] = {key: described[key] for key in _DESCRIBED if key in described}
    machine = call.surface.machine
    if "scoring_script" in fields:
        fields["code"] = machine.whole_path(fields.get("code") or ".")
    fields["tags"] = dict(call["tags"])
    return CreateBatchDeployment(
        name=call["name"],
        endpoint_name=call["endpoint"],
        python=machine.interpreter(),
        settings=BatchSettings(**given),
        **fields,
    )


def _named(wanted: CreateBatchDeployment) -> CreateBatchDeployment:
    for key, option in (("name", "--name"), ("endpoint_name", "--endpoint")):
        if not getattr(wanted, key):
            raise Invalid(f"The file has no {key}.", target=option, hint=f"Add {option} NAME.")
    return wanted


def _delete(call: Call) -> Result:
    endpoint, name = call["endpoint"], call["name"]
    found = call.client.batch_deployments.get(endpoint, name)
    if not call["yes"] and not call.surface.confirm(f"Delete {endpoint}/{name}?", loses=""):
        return view.deployment(found, f"{name} was not deleted.")
    gone = call.client.batch_deployments.delete(endpoint, name)
    return view.deployment(gone, f"Deleted {name}. Its jobs stay.")


BATCH_DEPLOYMENT = Noun(
    name="batch-deployment",
    summary="What scores behind a batch endpoint.",
    verbs=(
        Verb(name="list", summary="List those of an endpoint.", run=_list, options=(_ENDPOINT,)),
        Verb(
            name="show",
            summary="Show one.",
            run=lambda call: view.deployment(
                call.client.batch_deployments.get(call["endpoint"], call["name"])
            ),
            options=(_NAME, _ENDPOINT),
        ),
        Verb(
            name="create",
            summary="Put a model behind a batch endpoint; the same name again replaces it.",
            details=(
                "An MLflow model, or one registered from a variable, reads CSV and parquet by "
                "itself; another one needs a script with init() and run(mini_batch)."
            ),
            run=_create,
            options=(
                options.new_name(kind=ENDPOINT_NAME),
                _ENDPOINT_OF_FILE,
                Option(
                    flags=("--model", "-m"),
                    kind=NAME,
                    help="A registered model: NAME, NAME:VERSION.",
                    completes="model",
                ),
                Option(
                    flags=("--code",), kind=FOLDER, help="The folder of the script; by default ."
                ),
                Option(flags=("--scoring-script",), help="The script, relative to that folder."),
                Option(
                    flags=("--environment",),
                    kind=NAME,
                    help="Where it runs; by default this interpreter, and for an MLflow model the "
                    "packages that it names.",
                    completes="environment",
                ),
                options.compute("Where its jobs run; by default local."),
                Option(
                    flags=("--instance-count",),
                    kind=Kind.integer("COUNT", 1, 100),
                    help="How many nodes score; 1 unless told.",
                ),
                Option(
                    flags=("--mini-batch-size",),
                    kind=Kind.integer("FILES", 1, 2**31),
                    help="Files of one call of run(); 10 unless told.",
                ),
                Option(
                    flags=("--max-concurrency-per-instance",),
                    kind=Kind.integer("COUNT", 1, 64),
                    help="Processes on each node; 1 unless told.",
                ),
                Option(
                    flags=("--error-threshold",),
                    kind=Kind.integer("FILES", -1, 2**31),
                    help="How many files may fail before the job does; -1, the default, ignores "
                    "them all.",
                ),
                Option(
                    flags=("--max-retries",),
                    kind=Kind.integer("COUNT", 0, 100),
                    help="How often a mini-batch is tried again; 3 unless told.",
                ),
                Option(
                    flags=("--timeout",),
                    kind=TIMEOUT,
                    help="Of one call of run(); 30 s unless told.",
                ),
                Option(
                    flags=("--output-action",),
                    kind=Kind.choice("append_row", "summary_only"),
                    help="append_row writes what run() returns into one file; summary_only leaves "
                    "writing to the script.",
                ),
                Option(
                    flags=("--output-file-name",), help="That file; predictions.csv unless told."
                ),
                Option(flags=("--description", "-d"), help="What it is for."),
                options.TAGS,
                Option(flags=("--set-default",), kind=None, help="Calls go to it from now on."),
                options.file("An az ml batch deployment file (YAML)."),
                options.field_of_file("settings.mini_batch_size=5"),
            ),
            examples=(
                "batch-deployment create one --endpoint digits --model digits:1",
                "batch-deployment create two --endpoint digits --model digits:2 --code src "
                "--scoring-script score.py --set-default",
                "batch-deployment create --file deployment.yml --set-default",
            ),
        ),
        Verb(
            name="delete",
            summary="Delete it; its jobs stay.",
            run=_delete,
            options=(_NAME, _ENDPOINT, YES),
        ),
    ),
)
