"""Our specs as ARM's JSON: the fields that every kind of job has, and command jobs."""

from __future__ import annotations

import math

from jupyter_aml.model.errors import AmlError
from jupyter_aml.model.job import CommandJob
from jupyter_aml.model.names import LOCAL
from jupyter_aml.model.spec import Distribution, Input, InputValue, JobFields, Output
from jupyter_aml.service.arm.durations import of_seconds
from jupyter_aml.service.arm.jobs import references, words
from jupyter_aml.service.arm.jobs.wire import Json
from jupyter_aml.service.arm.scope import Scope


def command_said(spec: CommandJob, scope: Scope, name: str = "") -> Json:
    """`name` is the job's, once it is accepted."""
    found = job_said(spec, scope, name)
    found |= trial_said(spec, scope)
    found["jobType"] = "Command"
    found["command"] = spec.command
    found["inputs"] = {key: input_said(one, scope) for key, one in spec.inputs.items()}
    if spec.parameters:  # of a trial
        found["parameters"] = spec.parameters
    if spec.timeout is not None:
        found["limits"] = {
            "jobLimitsType": "Command",
            "timeout": of_seconds(math.ceil(spec.timeout)),
        }
    return found


def job_said(spec: JobFields, scope: Scope, name: str = "") -> Json:
    """What every kind has."""
    found: Json = {
        "displayName": spec.display_name or name,
        "description": spec.description,
        "experimentName": spec.experiment_name,
        "tags": spec.tags,
        "properties": spec.properties,
        "outputs": {key: output_said(one, name) for key, one in spec.outputs.items()},
    }
    if spec.compute != LOCAL:  # Azure has no such compute, and no word for this machine
        found["computeId"] = scope.id("computes", spec.compute)
    return found


def trial_said(spec: JobFields, scope: Scope) -> Json:
    """How one command is run."""
    found: Json = {
        "environmentId": references.environment_id(scope, spec.environment),
        "environmentVariables": spec.environment_variables,
        "resources": {"instanceCount": spec.instance_count},
    }
    if spec.distribution is not None:
        found["distribution"] = _distribution(spec.distribution)
    return found


def input_said(value: InputValue, scope: Scope) -> Json:
    if not isinstance(value, Input):
        text = str(value).lower() if isinstance(value, bool) else str(value)
        return {"jobInputType": "literal", "value": text}
    return {
        "jobInputType": value.type or "uri_folder",
        "mode": words.INPUT_MODES[value.mode],
        "uri": _uri(scope, value.reference or value.path, value.type or ""),
    }


def _uri(scope: Scope, text: str, kind: str) -> str:
    try:
        return references.data_uri(scope, text, kind)
    except AmlError:
        return text  # it is refused when the job is accepted, in better words


def output_said(output: Output, job: str) -> Json:
    found: Json = {
        "jobOutputType": output.type,
        "mode": words.OUTPUT_MODES[output.mode],
        "uri": output_uri(output, job),
        "assetName": output.name,
        "assetVersion": output.version,
    }
    return {key: value for key, value in found.items() if value}


def output_uri(output: Output, job: str) -> str:
    """Where it lies, "" for the job's own outputs folder."""
    return (output.reference or output.path).replace("${{name}}", job or "${{name}}")


def _distribution(distribution: Distribution) -> Json:
    found: Json = {"distributionType": words.DISTRIBUTIONS[distribution.type]}
    if distribution.type == "tensorflow":
        found["workerCount"] = distribution.worker_count
        found["parameterServerCount"] = distribution.parameter_server_count
    else:
        found["processCountPerInstance"] = distribution.process_count_per_instance
    return found
