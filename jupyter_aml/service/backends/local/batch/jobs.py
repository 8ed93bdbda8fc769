"""A batch call as a command job. Pure: a deployment and a call in, a spec out."""

from __future__ import annotations

import json
from pathlib import Path

from jupyter_aml import _version
from jupyter_aml.model.batch import BatchDeployment, InvokeBatch
from jupyter_aml.model.environment import KERNEL
from jupyter_aml.model.job import CommandJob, Input, InputType, Output

OUTPUT = "score"
"""Azure's own name of the output of a batch job."""

TAG = "batch_endpoint"
DEPLOYMENT_TAG = "batch_deployment"

_BOOT = Path(_version.__file__).with_name("runner") / "boot.py"
_WORDS = '"${{inputs.data}}" "${{inputs.model}}" "${{outputs.score}}"'
COMMAND = f'python "{_BOOT}" batch {_WORDS}'


def of_call(deployment: BatchDeployment, kind: InputType, body: InvokeBatch) -> CommandJob:
    """`kind` is the type of the deployment's model."""
    asked, settings = deployment.spec, deployment.spec.settings
    told = {
        "mini_batch_size": body.mini_batch_size or settings.mini_batch_size,
        "max_concurrency_per_instance": settings.max_concurrency_per_instance,
        "error_threshold": settings.error_threshold,
        "max_retries": settings.max_retries,
        "timeout": settings.timeout,
        "output_action": settings.output_action,
        "output_file_name": settings.output_file_name,
        "logging_level": settings.logging_level,
        "scoring_script": asked.scoring_script,
    }
    return CommandJob(
        command=COMMAND,
        display_name=f"{deployment.endpoint_name}/{deployment.name}",
        experiment_name=deployment.endpoint_name,
        tags={
            **asked.tags,
            TAG: deployment.endpoint_name,
            DEPLOYMENT_TAG: deployment.name,
        },
        compute=asked.compute,
        instance_count=asked.instance_count,
        environment=asked.environment or deployment.environment or KERNEL,
        python=deployment.python or asked.python,
        code=asked.code or None,
        environment_variables={
            **asked.environment_variables,
            "JUPYTER_AML_BATCH": json.dumps(told),
        },
        inputs={
            "data": Input(path=body.input, mode="ro_mount"),
            "model": Input(path=deployment.model, type=kind),
        },
        outputs={OUTPUT: Output(path=body.output)},
    )
