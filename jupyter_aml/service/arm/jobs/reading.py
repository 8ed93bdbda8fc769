"""ARM's JSON of a job as a spec of ours: the fields that every kind has, and command jobs.

What has no counterpart here is kept in the spec (`JobFields.azure`) and, where it would have had
an effect in Azure, becomes a stored warning.
"""

from __future__ import annotations

import re
from typing import Any, TypeVar, cast

import msgspec

from jupyter_aml.model import not_here
from jupyter_aml.model.data import DEFAULT_DATASTORE
from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.job import CommandJob
from jupyter_aml.model.job_document import DEFAULT_EXPERIMENT
from jupyter_aml.model.references import in_datastore
from jupyter_aml.model.spec import Distribution, Input, InputValue, JobFields, Output
from jupyter_aml.service.arm.durations import seconds
from jupyter_aml.service.arm.jobs import references, wire, words
from jupyter_aml.service.arm.jobs.wire import Json
from jupyter_aml.service.arm.jobs.writing import command_said
from jupyter_aml.service.arm.message import convert
from jupyter_aml.service.arm.remainder import remainder, without_nulls
from jupyter_aml.service.arm.scope import Scope
from jupyter_aml.service.backends.protocol import CodesFacet

PATH = "$.properties"

_TOLD_ELSEWHERE = frozenset(
    "status displayName description tags properties isArchived jobType parameters".split()
)
"""Fields that are never given back as they were sent: they are observed, or can be changed."""

_OURS = frozenset({"Studio", "Tracking"})
"""Services of every job; one that was read and is sent again has them."""

Kind = TypeVar("Kind", bound=JobFields)

_SERVERLESS = "no compute is named: serverless compute is this machine here."


def tidy(sent: Json) -> Json:
    """The properties of a job's body without nulls, and without what only we can have said."""
    found: Json = without_nulls(sent)
    services = found.get("services")
    if isinstance(services, dict):
        told = cast("Json", services)
        found["services"] = {name: one for name, one in told.items() if name not in _OURS}
    return found


async def read_command(sent: Json, scope: Scope, codes: CodesFacet, path: str = PATH) -> CommandJob:
    """`sent` (`tidy`) as a spec. Raises `Invalid` or `NotFound`, saying where."""
    asked, trial = convert(sent, wire.Job, path), convert(sent, wire.Trial, path)
    spec = CommandJob(
        command=trial.command,
        **job_fields(asked, sent, path),
        **await trial_fields(trial, codes, path),
        inputs=inputs(asked.inputs, path),
        timeout=timeout(convert(sent, wire.Limited, path).limits, path),
    )
    return with_remainder(spec, sent, command_said(spec, scope))


def job_fields(asked: wire.Job, sent: Json, path: str) -> dict[str, Any]:
    """What `JobFields` has of any kind of job, as keywords."""
    return {
        "compute": references.compute(asked.compute_id, f"{path}.computeId"),
        "display_name": asked.display_name,
        "description": asked.description,
        "experiment_name": asked.experiment_name or DEFAULT_EXPERIMENT,
        "tags": asked.tags,
        "properties": asked.properties,
        "outputs": outputs(asked.outputs, path),
        "warnings": warnings(sent),
    }


async def trial_fields(asked: wire.Trial, codes: CodesFacet, path: str) -> dict[str, Any]:
    """What says how one command is run, as keywords of `JobFields`."""
    return {
        "code": await references.code(codes, asked.code_id, f"{path}.codeId"),
        "environment": references.environment(asked.environment_id) or "kernel",
        "environment_variables": asked.environment_variables,
        "distribution": distribution(asked.distribution, f"{path}.distribution"),
        "instance_count": asked.resources.instance_count,
    }


def with_remainder(spec: Kind, sent: Json, said: Json) -> Kind:
    """`spec` keeping what of `sent` the translation back, `said`, would lose."""
    mine = {name: value for name, value in sent.items() if name not in _TOLD_ELSEWHERE}
    for part in ("inputs", "outputs"):
        places = said.get(part, {})
        # a place is resolved when the job is accepted: it is told as it was sent
        said = {**said, part: {name: {**one, "uri": ""} for name, one in places.items()}}
    kept = remainder(mine, {**said, "codeId": "", "environmentId": ""})
    return msgspec.structs.replace(spec, azure=kept)


def keeping(spec: Kind, more: Json) -> Kind:
    """`spec` with more to give back as it was sent."""
    return msgspec.structs.replace(spec, azure=spec.azure | more)


# -- parts --------------------------------------------------------------------------------------


def inputs(asked: dict[str, wire.Input], path: str) -> dict[str, InputValue]:
    """Literals stay the texts as which ARM sends them."""
    found: dict[str, InputValue] = {}
    for name, one in asked.items():
        here = f"{path}.inputs.{name}"
        if one.job_input_type.casefold() == words.LITERAL:
            if one.value is not None:  # an optional input that is not set
                found[name] = one.value
            continue
        if not one.uri:
            raise Invalid(f"The input {name} has no uri.", target=f"{here}.uri")
        mode = one.mode and words.ours(words.INPUT_MODES, one.mode, f"{here}.mode")
        kind = words.kind(one.job_input_type, f"{here}.jobInputType")
        found[name] = Input(path=one.uri, type=kind, mode=mode or "ro_mount")
    return found


def outputs(asked: dict[str, wire.Output], path: str) -> dict[str, Output]:
    """One without a place goes where Azure puts it: into the default datastore, by the job."""
    found: dict[str, Output] = {}
    for name, one in asked.items():
        here = f"{path}.outputs.{name}"
        if name == "default":
            continue  # of a job that was read and is sent again: its logs
        mode = one.mode and words.ours(words.OUTPUT_MODES, one.mode, f"{here}.mode")
        found[name] = Output(
            path=one.uri or default_place(name),
            type=words.kind(one.job_output_type, f"{here}.jobOutputType"),
            mode=mode or "rw_mount",
            name=one.asset_name,
            version=str(one.asset_version),
        )
    return found


def default_place(output: str) -> str:
    return in_datastore(DEFAULT_DATASTORE, "azureml/${{name}}/" + output)


def distribution(asked: wire.Distribution | None, path: str) -> Distribution | None:
    if asked is None:
        return None
    kind = words.ours(
        words.DISTRIBUTIONS,
        asked.distribution_type,
        f"{path}.distributionType",
        hint="PyTorch, TensorFlow and Mpi run here; for Ray, attach a cluster of yours.",
    )
    if kind == "tensorflow":
        return Distribution(
            type=kind,
            worker_count=asked.worker_count,
            parameter_server_count=asked.parameter_server_count,
        )
    return Distribution(type=kind, process_count_per_instance=asked.process_count_per_instance)


def timeout(asked: wire.Limits, path: str) -> float | None:
    return float(seconds(asked.timeout, f"{path}.limits.timeout")) if asked.timeout else None


def warnings(sent: Json) -> list[str]:
    """What of a job is not acted upon here, in words."""
    resources: Json = dict(sent.get("resources", {}))
    if set(resources.get("properties", {})) <= {"local"}:
        resources.pop("properties", None)  # how the SDK says: on this machine
    given = {snake(name): one for name, one in resources.items()}
    found = not_here.said({snake(name): one for name, one in sent.items()}, not_here.JOB)
    found += not_here.said(given, not_here.RESOURCES)
    if not sent.get("computeId") and given.get("instance_type"):
        found.append(_SERVERLESS)
    return found


def snake(name: str) -> str:
    """A field or word of ARM as files have it: ``queue_settings``."""
    return re.sub(r"[A-Z]", lambda found: "_" + found[0].lower(), name).lstrip("_")
